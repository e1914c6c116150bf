"""The expected build: a run that meets another one ends as stale, whatever its suites found."""

import socket
from pathlib import Path

import pytest
from robot.api import ExecutionResult

from tests.faults.healthy.builds import CHECKS_BEFORE_SUITES, HOSTILE_BUILD, NEW, OLD
from tests.support.backends import PASSWORD, StartBackend
from tests.support.runs import Outcome, RunCommand

HEALTH = "GET /health 200"
LOOKS_OF_A_SUITE = 6


def facts(outcome: Outcome) -> tuple[int, str, str | None, str | None]:
    """Return exit code, verdict, the build that was named, and the one that was expected."""
    summary = outcome.verdict
    return outcome.code, summary["verdict"], summary["build"], summary["expected_build"]


@pytest.mark.parametrize(
    ("named", "expected"),
    [("abc1234", "ABC1234DEF0"), ("abc1234def0", "abc1234"), ("v1.2.3", "v1.2.3")],
)
def test_expected_build_is_looked_at_before_the_suites_and_before_and_after_each(
    named: str, expected: str, backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend(BUILD=named)
    outcome = run_tests("--smoke", "--expect-build", expected, backend=target)
    assert facts(outcome) == (0, "healthy", named, expected), outcome.stdout
    assert target.calls().count(HEALTH) == CHECKS_BEFORE_SUITES + LOOKS_OF_A_SUITE * len(outcome.codes)
    metadata = ExecutionResult(outcome.results / "output.xml").suite.metadata
    assert metadata["Backend build"] == f"{named}; expected {expected}"


def test_run_that_expects_no_build_does_not_look(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend(BUILD=NEW)
    outcome = run_tests("--smoke", "twilio", backend=target)
    assert facts(outcome) == (0, "healthy", None, None)
    assert HEALTH not in target.calls()


def test_wait_remembers_the_build_that_health_named(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", "twilio", "--wait", "9", backend=backend(BUILD=NEW))
    assert facts(outcome) == (0, "healthy", NEW, None)


@pytest.mark.parametrize(("build", "named"), [(OLD, OLD), ("abc123", "abc123"), ("", None)])
def test_another_build_or_none_is_stale_and_no_suite_is_run(
    build: str, named: str | None, backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend(BUILD=build)
    outcome = run_tests("--smoke", backend=target, environment={"EXPECT_BUILD": NEW})
    assert facts(outcome) == (5, "stale", named, NEW), outcome.stdout
    assert target.calls() == [HEALTH] * CHECKS_BEFORE_SUITES
    note = f"Expected build {NEW}, but /health named {named or 'no build'} (3 times)."
    assert outcome.verdict["notes"] == [note]
    assert note in outcome.stdout
    assert {"report.html", "log.html", "summary.md"} <= outcome.files()


def test_build_that_does_not_appear_within_the_wait_is_stale(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", "--wait", "2", "--expect-build", NEW, backend=backend(BUILD=OLD))
    assert facts(outcome)[:2] == (5, "stale")
    assert outcome.stdout.count(f"Waiting up to 2 s for the backend: /health named {OLD}.") == 1


def test_build_that_appears_within_the_wait_is_verified(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("health_names_the_new_build_after_a_while")
    outcome = run_tests("--smoke", "twilio", "--wait", "30", "--expect-build", NEW, backend=target)
    assert facts(outcome) == (0, "healthy", NEW, NEW), outcome.stdout


@pytest.mark.parametrize(
    ("faults", "options"),
    [
        pytest.param(("health_names_two_builds_in_turn",), ("--wait", "2"), id="builds in turn"),
        pytest.param(("health_names_another_build_later",), (), id="swap during the run"),
        pytest.param(("health_names_the_old_build_when_the_suites_run",), (), id="swap before the suites"),
        pytest.param(("health_names_another_build_later", "update_returns_500"), (), id="swap, and a broken API"),
    ],
)
def test_second_build_is_stale_and_both_are_named(
    faults: tuple[str, ...], options: tuple[str, ...], backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend(*faults)
    found = target.account()
    outcome = run_tests("--smoke", *options, "--expect-build", NEW, backend=target)
    assert facts(outcome)[:2] == (5, "stale"), outcome.stdout
    (note,) = [one for one in outcome.verdict["notes"] if one.startswith("Expected")]
    assert f"{OLD} (" in note
    assert f"{NEW} (" in note
    assert target.account() == found


def test_health_that_fails_is_stale(backend: StartBackend, run_tests: RunCommand) -> None:
    environment = {"API_URL": f"{backend().url}/nowhere", "E2E_EMAIL": "a@b.example", "E2E_PASSWORD": "hunter22"}
    outcome = run_tests("--smoke", "--expect-build", NEW, environment=environment)
    assert facts(outcome) == (5, "stale", None, NEW)
    assert "named nothing, because GET /nowhere/health returned 404 Not Found (3 times)." in outcome.stdout


@pytest.mark.parametrize("options", [(), ("--wait", "1")])
def test_backend_that_cannot_be_reached_is_unreachable_whatever_build_is_expected(
    options: tuple[str, ...], run_tests: RunCommand
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        environment = {"API_URL": url, "E2E_EMAIL": "a@b.example", "E2E_PASSWORD": "hunter22"}
        outcome = run_tests("--smoke", "--exit-codes", "api", "--expect-build", NEW, *options, environment=environment)
    assert facts(outcome) == (4, "unreachable", None, NEW), outcome.stdout


def test_backend_that_does_not_serve_is_broken_whatever_build_is_expected(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend("health_returns_503", "login_returns_503")
    outcome = run_tests("--smoke", "--exit-codes", "api", "--expect-build", NEW, backend=target)
    assert facts(outcome) == (4, "broken", None, NEW), outcome.stdout


def test_expected_build_that_stops_serving_is_broken(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("health_names_the_new_build_and_returns_503_when_the_suites_run", "update_returns_500")
    outcome = run_tests("--smoke", "--exit-codes", "api", "--expect-build", NEW, backend=target)
    assert facts(outcome) == (1, "broken", NEW, NEW), outcome.stdout


def test_health_that_returns_503_is_stale_where_the_suites_pass(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", "twilio", "--expect-build", NEW, backend=backend("health_returns_503"))
    assert facts(outcome) == (5, "stale", None, NEW), outcome.stdout


def test_hostile_build_is_one_short_line(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("health_names_a_hostile_build")
    environment = {"GITHUB_ACTIONS": "true", "EXPECT_BUILD": NEW}
    outcome = run_tests("--smoke", "twilio", backend=target, environment=environment)
    assert facts(outcome)[:2] == (5, "stale")
    assert outcome.verdict["build"].startswith("x ::error::owned ::stop-commands::t ")
    assert len(outcome.verdict["build"]) < len(HOSTILE_BUILD) / 10
    commands = [line for line in outcome.stdout.splitlines() if line.startswith("::")]
    assert [line.partition("::See")[0] for line in commands] == ["::error title=stale (exit code 5)"]


def test_build_that_is_a_secret_is_masked_and_a_leak(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", "twilio", "--wait", "9", backend=backend(BUILD=f"v1 {PASSWORD}"))
    assert facts(outcome) == (4, "broken", "v1 •••", None)
    assert "GET /health shows the password of the account in the field 'build'" in outcome.stdout


@pytest.mark.parametrize("text", ["x" * 101, "a\nb", "", " "])
def test_build_that_no_backend_can_name_is_one_line_and_5(
    text: str, backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend()
    outcome = run_tests("--smoke", "--expect-build", text, backend=target)
    assert (outcome.code, outcome.stderr.count("\n"), target.calls()) == (5, 1, [])


def test_location_of_the_team_configuration_is_a_jsonpath_or_a_header(
    project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    config = project / "acceptance.toml"
    for location, code in (("$.release.commit", 5), ("$['build']", 0), ("header:X-Build", 5)):
        config.write_text(f'[build]\nat = "{location}"\n')
        outcome = run_tests("--smoke", "twilio", "--expect-build", NEW, backend=backend(BUILD=NEW), root=project)
        assert outcome.code == code, outcome.stdout


def test_header_of_every_response_is_a_look(project: Path, backend: StartBackend, run_tests: RunCommand) -> None:
    (project / "acceptance.toml").write_text('[build]\nat = "header:X-Build"\n')
    target = backend("responses_name_two_builds_in_turn")
    outcome = run_tests("--smoke", "twilio", backend=target, root=project)
    assert (outcome.code, outcome.verdict["verdict"]) == (0, "healthy"), outcome.stdout
    (note,) = outcome.verdict["notes"]
    assert note.startswith(f"More than one version may be answering at {target.url}: the header X-Build named {NEW} (")


def test_reads_with_other_fields_are_a_note(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("first_read_has_another_field")
    outcome = run_tests("--smoke", "calendar", "twilio", backend=target)
    assert outcome.code == 0, outcome.stdout
    note = f"More than one version may be answering at {target.url}: some reads of /api/business/me lack voice."
    assert note in outcome.verdict["notes"]


def test_backend_that_is_still_starting_is_waited_for_with_few_logins(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend("login_and_read_return_503_at_first", LOGIN_RATE_LIMIT="4/minute")
    outcome = run_tests("--smoke", "--wait", "9", backend=target)
    assert (outcome.code, outcome.verdict["retried"]) == (0, []), outcome.stdout
    (note,) = outcome.verdict["notes"]
    assert note.startswith("Waiting up to 9 s for the backend: POST /api/auth/login returned 503 ")


def test_backend_that_is_still_starting_is_not_waited_for_unless_told_so(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    outcome = run_tests("--smoke", "twilio", "--wait", "0", backend=backend("login_returns_503"))
    assert outcome.code == 1, outcome.stdout


def test_wrong_response_to_the_login_is_not_waited_out(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend()
    environment = {**target.environment, "E2E_PASSWORD": "not-the-password"}
    outcome = run_tests("--smoke", "twilio", "--wait", "60", environment=environment)
    assert (outcome.code, outcome.verdict["notes"]) == (1, [])
    assert target.calls() == [HEALTH, "POST /api/auth/login 401"]
