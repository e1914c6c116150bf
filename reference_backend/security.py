"""Password hashes (bcrypt) and signed tokens (JWT, HS256)."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import uuid4

import bcrypt
import jwt

from reference_backend.settings import LONGEST_PASSWORD

ALGORITHM = "HS256"
BCRYPT_COST = 10
DUMMY_HASH = b"$2b$10$ptWHTe1RFOBnNMrAXDm08eyniRRMbwCQHr7NUAjOKLEktnkH/utk6"
"""Verified where there is no account, so that a response takes as long as for a wrong password."""


class Purpose(StrEnum):
    """The audience of a token, which is valid for this purpose alone."""

    ACCESS = "access"
    CALENDAR_STATE = "google-calendar-state"


class InvalidTokenError(Exception):
    """The token is malformed, expired, has an invalid signature or is for another purpose."""


def hash_password(password: str) -> bytes:
    """Hash a password of at most 72 bytes."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(BCRYPT_COST))


def verify_password(password: str, password_hash: bytes | None) -> bool:
    """Return whether the password is right; takes equally long without a hash."""
    candidate = password.encode()
    matches = bcrypt.checkpw(candidate[:LONGEST_PASSWORD], password_hash or DUMMY_HASH)
    return matches and password_hash is not None and len(candidate) <= LONGEST_PASSWORD


def create_token(subject: str, purpose: Purpose, lifetime: timedelta, secret: str) -> str:
    """Return a signed token (RFC 7519), which is another one each time."""
    now = datetime.now(UTC)
    claims = {"sub": subject, "aud": purpose.value, "iat": now, "exp": now + lifetime, "jti": uuid4().hex}
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def read_token(token: str, purpose: Purpose, secret: str) -> str:
    """Return the subject of a token.

    Raises:
        InvalidTokenError: The token is not valid for this purpose.
    """
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            audience=purpose.value,
            options={"require": ["sub", "aud", "iat", "exp"]},
        )
    except (jwt.InvalidTokenError, RecursionError, ValueError) as error:  # json cannot parse a deeply nested header
        raise InvalidTokenError from error
    return str(claims["sub"])
