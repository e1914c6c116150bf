"""The history: each run is added to a database and its dashboard, and no problem with it fails a run."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.support.backends import Backend, StartBackend
from tests.support.runs import RunCommand


def runs_in(database: Path, column: str) -> list[Any]:
    """Return a column of the runs in the database, in their order."""
    connection = sqlite3.connect(database)
    try:
        return [value for (value,) in connection.execute(f"SELECT {column} FROM runs ORDER BY run_start")]
    finally:
        connection.close()


def test_each_run_is_added_and_the_dashboard_is_updated(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    database = tmp_path / "history.db"
    healthy = run_tests("--smoke", "--history", str(database), backend=backend())
    broken = run_tests("--smoke", "--history", str(database), backend=backend("update_is_swallowed"))
    retried = run_tests("--smoke", "--history", str(database), backend=backend("read_returns_502_once"))
    assert (healthy.code, broken.code, retried.code) == (0, 4, 0), broken.stdout
    assert runs_in(database, "failed") == [0, 1, 0]
    tags = [set(tags.split(",")) for tags in runs_in(database, "tags")]
    assert tags == [{"smoke"}, {"smoke"}, {"smoke", "retried"}]
    page = (retried.results / "dashboard.html").read_text(encoding="utf-8")
    assert "Acceptance history" in page
    assert re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="?https?://[^>]*>', page) == []


def test_first_failure_is_named_with_since_when_it_has_been_there(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    database = str(tmp_path / "history.db")
    healthy, broken = backend(), backend("phone_number_has_letters")

    def since(target: Backend, **environment: str) -> str:
        outcome = run_tests("twilio", "--history", database, backend=target, environment=environment)
        found = outcome.verdict["suites"]["twilio"]["since"]
        texts = (outcome.stdout, (outcome.results / "summary.md").read_text(encoding="utf-8"))
        assert found is None or all(f"{found[:1].upper()}{found[1:]}." in text for text in texts)
        return str(found)

    assert since(broken) == "no earlier result in the history"
    assert since(healthy) == "None"
    assert since(broken, GITHUB_SHA="c0ffee1c0ffee1") == "intermittent: 2 of the last 3 runs failed"
    started = runs_in(Path(database), "run_start")[-1][:16]
    assert since(broken) == f"failing since {started} (commit c0ffee1), 2 runs"


def test_pull_request_is_compared_with_its_base_branch(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    database = str(tmp_path / "history.db")
    healthy, broken = backend(), backend("phone_number_has_letters")
    pull_request = {"GITHUB_ACTIONS": "true", "GITHUB_HEAD_REF": "feature", "GITHUB_BASE_REF": "main"}
    arguments = ("twilio", "--history", database)
    run_tests(*arguments, backend=healthy, environment={"GITHUB_REF_NAME": "main"})
    new = run_tests(*arguments, backend=broken, environment=pull_request)
    run_tests(*arguments, backend=broken, environment={"GITHUB_REF_NAME": "main"})
    old = run_tests(*arguments, backend=broken, environment=pull_request)
    assert "New in this run: it passes on main." in new.stdout
    assert "Also failing on main: not this change." in old.stdout
    (annotation,) = re.findall("^::error .*", old.stdout, re.MULTILINE)
    assert "%0AAlso failing on main: not this change." in annotation


def test_run_without_the_option_removes_an_earlier_dashboard(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    results.mkdir()
    (results / "dashboard.html").write_text("of yesterday")
    outcome = run_tests("--smoke", "--output-dir", str(results), backend=backend())
    assert outcome.code == 0
    assert "dashboard.html" not in outcome.files()


def test_invalid_database_adds_a_note_and_changes_no_verdict(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    database = tmp_path / "history.db"
    database.write_text("These are notes of mine, and no database at all. " * 100)
    outcome = run_tests("--smoke", "--history", str(database), backend=backend())
    assert outcome.code == 0, outcome.stdout
    assert outcome.verdict["verdict"] == "healthy"
    assert any("not added to the history" in note for note in outcome.verdict["notes"])
    assert database.read_text().startswith("These are notes of mine")
    assert "not added to the history" in (outcome.results / "output.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["", "no/such/folder/history.db", "."])
def test_invalid_database_name_is_rejected_before_the_first_request(
    name: str, backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    target = backend()
    outcome = run_tests("--smoke", "--history", name, backend=target, environment={"HOME": str(tmp_path)})
    assert (outcome.code, target.calls()) == (5, [])
    assert len(outcome.stderr.splitlines()) == 1
    assert "--history" in outcome.stderr


def test_neither_database_nor_dashboard_contains_a_secret(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    target = backend("update_is_swallowed")
    database = tmp_path / "history.db"
    outcome = run_tests("--history", str(database), backend=target)
    assert outcome.code == 4
    connection = sqlite3.connect(database)
    content = "\n".join(connection.iterdump())
    connection.close()
    assert "read back as" in content
    assert target.password not in content
    assert target.email not in content
    assert "eyJ" not in content
