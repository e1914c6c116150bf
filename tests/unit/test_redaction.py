"""Credentials of a backend are masked by their shape, and ordinary text is left as it is."""

import pytest

from acceptance.redaction import MASK, Redactor


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql://app:Sup3rS3cret@db.internal/app", "Sup3rS3cret"),
        ("hash $2b$12$" + "a" * 53 + " end", "$2b$12$"),
        ("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA", "c2FsdA"),
        ("sk_live_51HxA2bC3dE4fG5h", "51HxA2bC3dE4fG5h"),
        ("AKIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"),
        ("ya29.a0AfH6SMBx-1234", "a0AfH6SMBx"),
        ("ghp_0123456789abcdefghij", "0123456789abcdefghij"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"),
    ],
)
def test_credential_is_masked_by_its_shape(text: str, secret: str) -> None:
    masked = Redactor().mask(text)
    assert secret not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    "text",
    [
        "https://api.example.com:8443/path?x=a@b",
        "owner@example.com",
        "pk_live_publishable",
        "Mon-Fri 08:00-17:00 @ the harbour",
        "http://127.0.0.1:8000/oauth/google/callback",
        "costs $2 and $3",
    ],
)
def test_ordinary_text_is_not_masked(text: str) -> None:
    assert Redactor().mask(text) == text
