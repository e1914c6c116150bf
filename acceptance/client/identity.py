"""The identity of a login: whether token and `user` stand for the owner who logged in. What is absent is not judged."""

import re
from typing import Any

from acceptance.client.jwt_format import claims_of

_ADDRESSES = ("email", "preferred_username", "upn", "username")
_IDS = ("id", "user_id", "uid", "uuid", "sub")
_KINDS = {
    "a number": re.compile(r"[0-9]+"),
    "a UUID": re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}"),
    "an address": re.compile(r"[^@\s*•…]+@[^@\s*•…]+"),
}
"""Only ids of one kind are compared: a backend may have several ids of an owner."""


def identity_problem(token: str, user: dict[str, Any], email: str) -> str | None:
    """Return how the response to a login contradicts itself or the login's `email`, None where it does not.

    Letter case is ignored. No value is in the sentence.
    """
    claims = claims_of(token)
    for what, fields in (("its token", claims), ("'user'", user)):
        for name in (*_ADDRESSES, "sub"):
            address = _text(fields.get(name))
            if _kind(address) == "an address" and address != _text(email):
                return f"'{name}' of {what} is not the address of the login"
    ids = {_text(value) for value in user.values()}
    known = {_kind(_text(user.get(name))) for name in _IDS}
    for name in _IDS:
        value = _text(claims.get(name))
        kind = _kind(value)
        if kind in ("a number", "a UUID") and kind in known and value not in ids:
            return f"'{name}' of its token is none of the ids in 'user'"
    return None


def _text(value: object) -> str:
    """Return an id or an address in a comparable form, empty where `value` is neither."""
    is_scalar = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value).strip().casefold() if is_scalar else ""


def _kind(text: str) -> str | None:
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(text)), None)
