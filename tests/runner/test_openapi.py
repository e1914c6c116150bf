"""A full run compares the target's OpenAPI document with what the suites relied on; that changes no verdict."""

import re
from pathlib import Path

import pytest

from tests.support.backends import Backend, StartBackend
from tests.support.runs import RunCommand

DIFFERENCES = [
    "GET /api/business/me: field timezone of the response 200 is not declared.",
    "GET /oauth/google/start: the path is not declared.",
    "POST /api/auth/login: status 401 is not declared.",
    "POST /api/business/me: the method is not declared.",
]
UNREADABLE = [
    *("document_is_missing", "document_is_a_page", "document_is_no_json", "document_is_a_list"),
    *("document_is_nested_deeply", "document_is_throttled", "document_returns_500", "document_hangs"),
    "document_is_huge",
]
UNUSUAL = ["document_refers_to_nothing", "document_has_credentials_as_examples"]


def reads(target: Backend) -> list[str]:
    """Return the requests for the document."""
    return [call for call in target.calls() if "/openapi.json" in call]


def test_reference_backend_declares_what_the_suites_rely_on(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend()
    outcome = run_tests("--full", "--allow-destructive", backend=target)
    assert (outcome.code, outcome.verdict["openapi"]) == (0, []), outcome.stdout
    assert reads(target) == ["GET /openapi.json 200"]
    assert "OpenAPI" not in (outcome.results / "report.html").read_text()


def test_differences_are_in_all_results_and_change_no_verdict(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("--full", backend=backend("document_declares_something_else"))
    assert (outcome.code, outcome.verdict["verdict"]) == (0, "healthy"), outcome.stdout
    assert outcome.verdict["openapi"] == DIFFERENCES
    summary = (outcome.results / "summary.md").read_text()
    lines = summary.partition("## OpenAPI\n\n")[2].partition("\n\n")[0].splitlines()
    assert [re.sub("[\\\\`]", "", line) for line in lines] == [f"- {one}" for one in DIFFERENCES]
    assert all(one in "".join(text for _, text in outcome.texts()) for one in DIFFERENCES)


@pytest.mark.parametrize("fault", [*UNREADABLE, *UNUSUAL])
def test_document_that_is_unreadable_or_unusual_changes_nothing(
    fault: str, backend: StartBackend, run_tests: RunCommand
) -> None:
    outcome = run_tests("--full", "twilio", backend=backend(fault))
    assert (outcome.code, outcome.stderr) == (0, ""), outcome.stdout
    assert [outcome.verdict[one] for one in ("openapi", "retried", "notes")] == [[], [], []]


def test_smoke_run_does_not_read_the_document(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("document_declares_something_else")
    outcome = run_tests("--smoke", backend=target)
    assert (outcome.code, outcome.verdict["openapi"], reads(target)) == (0, [], []), outcome.stdout


def test_merged_shards_unite_the_differences(backend: StartBackend, run_tests: RunCommand, tmp_path: Path) -> None:
    target = backend("document_declares_something_else")
    parts = [run_tests("--full", "--shard", f"{number}/2", backend=target) for number in (1, 2)]
    merged = run_tests("merge", *(str(part.results) for part in parts), "--output-dir", str(tmp_path / "merged"))
    assert merged.code == 0, merged.stdout
    assert set(merged.verdict["openapi"]) == {line for part in parts for line in part.verdict["openapi"]} > set()
