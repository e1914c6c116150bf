"""The trace of a request (W3C Trace Context): the id by which a backend's traces and logs show what became of it."""

import re
import secrets

import requests

from acceptance.redaction import Redactor

TRACEPARENT = "traceparent"
TRACE_ID_DIGITS, SPAN_ID_DIGITS = 32, 16
_TRACEPARENT = re.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def new_traceparent(redactor: Redactor) -> str:
    """Return the header `traceparent` of a request that begins a trace.

    Its trace id contains no secret, such as a password of four digits, which would be masked in reports.
    """
    trace_id = _random(TRACE_ID_DIGITS)
    while redactor.mask(trace_id) != trace_id:
        trace_id = _random(TRACE_ID_DIGITS)
    return _traceparent(trace_id)


def next_traceparent(traceparent: str) -> str:
    """Return the header of the next request in the trace of `traceparent`, with another span id."""
    return _traceparent(traceparent.split("-")[1])


def trace_id_of(request: requests.PreparedRequest) -> str | None:
    """Return the trace id of `request`, None where it has none."""
    found = _TRACEPARENT.fullmatch(str(request.headers.get(TRACEPARENT, "")))
    return found[1] if found else None


def _traceparent(trace_id: str) -> str:
    """Return a header with the flag `sampled`, by which the client asks the backend to record the trace."""
    return f"00-{trace_id}-{_random(SPAN_ID_DIGITS)}-01"


def _random(digits: int) -> str:
    """Return a random hexadecimal number that is not 0, which would be no id."""
    return f"{secrets.randbelow(16**digits - 1) + 1:0{digits}x}"
