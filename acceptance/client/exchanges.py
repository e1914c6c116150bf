"""Exchanges (a request and its response), and the record of calls that the processes of a run share."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Self

import requests

from acceptance.client.endpoints import BUSINESS_PATH
from acceptance.client.json_body import json_object
from acceptance.client.shared_lines import append_lines, read_lines
from acceptance.client.texts import cut
from acceptance.redaction import Redactor

CALLS_DIRECTORY_VARIABLE = "ACCEPTANCE_CALLS_DIR"
REQUEST_ID_HEADERS = ("X-Request-ID", "X-Correlation-ID", "X-Amzn-Trace-Id", "X-Cloud-Trace-Context", "CF-Ray")
LONGEST_IN_MILLISECONDS = 10_000
MOST_FIELDS, LONGEST_FIELD = 100, 50
"""The limits of the names of fields that are recorded."""


def call_of(request: requests.PreparedRequest) -> str:
    """Return method and path of `request`, without its query: `GET /api/business/me`."""
    return f"{request.method} {request.path_url.partition('?')[0]}"


def server_time(response: requests.Response) -> float | None:
    """Return the time of `response` by the backend's clock (Unix time), None where it has no usable `Date`."""
    try:
        return parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return None


def status_of(response: requests.Response) -> str:
    """Return the status code of `response` and its reason phrase: `401 Unauthorized`."""
    return f"{response.status_code} {cut(response.reason or '')}".strip()


@dataclass(frozen=True)
class Exchange:
    """A request and its response. Both may hold secrets: show them through `Evidence` only.

    Attributes:
        request: The request as it was sent.
        response: The response, None where none arrived or where it is incomplete.
        milliseconds: From sending to the last byte.
        retry_after: The seconds that a 429 asks to wait, None where it has no usable `Retry-After`.
        waited: The seconds until the request is sent again after a 429, None where it is not.
    """

    request: requests.PreparedRequest
    response: requests.Response | None
    milliseconds: float
    retry_after: float | None = None
    waited: float | None = None

    @property
    def headline(self) -> str:
        """The call, the status of its response, the time and the request id in one line, without secrets."""
        if self.response is None:
            in_seconds = self.milliseconds >= LONGEST_IN_MILLISECONDS
            time_taken = f"{self.milliseconds / 1000:.0f} s" if in_seconds else f"{self.milliseconds:,.0f} ms"
            return f"{call_of(self.request)} got no complete response within {time_taken}"
        name = next((name for name in REQUEST_ID_HEADERS if name in self.response.headers), None)
        request_id = f", request id {cut(self.response.headers[name])}" if name else ""
        status = status_of(self.response)
        return f"{call_of(self.request)} returned {status} in {self.milliseconds:,.0f} ms{request_id}"


@dataclass(frozen=True)
class Call:
    """The facts of an exchange that hold no secret.

    Attributes:
        method: The HTTP method.
        path: The path, without its query.
        status: The status code of the response, None without a response.
        milliseconds: From sending to the last byte.
        authorized: Whether the request had a token.
        at: When the response arrived (`time.time()`).
        retry_after, waited: See `Exchange`.
        fields: The names of the fields in the business that was read, None for other responses.
    """

    method: str
    path: str
    status: int | None
    milliseconds: float
    authorized: bool
    at: float
    retry_after: float | None = None
    waited: float | None = None
    fields: Sequence[str] | None = None

    @classmethod
    def of(cls, exchange: Exchange, redactor: Redactor) -> Self:
        """Return the call of `exchange`, which has just ended; names in it are masked."""
        return cls(
            method=str(exchange.request.method),
            path=exchange.request.path_url.partition("?")[0],
            status=None if exchange.response is None else exchange.response.status_code,
            milliseconds=round(exchange.milliseconds, 1),
            authorized="Authorization" in exchange.request.headers,
            at=time.time(),
            retry_after=exchange.retry_after,
            waited=exchange.waited,
            fields=_fields_of(exchange, redactor),
        )


def _fields_of(exchange: Exchange, redactor: Redactor) -> list[str] | None:
    """Return the names of the fields in the business that `exchange` read, None where it read none."""
    response = exchange.response
    path = exchange.request.path_url.partition("?")[0]
    if response is None or (exchange.request.method, response.status_code) != ("GET", requests.codes.ok):
        return None
    business = json_object(response.content) if path.endswith(BUSINESS_PATH) else None
    if business is None:
        return None
    return [redactor.mask(cut(name))[:LONGEST_FIELD] for name in sorted(business)[:MOST_FIELDS]]


def call_recorder(directory: Path, redactor: Redactor) -> Callable[[Exchange], None]:
    """Return a function that appends each call, as a line of JSON, to a file of this process in `directory`."""
    lock = threading.Lock()

    def record(exchange: Exchange) -> None:
        with lock:
            append_lines(directory / f"calls-{os.getpid()}.jsonl", asdict(Call.of(exchange, redactor)))

    return record


def call_records(directory: Path) -> list[Path]:
    """Return the files in `directory` to which processes have recorded calls."""
    return sorted(directory.glob("calls-*.jsonl"))


def recorded_calls(directory: Path) -> list[Call]:
    """Return the calls that all processes have recorded in `directory`, ordered by the time of the response."""
    calls = [Call(**line) for path in call_records(directory) for line in read_lines(path)]
    return sorted(calls, key=lambda call: call.at)
