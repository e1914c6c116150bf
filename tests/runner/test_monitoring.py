"""Monitoring: the metrics of real runs, and the command that is run when the state changes."""

import re
import signal
import socket
import time
from pathlib import Path
from typing import get_args

import pytest

from acceptance.reporting.verdict import Status
from tests.support.backends import Backend, StartBackend
from tests.support.certificates import server_certificate
from tests.support.metrics import Metrics
from tests.support.running import StartRun, wait_for_calls
from tests.support.runs import Outcome, RunCommand
from tests.support.switch import switching

HOST = "127.0.0.1"
SMOKE = ("--smoke",)
READ_ONLY = (*SMOKE, "--read-only")
DAYS = 10
PATHS = {"/api/auth/login", "/api/business/me", "/oauth/google/start"}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def at(backend: Backend, url: str) -> dict[str, str]:
    """Return the variables of a run against `backend` under another URL."""
    return backend.environment | {"API_URL": url}


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """The file with the URL of the backend that a switch leads to."""
    return tmp_path / "live"


# Metrics


def check_figures(metrics: Metrics, outcome: Outcome) -> None:
    """Check that the metrics are those of the summary."""
    summary = outcome.verdict
    shown = {status: metrics.value("acceptance_run_verdict", verdict=status) for status in get_args(Status)}
    assert shown == {status: float(status == summary["verdict"]) for status in get_args(Status)}
    for name in ("exit_code", "requests", "logins", "restored"):
        assert metrics.value(f"acceptance_run_{name}") == summary[name]
    assert metrics.value("acceptance_run_duration_seconds") == summary["seconds"]
    assert metrics.value("acceptance_run_retried_requests") == len(summary["retried"])
    assert metrics.value("acceptance_run_info", target=summary["target"], mode="smoke") == 1
    for name, suite in summary["suites"].items():
        assert metrics.value("acceptance_suite_exit_code", suite=name) == suite["exit_code"]
        for kind in ("passed", "failed", "skipped"):
            assert metrics.value("acceptance_suite_tests", suite=name, result=kind) == suite[kind]
    assert metrics.labels("suite") - {""} == summary["suites"].keys()
    assert 0 <= time.time() - metrics.value("acceptance_run_timestamp_seconds") < 60


def test_metrics_of_a_healthy_run_are_those_of_its_summary(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    file, target = tmp_path / "metrics" / "acceptance.prom", backend("read_returns_502_once")
    file.parent.mkdir()
    outcome = run_tests(*READ_ONLY, "--metrics", str(file), backend=target)
    assert outcome.code == 0, outcome.stdout
    metrics = Metrics(file)
    check_figures(metrics, outcome)
    assert metrics.value("acceptance_run_verdict", verdict="healthy") == 1
    assert metrics.value("acceptance_run_retried_requests") == 1
    assert metrics.value("acceptance_suite_tests", suite="settings", result="passed") > 0
    reads = [call["milliseconds"] for call in outcome.verdict["calls"] if call["path"] == "/api/business/me"]
    read = {"method": "GET", "path": "/api/business/me"}
    latency = metrics.value("acceptance_endpoint_latency_seconds", **read, statistic="maximum")
    assert latency == pytest.approx(max(reads) / 1000)
    assert metrics.labels("path") - {""} == PATHS
    assert "acceptance_certificate_expiry_timestamp_seconds" not in metrics.names
    assert file.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert target.password not in file.read_text()


def test_metrics_of_a_broken_and_of_an_unreachable_backend(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    file, target = tmp_path / "acceptance.prom", backend("phone_number_is_national", "start_returns_500_as_html")
    broken = run_tests("--smoke", "--metrics", str(file), backend=target)
    assert broken.verdict["verdict"] == "broken"
    check_figures(Metrics(file), broken)
    assert Metrics(file).value("acceptance_suite_exit_code", suite="twilio") == 3
    unreachable = run_tests(*READ_ONLY, "--metrics", str(file), environment=at(target, f"http://{HOST}:{free_port()}"))
    assert unreachable.verdict["verdict"] == "unreachable"
    metrics = Metrics(file)
    check_figures(metrics, unreachable)
    assert "acceptance_endpoint_latency_seconds" not in metrics.names


def test_run_that_is_stopped_or_interrupted_has_metrics(
    backend: StartBackend, run_tests: RunCommand, start_run: StartRun, tmp_path: Path
) -> None:
    file, target = tmp_path / "acceptance.prom", backend("every_response_takes_a_second")
    stopped = run_tests(*READ_ONLY, "--timeout", "1", "--metrics", str(file), backend=target)
    assert stopped.verdict["verdict"] == "error"
    check_figures(Metrics(file), stopped)
    running = start_run(target, *READ_ONLY, "--metrics", str(file))
    wait_for_calls(target, "GET /api/business/me", 1, running)
    running.process.send_signal(signal.SIGTERM)
    interrupted = running.end()
    assert interrupted.verdict["interrupted"] is True
    check_figures(Metrics(file), interrupted)


@pytest.mark.parametrize(
    ("name", "words"), [("", "names no file"), (".", "names no file"), ("no/such/folder/a.prom", "there is no folder")]
)
def test_unusable_metrics_file_is_one_line_and_5_before_the_first_request(
    name: str, words: str, backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend()
    outcome = run_tests(*READ_ONLY, "--metrics", name, backend=target)
    assert (outcome.code, outcome.stdout, outcome.stderr.count("\n")) == (5, "", 1)
    assert words in outcome.stderr
    assert target.calls() == []


def test_run_that_cannot_begin_leaves_the_metrics(run_tests: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "acceptance.prom"
    file.write_text("of the last run")
    outcome = run_tests(*READ_ONLY, "--metrics", str(file), "--url", "https://api.example.com")
    assert outcome.code == 5
    assert file.read_text() == "of the last run"


def test_metrics_that_cannot_be_written_at_the_end_are_a_line_and_change_no_verdict(
    backend: StartBackend, start_run: StartRun, tmp_path: Path
) -> None:
    file, target = tmp_path / "metrics" / "acceptance.prom", backend("every_response_takes_a_second")
    file.parent.mkdir()
    running = start_run(target, *READ_ONLY, "--metrics", str(file))
    wait_for_calls(target, "POST /api/auth/login", 1, running)
    file.parent.rmdir()
    outcome = running.end()
    assert outcome.code == 0
    assert f"The metrics are not written: {file} cannot be written" in outcome.stdout


# The certificate


@pytest.mark.parametrize("is_proxy", [False, True], ids=["direct", "through a proxy"])
def test_expiry_of_the_certificate_is_seen_without_a_request_of_its_own(
    is_proxy: bool, backend: StartBackend, run_tests: RunCommand, live: Path, tmp_path: Path
) -> None:
    file, target = tmp_path / "acceptance.prom", backend()
    context, authority, end = server_certificate(tmp_path, DAYS)
    live.write_text(target.url)
    with switching(live, context, is_proxy=is_proxy) as front:
        url = "https://api.example.com" if is_proxy else front.url
        environment = at(target, url) | {"REQUESTS_CA_BUNDLE": str(authority)}
        environment |= {"HTTPS_PROXY": front.url} if is_proxy else {}
        outcome = run_tests(*READ_ONLY, "--metrics", str(file), environment=environment)
    assert outcome.code == 0, outcome.stdout
    metrics = Metrics(file)
    check_figures(metrics, outcome)
    assert metrics.value("acceptance_certificate_expiry_timestamp_seconds", target=url) == end
    assert 0 <= time.time() + DAYS * 86_400 - end < 120
    assert {call.split()[1] for call in target.calls()} == PATHS


def test_certificate_that_is_not_trusted_has_no_expiry(
    backend: StartBackend, run_tests: RunCommand, live: Path, tmp_path: Path
) -> None:
    file, target = tmp_path / "acceptance.prom", backend()
    context, _, _ = server_certificate(tmp_path, DAYS)
    live.write_text(target.url)
    with switching(live, context) as front:
        outcome = run_tests(*READ_ONLY, "--metrics", str(file), environment=at(target, front.url))
    assert outcome.verdict["verdict"] == "unreachable"
    assert "acceptance_certificate_expiry_timestamp_seconds" not in Metrics(file).names


# The command


def test_outage_is_told_once_and_its_end_once(
    backend: StartBackend, run_tests: RunCommand, live: Path, tmp_path: Path
) -> None:
    log, target, broken = tmp_path / "log", backend(), backend("phone_number_is_national")
    command = f"env -0 >> {log}; printf '=\\n' >> {log}"
    runs = [(target, SMOKE), (broken, READ_ONLY), (target, SMOKE), (broken, SMOKE), (broken, READ_ONLY)]
    outcomes = []
    with switching(live) as front:
        for served, options in [*runs, (broken, SMOKE), (target, SMOKE)]:
            live.write_text(served.url)
            environment = at(served, front.url) | {"HOOK": "mine"}
            outcomes.append(run_tests(*options, "--on-change", command, environment=environment))
    assert [outcome.code for outcome in outcomes] == [0, 3, 0, 3, 3, 3, 0]
    received = [dict(entry.split("=", 1) for entry in one.split("\0") if entry) for one in log.read_text().split("=\n")]
    down, up = received[:2]
    assert received[2:] == [{}]
    report = outcomes[4].results / "report.html"
    assert [down[f"ACCEPTANCE_{name}"] for name in ("STATE", "VERDICT", "EXIT_CODE")] == ["down", "broken", "3"]
    assert down["ACCEPTANCE_TARGET"] == f"{front.url} as o…@wrapped.example"
    assert down["ACCEPTANCE_FIRST_FAILURE"].startswith("twilio: Phone Number Is Valid E.164: ")
    assert Path(down["ACCEPTANCE_REPORT"]) == report
    assert report.is_file()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", down["ACCEPTANCE_SINCE"])
    what = f"{down['ACCEPTANCE_TARGET']} is down since {down['ACCEPTANCE_SINCE']} (verdict: broken; exit code: 3; "
    assert down["ACCEPTANCE_MESSAGE"].startswith(what)
    assert [up[f"ACCEPTANCE_{name}"] for name in ("STATE", "VERDICT", "EXIT_CODE")] == ["up", "healthy", "0"]
    assert up["ACCEPTANCE_FIRST_FAILURE"] == ""
    assert up["ACCEPTANCE_SINCE"] > down["ACCEPTANCE_SINCE"]
    for environment in (down, up):
        assert environment["HOOK"] == "mine"
        assert not {name for name in environment if name.startswith("E2E_")}
        assert not [name for name, value in environment.items() if target.password in value or target.email in value]


def test_crash_while_the_command_runs_tells_nobody_twice(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    log, target = tmp_path / "log", backend("phone_number_is_national")
    command = f"echo $ACCEPTANCE_STATE >> {log}; kill -KILL $PPID"
    outcomes = [run_tests(*READ_ONLY, "twilio", "--on-change", command, backend=target) for _ in range(3)]
    assert [outcome.code for outcome in outcomes] == [3, -signal.SIGKILL, 3]
    assert log.read_text() == "down\n"


def test_command_that_fails_is_a_line_and_changes_no_verdict(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    target = backend("phone_number_is_national")
    first, second = (run_tests(*READ_ONLY, "twilio", "--on-change", "exit 7", backend=target) for _ in range(2))
    note = "--on-change has notified nobody: it ended with 7. The next run tries again."
    assert (first.code, second.code) == (3, 3)
    assert (first.stdout.count(note), second.stdout.count(note)) == (0, 1)
    third = run_tests(*READ_ONLY, "twilio", "--on-change", f"touch {tmp_path}/notified", backend=target)
    assert third.code == 3
    assert (tmp_path / "notified").exists()


def test_interrupted_run_counts_for_nothing(
    backend: StartBackend, run_tests: RunCommand, start_run: StartRun, state_directory: Path
) -> None:
    target = backend("every_response_takes_a_second")
    running = start_run(target, *READ_ONLY, "--on-change", "true")
    wait_for_calls(target, "GET /api/business/me", 1, running)
    running.process.send_signal(signal.SIGINT)
    assert running.end().verdict["interrupted"] is True
    assert list(state_directory.glob("*.smoke-state")) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--on-change", " "], "--on-change is empty"),
        (["--on-change", "true", "--shard", "1/2"], "--on-change and --shard exclude each other"),
        (["--metrics", "a.prom", "--shard", "1/2"], "--metrics and --shard exclude each other"),
    ],
)
def test_unusable_option_is_one_line_and_5_before_the_first_request(
    arguments: list[str], words: str, backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend()
    outcome = run_tests(*READ_ONLY, *arguments, backend=target)
    assert (outcome.code, outcome.stdout, outcome.stderr.count("\n")) == (5, "", 1)
    assert words in outcome.stderr
    assert target.calls() == []


def test_embedded_backend_is_not_monitored(run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", "--on-change", "true")
    assert (outcome.code, outcome.stdout, outcome.stderr.count("\n")) == (5, "", 1)
    assert "there is nothing to monitor" in outcome.stderr
