"""The history: each run is added to a database and its dashboard, and no problem with it fails a run."""

import re
import sqlite3
from pathlib import Path

import pytest

from tests.support.backends import StartBackend
from tests.support.runs import RunCommand


def runs_in(database: Path) -> list[tuple[int, int, str]]:
    """Return the runs in the database, in their order: tests passed, tests failed, tags."""
    connection = sqlite3.connect(database)
    try:
        return connection.execute("SELECT passed, failed, tags FROM runs ORDER BY run_start").fetchall()
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
    runs = [(failed, set(tags.split(","))) for _, failed, tags in runs_in(database)]
    assert runs == [(0, {"smoke"}), (1, {"smoke"}), (0, {"smoke", "retried"})]
    page = (retried.results / "dashboard.html").read_text(encoding="utf-8")
    assert "Acceptance history" in page
    assert re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="?https?://[^>]*>', page) == []


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
