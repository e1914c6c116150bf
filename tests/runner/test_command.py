"""The command: the results of a healthy run, options, invalid input, and verdicts on other servers."""

import http.server
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from robot.api import ExecutionResult

from tests.faults.catalogue import SUITES, every_capability, every_suite
from tests.support.backends import StartBackend
from tests.support.project import ROOT, clean_environment
from tests.support.runs import Outcome, RunCommand

FILES = {"report.html", "log.html", "output.xml", "xunit.xml", "summary.json", "summary.md"}
ACCOUNT = {"E2E_EMAIL": "owner@example.com", "E2E_PASSWORD": "correct-horse-battery"}
HOST = "127.0.0.1"
IS_UNREACHABLE_WITHIN_SECONDS = 15


def entries(directory: Path) -> set[str]:
    """Return the names of the entries of a directory."""
    return {path.name for path in directory.iterdir()}


def skipped(outcome: Outcome) -> int:
    """Return the number of skipped tests."""
    return sum(suite["skipped"] for suite in outcome.verdict["suites"].values())


def test_healthy_full_run_writes_its_files_and_a_summary_with_every_verdict(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    target = backend(LOGIN_RATE_LIMIT="5/minute")
    before = target.account()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    root_before = entries(ROOT) | {"__pycache__"}
    outcome = run_tests(backend=target, cwd=elsewhere)
    assert outcome.code == 0, outcome.stdout + outcome.stderr
    assert outcome.stderr == ""
    assert outcome.files() == FILES
    assert entries(elsewhere) == set()
    assert not {name for name in entries(ROOT) - root_before if "pabot" in name or name.endswith((".xml", ".html"))}
    summary = outcome.verdict
    assert list(summary["suites"]) == ["settings", "calendar", "twilio", "security"]
    assert {key: summary[key] for key in ("target", "mode", "exit_code", "verdict", "restored")} == {
        "target": target.url,
        "mode": "full",
        "exit_code": 0,
        "verdict": "healthy",
        "restored": True,
    }
    for suite in summary["suites"].values():
        assert set(suite) == {
            *("exit_code", "meaning", "passed", "failed", "skipped", "known", "seconds", "first_failure", "since"),
            *("trace_id", "known_issues"),
        }
        assert (suite["exit_code"], suite["failed"], suite["first_failure"]) == (0, 0, None)
        assert suite["meaning"]
        assert suite["passed"] > 0
        assert 0 < suite["seconds"] < summary["seconds"]
    assert sum(suite["passed"] for suite in summary["suites"].values()) >= 60
    logins = [call for call in target.calls() if call.startswith("POST /api/auth/login")]
    assert summary["logins"] == logins.count("POST /api/auth/login 200") == 1
    assert summary["refused_logins"] == len(logins) - 1 == 3
    assert f"1, and 3 refused, among {summary['requests']} requests" in (outcome.results / "output.xml").read_text()
    assert target.account() == before
    assert outcome.survivors() == []


def test_healthy_smoke_run_logs_in_once(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend(LOGIN_RATE_LIMIT="1/minute")
    outcome = run_tests("--smoke", backend=target)
    assert outcome.code == 0, outcome.stdout
    assert (outcome.verdict["logins"], outcome.verdict["refused_logins"]) == (1, 0)
    assert f"1, among {outcome.verdict['requests']} requests" in (outcome.results / "output.xml").read_text()
    assert [call for call in target.calls() if "login" in call] == ["POST /api/auth/login 200"]
    assert outcome.verdict["mode"] == "smoke"


def test_throttled_login_is_told_with_the_wait(backend: StartBackend, run_tests: RunCommand) -> None:
    verdict = run_tests("--smoke", "twilio", backend=backend("login_is_throttled_once")).verdict
    assert verdict["notes"] == ["POST /api/auth/login was throttled once: 429 with Retry-After; waited 1 s."]
    assert (verdict["exit_code"], verdict["logins"], verdict["refused_logins"]) == (0, 1, 1)


def test_login_that_is_throttled_for_too_long_is_told_with_what_the_server_asked(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    verdict = run_tests("--smoke", "twilio", backend=backend("login_is_throttled_for_an_hour")).verdict
    note = "POST /api/auth/login was throttled once: 429 with Retry-After of 3,600 s, longer than a run waits."
    assert verdict["notes"] == [note]
    assert (verdict["verdict"], verdict["logins"], verdict["refused_logins"]) == ("throttled", 0, 1)
    assert verdict["suites"]["twilio"]["first_failure"].endswith(
        "The login is throttled: POST /api/auth/login returned 429 Too Many Requests with Retry-After of 3,600 s; "
        "the run waited 0 s, and waits for 90 s at most."
    )


def test_healthy_smoke_run_waits_for_six_responses_one_after_another(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend()
    outcome = run_tests("--smoke", "settings", backend=target)
    assert outcome.code == 0, outcome.stdout
    assert [call.partition(" /")[0] for call in target.calls()] == ["POST", "GET", "PUT", "GET", "PUT", "GET"]


def test_console_names_each_suite_its_verdict_and_the_report(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", backend=backend("phone_number_is_national"))
    lines = [" ".join(line.split()) for line in outcome.stdout.splitlines()]
    starts = (
        "settings healthy 0",
        "calendar healthy 0",
        "twilio broken 3 The phone number",
        "Verdict: broken",
        "Report",
    )
    for start in starts:
        assert any(line.startswith(start) for line in lines), start
    assert any("(555) 123-4567" in line for line in lines)
    assert str(outcome.results / "report.html") in outcome.stdout


def test_version_is_the_newest_of_the_changelog(run_tests: RunCommand) -> None:
    outcome = run_tests("--version")
    newest = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest
    assert (outcome.code, outcome.stdout) == (0, f"receptionist-acceptance {newest[1]}\n")


def test_run_without_a_url_starts_its_own_backend_and_stops_it(run_tests: RunCommand, tmp_path: Path) -> None:
    outcome = run_tests("--smoke", cwd=tmp_path)
    assert outcome.code == 0, outcome.stdout
    assert outcome.verdict["verdict"] == "healthy"
    assert outcome.survivors() == []


@pytest.mark.parametrize(
    ("arguments", "variable", "mode"),
    [
        ((), "true", "smoke"),
        ((), "1", "smoke"),
        ((), "yes", "smoke"),
        ((), "YES", "smoke"),
        ((), "false", "full"),
        ((), "", "full"),
        (("--full",), "true", "full"),
        (("--smoke",), "false", "smoke"),
    ],
)
def test_option_wins_over_variable_for_the_mode(
    arguments: tuple[str, ...], variable: str, mode: str, backend: StartBackend, run_tests: RunCommand
) -> None:
    outcome = run_tests("twilio", *arguments, backend=backend(), environment={"SMOKE_TEST": variable})
    assert (outcome.code, outcome.verdict["mode"]) == (0, mode)
    assert (outcome.verdict["suites"]["twilio"]["passed"] > 6) is (mode == "full")


def test_password_is_not_sent_without_tls_to_another_machine_unless_the_team_allows_it(
    run_tests: RunCommand, project: Path
) -> None:
    account = {"E2E_EMAIL": "owner@example.com", "E2E_PASSWORD": "correct-horse"}
    arguments = ("--smoke", "--url", "http://backend.invalid")
    refused = run_tests(*arguments, environment=account, root=project)
    assert (refused.code, refused.stdout, len(refused.stderr.splitlines())) == (5, "", 1)
    assert "would get the password unencrypted; write https://, or name backend.invalid" in refused.stderr
    (project / "acceptance.toml").write_text('[security]\nplain_http_hosts = ["backend.invalid"]\n')
    allowed = run_tests(*arguments, environment=account, root=project)
    assert "cannot resolve the host's name" in allowed.stdout


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("HTTPS_PROXY", "::bad", "is no proxy URL"),
        ("HTTPS_PROXY", "ftp://proxy.example.com", "is no proxy URL"),
        ("HTTPS_PROXY", "http://user:a-secret@proxy.example.com:0", "is no proxy URL"),
        ("HTTPS_PROXY", "socks5://proxy.example.com:1080", "PySocks must be installed"),
        ("REQUESTS_CA_BUNDLE", "/no/such/file", "does not exist"),
        ("REQUESTS_CA_BUNDLE", __file__, "must be in PEM format"),
    ],
)
def test_unusable_proxy_or_bundle_is_one_line_and_5_before_any_request(
    variable: str, value: str, words: str, run_tests: RunCommand
) -> None:
    account = {"E2E_EMAIL": "owner@example.com", "E2E_PASSWORD": "correct-horse"}
    outcome = run_tests("--url", "https://api.example.com", environment=account | {variable: value})
    assert (outcome.code, outcome.stdout, len(outcome.stderr.splitlines())) == (5, "", 1), outcome.stdout
    assert words in outcome.stderr
    assert "a-secret" not in outcome.stderr


def test_option_wins_over_variable_for_the_url(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend()
    environment = {"API_URL": "http://127.0.0.1:9"}
    outcome = run_tests("--smoke", "twilio", "--url", f"{target.url}/", backend=target, environment=environment)
    assert (outcome.code, outcome.verdict["target"]) == (0, target.url)


@pytest.mark.parametrize("names", [["calendar"], ["twilio", "settings"], ["suites/calendar.robot"]])
def test_only_the_selected_suites_run(names: list[str], backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests(*names, "--smoke", backend=backend())
    expected = {Path(name).stem for name in names}
    assert outcome.code == 0, outcome.stderr
    assert set(outcome.verdict["suites"]) == expected


def test_suites_that_write_do_not_run_at_the_same_time(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("settings", "security", backend=backend())
    assert outcome.code == 0, outcome.stdout
    suites = {suite.name: suite for suite in ExecutionResult(outcome.results / "output.xml").suite.suites}
    assert suites["Settings"].end_time <= suites["Security"].start_time


def test_one_process_has_the_same_verdict(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", "--processes", "1", backend=backend())
    assert (outcome.code, outcome.codes) == (0, dict.fromkeys(SUITES, 0))


def test_read_only_run_sends_no_update_and_gives_the_reason_for_skipped_tests(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend()
    outcome = run_tests("--read-only", backend=target)
    assert outcome.code == 0, outcome.stdout
    calls = target.calls()
    assert any(call.startswith("GET /api/business/me") for call in calls)
    assert not [call for call in calls if call.startswith(("PUT", "PATCH", "DELETE", "POST /api/business"))]
    assert skipped(outcome) > 30
    assert "read-only" in (outcome.results / "output.xml").read_text()


def test_robot_options_select_tests(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("twilio", "--", "--include", "exit:3", backend=backend())
    assert outcome.code == 0, outcome.stdout
    assert outcome.verdict["suites"]["twilio"]["passed"] == 2


def test_robot_variables_reach_the_suites(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("twilio", "--smoke", "--", "--variable", "BUSINESS_PATH:/no/such/path", backend=backend())
    assert outcome.code == 2, outcome.stdout


def test_wait_is_over_as_soon_as_the_backend_is_ready(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("twilio", "--smoke", "--wait", "60", backend=backend())
    assert outcome.code == 0
    assert outcome.verdict["seconds"] < 30


# Bad input

BAD_INPUT: list[tuple[str, list[str], dict[str, str], tuple[str, ...]]] = [
    ("unknown suite", ["setings"], {}, ("setings", "settings, calendar, twilio, security")),
    ("URL without a scheme", ["--url", "api.example.com"], ACCOUNT, ("https://api.example.com",)),
    ("URL of another scheme", ["--url", "ftp://api.example.com"], ACCOUNT, ("ftp",)),
    ("URL with a password", ["--url", "https://me:hunter22@api.example.com"], ACCOUNT, ("E2E_PASSWORD",)),
    ("URL without a host", ["--url", "https://"], ACCOUNT, ("host",)),
    ("URL with an empty host and a port", ["--url", "https://:80"], ACCOUNT, ("host",)),
    ("URL with a port that is no number", ["--url", "https://api.example.com:http"], ACCOUNT, ("URL",)),
    ("URL with a port out of range", ["--url", "https://api.example.com:70000"], ACCOUNT, ("URL",)),
    ("URL with a space", ["--url", "https://api example.com"], ACCOUNT, ("host",)),
    ("URL with a query", ["--url", "https://api.example.com?a=b"], ACCOUNT, ("query",)),
    ("empty URL", ["--url", ""], ACCOUNT, ("--url",)),
    ("two URLs", ["--url", "http://127.0.0.1:9", "--url", "http://127.0.0.1:8"], ACCOUNT, ("--url", "twice")),
    ("bad URL in the variable", [], {**ACCOUNT, "API_URL": "api.example.com"}, ("scheme",)),
    ("no credentials", ["--url", "http://127.0.0.1:9"], {}, ("E2E_EMAIL and E2E_PASSWORD are not set",)),
    ("no password", ["--url", "http://127.0.0.1:9"], {"E2E_EMAIL": "a@b.example"}, ("E2E_PASSWORD is not set",)),
    ("no address", ["--url", "http://127.0.0.1:9"], {"E2E_PASSWORD": "hunter22"}, ("E2E_EMAIL is not set",)),
    (
        "second address without a password",
        ["--url", "http://127.0.0.1:9"],
        {**ACCOUNT, "E2E_OTHER_EMAIL": "a@b.example"},
        ("E2E_OTHER_EMAIL is set without E2E_OTHER_PASSWORD",),
    ),
    (
        "second password without an address",
        ["--url", "http://127.0.0.1:9"],
        {**ACCOUNT, "E2E_OTHER_PASSWORD": "hunter22"},
        ("E2E_OTHER_PASSWORD is set without E2E_OTHER_EMAIL",),
    ),
    (
        "second account that is the first",
        ["--url", "http://127.0.0.1:9"],
        {**ACCOUNT, "E2E_OTHER_EMAIL": "Owner@Example.com", "E2E_OTHER_PASSWORD": "hunter22"},
        ("E2E_OTHER_EMAIL is the address of E2E_EMAIL",),
    ),
    (
        "short second password",
        ["--url", "http://127.0.0.1:9"],
        {**ACCOUNT, "E2E_OTHER_EMAIL": "a@b.example", "E2E_OTHER_PASSWORD": "abc"},
        ("E2E_OTHER_PASSWORD has fewer",),
    ),
    ("both modes", ["--smoke", "--full"], {}, ("--smoke", "--full")),
    ("no process", ["--processes", "0"], {}, ("--processes",)),
    ("negative processes", ["--processes=-1"], {}, ("--processes",)),
    ("processes that are no number", ["--processes", "x"], {}, ("--processes",)),
    ("negative wait", ["--wait", "-1"], {}, ("--wait",)),
    ("wait that is no number", ["--wait", "nan"], {}, ("--wait",)),
    ("wait without end", ["--wait", "inf"], {}, ("--wait",)),
    ("unknown option", ["--smok"], {}, ("--smok",)),
    ("unknown exit codes", ["--exit-codes", "robot"], {}, ("phase", "api")),
    ("option without its value", ["--url"], {}, ("--url",)),
    ("another output", ["--", "--output", "x.xml"], {}, ("--output", "output.xml")),
    ("another output directory", ["--", "--outputdir", "x"], {}, ("--output-dir",)),
    ("another log", ["--", "--log", "NONE"], {}, ("--log",)),
    ("exit on failure", ["--", "--exitonfailure"], {}, ("--exitonfailure",)),
    ("exit on failure, short", ["--", "-X"], {}, ("--exitonfailure",)),
    ("dry run", ["--", "--dryrun"], {}, ("--dryrun",)),
    ("no status code", ["--", "--nostatusrc"], {}, ("--statusrc",)),
    ("skipping failures", ["--", "--skiponfailure", "smoke"], {}, ("--skiponfailure",)),
    ("argument file", ["--", "--argumentfile", "x"], {}, ("--argumentfile",)),
    ("option that Robot does not know", ["--", "--nosuchoption"], {}, ("nosuchoption",)),
    ("suite behind the dashes", ["--", "suites"], {}, ("suites",)),
    ("selection of no test", ["--", "--include", "no-such-tag"], {}, ("No test",)),
    ("selection of no test by name", ["--", "--test", "No Such Test"], {}, ("No test",)),
    ("log level that there is not", ["--", "--loglevel", "BOGUS"], {}, ("BOGUS",)),
    ("order that there is not", ["--", "--randomize", "bogus"], {}, ("BOGUS",)),
    ("tag that changes every phase", ["--", "--settag", "exit:1"], {}, ("--settag",)),
    ("variable that changes the target", ["--", "--variable", "API_URL:http://127.0.0.1:9"], {}, ("API_URL",)),
    ("variable that lifts the read-only rule", ["--", "--variable", "READ_ONLY:False"], {}, ("READ_ONLY",)),
    ("timeout of nothing", ["--timeout", "0"], {}, ("--timeout",)),
    ("URL with port 0", ["--url", "http://127.0.0.1:0"], ACCOUNT, ("port 0",)),
]


@pytest.mark.parametrize(
    ("arguments", "environment", "words"), [pytest.param(*case, id=name) for name, *case in BAD_INPUT]
)
def test_bad_input_is_one_line_and_5_and_leaves_results_alone(
    arguments: list[str], environment: dict[str, str], words: tuple[str, ...], run_tests: RunCommand, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    results.mkdir()
    (results / "summary.json").write_text("{}")
    outcome = run_tests("--output-dir", str(results), *arguments, environment=environment)
    assert (outcome.code, outcome.stdout) == (5, "")
    assert outcome.stderr.endswith("\n")
    assert outcome.stderr.count("\n") == 1, outcome.stderr
    assert outcome.stderr.startswith("run_tests.py: ")
    for word in words:
        assert word in outcome.stderr
    assert "hunter22" not in outcome.stderr
    assert outcome.files() == {"summary.json"}
    assert (results / "summary.json").read_text() == "{}"
    assert outcome.survivors() == []


def test_restore_without_a_url_is_one_line_and_5(run_tests: RunCommand, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "run_tests.py"), "restore"],
        env=clean_environment(**ACCOUNT),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (5, "", 1)
    assert "--url" in done.stderr


def test_closed_console_changes_no_verdict(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, str(ROOT / "run_tests.py"), "--smoke", "--output-dir", str(tmp_path)],
        env=clean_environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_interrupt_before_the_run_begins_ends_with_5() -> None:
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", str(ROOT / "run_tests.py"), "--smoke"],
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    while "robot" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 5


def test_output_directory_that_is_a_file_is_one_line_and_5(run_tests: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "a-file"
    file.write_text("kept")
    outcome = run_tests("--output-dir", str(file), "--smoke")
    assert (outcome.code, outcome.stdout, outcome.stderr.count("\n")) == (5, "", 1)
    assert str(file) in outcome.stderr
    assert file.read_text() == "kept"


def test_reference_backend_on_a_taken_port_is_one_line_and_5() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "reference_backend", "--port", port],
            cwd=ROOT,
            env=clean_environment(**ACCOUNT),
            capture_output=True,
            text=True,
            timeout=30,
        )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (5, "", 1)
    assert port in done.stderr


# Verdicts on other servers


@contextmanager
def serving(handler: type[http.server.BaseHTTPRequestHandler], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve on a free port, over TLS with a `context`, and yield the port."""
    with http.server.ThreadingHTTPServer((HOST, 0), handler) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


class LoginPage(http.server.BaseHTTPRequestHandler):
    """Redirects every request to a login page."""

    def _redirect(self) -> None:
        page = b"<h1>Log in</h1>"
        is_page = self.path == "/login"
        self.send_response(200 if is_page else 302)
        self.send_header("Location", "/login")
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    do_GET = do_POST = do_PUT = _redirect  # noqa: N815

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """The TLS context of a server with a self-signed certificate."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.parametrize("mode", ["--smoke", "--full"])
def test_port_without_listener_is_unreachable_in_time(mode: str, run_tests: RunCommand) -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
    started = time.monotonic()
    outcome = run_tests(mode, "--url", f"http://{HOST}:{port}", environment=ACCOUNT)
    assert time.monotonic() - started < IS_UNREACHABLE_WITHIN_SECONDS
    assert (outcome.code, outcome.verdict["verdict"]) == (1, "unreachable")
    assert outcome.codes == every_suite(1)
    assert outcome.verdict["restored"] is True
    assert outcome.files() == FILES


def test_self_signed_certificate_is_unreachable(self_signed: ssl.SSLContext, run_tests: RunCommand) -> None:
    with serving(LoginPage, self_signed) as port:
        outcome = run_tests("--smoke", "--url", f"https://{HOST}:{port}", environment=ACCOUNT)
    assert (outcome.code, outcome.verdict["verdict"]) == (1, "unreachable")
    assert "TLS" in outcome.stdout


def test_redirect_to_a_login_page_is_broken(run_tests: RunCommand) -> None:
    with serving(LoginPage) as port:
        outcome = run_tests("--smoke", "--url", f"http://{HOST}:{port}", environment=ACCOUNT)
    assert (outcome.code, outcome.verdict["verdict"]) == (1, "broken")
    assert outcome.codes == every_suite(1)
    assert "expected 200 OK: a redirect to '/login'; perhaps a login page stands before the API." in outcome.stdout


@pytest.mark.parametrize(
    ("fault", "codes", "words"),
    [
        (
            "login_is_stopped_by_a_firewall",
            every_suite(1),
            "403 Forbidden, expected 200 OK: an HTML page ('403'), perhaps of a firewall or gateway.",
        ),
        (
            "read_is_compressed_with_zstd",
            every_capability(2) | {"security": 0},
            "200 OK with the Content-Encoding 'zstd', for which the request did not ask, expected JSON.",
        ),
        (
            "read_returns_307",
            every_capability(2) | {"security": 0},
            "a redirect to '/api/business/me/'; the paths differ in the slash at the end",
        ),
    ],
)
def test_unexpected_response_is_explained(
    fault: str, codes: dict[str, int], words: str, backend: StartBackend, run_tests: RunCommand
) -> None:
    outcome = run_tests("--smoke", backend=backend(fault))
    assert outcome.codes == codes
    assert words in outcome.stdout


# --exit-codes api


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ((), 0),
        (("update_returns_500",), 1),
        (("start_returns_500_as_html",), 2),
        (("phone_number_is_national",), 3),
        (("start_returns_500_as_html", "phone_number_is_national"), 4),
        (("update_is_swallowed", "receptionist_state_is_a_text"), 4),
        (("login_is_throttled_for_an_hour",), 5),
    ],
)
def test_exit_codes_api_name_the_broken_api(
    faults: tuple[str, ...], code: int, backend: StartBackend, run_tests: RunCommand
) -> None:
    outcome = run_tests("--smoke", "--exit-codes", "api", backend=backend(*faults))
    assert outcome.code == code, outcome.stdout
    assert outcome.verdict["exit_code"] == code


@pytest.mark.parametrize(
    ("url", "environment", "words"),
    [
        ("https://no-such-host.invalid", {}, "cannot resolve the host's name"),
        ("https://api.example.com", {"HTTPS_PROXY": "http://127.0.0.1:1"}, "no connection through the proxy"),
    ],
)
@pytest.mark.parametrize("style", ["phase", "api"])
def test_trouble_on_this_side_is_no_verdict_on_the_api(
    style: str, url: str, environment: dict[str, str], words: str, run_tests: RunCommand
) -> None:
    credentials = {"E2E_EMAIL": "owner@wrapped.example", "E2E_PASSWORD": "correct-horse-battery"}
    outcome = run_tests("--smoke", "--exit-codes", style, "--url", url, environment=environment | credentials)
    assert (outcome.code, outcome.verdict["verdict"]) == (5, "error")
    assert words in outcome.verdict["suites"]["settings"]["first_failure"]


def test_passing_trouble_is_a_note_that_names_the_request(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", backend=backend("read_returns_502_once"))
    assert outcome.code == 0, outcome.stdout
    trouble = "GET /api/business/me returned 502 Bad Gateway"
    assert outcome.verdict["retried"] == [{"method": "GET", "path": "/api/business/me", "trouble": trouble}]
    note = f"{trouble}; it was sent again and got a response."
    assert outcome.verdict["notes"] == [note]
    assert note in outcome.stdout


def test_trouble_that_persists_is_the_backends(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("update_returns_503")
    outcome = run_tests("settings", "--smoke", backend=target)
    assert (outcome.code, outcome.verdict["retried"]) == (3, [])
    assert sum(call.startswith("PUT /api/business/me 503") for call in target.calls()) >= 3


def test_wrong_response_is_never_sent_again(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("read_returns_500")
    assert run_tests("settings", "--smoke", backend=target).code == 2
    assert sum(call.startswith("GET /api/business/me 500") for call in target.calls()) == 1


def test_throttling_does_not_hide_a_broken_api(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("update_is_throttled_for_an_hour", "phone_number_is_national")
    outcome = run_tests("--smoke", backend=target)
    assert outcome.codes == {"settings": 5, "calendar": 0, "twilio": 3, "security": 0}
    assert (outcome.code, outcome.verdict["verdict"]) == (3, "broken")


def test_exit_codes_api_are_4_where_the_backend_is_unreachable(run_tests: RunCommand) -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
    outcome = run_tests("--smoke", "--exit-codes", "api", "--url", f"http://{HOST}:{port}", environment=ACCOUNT)
    assert (outcome.code, outcome.verdict["verdict"]) == (4, "unreachable")


def test_exit_code_of_several_broken_suites_is_the_earliest_phase(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("calendar_state_is_a_text", "phone_number_is_missing")
    outcome = run_tests("--smoke", backend=target)
    assert outcome.codes == {"settings": 0, "calendar": 4, "twilio": 2, "security": 0}
    assert outcome.code == 2


def test_controls_in_a_response_are_shown_as_escapes(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    target = backend("calendar_state_controls_a_terminal")
    environment = {"GITHUB_ACTIONS": "true", "LOG_DIR": str(tmp_path)}
    arguments = ("post-deploy", target.url, "--output-dir", str(tmp_path / "results"))
    outcome = run_tests(*arguments, backend=target, environment=environment)
    assert outcome.code == 2
    log = (tmp_path / "backend_Calendar_smoke.log").read_text(encoding="utf-8")
    texts = [outcome.stdout, log, (outcome.results / "summary.md").read_text(encoding="utf-8")]
    texts += [test.message for _, test in outcome.tests()]
    for text in texts:
        assert not set(text) & set("\x1b\u202e\x9b\r")
        assert "##vso[" not in text
    assert all("\\x1b[2J\\u202ekcab" in text for text in texts[:3])
    commands = [line for line in outcome.stdout.splitlines() if line.lstrip().startswith("::")]
    assert [command.partition(" ")[0] for command in commands] == ["::error"]
    assert "title=calendar" in commands[0]


def test_summary_is_valid_json(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", "twilio", backend=backend("phone_number_is_national"))
    text = (outcome.results / "summary.json").read_text(encoding="utf-8")
    assert json.loads(text) == outcome.summary
    assert "Phone Number Is Valid E.164" in outcome.verdict["suites"]["twilio"]["first_failure"]
