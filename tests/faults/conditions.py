"""Conditions on a request and its response from upstream, under which a fault applies."""

from collections.abc import Callable

from tests.faults.middleware import CALLBACK, LOGIN, START, Request, Response, Upstream

Condition = Callable[[Request, Response], bool]


def always(request: Request, response: Response) -> bool:
    """Every response."""
    return True


def login_is_called(request: Request, response: Response) -> bool:
    """Every request to the login endpoint."""
    return request.is_login


def login_succeeds(request: Request, response: Response) -> bool:
    """A login with the right credentials."""
    return request.is_login and response.status == 200


def wrong_login_is_rejected(request: Request, response: Response) -> bool:
    """A login with wrong credentials."""
    return request.is_login and response.status == 401


def malformed_login_is_rejected(request: Request, response: Response) -> bool:
    """A login with a malformed body."""
    return request.is_login and response.status in (400, 422)


def login_is_called_with_get(request: Request, response: Response) -> bool:
    """A method that the login endpoint does not support."""
    return request.path == LOGIN and request.method == "GET"


def document_is_read(request: Request, response: Response) -> bool:
    """Every request for the OpenAPI document."""
    return request.path == "/openapi.json"


def read_is_called(request: Request, response: Response) -> bool:
    """Every read."""
    return request.is_read


def settings_are_read(request: Request, response: Response) -> bool:
    """A read with a valid token."""
    return request.is_read and response.status == 200


def read_without_token_is_rejected(request: Request, response: Response) -> bool:
    """A read without a token."""
    return request.is_read and response.status == 401 and request.token is None


def read_with_invalid_token_is_rejected(request: Request, response: Response) -> bool:
    """A read with a token that the backend has not issued."""
    return request.is_read and response.status == 401 and request.token is not None


def read_with_malformed_token_is_rejected(request: Request, response: Response) -> bool:
    """A read with a token that is no JWT."""
    return read_with_invalid_token_is_rejected(request, response) and (request.token or "").count(".") != 2


def read_with_unsigned_token_is_rejected(request: Request, response: Response) -> bool:
    """A read with a token that has no signature."""
    return read_with_invalid_token_is_rejected(request, response) and (request.token or "").endswith(".")


def settings_are_updated(request: Request, response: Response) -> bool:
    """An update that was accepted."""
    return request.is_update and response.status == 200


def malformed_update_is_rejected(request: Request, response: Response) -> bool:
    """An update with a malformed body."""
    return request.is_update and response.status in (400, 422) and not request.fields


def list_update_is_rejected(request: Request, response: Response) -> bool:
    """An update whose body is a list."""
    return request.is_update and response.status in (400, 422) and request.body.startswith(b"[")


def form_update_is_rejected(request: Request, response: Response) -> bool:
    """An update whose body is a form instead of JSON."""
    return request.is_update and response.status in (400, 422) and request.body.startswith(b"industry=")


def receptionist_update_is_rejected(request: Request, response: Response) -> bool:
    """An update that enables the receptionist without a phone number."""
    return request.is_update and response.status == 400 and "receptionist_enabled" in (request.fields or {})


def update_without_token_is_rejected(request: Request, response: Response) -> bool:
    """An update without a token."""
    return request.is_update and response.status == 401 and request.token is None


def put_without_token_is_rejected(request: Request, response: Response) -> bool:
    """An update by PUT without a token."""
    return update_without_token_is_rejected(request, response) and request.method == "PUT"


def post_without_token_is_rejected(request: Request, response: Response) -> bool:
    """An update by POST without a token."""
    return update_without_token_is_rejected(request, response) and request.method == "POST"


def update_with_invalid_token_is_rejected(request: Request, response: Response) -> bool:
    """An update with a token that the backend has not issued."""
    return request.is_update and response.status == 401 and request.token is not None


def start_is_called(request: Request, response: Response) -> bool:
    """The start of OAuth, with a business id."""
    return request.path == START and "business_id" in request.query


def start_redirects(request: Request, response: Response) -> bool:
    """The start of OAuth where it is configured."""
    return request.path == START and response.status == 302


def calendar_is_unavailable(request: Request, response: Response) -> bool:
    """The start of OAuth where it is not configured."""
    return request.path == START and response.status == 200


def business_id_is_missing(request: Request, response: Response) -> bool:
    """The start of OAuth without a business id."""
    return request.path == START and "business_id" not in request.query


def business_id_is_empty(request: Request, response: Response) -> bool:
    """The start of OAuth with an empty business id."""
    return request.path == START and request.query.endswith("business_id=")


def callback_is_called(request: Request, response: Response) -> bool:
    """The OAuth callback."""
    return request.path == CALLBACK


def callback_is_called_with(*, code: bool = False, state: bool = False, error: bool = False) -> Condition:
    """Return the condition that the OAuth callback gets these parameters and no others."""
    expected = {"code": code, "state": state, "error": error}
    return lambda request, one: (
        callback_is_called(request, one)
        and all((f"{name}=" in request.query) is is_given for name, is_given in expected.items())
    )


def callback_is_called_with_any_state(request: Request, response: Response) -> bool:
    """The OAuth callback with a state."""
    return callback_is_called(request, response) and "state=" in request.query


def callback_is_called_with_valid_state(request: Request, response: Response) -> bool:
    """The OAuth callback with a state that the backend has issued, which is a JWT."""
    return callback_is_called(request, response) and "state=eyJ" in request.query


def path_is_unknown(request: Request, response: Response) -> bool:
    """A path that the API does not have."""
    return response.status == 404


def request_is_rejected(request: Request, response: Response) -> bool:
    """Every error."""
    return response.status >= 400


async def remember_token(request: Request, upstream: Upstream) -> Response:
    """Forward a request, and remember the owner's token."""
    response = await upstream(request)
    if login_succeeds(request, response):
        upstream.memory["token"] = response.content["access_token"]
    return response


def has_owner_token(request: Request, upstream: Upstream) -> bool:
    """Return whether a request has the remembered token of the owner."""
    return request.token is not None and request.token == upstream.memory.get("token")


async def forward_as_owner(request: Request, upstream: Upstream) -> Response | None:
    """Forward a request with the owner's token; return None where there has been no login yet."""
    token = upstream.memory.get("token")
    return await upstream(request.with_token(token)) if token else None
