"""Tokens that a backend must reject, made from one that it accepts (RFC 7519, RFC 8725 sections 2.1 and 3.1)."""

import base64
import json
import secrets
from typing import Any, Literal, get_args

from acceptance.client.bearer_token import TokenProvider
from acceptance.client.evidence import Evidence
from acceptance.client.jwt_format import decode_part, numeric_date
from acceptance.redaction import Redactor

YEAR_SECONDS = 31_536_000
SOME_TIME_IN_2033 = 2_000_000_000
InvalidTokenKind = Literal["invalid signature", "tampered", "unsigned", "malformed"]
INVALID_TOKEN_KINDS: tuple[InvalidTokenKind, ...] = get_args(InvalidTokenKind)


class InvalidToken:
    """A `TokenProvider` of a token that the backend must reject.

    Args:
        provider: Gives the valid token that it is made from.
        kind: What makes it invalid: `invalid signature` (header and claims, signed with another key), `tampered`
            (other claims under the same signature), `unsigned` (`alg: none`), `malformed` (not a JWT).
        redactor: Gets to know the token, which must not be shown.
        evidence: Shows it as the shell variable of its kind, such as `$INVALID_SIGNATURE_TOKEN`.
    """

    def __init__(self, provider: TokenProvider, kind: InvalidTokenKind, redactor: Redactor, evidence: Evidence) -> None:
        self._provider = provider
        self._kind = kind
        self._redactor = redactor
        self._evidence = evidence

    def get(self) -> str | None:
        """Return a new invalid token, None where there is no valid one to make it from."""
        valid = self._provider.get()
        if not valid:
            return None
        token = _make_invalid(valid, self._kind)
        self._redactor.add(token)
        self._evidence.add_variable(f"{self._kind.upper().replace(' ', '_')}_TOKEN", token)
        return token

    def refresh(self, rejected: str) -> None:
        """Return no other token: a 401 is the expected response."""


def _make_invalid(token: str, kind: InvalidTokenKind) -> str:
    header, claims, signature = token.split(".")
    if kind == "invalid signature":
        return f"{header}.{claims}.{_base64url(secrets.token_bytes(max(len(signature) * 3 // 4, 1)))}"
    if kind == "tampered":
        content = decode_part(claims) or {}
        expires = numeric_date(content, "exp") or SOME_TIME_IN_2033
        return f"{header}.{_encode_part(content | {'exp': int(expires) + YEAR_SECONDS})}.{signature}"
    if kind == "unsigned":
        return f"{_encode_part({'alg': 'none', 'typ': 'JWT'})}.{claims}."
    return secrets.token_urlsafe(len(token))[: len(token)]


def _encode_part(content: dict[str, Any]) -> str:
    return _base64url(json.dumps(content, separators=(",", ":")).encode())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
