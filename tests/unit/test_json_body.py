"""JSON is read within bounds: whatever a backend sends, it is a value or a sentence."""

import pytest

from acceptance.client.json_body import json_value, read_json


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"[" * 101 + b"]" * 101, "nested too deep"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "nested too deep"),
        (b"[" * 20_000, "nested too deep"),
        (b"[" + b"{}," * 30_001 + b"{}]", "more than 30,000 values"),
        (b"9" * 1_001, "a number of 1,001 digits"),
        (b"1e999", "a number that is too large"),
        (b"NaN", "NaN is no JSON value"),
        (b'"\\ud800"', "half of a character"),
        (b'{"a": 1, "a": 2}', "'a' twice"),
        (b"[1,]", "Expecting value|Illegal trailing comma"),
    ],
)
def test_body_beyond_the_bounds_is_no_json(body: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_json(body)


@pytest.mark.parametrize(
    "body", [b"[" * 99 + b"]" * 99, b"9" * 1_000, b"1e300", "\ufeff{}".encode(), b'{"a": 1, "a": 1}']
)
def test_body_within_the_bounds_is_json(body: bytes) -> None:
    assert read_json(body) is not None


@pytest.mark.parametrize("body", [b"[" * 1_000_000, b"9" * 5_000, b"-1e999", b"NaN", b"", "{}".encode("utf-16"), None])
def test_lenient_reading_has_the_same_bounds(body: bytes | None) -> None:
    assert json_value(body) is None


def test_lenient_reading_takes_utf_8_whatever_a_charset_says() -> None:
    assert json_value('{"name": "Zoë \xff"}'.encode("latin-1")) == {"name": "Zo\ufffd \ufffd"}
