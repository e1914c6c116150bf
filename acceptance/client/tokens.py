"""What a token is: a signed JWT in compact form (RFC 7519, RFC 7515 section 7.1)."""

import base64
import binascii
import json
import re
from typing import Any

_JWT_PART = re.compile(r"[A-Za-z0-9_-]+")


def jwt_part(text: str) -> dict[str, Any] | None:
    """Return the JSON object that a base64url part of a JWT holds (RFC 7519 section 3), None where it holds none."""
    try:
        value = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return None
    return value if isinstance(value, dict) else None


def jwt_claims(token: str) -> dict[str, Any]:
    """Return the claims of a JWT, unverified; none where it is no JWT."""
    parts = token.split(".")
    return (jwt_part(parts[1]) or {}) if len(parts) == 3 else {}


def why_no_jwt(token: object) -> str | None:
    """Return what keeps `token` from being a signed JWT in compact form (RFC 7519 section 3), None where it is one."""
    if not isinstance(token, str):
        return "is missing" if token is None else f"is no text but {type(token).__name__}"
    if not token:
        return "is empty"
    parts = token.split(".")
    if len(parts) != 3:
        return f"has {len(parts)} part{'s' if len(parts) > 1 else ''} between dots; a JWT has three"
    if not all(_JWT_PART.fullmatch(part) for part in parts):
        return "has an empty part, or one that is not base64url"
    if not (jwt_part(parts[0]) or {}).get("alg") or jwt_part(parts[1]) is None:
        return "has a header or claims that are not a JSON object"
    return None
