"""Unusual logins and tokens."""

import base64
import json
import time
from collections.abc import Callable

import jwt

from tests.faults.catalogue import healthy
from tests.faults.changes import content, with_fields, without
from tests.faults.conditions import login_succeeds, wrong_login_is_rejected
from tests.faults.healthy.accounts import forward
from tests.faults.middleware import Request, Response, Upstream

JWT_SECRET = "the-secret-of-this-backend-is-32-bytes"
TOKEN_SECONDS = 3

FAILED_LOGINS_BEFORE_LOCK = 3
LOCKED = {"error": "account_locked", "message": "Locked after too many failed logins. Ask support to unlock it."}

five_logins_a_minute = healthy("login", environment={"LOGIN_RATE_LIMIT": "5/minute"}).function(forward)

login = healthy("login", when=login_succeeds)

token_type_has_a_capital = login.response(
    content(with_fields(token_type="Bearer")), "`token_type` is `Bearer` (RFC 6749 section 5.1)."
)
token_type_is_in_capitals = login.response(content(with_fields(token_type="BEARER")))
login_returns_a_refresh_token = login.response(
    content(with_fields(refresh_token="b3BhcXVlLXJlZnJlc2gtdG9rZW4", scope="all", expires_in=900))
)
login_returns_the_settings = login.response(content(with_fields(business={"id": 1, "name": "Harbour"})))
login_returns_more_nulls = login.response(content(with_fields(refresh_token=None, mfa=None, error=None)))
login_has_no_expires_in = login.response(content(without("expires_in")))
user_is_empty = login.response(content(with_fields(user={})))
user_has_no_address = login.response(content(with_fields(user={"id": 7, "name": "Zoë"})))
user_has_capitals = login.response(content(with_fields(user={"email": "OWNER@WRAPPED.EXAMPLE"})))


# Tokens.
def encoded(value: dict[str, str]) -> str:
    """Return a part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def replace_tokens(request: Request, upstream: Upstream, replaced: Callable[[str], str]) -> Response:
    """Issue another token for each of the backend's, and accept no other."""
    tokens: dict[str, str] = upstream.memory.setdefault("tokens", {})
    if request.token is not None:
        request = request.with_token(tokens.get(request.token, "not.a.token"))
    response = await upstream(request)
    if not login_succeeds(request, response):
        return response
    token = replaced(response.content["access_token"])
    tokens[token] = response.content["access_token"]
    return response.with_content(response.content | {"access_token": token})


@login
async def token_is_signed_with_rsa(request: Request, upstream: Upstream) -> Response:
    """Tokens are signed with RSA, and longer."""

    def replaced(token: str) -> str:
        claims = token.split(".")[1]
        return f"{encoded({'alg': 'RS256', 'typ': 'JWT', 'kid': 'key-1'})}.{claims}.{'Zx9_-a' * 57}"

    return await replace_tokens(request, upstream, replaced)


@login
async def token_has_no_expiry(request: Request, upstream: Upstream) -> Response:
    """Tokens have no claim but `sub`."""

    def replaced(token: str) -> str:
        return f"{token.split('.')[0]}.{encoded({'sub': 'owner'})}.{token.split('.')[2]}"

    return await replace_tokens(request, upstream, replaced)


@healthy("login", modes=("smoke",), environment={"JWT_SECRET": JWT_SECRET})
async def first_token_expires_soon(request: Request, upstream: Upstream) -> Response:
    """The first token expires after three seconds."""
    response = await upstream(request)
    if not login_succeeds(request, response) or upstream.memory.setdefault("first", request) is not request:
        return response
    claims = jwt.decode(response.content["access_token"], options={"verify_signature": False})
    token = jwt.encode(claims | {"exp": int(time.time()) + TOKEN_SECONDS}, JWT_SECRET, algorithm="HS256")
    return response.with_content({**response.content, "access_token": token})


@login
async def login_ends_earlier_sessions(request: Request, upstream: Upstream) -> Response:
    """Only the latest token of an owner is valid."""
    if request.token is not None and request.token != upstream.memory.get("latest"):
        request = request.with_token("not.a.token")
    response = await upstream(request)
    if login_succeeds(request, response):
        upstream.memory["latest"] = response.content["access_token"]
    return response


# Locks.
async def lock_address(request: Request, upstream: Upstream, status: int, *, success_resets: bool) -> Response:
    """Count the failed logins of each address, and refuse every login of one that has had too many."""
    email = (request.fields or {}).get("email") if request.is_login else None
    failed: dict[str, int] = upstream.memory.setdefault("failed", {})
    if email and failed.get(email, 0) >= FAILED_LOGINS_BEFORE_LOCK:
        return Response.json(status, LOCKED)
    response = await upstream(request)
    if email and wrong_login_is_rejected(request, response):
        failed[email] = failed.get(email, 0) + 1
    elif email and success_resets and login_succeeds(request, response):
        failed.pop(email, None)
    return response


@healthy("lock")
async def address_is_locked_after_three_failures_in_a_row(request: Request, upstream: Upstream) -> Response:
    """Three failed logins in a row lock an address: 423 (RFC 4918 section 11.3)."""
    return await lock_address(request, upstream, 423, success_resets=True)


@healthy("lock")
async def address_is_locked_after_three_failures_in_all(request: Request, upstream: Upstream) -> Response:
    """Three failed logins lock an address, also with successful ones between them: 403."""
    return await lock_address(request, upstream, 403, success_resets=False)
