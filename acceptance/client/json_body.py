"""JSON bodies (RFC 8259). Strict: UTF-8, no NaN, no lone surrogates, no name with two values; and bounded."""

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

import requests

from acceptance.texts import LONGEST_SHOWN, cut

MOST_LEVELS = 100
"""The number of objects and lists that may be one in another."""

MOST_DIGITS = 1_000
"""The number of digits of an integer."""

MOST_VALUES = 30_000
"""The number of values, counted by what stands before or between them, so that a parsed body takes little memory."""

LONGEST_SEARCHED = 10_000
_MARKUP = re.compile(r"<[!?/a-z]", re.IGNORECASE)


def read_json(body: bytes) -> Any:
    """Return the JSON value of `body`; a byte order mark may precede it.

    Raises:
        UnicodeDecodeError: It is not in UTF-8 (RFC 8259 section 8.1).
        ValueError: It is not JSON, parsers disagree about its value, or it is beyond one of the bounds above.
    """
    value = _parse(body.decode("utf-8-sig"), object_pairs_hook=_object)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half of a character (a surrogate)") from None
    return value


def json_value(body: bytes | str | None) -> Any:
    """Return the JSON value of `body`, read leniently but within the same bounds, None where there is none."""
    text = body.decode("utf-8-sig", "replace") if isinstance(body, bytes) else body or ""
    try:
        return _parse(text)
    except ValueError:
        return None


def json_object(body: bytes | str | None) -> dict[str, Any] | None:
    """Return the JSON object of `body`, read leniently, None where it is not one."""
    value = json_value(body)
    return value if isinstance(value, dict) else None


def strings_of(value: Any) -> Iterator[str]:
    """Yield the strings in a JSON value, but for the names of fields."""
    if isinstance(value, str):
        yield value
    for part in _parts(value):
        yield from strings_of(part)


def _parse(text: str, **options: Any) -> Any:
    """Return the JSON value of `text`.

    Raises:
        ValueError: It is not JSON, or not within the bounds.
    """
    if sum(map(text.count, "{[,")) > MOST_VALUES:
        raise ValueError(f"it holds more than {MOST_VALUES:,} values")
    try:
        value = json.loads(text, parse_int=_integer, parse_float=_float, parse_constant=_refuse_constant, **options)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [one for part in level for one in _parts(part)]
    if level:
        raise ValueError("it is nested too deep")
    return value


def _parts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"it holds a number of {len(digits):,} digits")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("it holds a number that is too large")
    return value


def reason_of(response: requests.Response) -> str:
    """Return the reason that an error response (4xx, 5xx) gives, the first 200 characters in one line; empty if none.

    It is the text in `message`, in `detail` (also the `msg` or `message` of an object or of the first object there, as
    in FastAPI's validation errors) or in `error`. A body that is plain text is the reason itself; HTML is none. The
    reason may hold a secret: mask it.
    """
    reason = next(error_texts(response), "")
    line = "".join(char if char.isprintable() else " " for char in reason[:LONGEST_SHOWN]).strip()
    return f"{line}…" if len(reason) > LONGEST_SHOWN else line


def error_texts(response: requests.Response) -> Iterator[str]:
    """Yield the texts with which an error response (4xx, 5xx) gives its reason, the most telling first."""
    if response.status_code < requests.codes.bad_request:
        return
    body = json_value(response.content)
    texts = _reasons(body) if isinstance(body, dict) else iter([body or _plain_text(response)])
    yield from filter(None, (text[:LONGEST_SEARCHED].strip() for text in texts if isinstance(text, str)))


def _reason_of_entry(entry: dict[str, Any]) -> Any:
    """Return the reason in an object of `detail`, after the name of the field that it is about."""
    reason, location = entry.get("msg") or entry.get("message"), entry.get("loc")
    return f"{location[-1]}: {reason}" if reason and isinstance(location, list) and location else reason


def _reasons(body: dict[str, Any]) -> Iterator[Any]:
    yield body.get("message")
    detail = body.get("detail")
    first = detail[0] if isinstance(detail, list) and detail else detail
    yield _reason_of_entry(first) if isinstance(first, dict) else first
    yield body.get("error")


def _plain_text(response: requests.Response) -> str:
    try:
        text = response.content.decode()
    except UnicodeDecodeError:
        return ""
    return "" if _MARKUP.search(text) else text


def why_not_json(content_type: str) -> str | None:
    """Return how `content_type` differs from JSON in UTF-8 (RFC 8259 section 11), None where it declares it."""
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = {one.partition("=")[2].strip('"') for one in parameters if one.startswith("charset=")}
    if media_type != "application/json":
        return f"the content type '{cut(content_type)}' instead of application/json"
    return None if charsets <= {"utf-8", "utf8"} else f"the charset of '{cut(content_type)}' instead of UTF-8"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields and fields[name] != value:
            raise ValueError(f"it holds '{cut(name)}' twice, with different values")
        fields[name] = value
    return fields


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")
