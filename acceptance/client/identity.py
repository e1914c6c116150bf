"""The identity of a login: whether token and `user` stand for the owner who logged in. What is absent is not judged."""

import re
from typing import Any

from acceptance.client.jwt_format import claims_of

_ADDRESSES = ("email", "email_address", "emailAddress", "mail", "preferred_username", "upn", "username")
_IDS = ("id", "_id", "user_id", "userId", "uid", "uuid", "sub")
_KINDS = {
    "a number": re.compile(r"[0-9]+"),
    "a UUID": re.compile(r"[0-9a-f]{8}(?:[0-9a-f]{4}){3}[0-9a-f]{12}"),
    "an object id": re.compile(r"[0-9a-f]{24}"),  # of MongoDB
    "an address": re.compile(r"[^@\s*•…]+@[^@\s*•…]+"),
}
"""Only ids of one kind are compared: a backend may have several ids of an owner."""

_SUBADDRESS = re.compile(r"\+[^@]*@")


def identity_problem(token: str, user: dict[str, Any], email: str) -> str | None:
    """Return how the response to a login contradicts itself or the login's `email`, None where it does not.

    Letter case is ignored, and a backend may take the dots and the `+tag` off an address. No value is in the sentence.
    """
    claims = subject_of(token)
    addresses = _spellings(_text(email))
    for what, fields in (("its token", claims), ("'user'", user)):
        for name in (*_ADDRESSES, "sub"):
            address = _text(fields.get(name))
            if _kind(address) == "an address" and address not in addresses:
                return f"'{name}' of {what} is not the address of the login"
    nested = [one for one in user.values() if isinstance(one, dict)]
    ids = {_text(value) for part in (user, *nested) for value in part.values()}
    known = {_kind(_text(user.get(name))) for name in _IDS} - {None, "an address"}
    compared = [name for name in _IDS if _kind(_text(claims.get(name))) in known]
    if compared and ids.isdisjoint(_text(claims[name]) for name in compared):
        return f"'{compared[-1]}' of its token is none of the ids in 'user'"
    return None


def subject_of(token: str) -> dict[str, Any]:
    """Return the claims of a JWT, with those of an object `user` in them; empty where it is not a JWT."""
    claims = claims_of(token)
    user = claims.get("user")
    return claims | user if isinstance(user, dict) else claims


def same_user(one: dict[str, Any], other: dict[str, Any]) -> bool | None:
    """Return whether the claims of two tokens stand for the same user, None where they do not say it."""
    first, second = ({_text(claims.get(name)) for name in (*_IDS, *_ADDRESSES)} - {""} for claims in (one, other))
    if first & second:
        return True
    return False if {_kind(text) for text in first} & {_kind(text) for text in second} else None


def _spellings(address: str) -> set[str]:
    """Return `address`, and as it is without its tag and dots, under which some backends keep it."""
    untagged = _SUBADDRESS.sub("@", address)
    name, at, domain = untagged.partition("@")
    return {address, untagged, name.replace(".", "") + at + domain}


def _text(value: object) -> str:
    """Return an id or an address in a comparable form, empty where `value` is neither."""
    is_scalar = isinstance(value, str | int) and not isinstance(value, bool)
    text = str(value).strip().casefold() if is_scalar else ""
    without_hyphens = text.replace("-", "")
    return without_hyphens if _KINDS["a UUID"].fullmatch(without_hyphens) else text


def _kind(text: str) -> str | None:
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(text)), None)
