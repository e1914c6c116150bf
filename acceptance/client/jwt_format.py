"""The format of a JWT (RFC 7519): its parts, its claims, and why a value is not one."""

import math
import re
from typing import Any

import jwt

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_UNSIGNED_HEADER = "eyJhbGciOiJub25lIn0"
"""`{"alg":"none"}` in base64url."""


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
