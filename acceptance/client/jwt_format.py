"""The format of a JWT (RFC 7519): its parts, its claims, and why a value is not one."""

import math
import re
from typing import Any

from jwt.utils import base64url_decode

from acceptance.client.json_body import read_json

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
LONGEST_TOKEN = 16_384
"""The number of characters of a token; servers refuse longer headers."""


def decode_part(part: str) -> dict[str, Any] | None:
    """Return the JSON object in `part`, the header or the claims of a JWT (RFC 7519 section 3), None without one."""
    try:
        value = read_json(base64url_decode(part))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a JWT without verifying it; empty where it is not a JWT."""
    parts = token.split(".") if len(token) <= LONGEST_TOKEN else []
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
    if len(token) > LONGEST_TOKEN:
        return f"has {len(token):,} characters, more than {LONGEST_TOKEN:,}"
    parts = token.split(".")
    if len(parts) != 3:
        return f"has {len(parts)} part{'s' if len(parts) > 1 else ''} between dots; a JWT has three"
    if not all(_BASE64URL.fullmatch(part) for part in parts):
        return "has an empty part, or one that is not base64url"
    if not (decode_part(parts[0]) or {}).get("alg") or decode_part(parts[1]) is None:
        return "has a header or claims that are not a JSON object"
    return None
