"""Backends that lock an address after failed logins: runs do not lock their accounts, and a lock is no verdict."""

import pytest

from tests.support.backends import Backend, StartBackend
from tests.support.runs import RunCommand

OTHER = {"E2E_OTHER_EMAIL": "second@wrapped.example", "E2E_OTHER_PASSWORD": "incorrect-horse-battery"}
RUNS = 5
RESET, NO_RESET = "address_is_locked_after_three_failures_in_a_row", "address_is_locked_after_three_failures_in_all"
WITHOUT_LOCKOUT = ("--", "--exclude", "lockout")


def logins(target: Backend) -> list[str]:
    """Return the statuses of the logins that a backend got, in order."""
    return [call.split()[-1] for call in target.calls() if call.startswith("POST /api/auth/login")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "environment", "options", "statuses"),
    [
        pytest.param(RESET, OTHER, (), {"200": 2, "401": 2, "422": 1}, id="second account"),
        pytest.param(RESET, {}, (), {"200": 1, "401": 2, "422": 1}, id="owner's account"),
        pytest.param(NO_RESET, OTHER, WITHOUT_LOCKOUT, {"200": 2, "401": 1, "422": 1}, id="success does not reset"),
    ],
)
def test_full_runs_in_a_row_lock_no_account(
    fault: str,
    environment: dict[str, str],
    options: tuple[str, ...],
    statuses: dict[str, int],
    backend: StartBackend,
    run_tests: RunCommand,
) -> None:
    target = backend(fault, **environment)
    outcomes = [run_tests(*options, backend=target, environment=environment) for _ in range(RUNS)]
    assert [(outcome.code, outcome.verdict["verdict"]) for outcome in outcomes] == [(0, "healthy")] * RUNS
    found = logins(target)
    assert {status: found.count(status) for status in set(found)} == {
        status: RUNS * count for status, count in statuses.items()
    }


@pytest.mark.slow
def test_lock_that_success_does_not_reset_is_no_verdict(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend(NO_RESET, **OTHER)
    outcomes = [run_tests("settings", backend=target, environment=OTHER) for _ in range(RUNS - 1)]
    assert [outcome.code for outcome in outcomes] == [0, 0, 5, 5]
    assert outcomes[-1].verdict["verdict"] == "error"
    failure = outcomes[-1].verdict["suites"]["settings"]["first_failure"]
    assert "403 Forbidden: 'Locked after too many failed logins. Ask support to unlock it.'" in failure
    assert "-- --exclude lockout" in failure


@pytest.mark.parametrize(
    ("fault", "code", "verdict"),
    [
        ("login_returns_423", 5, "error"),
        ("login_returns_403_of_a_locked_account", 5, "error"),
        ("login_returns_403", 1, "broken"),
    ],
)
def test_login_that_is_refused_because_of_a_lock_is_no_verdict(
    fault: str, code: int, verdict: str, backend: StartBackend, run_tests: RunCommand
) -> None:
    outcome = run_tests("--smoke", "--exit-codes", "api", "twilio", backend=backend(fault))
    assert (outcome.code, outcome.verdict["verdict"]) == (3 if code == 1 else code, verdict)
    assert outcome.codes == {"twilio": code}
    assert ("unlock it" in outcome.verdict["suites"]["twilio"]["first_failure"]) is (code == 5)


def test_second_account_that_cannot_be_logged_in_to_is_no_verdict(backend: StartBackend, run_tests: RunCommand) -> None:
    environment = OTHER | {"E2E_OTHER_PASSWORD": "another-horse-battery"}
    outcome = run_tests("settings", backend=backend(**OTHER), environment=environment)
    assert (outcome.code, outcome.verdict["verdict"]) == (5, "error")
    failure = outcome.verdict["suites"]["settings"]["first_failure"]
    assert "Are E2E_OTHER_EMAIL and E2E_OTHER_PASSWORD those of an account on this backend?" in failure


def test_password_of_the_second_account_is_in_no_result(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("wrong_password_returns_500", **OTHER)
    outcome = run_tests("settings", "--", "--loglevel", "TRACE", backend=target, environment=OTHER)
    assert outcome.code == 1
    output = (outcome.results / "output.xml").read_text(encoding="utf-8")
    assert "$E2E_OTHER_EMAIL" in output
    assert OTHER["E2E_OTHER_PASSWORD"] not in output + outcome.stdout
    assert "A secret was in" not in outcome.stdout
