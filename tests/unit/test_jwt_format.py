"""Tokens: what makes one a JWT, for hostile content too, and the invalid tokens that are made from a valid one."""

import base64
import json
from typing import Any

import jwt
import pytest
import requests

from acceptance.client.evidence import Evidence
from acceptance.client.invalid_tokens import INVALID_TOKEN_KINDS, InvalidToken, InvalidTokenKind
from acceptance.client.jwt_format import claims_of, why_no_jwt
from acceptance.client.login import LoginResult
from acceptance.redaction import Redactor

KEY = "k" * 32
EXPIRES = 2_000_000_000
CLAIMS = {"sub": "1", "exp": EXPIRES}
VALID = jwt.encode(CLAIMS, KEY)


def part(content: object) -> str:
    """Return a base64url part of a token, from bytes or from a JSON value."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


HEADER, SIGNATURE = VALID.split(".")[0], VALID.split(".")[2]


def token(claims: object, header: object = None) -> str:
    """Return a token with these claims."""
    return f"{part(header) if header is not None else HEADER}.{part(claims)}.{SIGNATURE}"


@pytest.mark.parametrize(
    "accepted",
    [
        VALID,
        token(CLAIMS, {"alg": "RS256", "kid": 7}),
        token(CLAIMS, {"alg": "RS256", "crit": ["unknown"]}),
        token({"exp": "tomorrow", "iat": [], "sub": 7, "aud": 7}),
        token({"exp": int("9" * 400)}),
    ],
)
def test_signed_token_of_three_parts_is_a_jwt_whatever_its_claims(accepted: str) -> None:
    assert why_no_jwt(accepted) is None


@pytest.mark.parametrize(
    ("rejected", "reason"),
    [
        (None, "is missing"),
        (7, "is not a string but int"),
        ("", "is empty"),
        ("opaque", "has 1 part between dots"),
        ("a.b", "has 2 parts between dots"),
        (f"{VALID}.c", "has 4 parts between dots"),
        (f"{HEADER}..{SIGNATURE}", "has an empty part"),
        (VALID.replace("e", "!", 1), "has an empty part, or one that is not base64url"),
        (f"{VALID}\n", "has an empty part, or one that is not base64url"),
        (f"{HEADER}.a.{SIGNATURE}", "has a header or claims that are not a JSON object"),
        (token([]), "has a header or claims"),
        (token(CLAIMS, {}), "has a header or claims"),
        (token(CLAIMS, {"alg": ""}), "has a header or claims"),
        (token(CLAIMS, []), "has a header or claims"),
        (token(b'{"name": "\xff"}'), "has a header or claims"),
        (token(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"), "has 266,756 characters, more than 16,384"),
        (token(b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}"), "has a header or claims"),
        (token(b'{"a":' + b"[" * 100 + b"]" * 100 + b"}"), "has a header or claims"),
        (token(b'{"exp":' + b"9" * 5_000 + b"}"), "has a header or claims"),
    ],
)
def test_reason_why_a_token_is_no_jwt_is_given(rejected: object, reason: str) -> None:
    assert (why_no_jwt(rejected) or "").startswith(reason)


@pytest.mark.parametrize("time", ["9" * 400, "1e999", "-1e999", "NaN", "null", '"x"', "[]"])
def test_token_without_a_usable_time_has_not_expired_and_can_be_made_invalid(time: str) -> None:
    hostile = token(f'{{"exp": {time}, "iat": {time}}}'.encode())
    assert not LoginResult("logged-in", token=hostile).has_expired
    assert all(invalid(kind, hostile)[0] != hostile for kind in INVALID_TOKEN_KINDS)


class OneToken:
    """A `TokenProvider` of one token."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get(self) -> str:
        """Return it."""
        return self._text

    def refresh(self, rejected: str) -> None:
        """Return no other."""


def invalid(kind: InvalidTokenKind, valid: str = VALID) -> tuple[str, Redactor, Evidence]:
    """Return an invalid token, and what knows it."""
    redactor, evidence = Redactor(), Evidence()
    text = InvalidToken(OneToken(valid), kind, redactor, evidence).get()
    assert text
    return text, redactor, evidence


def verified(text: str) -> Any:
    """Return the claims of a token with a valid signature."""
    return jwt.decode(text, KEY, algorithms=["HS256"])


@pytest.mark.parametrize("kind", INVALID_TOKEN_KINDS)
def test_invalid_token_is_rejected_masked_and_shown_as_a_variable(kind: InvalidTokenKind) -> None:
    assert verified(VALID) == CLAIMS
    text, redactor, evidence = invalid(kind)
    with pytest.raises(jwt.InvalidTokenError):
        verified(text)
    assert text not in redactor.mask(f"the token {text}")
    request = requests.Request("GET", "http://127.0.0.1:1/", headers={"Authorization": f"Bearer {text}"}).prepare()
    assert f"Bearer ${kind.replace(' ', '_').upper()}_TOKEN" in redactor.mask(evidence.curl(request))


def test_invalid_tokens_differ_from_the_valid_one_in_one_thing_each() -> None:
    header, claims, signature = VALID.split(".")
    other_signature, tampered, unsigned, malformed = (invalid(kind)[0] for kind in INVALID_TOKEN_KINDS)
    assert other_signature.startswith(f"{header}.{claims}.")
    assert tampered.startswith(f"{header}.")
    assert tampered.endswith(f".{signature}")
    assert claims_of(tampered) == CLAIMS | {"exp": EXPIRES + 31_536_000}
    assert unsigned.endswith(f".{claims}.")
    assert len(malformed) == len(VALID)
    assert why_no_jwt(malformed)
