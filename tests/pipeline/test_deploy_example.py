"""The deployment example: two versions of a backend behind one port; the deploy command selects one."""

import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.backends import EMAIL, PASSWORD, Backend, StartBackend
from tests.support.project import ROOT, clean_environment

SCRIPT = ROOT / "examples" / "deploy.sh"
LONGEST_SECONDS = 200


class Forwarder(socketserver.BaseRequestHandler):
    """Forwards a connection to the version in the switch's file."""

    server: "Switch"

    def handle(self) -> None:
        """Forward both directions until both are closed."""
        version = urlsplit(self.server.file.read_text().strip())
        with socket.create_connection((str(version.hostname), version.port or 0)) as backend:
            back = threading.Thread(target=_forward, args=(backend, self.request))
            back.start()
            _forward(self.request, backend)
            back.join()


def _forward(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class Switch(socketserver.ThreadingTCPServer):
    """One port in front of two versions; `file` contains the URL of the live one."""

    def __init__(self, file: Path) -> None:
        super().__init__(("127.0.0.1", 0), Forwarder)
        self.file = file
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def switching(file: Path) -> Iterator[Switch]:
    """Serve a switch."""
    with Switch(file) as switch:
        thread = threading.Thread(target=switch.serve_forever)
        thread.start()
        yield switch
        switch.shutdown()
        thread.join()


@dataclass(frozen=True)
class Deployed:
    """The outcome of a deployment.

    Attributes:
        code: The exit code of the script.
        console: Its output.
        live: The URL of the live version.
        alerts: The alerts to the team.
    """

    code: int
    console: str
    live: str
    alerts: list[str]


Deploy = Callable[..., Deployed]


@pytest.fixture
def deploy(tmp_path: Path) -> Deploy:
    """Deploys the version `new` where `old` is live."""

    def run(old: Backend, new: Backend, **variables: str) -> Deployed:
        live, alerts = tmp_path / "live", tmp_path / "alerts"
        live.write_text(old.url)
        environment = {
            "DEPLOY_COMMAND": f"echo {new.url} > '{live}'",
            "ROLLBACK_COMMAND": f"echo {old.url} > '{live}'",
            "ALERT_COMMAND": f"""echo "$ALERT_MESSAGE" >> '{alerts}'""",
            "E2E_EMAIL": EMAIL,
            "E2E_PASSWORD": PASSWORD,
            "VIRTUAL_ENV": sys.prefix,
            "LOG_DIR": str(tmp_path / "logs"),
            "OUTPUT_DIR": str(tmp_path / "results"),
            "ACCEPTANCE_STATE_DIR": str(tmp_path / "state"),
        }
        with switching(live) as switch:
            done = subprocess.run(
                [SCRIPT, switch.url],
                cwd=tmp_path,
                env=clean_environment(**environment | variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=LONGEST_SECONDS,
                check=False,
            )
        lines = alerts.read_text().splitlines() if alerts.exists() else []
        return Deployed(done.returncode, done.stdout, live.read_text().strip(), lines)

    return run


def test_good_release_stays(backend: StartBackend, deploy: Deploy) -> None:
    old, new = backend(), backend()
    deployed = deploy(old, new)
    assert (deployed.code, deployed.live, deployed.alerts) == (0, new.url, []), deployed.console
    assert old.calls() == []
    assert "the backend is healthy" in deployed.console


@pytest.mark.parametrize(
    ("fault", "code", "api"),
    [
        ("update_returns_500", 1, "Settings"),
        ("start_returns_500_as_html", 2, "Calendar"),
        ("phone_number_is_national", 3, "Twilio"),
    ],
)
def test_broken_release_is_rolled_back_to_one_that_is_healthy(
    fault: str, code: int, api: str, backend: StartBackend, deploy: Deploy
) -> None:
    old, new = backend(), backend(fault)
    deployed = deploy(old, new)
    assert (deployed.code, deployed.live, deployed.alerts) == (code, old.url, []), deployed.console
    assert f"Rolling back: {api} API broken" in deployed.console
    assert "Rolled back; the old version is healthy" in deployed.console


def test_release_that_breaks_several_apis_is_rolled_back_and_the_team_is_alerted(
    backend: StartBackend, deploy: Deploy
) -> None:
    old, new = backend(), backend("start_returns_500_as_html", "phone_number_is_national")
    deployed = deploy(old, new)
    assert (deployed.code, deployed.live) == (4, old.url), deployed.console
    assert len(deployed.alerts) == 1
    assert "CRITICAL" in deployed.alerts[0]


def test_release_without_a_verdict_stays_and_the_team_is_alerted(backend: StartBackend, deploy: Deploy) -> None:
    old, new = backend(), backend()
    deployed = deploy(old, new, E2E_PASSWORD="")
    assert (deployed.code, deployed.live) == (5, new.url), deployed.console
    assert len(deployed.alerts) == 1
    assert "could not be verified" in deployed.alerts[0]


def test_rollback_to_a_version_that_is_broken_too_raises_an_alert(backend: StartBackend, deploy: Deploy) -> None:
    old, new = backend("phone_number_is_national"), backend("phone_number_is_national")
    deployed = deploy(old, new)
    assert (deployed.code, deployed.live) == (3, old.url), deployed.console
    assert "act now" in deployed.alerts[0]


def test_release_and_old_version_are_verified_as_the_builds_that_they_are(
    backend: StartBackend, deploy: Deploy
) -> None:
    old, new = backend(BUILD="9f8e7d6"), backend("phone_number_is_national", BUILD="abc1234")
    deployed = deploy(old, new, EXPECT_BUILD="abc1234", PREVIOUS_BUILD="9f8e7d6")
    assert (deployed.code, deployed.live, deployed.alerts) == (3, old.url, []), deployed.console
    assert "Rolled back; the old version is healthy" in deployed.console


def test_rollback_expects_no_build_unless_the_previous_one_is_given(backend: StartBackend, deploy: Deploy) -> None:
    old, new = backend(BUILD="9f8e7d6"), backend("phone_number_is_national", BUILD="abc1234")
    deployed = deploy(old, new, EXPECT_BUILD="abc1234")
    assert (deployed.code, deployed.live, deployed.alerts) == (3, old.url, []), deployed.console


def test_release_that_is_not_what_answers_is_not_rolled_back(backend: StartBackend, deploy: Deploy) -> None:
    old, new = backend(), backend("phone_number_is_national", BUILD="9f8e7d6")
    deployed = deploy(old, new, EXPECT_BUILD="abc1234", WAIT_SECONDS="1")
    assert (deployed.code, deployed.live) == (5, new.url), deployed.console
    assert "do not roll back on this" in deployed.console
    assert "could not be verified" in deployed.alerts[0]


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [("DEPLOY_COMMAND", 5, "DEPLOY_COMMAND failed"), ("ROLLBACK_COMMAND", 3, "the rollback FAILED")],
)
def test_command_that_fails_raises_an_alert(
    command: str, code: int, words: str, backend: StartBackend, deploy: Deploy
) -> None:
    deployed = deploy(backend(), backend("phone_number_is_national"), **{command: "false"})
    assert deployed.code == code, deployed.console
    assert words in deployed.alerts[0]


def test_script_without_its_commands_is_one_line_and_5(tmp_path: Path) -> None:
    done = subprocess.run(
        [SCRIPT, "https://a.example"], env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (5, "", 1)
    assert "DEPLOY_COMMAND" in done.stderr
