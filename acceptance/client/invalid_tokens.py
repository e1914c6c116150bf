"""Tokens that a backend must refuse, made out of one that it accepts (RFC 7519, RFC 8725 sections 2.1 and 3.1)."""

import base64
import json
import secrets
from typing import Any

from acceptance.client.tokens import jwt_part


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part, separators=(",", ":")).encode()).rstrip(b"=").decode()


def forged(token: str) -> str:
    """Return `token` with its header and claims, signed with a key that is not the server's."""
    header, claims, signature = token.split(".")
    size = max(len(signature) * 3 // 4, 1)
    return f"{header}.{claims}.{base64.urlsafe_b64encode(secrets.token_bytes(size)).rstrip(b'=').decode()}"


def changed(token: str) -> str:
    """Return `token` with other claims under its own signature: it expires a year later."""
    header, claims, signature = token.split(".")
    content = jwt_part(claims) or {}
    expires = content.get("exp")
    content["exp"] = int(expires if isinstance(expires, (int, float)) else 2_000_000_000) + 31_536_000
    return f"{header}.{_encoded(content)}.{signature}"


def unsigned(token: str) -> str:
    """Return `token` with its claims, but unsigned (`alg: none`)."""
    _, claims, _ = token.split(".")
    return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{claims}."


def made_up(token: str) -> str:
    """Return a text that is no JWT at all, as long as `token`."""
    return secrets.token_urlsafe(len(token))[: len(token)]


INVALID_TOKENS = {
    "forged token": forged,
    "changed token": changed,
    "unsigned token": unsigned,
    "made-up token": made_up,
}
