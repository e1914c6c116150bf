"""Plain `robot`, without the runner: it works, and no process survives."""

import re
from collections import Counter
from pathlib import Path

import pytest
from robot.api import ExecutionResult

from tests.support.backends import StartBackend
from tests.support.project import ROOT
from tests.support.runs import Outcome, RunCommand

SUITES = ROOT / "suites"
TEXTS = ("output.xml", "report.html", "log.html")


def summary_line(outcome: Outcome) -> str:
    """Return Robot Framework's summary on the console: `22 tests, 22 passed, 0 failed`."""
    return [line for line in outcome.stdout.splitlines() if "tests," in line][-1]


@pytest.mark.parametrize("elsewhere", [False, True], ids=["from the project", "from another directory"])
def test_smoke_tests_pass_without_a_url_and_no_backend_survives(
    elsewhere: bool, robot: RunCommand, tmp_path: Path
) -> None:
    outcome = robot("--include", "smoke", str(SUITES) if elsewhere else "suites", cwd=tmp_path if elsewhere else ROOT)
    assert outcome.code == 0, outcome.stdout
    assert summary_line(outcome).startswith("22 tests, 22 passed, 0 failed")
    assert outcome.survivors() == []
    assert outcome.stderr == ""


def test_all_suites_pass_against_a_backend_and_leave_the_account_as_found(
    backend: StartBackend, robot: RunCommand
) -> None:
    target = backend(LOGIN_RATE_LIMIT="5/minute")
    before = target.account()
    outcome = robot("suites", backend=target)
    assert outcome.code == 0, outcome.stdout
    assert any(call.startswith("PUT") for call in target.calls())
    assert target.account() == before
    assert outcome.survivors() == []


@pytest.mark.parametrize("name", ["settings", "calendar", "twilio"])
def test_one_suite_alone_passes_against_a_backend_and_logs_in_by_itself(
    name: str, backend: StartBackend, robot: RunCommand
) -> None:
    target = backend()
    before = target.account()
    outcome = robot(f"suites/{name}.robot", backend=target)
    assert outcome.code == 0, outcome.stdout
    assert target.calls()[0] == "POST /api/auth/login 200"
    assert target.account() == before


def test_rejected_updates_are_sent_also_where_their_test_runs_alone(backend: StartBackend, robot: RunCommand) -> None:
    target = backend()
    before = target.account()
    outcome = robot("--test", "Rejected Updates Change Nothing", "suites/settings.robot", backend=target)
    assert outcome.code == 0, outcome.stdout
    calls = Counter(call.removesuffix(" with a token") for call in target.calls())
    assert calls["PUT /api/business/me 422"] == 3
    assert calls["PUT /api/business/me 401"] == 4
    assert calls["POST /api/business/me 401"] == 1
    assert target.account() == before


def test_one_suite_alone_passes_without_a_url(robot: RunCommand) -> None:
    outcome = robot("suites/twilio.robot")
    assert outcome.code == 0, outcome.stdout
    assert outcome.survivors() == []


def test_failed_read_fails_in_one_test_and_blocks_those_that_need_the_settings(
    backend: StartBackend, robot: RunCommand
) -> None:
    outcome = robot("suites/twilio.robot", backend=backend("read_returns_500"))
    assert outcome.code == 1
    assert "blocked by the failure of “Phone Settings Can Be Read”" in outcome.stdout
    statuses = {test.name: test.status for test in ExecutionResult(outcome.results / "output.xml").suite.all_tests}
    assert [name for name, status in statuses.items() if status == "FAIL"] == ["Phone Settings Can Be Read"]
    assert statuses["Owner Can Log In"] == "PASS"


def test_broken_saving_is_reported_and_the_account_restored(backend: StartBackend, robot: RunCommand) -> None:
    target = backend("update_is_swallowed")
    before = target.account()
    outcome = robot("suites/settings.robot", backend=target)
    assert outcome.code > 0
    assert "exit:4" in (outcome.results / "output.xml").read_text()
    assert target.account() == before


def test_password_and_token_are_in_no_file_and_not_on_the_console(backend: StartBackend, robot: RunCommand) -> None:
    target = backend()
    outcome = robot("--loglevel", "TRACE", "--include", "smoke", "suites", backend=target)
    assert outcome.code == 0, outcome.stdout
    for text in (outcome.stdout, outcome.stderr, *((outcome.results / name).read_text() for name in TEXTS)):
        assert target.password not in text
        assert not re.search(r"eyJ[\w-]+\.", text)  # not the Base64 of a compressed text


def test_missing_credentials_are_named(backend: StartBackend, robot: RunCommand) -> None:
    outcome = robot("suites/twilio.robot", environment={"API_URL": backend().url})
    assert outcome.code > 0
    assert "E2E_EMAIL and E2E_PASSWORD are not set" in outcome.stdout


def test_read_only_variable_keeps_a_run_from_writing(backend: StartBackend, robot: RunCommand) -> None:
    target = backend()
    outcome = robot("--variable", "READ_ONLY:True", "suites/settings.robot", backend=target)
    assert outcome.code == 0, outcome.stdout
    assert not [call for call in target.calls() if call.startswith("PUT")]


def test_field_that_changed_beside_the_run_is_a_warning(backend: StartBackend, robot: RunCommand) -> None:
    outcome = robot("--include", "smoke", "suites/settings.robot", backend=backend("every_read_has_another_time"))
    assert outcome.code == 0, outcome.stdout
    assert "[ WARN ] read_at, reads changed during the run, which did not write that" in outcome.stderr
