"""The reason that an error response gives."""

import json

import pytest
import requests

from acceptance.client.json_body import reason_of
from acceptance.texts import LONGEST_SHOWN

HTML = "<!DOCTYPE html><html><body>Bad gateway</body></html>"


def response(body: object, status: int = 400) -> requests.Response:
    """Return a response with `body`: a text or bytes as they are, anything else as JSON."""
    found = requests.Response()
    found.status_code = status
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    found._content = text.encode() if isinstance(text, str) else text
    return found


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": "invalid_credentials", "message": "Wrong password.", "detail": "See the log."}, "Wrong password."),
        ({"error": "invalid_credentials", "detail": "Incorrect email or password"}, "Incorrect email or password"),
        (
            {"detail": [{"loc": ["body", "email"], "msg": "Field required"}, {"msg": "Another"}]},
            "email: Field required",
        ),
        ({"detail": {"error": "locked", "message": "Try again tomorrow."}}, "Try again tomorrow."),
        ({"detail": ["Not now"]}, "Not now"),
        ({"message": " ", "detail": [], "error": "locked"}, "locked"),
        ({"message": {"text": 1}, "detail": [{"loc": []}], "error": 7}, ""),
        ('"Locked out"', "Locked out"),
        ("Too many\r\nusers \x1b[31m\n", "Too many  users  [31m"),
        ({"message": "half \ud83e"}, "half"),
        ("x" * 300, "x" * LONGEST_SHOWN + "…"),
        (HTML, ""),
        ("  <?xml version='1.0'?><Error/>", ""),
        (b"\xff\xfe", ""),
        ("", ""),
        ({}, ""),
        ([1], ""),
        ("[" * 100_000, "[" * LONGEST_SHOWN + "…"),
    ],
)
def test_reason_is_the_message_the_detail_the_error_or_the_plain_text(body: object, reason: str) -> None:
    assert reason_of(response(body)) == reason


def test_response_that_is_no_error_has_no_reason() -> None:
    assert reason_of(response("0123456789abcdef-opaque-token", status=201)) == ""
