"""Sending requests as a keyword, with a cache for responses that several tests of a suite depend on."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import requests
from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn

import project_root  # noqa: F401
from acceptance.client.endpoints import is_login
from acceptance.client.exchanges import Exchange, call_of
from acceptance.client.http_adapter import Throttled
from acceptance.config import ConfigurationError
from acceptance.exit_codes import Blocked
from run_state import run_state

Failure = requests.RequestException | ConfigurationError


@dataclass
class Entry:
    """The outcome of a cached request: a response, or the error that was raised instead.

    Attributes:
        at: When the request was sent (`time.monotonic()`).
        exchanges: What was sent and received for it.
    """

    outcome: requests.Response | Failure
    at: float
    exchanges: list[Exchange] = field(default_factory=list)


@library(scope="GLOBAL", version="1.0", doc_format="MARKDOWN")
class RequestCache:
    """Sends requests with the sessions of RequestsLibrary.

    A cached request is sent once per suite. So tests that check the same response need no second request, and each can
    be run alone. Where there is no response, one test fails, and the other tests that need it are skipped as blocked;
    so are those that would send another valid request to the same endpoint.
    """

    def __init__(self) -> None:
        self._state = run_state()
        self._cached: dict[tuple[str, ...], Entry] = {}
        self._latest: dict[tuple[str, ...], Entry] = {}
        self._without_response: dict[tuple[str, ...], Failure] = {}

    @keyword
    def send_request(
        self,
        method: str,
        path: str,
        session: str = "owner",
        body: Any = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        cached: str = "",
        max_age: timedelta = timedelta(0),
    ) -> requests.Response:
        """Send a request and return the response, with any status.

        A `body` that is text is sent as it is, any other as JSON. With `cached`, the same request is sent only once per
        suite; other words than `yes` name a further cache. A response that is not older than `max_age`, nor than the
        last request that may have changed something, is taken instead of sending the request.

        Fails unless there is a response.
        """
        suite = BuiltIn().get_variable_value("${SUITE NAME}")
        endpoint = (suite, method, path, session)
        request = (*endpoint, repr(body), repr(query), repr(headers))
        entry = self._cached.get((*request, cached)) if cached else None
        if entry is None:
            latest = self._latest.get(request)
            entry = latest if latest and time.monotonic() - latest.at <= max_age.total_seconds() else None
        if entry:
            self._state.exchanges += [one for one in entry.exchanges if one not in self._state.exchanges]
        else:
            if not isinstance(body, str):
                self._skip_if_failed(self._without_response.get(endpoint))
            sent_before, sent_at = len(self._state.exchanges), time.monotonic()
            entry = Entry(_outcome_of(method, path, session, body, query, headers), at=sent_at)
            entry.exchanges = self._state.exchanges[sent_before:]
            if method != "GET":
                self._latest.clear()
            self._latest[request] = entry
        if cached:
            self._cached[(*request, cached)] = entry
        if isinstance(entry.outcome, requests.Response):
            _refuse_throttled(entry.outcome)
            return entry.outcome
        self._skip_if_failed(entry.outcome)
        if not isinstance(body, str):
            self._without_response[endpoint] = entry.outcome
        raise entry.outcome

    def _skip_if_failed(self, error: Failure | None) -> None:
        """Skip the test where an earlier one has failed because of `error`."""
        test = self._state.failed_test(error) if error else None
        if test:
            raise Blocked(test)


def _refuse_throttled(response: requests.Response) -> None:
    """Fail where a request was still throttled when the wait was over; a rejected login is skipped by its keyword."""
    request = response.request
    is_throttled = response.status_code == requests.codes.too_many_requests
    if is_throttled and not is_login(str(request.method), request.path_url):
        raise Throttled(f"{call_of(request)} was throttled (429) for longer than a run waits.", request=request)


def _send(
    method: str, path: str, session: str, body: Any, query: dict[str, Any] | None, headers: dict[str, str] | None
) -> requests.Response:
    options: dict[str, Any] = {"headers": headers or {}} | ({} if query is None else {"params": query})
    if body is not None:
        options["data" if isinstance(body, str) else "json"] = body
        options["headers"] = {"Content-Type": "application/json"} | options["headers"]
    requests_library = BuiltIn().get_library_instance("RequestsLibrary")
    send = getattr(requests_library, f"{method.lower()}_on_session")
    response: requests.Response = send(session, path, expected_status="any", **options)
    return response


def _outcome_of(
    method: str, path: str, session: str, body: Any, query: dict[str, Any] | None, headers: dict[str, str] | None
) -> requests.Response | Failure:
    try:
        return _send(method, path, session, body, query, headers)
    except (requests.RequestException, ConfigurationError) as error:
        return error
