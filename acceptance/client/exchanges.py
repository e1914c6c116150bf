"""Exchanges (a request and its response), and the record of calls that the processes of a run share."""

import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Self

import requests

from acceptance.client.endpoints import BUSINESS_PATH, OPENAPI_PATH
from acceptance.client.exposures import exposures_of
from acceptance.client.json_body import json_object
from acceptance.client.shared_lines import append_lines, read_lines
from acceptance.client.trace import trace_id_of
from acceptance.redaction import Redactor
from acceptance.texts import cut

CALLS_DIRECTORY_VARIABLE = "ACCEPTANCE_CALLS_DIR"
REQUEST_ID_HEADERS = ("X-Request-ID", "X-Correlation-ID", "X-Amzn-Trace-Id", "X-Cloud-Trace-Context", "CF-Ray")
RUNNER = "runner"
"""The process that owns the run, in the records of calls."""

LONGEST_IN_MILLISECONDS = 10_000
MOST_FIELDS, LONGEST_FIELD = 100, 50
"""The limits of the names of fields that are recorded."""


_LOCK = threading.Lock()


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
    """Return the status code of `response` and its reason phrase, shortened: `401 Unauthorized`."""
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
        certificate_expires: When the certificate of the server expires (Unix time), None where it was not seen.
    """

    request: requests.PreparedRequest
    response: requests.Response | None
    milliseconds: float
    retry_after: float | None = None
    waited: float | None = None
    certificate_expires: float | None = None

    @property
    def headline(self) -> str:
        """The call, the status of its response, the time, trace id and request id in one line, without secrets."""
        trace_id = trace_id_of(self.request)
        trace = f", trace id {trace_id}" if trace_id else ""
        if self.response is None:
            in_seconds = self.milliseconds >= LONGEST_IN_MILLISECONDS
            time_taken = f"{self.milliseconds / 1000:.0f} s" if in_seconds else f"{self.milliseconds:,.0f} ms"
            return f"{call_of(self.request)} got no complete response within {time_taken}{trace}"
        name = next((name for name in REQUEST_ID_HEADERS if name in self.response.headers), None)
        request_id = f", request id {cut(self.response.headers[name])}" if name else ""
        status = status_of(self.response)
        return f"{call_of(self.request)} returned {status} in {self.milliseconds:,.0f} ms{trace}{request_id}"


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
        trace_id: The id of its trace; see `acceptance.client.trace`.
        fields: The names of the fields in the business that was read, None for other responses.
        exposures: The credentials that the response shows, each as a sentence without a full stop.
        sent: The names of the fields that the request sent and a response of 200 accepted.
    """

    method: str
    path: str
    status: int | None
    milliseconds: float
    authorized: bool
    at: float
    retry_after: float | None = None
    waited: float | None = None
    trace_id: str | None = None
    fields: Sequence[str] | None = None
    exposures: Sequence[str] = ()
    sent: Sequence[str] = ()

    @classmethod
    def of(cls, exchange: Exchange, redactor: Redactor, passwords: Collection[str]) -> Self:
        """Return the call of `exchange`, which has just ended; names in it are masked.

        Args:
            exchange: The exchange.
            redactor: Masks the names.
            passwords: The passwords of the run.
        """
        exposures = [] if exchange.response is None else exposures_of(exchange.response, passwords)
        return cls(
            method=str(exchange.request.method),
            path=exchange.request.path_url.partition("?")[0],
            status=None if exchange.response is None else exchange.response.status_code,
            milliseconds=round(exchange.milliseconds, 1),
            authorized="Authorization" in exchange.request.headers,
            at=time.time(),
            retry_after=exchange.retry_after,
            waited=exchange.waited,
            trace_id=trace_id_of(exchange.request),
            fields=_fields_of(exchange, redactor),
            exposures=[redactor.mask(f"{call_of(exchange.request)} shows {exposure}") for exposure in exposures],
            sent=_sent(exchange, redactor),
        )


@dataclass(frozen=True)
class FieldsRead:
    """The fields that a check read from a response.

    Attributes:
        method, path, status: Those of the exchange.
        types: The JSON types that the check accepts for each field, none where it accepts all.
    """

    method: str
    path: str
    status: int
    types: Mapping[str, Sequence[str]]


def _fields_of(exchange: Exchange, redactor: Redactor) -> list[str] | None:
    """Return the names of the fields in the business that `exchange` read, None where it read none."""
    response = exchange.response
    path = exchange.request.path_url.partition("?")[0]
    if response is None or (exchange.request.method, response.status_code) != ("GET", requests.codes.ok):
        return None
    business = json_object(response.content) if path.endswith(BUSINESS_PATH) else None
    if business is None:
        return None
    return _names(business, redactor)


def _sent(exchange: Exchange, redactor: Redactor) -> list[str]:
    """Return the names of the fields that a request sent, where the response is 200."""
    response = exchange.response
    is_accepted = response is not None and response.status_code == requests.codes.ok
    return _names(json_object(exchange.request.body) or {}, redactor) if is_accepted else []


def _names(fields: Iterable[str], redactor: Redactor) -> list[str]:
    return [redactor.mask(cut(name))[:LONGEST_FIELD] for name in sorted(fields)[:MOST_FIELDS]]


def record_call(directory: Path, call: Call, process: str) -> None:
    """Append `call`, as a line of JSON, to the file of a process in `directory`."""
    with _LOCK:
        append_lines(directory / f"calls-{process}.jsonl", asdict(call))


def call_records(directory: Path) -> list[Path]:
    """Return the files in `directory` to which processes have recorded calls."""
    return sorted(directory.glob("calls-*.jsonl"))


def recorded_calls(directory: Path, process: str = "*") -> list[Call]:
    """Return the calls that a process, or all of them, recorded in `directory`, ordered by the time of the response."""
    calls = [Call(**line) for path in sorted(directory.glob(f"calls-{process}.jsonl")) for line in read_lines(path)]
    return sorted(calls, key=lambda call: call.at)


def calls_of_api(calls: Iterable[Call]) -> list[Call]:
    """Return the calls but those that read the description of the API."""
    return [call for call in calls if not call.path.endswith(OPENAPI_PATH)]


def record_fields(directory: Path, fields: FieldsRead, process: str) -> None:
    """Append `fields`, as a line of JSON, to the file of a process in `directory`."""
    append_lines(directory / f"fields-{process}.jsonl", asdict(fields))


def recorded_fields(directory: Path) -> list[FieldsRead]:
    """Return the fields that all processes recorded in `directory`."""
    return [FieldsRead(**line) for path in sorted(directory.glob("fields-*.jsonl")) for line in read_lines(path)]
