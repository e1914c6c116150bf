"""Faults in signing in, and in who is let in."""

import asyncio
from dataclasses import replace

from tests.faults.catalogue import answered, every_suite, fault
from tests.faults.wrapped import Behind, Request, Response

SIGN_IN = "POST /api/auth/login"
STRANGERS = "GET /api/business/me: no token, a forged one or a changed one: 401"
LONGER_THAN_ANYBODY_WAITS = 60


async def remembering_the_owner(request: Request, backend: Behind) -> Response:
    """Answer as the backend does, and remember the owner's token."""
    response = await backend(request)
    if request.is_login and response.status == 200:
        backend.memory["token"] = response.content["access_token"]
    return response


def is_owners(request: Request, backend: Behind) -> bool:
    """Whether the owner sends a request, as far as is remembered."""
    return request.token is not None and request.token == backend.memory.get("token")


@fault(clause=SIGN_IN, full=every_suite(1), smoke=every_suite(1))
@answered(lambda _: Response.html(500), when=lambda request, _: request.is_login)
def login_answers_500_as_html() -> None:
    """Signing in ends in a page with a stack trace."""


@fault(clause=SIGN_IN, full=every_suite(1), smoke=every_suite(1))
@answered(lambda one: replace(one, status=401), when=lambda request, one: request.is_login and one.status == 200)
def login_refuses_the_right_password() -> None:
    """The owner's own password is refused."""


@fault(clause=SIGN_IN, full=every_suite(1), smoke=every_suite(1))
@answered(
    lambda one: one.with_content({"token": one.content["access_token"]}),
    when=lambda request, one: request.is_login and one.status == 200,
)
def login_gives_token_under_another_name() -> None:
    """The token is in a field `token`, where no client looks for it."""


@fault(clause=SIGN_IN, full=every_suite(1), smoke=every_suite(1), slow=True)
async def login_hangs(request: Request, backend: Behind) -> Response:
    """Signing in never gets an answer."""
    if request.is_login:
        await asyncio.sleep(LONGER_THAN_ANYBODY_WAITS)
    return await backend(request)


@fault(clause=SIGN_IN, full=every_suite(5), smoke=every_suite(5), verdict="throttled")
async def login_is_throttled_for_an_hour(request: Request, backend: Behind) -> Response:
    """Nobody may sign in for an hour, which says nothing about the API."""
    if not request.is_login:
        return await backend(request)
    error = {"error": "too_many_attempts", "message": "Try again in an hour."}
    return Response.json(429, error).with_headers(retry_after="3600")


@fault(clause=f"{SIGN_IN}: wrong password: 401", full={"settings": 1})
async def wrong_password_signs_in(request: Request, backend: Behind) -> Response:
    """Any password opens the account."""
    response = await backend(request)
    if request.is_login and response.status == 200:
        backend.memory["answer"] = response
    return backend.memory.get("answer", response) if request.is_login and response.status == 401 else response


@fault(clause=STRANGERS, full=every_suite(1), smoke=every_suite(1))
@answered(
    lambda _: Response.json(401, {"error": "invalid_token", "message": "The token is invalid."}),
    when=lambda request, _: request.is_read,
)
def good_token_is_refused() -> None:
    """The token that was just given out is refused."""


@fault(clause=STRANGERS, full=every_suite(1))
async def forged_token_is_accepted(request: Request, backend: Behind) -> Response:
    """The signature of a token is not looked at."""
    response = await remembering_the_owner(request, backend)
    if response.status == 401 and (request.token or "").count(".") == 2 and "token" in backend.memory:
        return await backend(request.with_token(backend.memory["token"]))
    return response


@fault(clause=STRANGERS, full=every_suite(1))
async def unsigned_token_is_accepted(request: Request, backend: Behind) -> Response:
    """A token with `alg: none` is taken for a signed one."""
    response = await remembering_the_owner(request, backend)
    if response.status == 401 and (request.token or "").endswith(".") and "token" in backend.memory:
        return await backend(request.with_token(backend.memory["token"]))
    return response


@fault(clause=STRANGERS, full=every_suite(1))
async def anybody_can_read(request: Request, backend: Behind) -> Response:
    """Settings are shown without a token."""
    response = await remembering_the_owner(request, backend)
    if request.is_read and request.token is None and "token" in backend.memory:
        return await backend(request.with_token(backend.memory["token"]))
    return response
