"""Traces: the backend sees each request in a trace and with its run, and the results name the trace of a failure."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from robot.api import ExecutionResult

from acceptance import __version__
from tests.faults.catalogue import SECOND_ACCOUNT
from tests.support.backends import EMAIL, PASSWORD, Backend, StartBackend
from tests.support.running import StartRun, wait_for_calls
from tests.support.runs import Outcome, RunCommand, restore
from tests.support.traces import USER_AGENT, Received, should_be_traced

URL = "https://tempo.example.com/a_b/{trace_id}?from=(now-1h)&to=now#x=*1*"
FAILED = "Saved Value Is Read Back"
BROKEN = "update_is_swallowed"
UPDATE, UPDATES = "PUT /api/business/me", 9


def links_of(outcome: Outcome, trace_id: str) -> tuple[str, str]:
    """Return the documentation of the report, and the metadata of the first test that failed in the trace."""
    suite = ExecutionResult(outcome.results / "output.xml").suite
    return suite.doc, next(test.metadata["Trace"] for test in suite.all_tests if trace_id in str(test.metadata))


def request_of(trace_id: str, target: Backend) -> Received:
    """Return the request with this trace id that the backend received."""
    (found,) = [one for one in target.received() if one.trace_id == trace_id]
    return found


# Each request


def test_each_request_of_a_full_run_is_traced(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend(**SECOND_ACCOUNT)
    outcome = run_tests("--full", "--allow-destructive", "--wait", "9", backend=target)
    assert outcome.code == 0, outcome.stdout
    received = target.received()
    should_be_traced(received)
    assert len(received) == outcome.verdict["requests"]
    assert {one.trace_id for one in received} == {call["trace_id"] for call in outcome.verdict["calls"]}
    assert len({one.trace_id for one in received}) == len(received)
    logins = [one for one in received if one.call.startswith("POST /api/auth/login")]
    assert len(logins) == outcome.verdict["logins"] + outcome.verdict["refused_logins"]
    assert any(one.call.startswith("GET /health") for one in received)
    found = USER_AGENT.fullmatch(str(received[0].user_agent))
    assert found
    assert found[1] == __version__


def test_each_request_to_the_embedded_backend_is_traced(run_tests: RunCommand) -> None:
    calls = run_tests("--smoke").verdict["calls"]
    assert calls
    assert len({call["trace_id"] for call in calls} - {None}) == len(calls)


def test_each_request_of_plain_robot_is_traced(backend: StartBackend, robot: RunCommand) -> None:
    target = backend(**SECOND_ACCOUNT)
    outcome = robot("suites", backend=target)
    assert outcome.code == 0, outcome.stdout
    should_be_traced(target.received())


def crash(target: Backend, start_run: StartRun) -> None:
    """Start a run, and kill it after some updates."""
    crashing = start_run(target, "--full", "settings")
    wait_for_calls(target, UPDATE, sum(call.startswith(UPDATE) for call in target.calls()) + UPDATES, crashing)
    crashing.process.kill()
    crashing.end()
    assert "acceptance run" in str(target.account())


def test_each_request_that_restores_after_a_crash_is_traced(
    backend: StartBackend, start_run: StartRun, run_tests: RunCommand, state_directory: Path
) -> None:
    target = backend()
    crash(target, start_run)
    assert run_tests("--smoke", "settings", backend=target).code == 0
    should_be_traced(target.received(), runs=2)
    crash(target, start_run)
    assert restore(target, state_directory).returncode == 0
    should_be_traced(target.received(), runs=4)
    assert "acceptance run" not in str(target.account())


class Late(BaseHTTPRequestHandler):
    """Responds with 200 to each request, and remembers its headers."""

    protocol_version = "HTTP/1.1"
    received: list[Received]

    def do_GET(self) -> None:
        """Respond."""
        self.received.append(Received(self.path, self.headers["traceparent"], self.headers["User-Agent"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_POST(self) -> None:
        """Respond."""
        self.do_GET()

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing."""


@contextmanager
def late_backend(directory: Path) -> Iterator[tuple[Backend, HTTPServer]]:
    """Give a backend that does not listen yet, and its server."""
    with HTTPServer(("127.0.0.1", 0), type("Handler", (Late,), {"received": []}), bind_and_activate=False) as server:
        server.server_bind()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        yield Backend(url, EMAIL, PASSWORD, directory / "none", directory / "none"), server
        server.shutdown()


def test_each_request_that_waits_for_a_backend_is_traced(start_run: StartRun, tmp_path: Path) -> None:
    with late_backend(tmp_path) as (target, server):
        running = start_run(target, "--smoke", "--wait", "30", "twilio")
        assert running.process.stdout
        assert any("no connection to the server" in line for line in running.process.stdout)
        server.server_activate()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.end()
        received = server.RequestHandlerClass.received  # type: ignore[attr-defined]
    should_be_traced(received)
    assert [one.call for one in received] == ["/health", "/api/auth/login"]


# What is sent again


@pytest.mark.parametrize(
    ("fault", "call", "times"),
    [
        ("read_returns_502_once", "GET /api/business/me 502", 2),
        ("update_returns_503_once", "PUT /api/business/me 503", 2),
        ("login_returns_503_once", "POST /api/auth/login 503", 2),
        ("login_is_throttled_once", "POST /api/auth/login 429", 2),
    ],
)
def test_request_that_is_sent_again_stays_in_its_trace(
    fault: str, call: str, times: int, backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend(fault)
    outcome = run_tests("--smoke", "settings", backend=target)
    assert outcome.code == 0, outcome.stdout
    received = target.received()
    should_be_traced(received)
    (first,) = [one for one in received if one.call.startswith(call)]
    assert sum(one.trace_id == first.trace_id for one in received) == times
    assert len({one.trace_id for one in received}) == len(received) - times + 1


# The trace of a failure


def test_trace_of_the_first_failure_is_that_of_a_request_that_the_backend_received(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend(BROKEN)
    outcome = run_tests("--smoke", backend=target, environment={"GITHUB_ACTIONS": "true"})
    suites = outcome.verdict["suites"]
    trace_id = suites["settings"]["trace_id"]
    assert request_of(trace_id, target).call == "GET /api/business/me 200 with a token"
    assert suites["twilio"]["trace_id"] is None
    documentation, metadata = links_of(outcome, trace_id)
    assert f"\n\nTrace {trace_id}.\n\n" in documentation
    assert metadata == trace_id
    (failed,) = [test for _, test in outcome.tests() if test.name == FAILED]
    assert "\nDecisive call: GET /api/business/me returned 200 OK in " in failed.message
    assert f" ms, trace id {trace_id}, request id " in failed.message
    assert f"` Trace {trace_id}.\n" in (outcome.results / "summary.md").read_text("utf-8")
    assert f"%0ATrace: {trace_id}\n" in outcome.stdout


@pytest.mark.parametrize(
    ("fault", "suite", "call"),
    [
        ("login_rejects_the_right_password", "twilio", "POST /api/auth/login 401"),
        ("wrong_password_returns_200", "settings", "POST /api/auth/login 200"),
        ("start_returns_500_as_html", "calendar", "GET /oauth/google/start 500 with a token"),
    ],
)
def test_trace_of_a_failure_is_that_of_its_decisive_call(
    fault: str, suite: str, call: str, backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend(fault)
    outcome = run_tests("--full", suite, backend=target)
    assert request_of(outcome.verdict["suites"][suite]["trace_id"], target).call == call


def test_plain_robot_names_the_trace_of_a_failure(backend: StartBackend, robot: RunCommand) -> None:
    target = backend(BROKEN)
    outcome = robot("--include", "smoke", "suites/settings.robot", backend=target)
    suite = ExecutionResult(outcome.results / "output.xml").suite
    failed = {test.name: test.metadata.get("Trace", "") for test in suite.all_tests if test.failed}
    assert request_of(failed[FAILED], target).call == "GET /api/business/me 200 with a token"
    assert not any("Trace" in test.metadata for test in suite.all_tests if test.passed)


def test_trace_id_in_responses_and_cookies_is_no_secret(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend(BROKEN, "every_response_repeats_its_trace_id")
    outcome = run_tests("--smoke", backend=target)
    assert outcome.verdict["verdict"] == "broken"
    assert request_of(outcome.verdict["suites"]["settings"]["trace_id"], target).run
    assert {one.trace_id for one in target.received()} == {call["trace_id"] for call in outcome.verdict["calls"]}
    failed = [test for _, test in outcome.tests() if test.failed]
    assert failed
    assert all(f"trace id {test.metadata['Trace']}" in test.message for test in failed)
    assert not any("secret" in note for note in outcome.verdict["notes"])


def test_trace_id_in_the_cookie_of_a_rejected_login_is_no_secret(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("login_rejects_the_right_password", "every_response_repeats_its_trace_id")
    outcome = run_tests("--smoke", "twilio", backend=target)
    trace_id = outcome.verdict["suites"]["twilio"]["trace_id"]
    assert request_of(trace_id, target).call == "POST /api/auth/login 401"
    assert f" ms, trace id {trace_id}, request id " in (outcome.results / "output.xml").read_text("utf-8")


# Links


@pytest.fixture
def linking(project: Path) -> Path:
    """A copy of the project with a URL for traces."""
    with (project / "acceptance.toml").open("a") as file:
        file.write(f'\n[trace]\nurl = "{URL}"\n')
    return project


def test_traces_are_links_in_all_results_where_the_team_has_a_url(
    linking: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    outcome = run_tests("--smoke", backend=backend(BROKEN), root=linking, environment={"GITHUB_ACTIONS": "true"})
    trace_id = outcome.verdict["suites"]["settings"]["trace_id"]
    url = URL.replace("{trace_id}", trace_id)
    documentation, metadata = links_of(outcome, trace_id)
    assert metadata == f"[{url}|{trace_id}]"
    assert f"\n\nTrace {metadata}.\n\n" in documentation
    assert f"` Trace [{trace_id}](<{url}>).\n" in (outcome.results / "summary.md").read_text("utf-8")
    assert f"%0ATrace: {url}\n" in outcome.stdout


def test_merged_shards_keep_the_traces_and_their_links(
    linking: Path, backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    target, parts = backend("update_returns_422"), [tmp_path / "one", tmp_path / "two"]
    for number, part in enumerate(parts, start=1):
        run_tests(*("--smoke", "--shard", f"{number}/2", "--output-dir", str(part)), backend=target, root=linking)
    merged = run_tests("merge", *map(str, parts), "--output-dir", str(tmp_path / "merged"), root=linking)
    trace_id = merged.verdict["suites"]["settings"]["trace_id"]
    assert request_of(trace_id, target).run
    documentation, metadata = links_of(merged, trace_id)
    assert metadata == f"[{URL.replace('{trace_id}', trace_id)}|{trace_id}]"
    assert metadata in documentation
    assert {call["trace_id"] for call in merged.verdict["calls"]} == {one.trace_id for one in target.received()}
