"""Bearer tokens: where they come from, how a request carries one, and what makes one a JWT."""

import math
import re
from functools import partial
from typing import Any, Protocol

import jwt
import requests
from requests.auth import AuthBase

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_UNSIGNED_HEADER = "eyJhbGciOiJub25lIn0"
"""`{"alg":"none"}` in base64url."""


class TokenProvider(Protocol):
    """The source of the access token that requests carry."""

    def get(self) -> str | None:
        """Return the current token, None where there is none."""

    def refresh(self, rejected: str) -> str | None:
        """Return the token to use instead of `rejected`, which got a 401; None or `rejected` where there is none."""


class BearerToken(AuthBase):
    """Adds the token to each request (RFC 6750 section 2.1) as it is sent, so that no session holds it in a header.

    A request that gets a 401 is sent once more if the provider has another token. Without a provider no token is added,
    and `requests` is kept from sending the credentials of a `.netrc` file.
    """

    def __init__(self, provider: TokenProvider | None) -> None:
        self._provider = provider

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        token = self._provider.get() if self._provider else None
        if token is not None:
            request.headers["Authorization"] = f"Bearer {token}"
            request.hooks["response"].append(partial(self._send_again, token))
        return request

    def _send_again(self, rejected: str, response: requests.Response, **kwargs: Any) -> requests.Response:
        if response.status_code != requests.codes.unauthorized or not self._provider:
            return response
        token = self._provider.refresh(rejected)
        if token in (None, rejected):
            return response
        request = response.request.copy()
        request.headers["Authorization"] = f"Bearer {token}"
        second: requests.Response = response.connection.send(request, **kwargs)
        return second


def decode_part(part: str) -> dict[str, Any] | None:
    """Return the JSON object in `part`, the header or the claims of a JWT (RFC 7519 section 3), None without one.

    PyJWT reads it as the claims of an unsigned token, because it refuses a whole token for header parameters that only
    a verifier needs (`kid`, `crit`).
    """
    try:
        content: dict[str, Any] = jwt.decode(f"{_UNSIGNED_HEADER}.{part}.", options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return None
    return content


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a JWT without verifying it; empty where it is not a JWT."""
    parts = token.split(".")
    return (decode_part(parts[1]) or {}) if len(parts) == 3 else {}


def numeric_date(claims: dict[str, Any], name: str) -> float | None:
    """Return the claim `name` in seconds since 1970 (RFC 7519 section 2), None where it is not a usable number."""
    value = claims.get(name)
    try:
        seconds = float(value) if isinstance(value, (int, float)) else math.nan
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None


def why_no_jwt(token: object) -> str | None:
    """Return why `token` is not a JWT in compact form (RFC 7519 section 3, RFC 7515 section 7.1), None where it is."""
    if not isinstance(token, str):
        return "is missing" if token is None else f"is not a string but {type(token).__name__}"
    if not token:
        return "is empty"
    parts = token.split(".")
    if len(parts) != 3:
        return f"has {len(parts)} part{'s' if len(parts) > 1 else ''} between dots; a JWT has three"
    if not all(_BASE64URL.fullmatch(part) for part in parts):
        return "has an empty part, or one that is not base64url"
    if not (decode_part(parts[0]) or {}).get("alg") or decode_part(parts[1]) is None:
        return "has a header or claims that are not a JSON object"
    return None
