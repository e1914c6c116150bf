"""Secrets are masked in every spelling, credentials by name and by shape, and ordinary text is left as it is."""

import sys
import time

import pytest

from acceptance.client.evidence import LONGEST_BODY
from acceptance.redaction import LONGEST_FOUND, MASK, MOST_FOUND, Redactor, found_secrets
from acceptance.spellings import fold
from acceptance.texts import cut
from tests.support.canaries import SPELLINGS, Canary, fields, shapes

PASSWORD = 'cañary Pass/word+&<7>"x'
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJvd25lckBleGFtcGxlLmNvbSJ9.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJVadQssw5c"
COOKIE = "s%3Aq8Zx_0042-kk.Ab"
LONG = 200_000
SECONDS = 3
"""Far more than a text of this length takes (50 ms to 200 ms), and far less than where the time is quadratic."""


@pytest.fixture
def redactor() -> Redactor:
    """Knows a password and a token."""
    redactor = Redactor()
    redactor.add(PASSWORD)
    redactor.add_token(TOKEN)
    return redactor


@pytest.mark.parametrize("secret", [PASSWORD, TOKEN, TOKEN.rpartition(".")[0], "pässwörd", "100%25 \\u0041&amp;"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_secret_is_masked_in_every_spelling(secret: str, spelling: str) -> None:
    redactor = Redactor()
    redactor.add(secret)
    spelled = SPELLINGS[spelling](secret)
    masked = redactor.mask(f"before {spelled} after")
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert spelled not in masked
    left = masked.removeprefix("before ").removesuffix(" after")
    assert MASK in left
    beside = 32 if spelling.startswith("Base") else 12  # what stands beside the secret in the same text
    assert len(left) <= len(MASK) + beside


@pytest.mark.parametrize(
    "text", ["cañary Pa…", "cañary Pass/word+...", "%63a%C3%B1ary%20Pa…", "b'ca\\xc3\\xb1ary Pas...'"]
)
def test_beginning_of_a_secret_before_an_ellipsis_is_masked(redactor: Redactor, text: str) -> None:
    masked = redactor.mask(text)
    assert MASK in masked
    assert "Pa" not in masked
    assert "ary" not in masked


def test_secret_that_is_cut_in_a_long_text_is_masked(redactor: Redactor) -> None:
    for length in range(4, len(TOKEN)):
        text = "x" * (LONGEST_BODY - length) + TOKEN
        shown = redactor.mask(cut(text, LONGEST_BODY))
        assert TOKEN[:4] not in shown, length


@pytest.mark.parametrize("canary", [*shapes(), *fields()], ids=lambda canary: canary.text[:20])
def test_credential_of_a_backend_is_masked(canary: Canary) -> None:
    masked = Redactor().mask(f'Seen: {canary.text} and {{"more": 1}}')
    assert not [secret for secret in canary.secrets if secret in masked]
    assert masked.startswith("Seen: ")


@pytest.mark.parametrize(
    "text",
    [
        "https://api.example.com:8443/path?x=a@b",
        "owner@example.com",
        "pk_live_publishable",
        "Mon-Fri 08:00-17:00 @ the harbour",
        "http://127.0.0.1:8000/oauth/google/callback",
        "costs $2 and $3",
        '{"industry": "Dental clinic", "faqs": [], "receptionist_enabled": true, "phone_number": "+15551234567"}',
        '{"has_password": true, "token_type": "bearer", "expires_in": 3600, "next_page_token": "abc12345"}',
        '{"password": null, "api_key": "", "max_tokens": 4096}',
        "POST /api/auth/login returned no usable token: access_token is missing.",
        "no usable token: access_token has 2 parts between dots; a JWT has three",
        "malformed token: GET /api/business/me returned 200 OK, expected 401 Unauthorized.",
        "POST /api/auth/login returned 422 Unprocessable Entity: 'password: Field required'",
        '{"email": "$E2E_EMAIL", "password": "$E2E_PASSWORD"}',
        """curl -H "Authorization: Bearer $TOKEN" --data-raw '{"password": "'"$E2E_PASSWORD"'"}'""",
        "KeyError: 'password'",
        "${response} = <Response [200]>",
        "Creating Session using : alias=owner, url=http://127.0.0.1:8000, headers={}, cookies={}, auth=None",
        "C:\\new\\table 100% &amp; more…",
    ],
)
def test_ordinary_text_is_not_masked(redactor: Redactor, text: str) -> None:
    assert redactor.mask(text) == text


def test_masked_text_is_not_changed_again(redactor: Redactor) -> None:
    once = redactor.mask(f'{{"password": "{PASSWORD}", "token": "{TOKEN}"}}\nSet-Cookie: sid=1; Path=/')
    assert redactor.mask(once) == once


def test_cookie_is_masked_but_no_ordinary_text() -> None:
    redactor = Redactor()
    ordinary = ["Everything that was checked is as promised.", "receptionist_enabled", "2024-05-01T10:00:00.000000"]
    redactor.add_found([COOKIE, *ordinary, "http://127.0.0.1:8000", "/api/business/me", "short"])
    for text in ordinary:
        assert redactor.mask(text) == text
    assert redactor.mask("GET http://127.0.0.1:8000/api/business/me") == "GET http://127.0.0.1:8000/api/business/me"
    assert redactor.mask(f"seen {COOKIE}!") == f"seen {MASK}!"
    assert redactor.mask("SEEN S%3AQ8ZX_0042-KK.AB!") == f"SEEN {MASK}!"


def test_secrets_that_responses_bring_are_limited_and_are_none_of_the_run() -> None:
    redactor = Redactor()
    redactor.add_found([f"{number}" * (LONGEST_FOUND + 1) for number in range(20)])
    redactor.add_found([f"cookie-number-{number:03}" for number in range(MOST_FOUND + 10)])
    masked = [number for number in range(MOST_FOUND + 10) if MASK in redactor.mask(f"cookie-number-{number:03} ")]
    assert len(masked) == MOST_FOUND
    assert redactor.secrets == frozenset()
    assert not redactor.is_credential("cookie-number-001")
    assert len(list(found_secrets(f"cookie-number-{number:03}" for number in range(MOST_FOUND + 10)))) == MOST_FOUND


def test_folding_keeps_each_character_in_its_place() -> None:
    for number in range(sys.maxunicode + 1):
        assert len(fold(chr(number))) == 1, hex(number)
    text = "ΑΣ İ ΑΣΑ Straße"
    assert len(fold(text)) == len(text)
    assert fold("ΑΣ") in fold("ΑΣΑ")


@pytest.mark.parametrize(
    "text",
    [
        *("eyJ", "eyJ.", "eyJabcde.", "...", "a...", "…", TOKEN[:8], f"{TOKEN[:20]}..a", f"{TOKEN[:-1]}x"),
        *("%41", "%41a", "\\u0041", "\\", "&#65;", "&", "-----BEGIN PRIVATE KEY-----", "://", "://a:", "$2a$", "$y$"),
        *('password="', "password: ", "password:{", "password<b>", "a:", "a=b&", "Authorization: ", "Cookie: a\n"),
        *("x", " ", "\n", '"', "<", "İ", "a-", "sk_live_", "the quick brown fox ", PASSWORD),
    ],
)
def test_long_text_is_masked_in_linear_time(redactor: Redactor, text: str) -> None:
    began = time.process_time()
    redactor.mask((text * (LONG // len(text) + 1))[:LONG])
    assert time.process_time() - began < SECONDS


def test_ten_megabytes_are_masked_within_seconds(redactor: Redactor) -> None:
    began = time.process_time()
    redactor.mask(("GET /api/business/me returned 200 OK in 12 ms.\n" * 250_000)[:10_000_000])
    assert time.process_time() - began < 4 * SECONDS
