"""The post-deploy script: exit codes, logs, and errors that are no verdict."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.backends import EMAIL, PASSWORD, StartBackend
from tests.support.project import ROOT, clean_environment, copy_project
from tests.support.traces import should_be_traced

SCRIPT = "backend_post_deploy_verify.sh"
CREDENTIALS = {"E2E_EMAIL": EMAIL, "E2E_PASSWORD": PASSWORD}
LONGEST_SECONDS = 150
STARTING_SECONDS = 10


@dataclass(frozen=True)
class Verification:
    """A run of the script."""

    process: subprocess.Popen[str]
    logs: Path

    def end(self) -> tuple[int, str, str]:
        """Wait for its end and return its exit code, stdout and stderr."""
        stdout, stderr = self.process.communicate(timeout=LONGEST_SECONDS)
        return self.process.returncode, stdout, stderr

    def log(self, api: str) -> str:
        """The log of an API."""
        return (self.logs / f"backend_{api}_smoke.log").read_text("utf-8")


class Verify(Protocol):
    """Starts the script with `arguments`, in `cwd`, with `environment` beside what every call has."""

    def __call__(
        self, *arguments: str, cwd: Path = ..., root: Path = ..., environment: Mapping[str, str] = ...
    ) -> Verification: ...


@pytest.fixture
def verify(tmp_path: Path) -> Iterator[Verify]:
    """Starts the script, with its results and logs in directories of the test, and the packages of this process."""
    started: list[subprocess.Popen[str]] = []

    def start(
        *arguments: str, cwd: Path = tmp_path, root: Path = ROOT, environment: Mapping[str, str] = CREDENTIALS
    ) -> Verification:
        ours = {
            "VIRTUAL_ENV": sys.prefix,
            "LOG_DIR": str(tmp_path / "logs"),
            "ACCEPTANCE_STATE_DIR": str(tmp_path / "state"),
        }
        process = subprocess.Popen(
            [str(root / SCRIPT), "--output-dir", str(tmp_path / "results"), *arguments],
            cwd=cwd,
            env=clean_environment(**ours | dict(environment)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return Verification(process, Path((ours | dict(environment))["LOG_DIR"]))

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.fixture
def bare_environment(tmp_path: Path) -> Path:
    """A virtual environment without any package."""
    directory = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", directory], check=True)
    return directory


def free_port() -> int:
    """Return a port without a listener."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize(
    ("faults", "code", "advice"),
    [
        pytest.param((), 0, "keep it", id="healthy"),
        pytest.param(("update_returns_500",), 1, "The settings API is broken, and it alone: roll back", id="settings"),
        pytest.param(("start_returns_500_as_html",), 2, "The calendar API is broken", id="calendar"),
        pytest.param(("phone_number_is_national",), 3, "The twilio API is broken", id="twilio"),
        pytest.param(
            ("start_returns_500_as_html", "phone_number_is_national"), 4, "broken are calendar, twilio", id="two"
        ),
    ],
)
def test_exit_code_and_advice_name_the_broken_api(
    faults: tuple[str, ...], code: int, advice: str, backend: StartBackend, verify: Verify
) -> None:
    target = backend(*faults)
    found = target.account()
    ended, stdout, stderr = verify(target.url).end()
    assert (ended, stderr) == (code, ""), stdout
    lines = stdout.splitlines()
    for api in ("settings", "calendar", "twilio"):
        assert sum(line.startswith(f"{api} ") for line in lines) == 1
    assert lines[-1].startswith("Advice:")
    assert advice in lines[-1]
    assert target.account() == found


def test_each_request_of_a_verification_of_a_build_is_traced(backend: StartBackend, verify: Verify) -> None:
    target = backend(BUILD="abc1234")
    code, stdout, _ = verify(target.url, environment=CREDENTIALS | {"EXPECT_BUILD": "abc1234"}).end()
    assert code == 0, stdout
    received = target.received()
    should_be_traced(received)
    assert sum(one.call.startswith("GET /health") for one in received) > 3


def test_log_of_each_api_lists_its_tests_and_contains_no_secret(backend: StartBackend, verify: Verify) -> None:
    target = backend("phone_number_is_national")
    verification = verify(target.url)
    _, stdout, _ = verification.end()
    assert {path.name for path in verification.logs.iterdir()} == {
        "backend_Settings_smoke.log",
        "backend_Calendar_smoke.log",
        "backend_Twilio_smoke.log",
        "backend_Security_smoke.log",
    }
    assert "exit code 0" in verification.log("Settings")
    assert "exit code 3" in verification.log("Twilio")
    assert "FAIL  Phone Number Is Valid E.164\n      " in verification.log("Twilio")
    assert "(555) 123-4567" in verification.log("Twilio")
    assert "PASS  Owner Can Log In" in verification.log("Calendar")
    for api in ("Settings", "Calendar", "Twilio"):
        assert PASSWORD not in verification.log(api)
        assert "eyJ" not in verification.log(api)
        assert str(verification.logs / f"backend_{api}_smoke.log") in stdout


def test_port_without_listener_is_4_after_the_wait(verify: Verify) -> None:
    code, stdout, _ = verify(f"http://127.0.0.1:{free_port()}", environment=CREDENTIALS | {"WAIT_SECONDS": "2"}).end()
    assert code == 4, stdout
    assert "Waiting up to 2 s" in stdout
    assert "cannot be reached: roll back and alert" in stdout


def test_backend_that_starts_slowly_is_healthy(verify: Verify) -> None:
    port = free_port()
    command = f"sleep {STARTING_SECONDS}; exec {sys.executable} -m reference_backend --port {port}"
    starting = subprocess.Popen(["bash", "-c", command], cwd=ROOT, env=clean_environment(**CREDENTIALS))
    try:
        code, stdout, _ = verify(environment=CREDENTIALS | {"API_URL": f"http://127.0.0.1:{port}"}).end()
    finally:
        starting.terminate()
        starting.wait()
    assert code == 0, stdout
    assert "Waiting up to 60 s" in stdout


def test_closed_console_changes_no_verdict(backend: StartBackend, verify: Verify) -> None:
    verification = verify(backend("phone_number_is_national").url)
    with verification.process as process:
        assert process.stdout
        process.stdout.close()
        assert process.wait(LONGEST_SECONDS) == 3
    assert "exit code 3" in verification.log("Twilio")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_verification_is_5_and_restores_the_account(
    number: signal.Signals, backend: StartBackend, verify: Verify, tmp_path: Path
) -> None:
    target = backend("every_response_takes_a_second")
    found = target.account()
    verification = verify(target.url)
    while target.account() == found:
        assert verification.process.poll() is None
        time.sleep(0.05)
    verification.process.send_signal(number)
    code, stdout, _ = verification.end()
    assert (code, target.account()) == (5, found), stdout
    assert "No verdict" in stdout
    assert (tmp_path / "results" / "summary.md").read_text("utf-8").startswith("# Error: smoke run against ")
    assert '"interrupted": true' in (tmp_path / "results" / "summary.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        pytest.param((), CREDENTIALS, ("no URL", "API_URL"), id="no URL"),
        pytest.param(("",), CREDENTIALS, ("no URL",), id="empty URL"),
        pytest.param(("https://a.example",), {}, ("E2E_EMAIL and E2E_PASSWORD are not set",), id="no credentials"),
        pytest.param(("https://a.example",), {"E2E_EMAIL": EMAIL}, ("E2E_PASSWORD is not set",), id="no password"),
        pytest.param(("https://a.example", "https://b.example"), CREDENTIALS, ("b.example",), id="two URLs"),
        pytest.param(("api.example.com",), CREDENTIALS, ("https://api.example.com",), id="no scheme"),
        pytest.param(("https://a.example",), {**CREDENTIALS, "WAIT_SECONDS": "soon"}, ("soon",), id="no number"),
    ],
)
def test_call_that_cannot_work_is_one_line_and_5(
    arguments: tuple[str, ...], environment: dict[str, str], words: tuple[str, ...], verify: Verify
) -> None:
    code, stdout, stderr = verify(*arguments, environment=environment).end()
    assert (code, stdout, stderr.count("\n")) == (5, "", 1), stderr
    for word in words:
        assert word in stderr


def test_python_without_the_packages_is_5_and_one_line_on_how_to_install_them(
    tmp_path: Path, bare_environment: Path, verify: Verify
) -> None:
    root = copy_project(tmp_path / "elsewhere")
    environment = {"VIRTUAL_ENV": str(bare_environment), "PATH": f"{bare_environment}/bin:{os.environ['PATH']}"}
    code, stdout, stderr = verify("https://a.example", root=root, environment=environment).end()
    assert (code, stdout, stderr.count("\n")) == (5, "", 1), stderr
    assert f"{bare_environment}/bin/python lacks robot, pabot" in stderr
    assert f"'{bare_environment}/bin/python -m pip install --require-hashes -r {root}/requirements.lock'" in stderr


def test_python_that_has_the_packages_is_found_where_another_environment_is_activated(
    tmp_path: Path, bare_environment: Path, verify: Verify
) -> None:
    root = copy_project(tmp_path / "elsewhere")
    (root / ".venv").symlink_to(sys.prefix)
    code, _, stderr = verify(root=root, environment={"VIRTUAL_ENV": str(bare_environment)}).end()
    assert (code, "no URL" in stderr) == (5, True), stderr


def test_no_python_at_all_is_one_line_and_5(tmp_path: Path, verify: Verify) -> None:
    root, tools = copy_project(tmp_path / "elsewhere"), tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "dirname", "readlink"):
        (tools / name).symlink_to(shutil.which(name) or name)
    code, stdout, stderr = verify(root=root, environment={"VIRTUAL_ENV": "", "PATH": str(tools)}).end()
    assert (code, stdout, stderr.count("\n")) == (5, "", 1), stderr
    assert "there is no python3" in stderr


def test_new_suite_and_spaces_in_paths_need_nothing(tmp_path: Path, backend: StartBackend, verify: Verify) -> None:
    root = copy_project(tmp_path / "a project, moved")
    shutil.copy(root / "suites" / "twilio.robot", root / "suites" / "voicemail.robot")
    cwd, logs = tmp_path / "from here", tmp_path / "the logs"
    cwd.mkdir()
    verification = verify(backend().url, root=root, cwd=cwd, environment=CREDENTIALS | {"LOG_DIR": str(logs)})
    code, stdout, _ = verification.end()
    assert code == 0, stdout
    assert "PASS" in verification.log("Voicemail")
    assert list(cwd.iterdir()) == []


def test_log_never_goes_through_a_link(tmp_path: Path, backend: StartBackend, verify: Verify) -> None:
    precious = tmp_path / "precious"
    precious.write_text("kept")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "backend_Twilio_smoke.log").symlink_to(precious)
    verification = verify(backend().url)
    assert verification.end()[0] == 0
    assert precious.read_text() == "kept"
    assert "PASS" in verification.log("Twilio")


@pytest.mark.parametrize("is_directory", [True, False])
def test_log_that_cannot_be_written_is_a_warning_and_costs_no_verdict(
    is_directory: bool, tmp_path: Path, backend: StartBackend, verify: Verify
) -> None:
    if is_directory:  # which cannot be replaced
        (tmp_path / "logs" / "backend_Calendar_smoke.log").mkdir(parents=True)
    else:
        (tmp_path / "logs").touch()
    code, stdout, stderr = verify(backend("phone_number_is_national").url).end()
    assert (code, stderr) == (3, ""), stdout
    (warning,) = [line for line in stdout.splitlines() if line.startswith("Warning: ")]
    assert "cannot be written" in warning
    assert "LOG_DIR" in warning
    assert (tmp_path / "results" / "report.html").exists()


def test_log_of_an_earlier_verification_does_not_pass_for_one_of_this(backend: StartBackend, verify: Verify) -> None:
    target = backend()
    assert verify(target.url).end()[0] == 0
    refused = verify(target.url, environment={})
    assert refused.end()[0] == 5
    assert list(refused.logs.iterdir()) == []
