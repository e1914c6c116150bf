"""Faults in login and access: `POST /api/auth/login`, and what a client without a valid token may do."""

from collections.abc import Callable

from tests.faults.catalogue import every_capability, every_suite, fault
from tests.faults.changes import (
    Change,
    as_json_string,
    content,
    empty_response,
    followed_by,
    html_response,
    in_list,
    in_utf_16,
    json_response,
    nested_in,
    redirect,
    truncated,
    twice,
    with_body,
    with_duplicate_field,
    with_fields,
    with_headers,
    with_status,
    without,
)
from tests.faults.conditions import (
    Condition,
    forward_as_owner,
    login_is_called,
    login_succeeds,
    malformed_login_is_rejected,
    read_is_called,
    read_with_invalid_token_is_rejected,
    read_with_malformed_token_is_rejected,
    read_without_token_is_rejected,
    remember_token,
    update_with_invalid_token_is_rejected,
    update_without_token_is_rejected,
    wrong_login_is_rejected,
)
from tests.faults.middleware import Request, Response, Upstream

LOGIN = "POST /api/auth/login"
READ = "GET /api/business/me: no token or an invalid one: 401"
UPDATE = "PUT /api/business/me: no token or an invalid one: 401"
UNKNOWN_USER = b"nobody-"
REFUSAL = {"error": "refused", "message": "The e-mail address or the password is wrong."}
ERROR = {"error": "refused", "message": "Log in first."}
UPDATE_ERROR = {"error": "failed", "message": "The settings cannot be saved."}


# Login with the right credentials.
login = fault(f"{LOGIN}: 200", full=every_suite(1), smoke=every_suite(1), when=login_succeeds)

login_returns_500_as_html = fault(
    f"{LOGIN}: 200", full=every_suite(1), smoke=every_suite(1), when=login_is_called
).response(html_response(500))
login_rejects_the_right_password = login.response(with_status(401))
login_returns_201 = login.response(with_status(201))
login_returns_202 = login.response(with_status(202))
login_returns_204 = login.response(empty_response(204))
login_returns_206 = login.response(with_status(206))
login_redirects = login.response(redirect("/login?next=/"))
login_returns_400 = login.response(json_response(400, {"error": "bad_request", "message": "Cannot read this."}))
login_is_stopped_by_a_firewall = login.response(html_response(403, "Your request was blocked"))
login_returns_403 = login.response(json_response(403, {"error": "forbidden", "message": "No."}))

locked = fault(
    f"{LOGIN}: 200, unless the account is locked",
    full=every_suite(5),
    smoke=every_suite(5),
    verdict="error",
    when=login_is_called,
)
login_returns_423 = locked.response(json_response(423, {"error": "locked", "message": "Try again tomorrow."}))
login_returns_403_of_a_locked_account = locked.response(
    json_response(403, {"error": "account_suspended", "message": "Ask the operator."})
)
login_returns_404 = login.response(json_response(404, {"error": "not_found", "message": "Not found."}))
login_returns_500 = login.response(json_response(500, {"error": "internal_error", "message": "Something went wrong."}))
login_returns_503 = login.response(json_response(503, {"error": "database_unavailable", "message": "Try again."}))
login_returns_a_page = login.response(html_response(200, "Welcome"))
login_returns_an_empty_body = login.response(with_body(""))
login_returns_a_list = login.response(content(in_list))
login_returns_the_bare_token = login.response(content(lambda one: one["access_token"]))
login_returns_null = login.response(content(lambda _: None))
login_returns_the_object_twice = login.response(twice)
login_is_truncated = login.response(truncated(60))
login_is_wrapped_in_data = login.response(content(nested_in("data")))
login_is_in_utf_16 = login.response(in_utf_16)
login_contains_nan = login.response(content(with_fields(expires_in=float("nan"))))
login_has_trailing_data = login.response(followed_by(b"\n<!-- 3 ms -->"))
login_is_a_json_string = login.response(as_json_string)
login_has_two_tokens = login.response(with_duplicate_field("access_token", "a.b.c"))


def to_token(change: Callable[[str], object]) -> Change:
    """Change the token in a login response."""
    return content(lambda one: one | {"access_token": change(one["access_token"])})


token = fault(f"{LOGIN}: access_token", full=every_suite(1), smoke=every_suite(1), when=login_succeeds)

token_is_in_another_field = token.response(content(lambda one: {"token": one["access_token"]}))
token_is_null = token.response(to_token(lambda _: None))
token_is_empty = token.response(to_token(lambda _: ""))
token_is_a_number = token.response(to_token(lambda _: 12345))
token_is_true = token.response(to_token(lambda _: True))
token_is_an_object = token.response(to_token(nested_in("value")))
token_is_in_a_list = token.response(to_token(in_list))
token_is_the_text_null = token.response(to_token(lambda _: "null"))
token_is_opaque = token.response(to_token(lambda _: "0f6b1c2d3e4f5a6b7c8d9e0f"))
token_has_two_parts = token.response(to_token(lambda token: token.rpartition(".")[0]))
token_has_four_parts = token.response(to_token(lambda token: f"{token}.e30"))
token_is_encrypted = token.response(
    to_token(lambda token: f"{token}.e30.e30"), "The token has five parts, as a JWE has."
)
token_has_an_empty_signature = token.response(to_token(lambda token: token.rpartition(".")[0] + "."))
token_is_not_base64url = token.response(to_token(lambda token: token.replace("e", "!", 1)))
token_is_padded = token.response(to_token(lambda token: token.replace(".", "==.")))
token_begins_with_bearer = token.response(to_token(lambda token: f"Bearer {token}"))
token_contains_no_json = token.response(to_token(lambda _: "abcd.efgh.ijkl"))
token_ends_in_a_line_break = token.response(to_token(lambda token: f"{token}\n"))
token_is_in_quotes = token.response(to_token(lambda token: f'"{token}"'))


fields = fault(f"{LOGIN}: token_type and user", full=every_suite(1), smoke=every_suite(1), when=login_succeeds)

token_type_is_missing = fields.response(content(without("token_type")))
token_type_is_wrong = fields.response(content(with_fields(token_type="mac")))
token_type_is_null = fields.response(content(with_fields(token_type=None)))
token_type_is_empty = fields.response(content(with_fields(token_type="")))
token_type_is_jwt = fields.response(content(with_fields(token_type="JWT")))
token_type_has_a_space = fields.response(content(with_fields(token_type="bearer ")))
token_type_is_a_list = fields.response(content(with_fields(token_type=["bearer"])))
user_is_missing = fields.response(content(without("user")))
user_is_null = fields.response(content(with_fields(user=None)))
user_is_a_list = fields.response(content(with_fields(user=[])))
user_is_a_text = fields.response(content(with_fields(user="owner")))


content_type = fault(f"{LOGIN}: Content-Type: application/json", full={"settings": 5}, smoke={}, when=login_succeeds)

login_is_declared_text = content_type.response(with_headers(content_type="text/plain"))
login_is_declared_latin_1 = content_type.response(with_headers(content_type="application/json; charset=latin-1"))


@fault(f"{LOGIN}: too many: 429", full=every_suite(5), smoke=every_suite(5), verdict="throttled")
async def login_is_throttled_for_an_hour(request: Request, upstream: Upstream) -> Response:
    """Every login returns 429 and `Retry-After: 3600`."""
    if not request.is_login:
        return await upstream(request)
    error = {"error": "too_many_attempts", "message": "Try again in an hour."}
    return Response.json(429, error).with_headers(retry_after="3600")


# Login with wrong credentials.
wrong_password = fault(f"{LOGIN}: wrong password: 401", full={"settings": 1}, smoke={}, when=wrong_login_is_rejected)
unknown_user = fault(f"{LOGIN}: unknown user: 401", full={"settings": 1, "security": 1}, smoke={})


async def log_in(request: Request, upstream: Upstream, *, is_unknown: bool) -> Response:
    """Return the response of the last login where the user is unknown, or, if not `is_unknown`, the password wrong."""
    response = await upstream(request)
    if login_succeeds(request, response):
        upstream.memory["login"] = response
    if wrong_login_is_rejected(request, response) and (UNKNOWN_USER in request.body) is is_unknown:
        login: Response = upstream.memory.get("login", response)
        return login
    return response


@fault(f"{LOGIN}: wrong password: 401", full={"settings": 1, "security": 1}, smoke={})
async def wrong_password_logs_in(request: Request, upstream: Upstream) -> Response:
    """Login succeeds with any password."""
    return await log_in(request, upstream, is_unknown=False)


@unknown_user
async def unknown_user_logs_in(request: Request, upstream: Upstream) -> Response:
    """Login succeeds for an unknown user."""
    return await log_in(request, upstream, is_unknown=True)


@unknown_user
async def unknown_user_returns_404(request: Request, upstream: Upstream) -> Response:
    """Login returns 404 for an unknown user, which reveals who has an account."""
    response = await upstream(request)
    if wrong_login_is_rejected(request, response) and UNKNOWN_USER in request.body:
        return Response.json(404, {"error": "not_found", "message": "There is no such user."})
    return response


wrong_password_returns_200 = wrong_password.response(json_response(200, REFUSAL))
wrong_password_returns_400 = wrong_password.response(json_response(400, REFUSAL))
wrong_password_returns_403 = wrong_password.response(json_response(403, REFUSAL))
wrong_password_returns_404 = wrong_password.response(json_response(404, REFUSAL))
wrong_password_returns_500 = wrong_password.response(json_response(500, REFUSAL))
wrong_password_redirects = wrong_password.response(redirect("/login?error=wrong"))


# Malformed login.
malformed_login = fault(
    f"{LOGIN}: malformed body: 400 or 422", full={"settings": 5}, smoke={}, when=malformed_login_is_rejected
)

malformed_login_returns_500 = malformed_login.response(json_response(500, REFUSAL))
malformed_login_returns_200 = malformed_login.response(json_response(200, REFUSAL))
malformed_login_returns_401 = malformed_login.response(json_response(401, REFUSAL))


# Read without a valid token.
valid_token_is_rejected = fault(READ, full=every_suite(1), smoke=every_capability(1), when=read_is_called).response(
    json_response(401, {"error": "invalid_token", "message": "The token is invalid."})
)


read = fault(READ, full=every_capability(1), smoke={})


@read
async def read_without_token_is_accepted(request: Request, upstream: Upstream) -> Response:
    """A read without a token returns the settings."""
    response = await remember_token(request, upstream)
    if read_without_token_is_rejected(request, response):
        return await forward_as_owner(request, upstream) or response
    return response


async def accept_token(
    request: Request, upstream: Upstream, is_accepted: Callable[[list[str], list[str]], bool]
) -> Response:
    """Accept an invalid token if `is_accepted`, which is given its parts and those of the owner's token."""
    response = await remember_token(request, upstream)
    parts, owner_parts = (request.token or "").split("."), upstream.memory.get("token", "").split(".")
    if (
        read_with_invalid_token_is_rejected(request, response)
        and len(parts) == 3 == len(owner_parts)
        and is_accepted(parts, owner_parts)
    ):
        return await forward_as_owner(request, upstream) or response
    return response


@read
async def signature_is_not_verified(request: Request, upstream: Upstream) -> Response:
    """A token with any signature is accepted."""
    return await accept_token(request, upstream, lambda parts, owner_parts: True)


@read
async def tampered_token_is_accepted(request: Request, upstream: Upstream) -> Response:
    """A token with other claims under the owner's signature is accepted."""
    return await accept_token(request, upstream, lambda parts, owner_parts: parts[2] == owner_parts[2])


@read
async def invalid_signature_is_accepted(request: Request, upstream: Upstream) -> Response:
    """A token with the owner's claims under another signature is accepted."""
    return await accept_token(request, upstream, lambda parts, owner_parts: parts[:2] == owner_parts[:2])


@read
async def unsigned_token_is_accepted(request: Request, upstream: Upstream) -> Response:
    """A token with `alg: none` is accepted."""
    return await accept_token(request, upstream, lambda parts, owner_parts: not parts[2])


no_token = fault(READ, full=every_capability(1), smoke={}, when=read_without_token_is_rejected)

read_without_token_returns_200 = no_token.response(json_response(200, ERROR))
read_without_token_redirects = no_token.response(redirect("/login"))
read_without_token_returns_400 = no_token.response(json_response(400, ERROR))
read_without_token_returns_403 = no_token.response(json_response(403, ERROR))
read_without_token_returns_404 = no_token.response(json_response(404, ERROR))
read_without_token_returns_422 = no_token.response(json_response(422, ERROR))
read_without_token_returns_500 = no_token.response(json_response(500, ERROR))


invalid_token = fault(READ, full=every_capability(1), smoke={}, when=read_with_invalid_token_is_rejected)

invalid_token_returns_200 = invalid_token.response(json_response(200, ERROR))
invalid_token_redirects = invalid_token.response(redirect("/login"))
invalid_token_returns_403 = invalid_token.response(json_response(403, ERROR))
invalid_token_returns_422 = invalid_token.response(json_response(422, ERROR))
invalid_token_returns_500 = invalid_token.response(json_response(500, ERROR))


malformed_token = fault(READ, full=every_capability(1), smoke={}, when=read_with_malformed_token_is_rejected)

malformed_token_returns_500 = malformed_token.response(
    json_response(500, {"error": "internal_error", "message": "Not enough segments."})
)
malformed_token_returns_422 = malformed_token.response(
    json_response(422, {"error": "validation_error", "message": "Not a token."})
)


# Update without a valid token.
accepted_update = fault(UPDATE, full={"settings": 1}, smoke={})
saved_update = fault(UPDATE, full={"settings": 4}, smoke={})


async def save_rejected(request: Request, upstream: Upstream, when: Condition, *, is_accepted: bool) -> Response:
    """Save an update that the backend rejects and for which `when` holds; return its response, or the backend's."""
    response = await remember_token(request, upstream)
    if not when(request, response):
        return response
    saved = await forward_as_owner(request, upstream) or response
    return saved if is_accepted else response


@accepted_update
async def update_without_token_is_accepted(request: Request, upstream: Upstream) -> Response:
    """An update without a token is saved."""
    return await save_rejected(request, upstream, update_without_token_is_rejected, is_accepted=True)


@accepted_update
async def update_with_invalid_token_is_accepted(request: Request, upstream: Upstream) -> Response:
    """An update with an invalid token is saved."""
    return await save_rejected(request, upstream, update_with_invalid_token_is_rejected, is_accepted=True)


@saved_update
async def update_without_token_is_rejected_but_saved(request: Request, upstream: Upstream) -> Response:
    """An update without a token returns 401 and is saved nevertheless."""
    return await save_rejected(request, upstream, update_without_token_is_rejected, is_accepted=False)


@saved_update
async def update_with_invalid_token_is_rejected_but_saved(request: Request, upstream: Upstream) -> Response:
    """An update with an invalid token returns 401 and is saved nevertheless."""
    return await save_rejected(request, upstream, update_with_invalid_token_is_rejected, is_accepted=False)


no_token_update = fault(UPDATE, full={"settings": 1}, smoke={}, when=update_without_token_is_rejected)

update_without_token_returns_200 = no_token_update.response(
    with_status(200), "An update without a token returns 200 and is not saved."
)
update_without_token_returns_403 = no_token_update.response(with_status(403))
update_without_token_returns_422 = no_token_update.response(with_status(422))
update_without_token_returns_500 = no_token_update.response(with_status(500))


invalid_token_update = fault(UPDATE, full={"settings": 1}, smoke={}, when=update_with_invalid_token_is_rejected)

update_with_invalid_token_returns_200 = invalid_token_update.response(
    with_status(200), "An update with an invalid token returns 200 and is not saved."
)
update_with_invalid_token_returns_403 = invalid_token_update.response(with_status(403))
update_with_invalid_token_returns_422 = invalid_token_update.response(with_status(422))
update_with_invalid_token_returns_500 = invalid_token_update.response(with_status(500))
