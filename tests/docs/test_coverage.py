"""What the suites ask of a backend: each answer that the backend documents is met on the wire, but for a reviewed few.

`make coverage` writes the table of it, `docs/coverage.md`.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.backends import StartBackend
from tests.support.project import ROOT
from tests.support.runs import RunCommand

PAGE = ROOT / "docs" / "coverage.md"
NEVER_MET = {
    ("POST /api/auth/login", 400): "A malformed sign-in is refused with 400 or 422; this backend says 422.",
    ("POST /api/auth/login", 429): "To provoke it would lock the owner out for a minute.",
    ("POST /api/auth/login", 503): "An outage cannot be brought about from outside.",
    ("GET /api/business/me", 503): "An outage cannot be brought about from outside.",
    ("PUT /api/business/me", 503): "An outage cannot be brought about from outside.",
    ("POST /api/business/me", 503): "An outage cannot be brought about from outside.",
    ("POST /api/business/me", 400): "The same endpoint as PUT, which is asked for it.",
    ("POST /api/business/me", 422): "The same endpoint as PUT, which is asked for it.",
    ("GET /oauth/google/start", 404): "Another business cannot be named for certain: any id may be somebody's.",
    ("GET /oauth/google/start", 503): "An outage cannot be brought about from outside.",
    ("GET /oauth/google/callback", 422): "This backend sends every caller back to the dashboard, with 302.",
    ("GET /health", 503): "An outage cannot be brought about from outside.",
}
NEW_ACCOUNT = "account_has_no_phone"
GOOGLE = {
    "GOOGLE_CLIENT_ID": "a-client.apps.googleusercontent.com",
    "GOOGLE_CLIENT_SECRET": "a-secret",
    "GOOGLE_REDIRECT_URI": "https://api.example/oauth/google/callback",
}


class Coverage:
    """The answers that full runs met, against those that the backend documents.

    Args:
        calls: `METHOD path status`, and `with a token` where one was sent, a call.
        openapi: The backend's description of itself.
    """

    def __init__(self, calls: list[str], openapi: Mapping[str, Any]) -> None:
        self._met: Counter[tuple[str, int, bool]] = Counter()
        for call in calls:
            method, path, status, *token = call.split(maxsplit=3)
            self._met[f"{method} {path}", int(status), bool(token)] += 1
        self.documented = {
            (f"{method.upper()} {path}", int(status))
            for path, methods in openapi["paths"].items()
            for method, operation in methods.items()
            for status in operation["responses"]
        }
        self.protected = {
            f"{method.upper()} {path}"
            for path, methods in openapi["paths"].items()
            for method, operation in methods.items()
            if operation.get("security")
        }
        self.met = {(endpoint, status) for endpoint, status, _ in self._met}

    def count(self, endpoint: str, status: int, token: bool) -> int:
        """How often an answer was met, with or without a token."""
        return self._met[endpoint, status, token]

    def page(self) -> str:
        """The table, in Markdown."""
        rows = [self._row(*one) for one in sorted(self.documented | self.met)]
        missed = [
            f"| `{endpoint}` | {status} | {NEVER_MET[endpoint, status]} |"
            for endpoint, status in sorted(self.documented - self.met)
        ]
        return "\n".join(
            [
                "# What a full run asks of the backend",
                "",
                "Every answer in the reference backend's description of itself (OpenAPI), and whether a full run meets",
                "it: one with the calendar configured, or one for a new account on a server without a calendar.",
                "Requests that are wrong on purpose, to something that is not there, are listed as well.",
                "`make coverage` writes this page, and a test fails where it is out of date.",
                "",
                "| endpoint | status | with a token | without |",
                "|---|---|---|---|",
                *rows,
                "",
                "## Never met, and why",
                "",
                "| endpoint | status | why |",
                "|---|---|---|",
                *missed,
                "",
            ]
        )

    def _row(self, endpoint: str, status: int) -> str:
        with_token, without = ("met" if self.count(endpoint, status, token) else "never" for token in (True, False))
        return f"| `{endpoint}` | {status} | {with_token} | {without} |"


@pytest.fixture
def coverage(backend: StartBackend, run_tests: RunCommand) -> Coverage:
    """What full runs meet: with a calendar that is configured, and for a new account on a server without one."""
    targets = [backend(**GOOGLE), backend(NEW_ACCOUNT)]
    for target in targets:
        assert run_tests("--full", "--wait", "10", backend=target).code == 0
    calls = [call for target in targets for call in target.calls()]
    return Coverage(calls, requests.get(f"{targets[0].url}/openapi.json", timeout=10).json())


def test_every_documented_answer_is_met_or_said_why_not(coverage: Coverage, pytestconfig: pytest.Config) -> None:
    assert coverage.documented - coverage.met == set(NEVER_MET)
    endpoints = {endpoint for endpoint, _ in coverage.documented}
    assert {(endpoint, status) for endpoint, status in coverage.met if endpoint in endpoints} <= coverage.documented
    for endpoint in coverage.protected:
        assert coverage.count(endpoint, 401, token=False), f"{endpoint} without a token"
        assert coverage.count(endpoint, 200, token=True), f"{endpoint} with a token"
    page: Path = pytestconfig.getoption("coverage") or PAGE
    if page is not PAGE:
        page.write_text(coverage.page(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == coverage.page(), "make coverage writes the page anew"
