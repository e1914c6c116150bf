"""Security: password hashes (bcrypt) and signed tokens (JWT, HS256) for one purpose each."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

import bcrypt
import jwt

from reference_backend.settings import LONGEST_PASSWORD

ALGORITHM = "HS256"
BCRYPT_COST = 10
NOBODYS_HASH = b"$2b$10$ptWHTe1RFOBnNMrAXDm08eyniRRMbwCQHr7NUAjOKLEktnkH/utk6"
"""Checked where there is no account, so that an answer takes as long as for a wrong password."""


class Purpose(StrEnum):
    """What a token is for, kept as its audience: one that is made for the one is worth nothing for the other."""

    ACCESS = "access"
    CALENDAR_STATE = "google-calendar-state"


class InvalidTokenError(Exception):
    """The token is malformed, forged, expired or made for another purpose."""


def hash_password(password: str) -> bytes:
    """Hashes a password of at most 72 bytes."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(BCRYPT_COST))


def verify_password(password: str, password_hash: bytes | None) -> bool:
    """Says whether the password is the right one; takes equally long when there is none (`None`)."""
    candidate = password.encode()
    matches = bcrypt.checkpw(candidate[:LONGEST_PASSWORD], password_hash or NOBODYS_HASH)
    return matches and password_hash is not None and len(candidate) <= LONGEST_PASSWORD


def create_token(subject: str, purpose: Purpose, lifetime: timedelta, secret: str) -> str:
    """Signs a token for a subject (RFC 7519)."""
    now = datetime.now(UTC)
    claims = {"sub": subject, "aud": purpose.value, "iat": now, "exp": now + lifetime}
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def read_token(token: str, purpose: Purpose, secret: str) -> str:
    """Returns the subject of a token.

    Raises:
        InvalidTokenError: The token is not a valid one for this purpose.
    """
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            audience=purpose.value,
            options={"require": ["sub", "aud", "iat", "exp"]},
        )
    except (jwt.InvalidTokenError, RecursionError, ValueError) as error:  # a header may nest deeper than json can read
        raise InvalidTokenError from error
    return str(claims["sub"])
