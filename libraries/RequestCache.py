"""Sending requests as a keyword, with a cache for responses that several tests of a suite depend on."""

from dataclasses import dataclass, field
from typing import Any

import requests
from robot import result, running
from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn

import project_root  # noqa: F401
from acceptance.client.exchanges import Exchange
from acceptance.config import ConfigurationError
from acceptance.exit_codes import Blocked
from run_state import run_state

Failure = requests.RequestException | ConfigurationError


@dataclass
class Entry:
    """The outcome of a cached request: a response, or the error that was raised instead.

    Attributes:
        exchanges: What was sent and received for it.
        failed_test: The test that failed because there was no response.
    """

    outcome: requests.Response | Failure
    exchanges: list[Exchange] = field(default_factory=list)
    failed_test: str = ""


@library(scope="GLOBAL", version="1.0", doc_format="MARKDOWN", listener="SELF")
class RequestCache:
    """Sends requests with the sessions of RequestsLibrary.

    A cached request is sent once per suite. So tests that check the same response need no second request, and each can
    be run alone. If there is no response, one test fails, and the other tests that need it are skipped as blocked.
    """

    def __init__(self) -> None:
        self._state = run_state()
        self._entries: dict[tuple[str, ...], Entry] = {}
        self._raised: list[Entry] = []

    @keyword
    def send_request(
        self,
        method: str,
        path: str,
        session: str = "owner",
        body: Any = None,
        query: dict[str, Any] | None = None,
        cached: bool = False,
    ) -> requests.Response:
        """Send a request and return the response, with any status.

        Fails unless there is a response. A `body` that is text is sent as it is, any other as JSON. With `cached`, the
        same request is sent only once per suite.
        """
        if not cached:
            return _send(method, path, session, body, query)
        suite = BuiltIn().get_variable_value("${SUITE NAME}")
        key = (suite, method, path, session, repr(body), repr(query))
        entry = self._entries.get(key)
        if entry is None:
            sent_before = len(self._state.exchanges)
            entry = self._entries[key] = Entry(_outcome_of(method, path, session, body, query))
            entry.exchanges = self._state.exchanges[sent_before:]
        else:
            self._state.exchanges += [one for one in entry.exchanges if one not in self._state.exchanges]
        if isinstance(entry.outcome, requests.Response):
            return entry.outcome
        if entry.failed_test:
            raise Blocked(f"Blocked: it needs a response that was missing in the test “{entry.failed_test}”.")
        self._raised.append(entry)
        raise entry.outcome

    # Listener interface, version 3

    def start_test(self, data: running.TestCase, outcome: result.TestCase) -> None:
        """Forget the missing responses of the test before."""
        self._raised.clear()

    def end_test(self, data: running.TestCase, outcome: result.TestCase) -> None:
        """Remember which test failed because of a missing response."""
        if outcome.failed:
            for entry in self._raised:
                entry.failed_test = data.name


def _send(method: str, path: str, session: str, body: Any, query: dict[str, Any] | None) -> requests.Response:
    options: dict[str, Any] = {} if query is None else {"params": query}
    if body is not None:
        options |= {"data" if isinstance(body, str) else "json": body, "headers": {"Content-Type": "application/json"}}
    requests_library = BuiltIn().get_library_instance("RequestsLibrary")
    send = getattr(requests_library, f"{method.lower()}_on_session")
    response: requests.Response = send(session, path, expected_status="any", **options)
    return response


def _outcome_of(
    method: str, path: str, session: str, body: Any, query: dict[str, Any] | None
) -> requests.Response | Failure:
    try:
        return _send(method, path, session, body, query)
    except (requests.RequestException, ConfigurationError) as error:
        return error
