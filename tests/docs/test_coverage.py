"""API coverage: a full run gets each response that the reference backend documents, with reviewed exceptions.

`make coverage` writes `docs/coverage.md`.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from acceptance.reporting.openapi import Document
from tests.faults.catalogue import SECOND_ACCOUNT
from tests.support.backends import StartBackend
from tests.support.project import ROOT
from tests.support.runs import RunCommand

PAGE = ROOT / "docs" / "coverage.md"
NOT_COVERED = {
    ("POST /api/auth/login", 400): "A malformed login returns 400 or 422; this backend returns 422.",
    ("POST /api/auth/login", 429): "It would lock out the owner for a minute.",
    ("POST /api/auth/login", 503): "A client cannot cause an outage.",
    ("GET /api/business/me", 503): "A client cannot cause an outage.",
    ("PUT /api/business/me", 503): "A client cannot cause an outage.",
    ("POST /api/business/me", 503): "A client cannot cause an outage.",
    ("POST /api/business/me", 400): "The same endpoint as PUT, which covers it.",
    ("POST /api/business/me", 422): "The same endpoint as PUT, which covers it.",
    ("GET /oauth/google/start", 401): "Another backend may start OAuth without a token, as a browser does.",
    ("GET /oauth/google/start", 503): "A client cannot cause an outage.",
    ("GET /oauth/google/callback", 422): "This backend redirects every callback to the dashboard.",
    ("GET /health", 503): "A client cannot cause an outage.",
}
NEW_ACCOUNT = "account_has_no_phone"
GOOGLE = {
    "GOOGLE_CLIENT_ID": "a-client.apps.googleusercontent.com",
    "GOOGLE_CLIENT_SECRET": "a-secret",
    "GOOGLE_REDIRECT_URI": "https://api.example/oauth/google/callback",
}


class Coverage:
    """The responses of full runs, compared with those that the backend documents.

    Args:
        calls: The calls, each `METHOD path status`, and `with a token` where one was sent.
        openapi: The backend's OpenAPI description.
    """

    def __init__(self, calls: list[str], openapi: Mapping[str, Any]) -> None:
        self._seen: Counter[tuple[str, int, bool]] = Counter()
        for call in calls:
            method, path, status, *token = call.split(maxsplit=3)
            self._seen[f"{method} {path}", int(status), bool(token)] += 1
        operations = [(f"{method} {path}", one) for method, path, one in Document(openapi).operations()]
        self.documented = {(name, int(status)) for name, operation in operations for status in operation.responses}
        self.protected = {name for name, operation in operations if operation.needs_token}
        self.seen = {(endpoint, status) for endpoint, status, _ in self._seen}

    def count(self, endpoint: str, status: int, token: bool) -> int:
        """Return the number of calls with this response, with or without a token."""
        return self._seen[endpoint, status, token]

    def page(self) -> str:
        """Return the table as Markdown."""
        rows = [self._row(*one) for one in sorted(self.documented | self.seen)]
        missed = [
            f"| `{endpoint}` | {status} | {NOT_COVERED[endpoint, status]} |"
            for endpoint, status in sorted(self.documented - self.seen)
        ]
        return "\n".join(
            [
                "# API coverage",
                "",
                "Every response in the reference backend's OpenAPI description, and whether a full run gets it: a run",
                "with OAuth and a second account, or one for a new account without OAuth. Requests to unknown paths",
                "and with wrong methods are listed as well. `make coverage` writes this page; a test fails if it is",
                "outdated.",
                "",
                "| endpoint | status | with a token | without |",
                "|---|---|---|---|",
                *rows,
                "",
                "## Not covered",
                "",
                "| endpoint | status | why |",
                "|---|---|---|",
                *missed,
                "",
            ]
        )

    def _row(self, endpoint: str, status: int) -> str:
        with_token, without = ("yes" if self.count(endpoint, status, token) else "no" for token in (True, False))
        return f"| `{endpoint}` | {status} | {with_token} | {without} |"


@pytest.fixture
def coverage(backend: StartBackend, run_tests: RunCommand) -> Coverage:
    """The responses of two full runs: with OAuth and a second account, and for a new account without OAuth."""
    targets = [backend(**GOOGLE, **SECOND_ACCOUNT), backend(NEW_ACCOUNT)]
    for target in targets:
        assert run_tests("--full", "--wait", "10", backend=target).code == 0
    calls = [call for target in targets for call in target.calls()]
    return Coverage(calls, requests.get(f"{targets[0].url}/openapi.json", timeout=10).json())


def test_every_documented_response_is_covered_or_a_reviewed_exception(
    coverage: Coverage, pytestconfig: pytest.Config
) -> None:
    assert coverage.documented - coverage.seen == set(NOT_COVERED)
    endpoints = {endpoint for endpoint, _ in coverage.documented}
    assert {(endpoint, status) for endpoint, status in coverage.seen if endpoint in endpoints} <= coverage.documented
    for endpoint in {one for one in coverage.protected if (one, 401) not in NOT_COVERED}:
        assert coverage.count(endpoint, 401, token=False), f"{endpoint} without a token"
        assert coverage.count(endpoint, 200, token=True), f"{endpoint} with a token"
    page: Path = pytestconfig.getoption("coverage") or PAGE
    if page is not PAGE:
        page.write_text(coverage.page(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == coverage.page(), "make coverage updates the page"
