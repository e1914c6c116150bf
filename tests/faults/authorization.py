"""Backends that mix up owners: in the login, at OAuth, and in updates; and that say who has an account."""

import base64
import json
from typing import Any

from tests.faults.catalogue import SECOND_ACCOUNT, every_suite, fault
from tests.faults.changes import content, with_fields
from tests.faults.conditions import login_succeeds, wrong_login_is_rejected
from tests.faults.middleware import ME, START, Request, Response, Upstream

GOOGLE = {"GOOGLE_CLIENT_ID": "client.apps.googleusercontent.com"}
OTHER_EMAIL = SECOND_ACCOUNT["E2E_OTHER_EMAIL"]
JWT_SECRET = "the-secret-of-this-backend-is-32-bytes"

# Identity: nothing is written with the token of somebody else.
IDENTITY = "POST /api/auth/login: the token is a JWT of that user"
identity = fault(IDENTITY, full=every_suite(1), smoke=every_suite(1), when=login_succeeds)


def with_claims(**claims: object) -> Any:
    """Return a change of a login that adds claims to its token, which the backend no longer accepts."""

    def changed(body: dict[str, Any]) -> dict[str, Any]:
        header, payload, signature = body["access_token"].split(".")
        present = json.loads(base64.urlsafe_b64decode(payload + "=="))
        encoded = base64.urlsafe_b64encode(json.dumps(present | claims).encode()).rstrip(b"=").decode()
        return body | {"access_token": f"{header}.{encoded}.{signature}"}

    return content(changed)


user_has_the_address_of_another = identity.response(content(with_fields(user={"email": OTHER_EMAIL})))
token_has_the_address_of_another = identity.response(with_claims(email=OTHER_EMAIL))
token_has_the_address_of_another_as_subject = identity.response(with_claims(sub=OTHER_EMAIL))
token_has_the_name_of_another = identity.response(with_claims(preferred_username=OTHER_EMAIL))
token_has_the_id_of_another = identity.response(
    lambda one: with_claims(user_id=8)(content(with_fields(user={"id": 7, "email": "owner@wrapped.example"}))(one))
)
token_has_the_uuid_of_another = identity.response(
    lambda one: with_claims(sub="2f1c9d50-0d5f-4b5e-9a55-64a2f5d0c9aa")(
        content(with_fields(user={"id": "7c0e3f7a-52a4-4f5b-8d9e-0a4d3c1b2e6f"}))(one)
    )
)


@fault(IDENTITY, full=every_suite(1), smoke=every_suite(1), environment=SECOND_ACCOUNT)
async def login_returns_the_session_of_another(request: Request, upstream: Upstream) -> Response:
    """A login returns the token and the user of the second account, which the backend accepts."""
    fields = request.fields
    if request.is_login and fields and fields.get("password") != SECOND_ACCOUNT["E2E_OTHER_PASSWORD"]:
        response = await upstream(request)
        if response.status == 200:
            return await upstream(
                request.with_fields({"email": OTHER_EMAIL, "password": SECOND_ACCOUNT["E2E_OTHER_PASSWORD"]})
            )
        return response
    return await upstream(request)


# Who has an account.
ALIKE = "POST /api/auth/login: wrong password and unknown user are indistinguishable"
alike = fault(ALIKE, full={"security": 1}, smoke={})


def is_unknown(request: Request, response: Response) -> bool:
    """A login of a user who has no account."""
    return wrong_login_is_rejected(request, response) and "nobody" in str((request.fields or {}).get("email"))


unknown_user = fault(ALIKE, full={"security": 1}, smoke={}, when=is_unknown)

unknown_user_gets_another_message = unknown_user.response(content(with_fields(message="There is no such account.")))
unknown_user_gets_another_code = unknown_user.response(content(with_fields(error="user_not_found")))
unknown_user_gets_more_fields = unknown_user.response(content(with_fields(hint="register")))

wrong_password_is_counted = fault(
    ALIKE,
    full={"security": 1},
    smoke={},
    when=lambda request, response: wrong_login_is_rejected(request, response) and not is_unknown(request, response),
).response(content(with_fields(attempts_left=4)))


# State.
STATE = "GET /oauth/google/start: a state that cannot be guessed"
state = fault(STATE, full={"security": 3}, smoke={}, environment=GOOGLE)


def with_state(response: Response, value: str) -> Response:
    """Return a redirect to Google with another `state`."""
    before, _, rest = response.headers["location"].partition("state=")
    after = rest.partition("&")[2]
    return response.with_headers(location=f"{before}state={value}&{after}")


@state
async def state_is_the_business_id(request: Request, upstream: Upstream) -> Response:
    """The state is the id of the business."""
    response = await upstream(request)
    is_start = request.path == START and response.status == 302
    return with_state(response, request.query.partition("business_id=")[2]) if is_start else response


@state
async def state_is_always_the_same(request: Request, upstream: Upstream) -> Response:
    """The state is the same at each start."""
    response = await upstream(request)
    return with_state(response, "c2FtZS1zdGF0ZQ") if request.path == START and response.status == 302 else response


# Other owners.
OWNERS = "One owner can neither read nor change another's business"
owners = fault(
    OWNERS, full={"security": 3}, smoke={}, environment=SECOND_ACCOUNT | GOOGLE, options=("--allow-destructive",)
)


async def as_owner_of(request: Request, upstream: Upstream, business_id: object) -> Request:
    """Return `request` with the token of the owner of a business."""
    for email, password in upstream.memory.get("accounts", {}).items():
        login = await upstream(login_of(request, email, password))
        token = login.content["access_token"]
        read = await upstream(read_of(request, token))
        if str(read.content["id"]) == str(business_id):
            return request.with_token(token)
    return request


def login_of(request: Request, email: str, password: str) -> Request:
    """Return the login to an account."""
    login = {"email": email, "password": password}
    headers = {"content-type": "application/json"}
    return Request("POST", "/api/auth/login", "", headers, json.dumps(login).encode(), request.scope)


def read_of(request: Request, token: str) -> Request:
    """Return the read of the settings with a token."""
    return Request("GET", ME, "", {"authorization": f"Bearer {token}"}, b"", request.scope)


def without_id(request: Request) -> Request:
    """Return `request` without the id in its body, which the reference backend refuses."""
    fields = request.fields
    if not request.is_update or not fields or "id" not in fields:
        return request
    return request.with_fields({name: value for name, value in fields.items() if name != "id"})


async def remember_accounts(request: Request, upstream: Upstream) -> Response:
    """Forward a request, and remember the credentials of a successful login."""
    response = await upstream(request)
    if login_succeeds(request, response):
        fields = request.fields or {}
        upstream.memory.setdefault("accounts", {})[fields["email"]] = fields["password"]
    return response


@owners
async def start_connects_any_business(request: Request, upstream: Upstream) -> Response:
    """OAuth can be started with the business of any owner."""
    response = await remember_accounts(request, upstream)
    if request.path == START and response.status == 404:
        return await upstream(await as_owner_of(request, upstream, request.query.partition("business_id=")[2]))
    return response


@owners
async def update_goes_to_the_business_in_its_body(request: Request, upstream: Upstream) -> Response:
    """An update changes the business whose id it contains."""
    fields = request.fields
    if request.is_update and fields and "id" in fields:
        request = await as_owner_of(without_id(request), upstream, fields["id"])
    return await remember_accounts(request, upstream)


@owners
async def read_shows_what_another_owner_saved(request: Request, upstream: Upstream) -> Response:
    """A cache that knows no owners: a text that one owner has saved is read by the others."""
    response = await remember_accounts(request, upstream)
    if request.is_update and response.status == 200:
        upstream.memory["saved"] = (request.token, request.fields or {})
    if request.is_read and response.status == 200 and "saved" in upstream.memory:
        token, fields = upstream.memory["saved"]
        texts = {name: value for name, value in fields.items() if "[acceptance run" in str(value) and name != "faqs"}
        if token != request.token:
            return response.with_content({**response.content, **texts})
    return response


@owners
async def update_sets_the_id(request: Request, upstream: Upstream) -> Response:
    """An update can set the id that the owner reads."""
    fields = request.fields
    response = await upstream(without_id(request))
    if request.is_update and response.status == 200 and fields and "id" in fields:
        upstream.memory["id"] = fields["id"]
    if request.is_read and response.status == 200 and "id" in upstream.memory:
        return response.with_content({**response.content, "id": upstream.memory["id"]})
    return response


@fault(IDENTITY, full={"settings": 1, "security": 1}, smoke={}, environment=SECOND_ACCOUNT)
async def each_login_returns_the_session_of_the_first_one(request: Request, upstream: Upstream) -> Response:
    """Each login returns the token and the user of the first one."""
    response = await upstream(request)
    if login_succeeds(request, response):
        return response.with_content(upstream.memory.setdefault("first", response.content))
    return response
