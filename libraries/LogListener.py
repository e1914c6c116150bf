"""A listener that masks secrets in the log, and adds evidence to each failed test."""

import re

import requests
from robot import result, running
from robot.api import logger
from robot.api.deco import library

import project_root  # noqa: F401
from acceptance.client.exchanges import Exchange
from acceptance.client.login import LoginResult
from acceptance.client.trace import trace_id_of
from acceptance.reporting.escaping import for_console, without_links
from acceptance.reporting.traces import METADATA
from acceptance.texts import cut
from run_state import run_state

REQUESTS_LIBRARY_MESSAGE = re.compile("Creating Session using : |[A-Z]+ (Request|Response) : ")
LONGEST_TEXT = 20_000
"""The characters of a message in the log; the body of a response may have millions."""

SETUP_PREFIX = "Setup failed:\n"


def row_name(argument: object) -> str:
    """Return how a failure message names the row of a template table: `${TRUNCATED_JSON}` is `truncated json`."""
    text = str(argument)
    return text[2:-1].replace("_", " ").lower() if text.startswith("${") and text.endswith("}") else text


@library(scope="GLOBAL", version="1.0", doc_format="MARKDOWN", listener="SELF")
class LogListener:
    """Masks secrets in every message, at any log level, makes URLs inert, and adds evidence to each failed test.

    The evidence is each request that the test depends on, with its response, also where an earlier test has sent it.
    The message of a failed template table names each failed row. The library has no keywords. It is imported before
    all others, so that nothing is logged unmasked.
    """

    def __init__(self) -> None:
        self._state = run_state()
        self._last_of_failed: Exchange | None = None

    def _sanitized(self, text: str) -> str:
        """Return `text`, shortened, without secrets, and without links but those to the backend."""
        target = self._state.target
        return without_links(self._state.redactor.mask(cut(text, LONGEST_TEXT)), target.origin if target else None)

    # Listener interface, version 3

    def log_message(self, message: result.Message) -> None:
        """Mask a message before it is written, as plain text, and log those of RequestsLibrary at DEBUG."""
        if message.level == "INFO" and REQUESTS_LIBRARY_MESSAGE.match(message.message):
            message.level = "DEBUG"
        message.message, message.html = self._sanitized(message.message), False

    def message(self, message: result.Message) -> None:
        """Mask a message of Robot Framework itself."""
        message.message, message.html = self._sanitized(message.message), False

    def start_keyword(self, data: running.Keyword, outcome: result.Keyword) -> None:
        """Mask the arguments of a keyword, which are values where another keyword runs it."""
        outcome.args = [self._sanitized(one) if isinstance(one, str) else one for one in outcome.args]

    def end_keyword(self, data: running.Keyword, outcome: result.Keyword) -> None:
        """Mask the failure message of a keyword, and remember the last request of the first that failed in a test."""
        if outcome.message:
            outcome.message = self._sanitized(outcome.message)
        if outcome.failed and isinstance(data.parent, running.TestCase) and self._state.exchanges:
            self._last_of_failed = self._last_of_failed or self._state.exchanges[-1]

    def start_for_iteration(self, data: running.ForIteration, outcome: result.ForIteration) -> None:
        """Mask the values of a loop's variables."""
        outcome.assign = {name: self._sanitized(value) for name, value in outcome.assign.items()}

    def start_test(self, data: running.TestCase, outcome: result.TestCase) -> None:
        """Forget the requests of the test before."""
        self._state.exchanges.clear()
        self._last_of_failed = None

    def end_test(self, data: running.TestCase, outcome: result.TestCase) -> None:
        """Mask the message of a test, for consoles too; where it failed, name its rows, and add trace and evidence."""
        message = _message_of_rows(data, outcome) or outcome.message.removeprefix(SETUP_PREFIX)
        outcome.message = self._sanitized(for_console(message))
        exchanges = self._state.exchanges
        trace_id = self._trace_id() if outcome.failed else None
        if trace_id:
            outcome.metadata[METADATA] = trace_id
        if outcome.failed and exchanges:
            outcome.message += self._sanitized(for_console(f"\nDecisive call: {self._decisive_call().headline}."))
            for number, exchange in enumerate(exchanges, start=1):
                logger.info(f"Evidence {number} of {len(exchanges)}: {self._state.evidence.of(exchange)}")

    def _decisive_call(self) -> Exchange:
        """Return the call whose response the first failed check looked at, or else the last call before it failed."""
        checked = [getattr(error, "response", None) for error in self._state.errors]
        exchanges = self._state.exchanges
        found = (one for response in checked for one in exchanges if one.response is response is not None)
        return next(found, None) or self._last_of_failed or exchanges[-1]

    def _trace_id(self) -> str | None:
        """Return the trace of the decisive call, or of the login or the request that failed; None where it has none."""
        if self._state.exchanges:
            return trace_id_of(self._decisive_call().request)
        for error in self._state.errors:
            login, request = getattr(error, "response", None), getattr(error, "request", None)
            if isinstance(login, LoginResult):
                return login.trace_id
            if isinstance(request, requests.PreparedRequest):
                return trace_id_of(request)
        return None

    def end_suite(self, data: running.TestSuite, outcome: result.TestSuite) -> None:
        """Mask the failure message of a suite."""
        outcome.message = self._sanitized(outcome.message)


def _message_of_rows(data: running.TestCase, outcome: result.TestCase) -> str:
    """Return the messages of the rows of a template table that decide its status; empty where there are none."""
    rows = [one for one in outcome.body if isinstance(one, result.Keyword) and one.status == outcome.status]
    named = [f"{' '.join(map(row_name, one.args))}: {one.message}" for one in rows if one.args and one.message]
    if not data.template or not named or outcome.passed:
        return ""
    return "\n".join(named) if outcome.failed else rows[0].message
