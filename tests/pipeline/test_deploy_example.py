"""The deployment example: two versions of a backend behind one port; the deploy command selects one."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.backends import EMAIL, PASSWORD, Backend, StartBackend
from tests.support.project import ROOT, clean_environment
from tests.support.switch import switching

SCRIPT = ROOT / "examples" / "deploy.sh"
LONGEST_SECONDS = 200
HEALTHY, BROKEN, BROKEN_OTHERWISE = (), ("update_returns_404",), ("update_returns_422",)


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
    """Deploys the version `new` where `old` is live; Ctrl-C interrupts it where `is_time` returns true."""

    def run(old: Backend, new: Backend, is_time: Callable[[], object] | None = None, **variables: str) -> Deployed:
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
            process = subprocess.Popen(
                [SCRIPT, switch.url],
                cwd=tmp_path,
                env=clean_environment(**environment | variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            if is_time:
                while not is_time():
                    assert process.poll() is None
                    time.sleep(0.05)
                os.killpg(process.pid, signal.SIGINT)
            console, _ = process.communicate(timeout=LONGEST_SECONDS)
        lines = alerts.read_text().splitlines() if alerts.exists() else []
        return Deployed(process.returncode, console, live.read_text().strip(), lines)

    return run


@pytest.mark.parametrize(
    ("before", "after", "code", "advice", "alert"),
    [
        pytest.param(HEALTHY, HEALTHY, 0, "Deployed: the backend is healthy", None, id="healthy stays healthy"),
        pytest.param(HEALTHY, BROKEN, 1, "the old version is healthy", None, id="healthy is broken"),
        pytest.param(
            HEALTHY, BROKEN_OTHERWISE, 1, "the old version is healthy", None, id="healthy is broken otherwise"
        ),
        pytest.param(BROKEN, HEALTHY, 0, "1 repaired", None, id="broken is repaired"),
        pytest.param(BROKEN, BROKEN, 5, "1 broken before", "a rollback will not help", id="broken stays broken"),
        pytest.param(BROKEN, BROKEN_OTHERWISE, 1, "1 regressed", "broken as it was", id="broken is broken otherwise"),
        pytest.param(BROKEN_OTHERWISE, HEALTHY, 0, "1 repaired", None, id="broken otherwise is repaired"),
        pytest.param(BROKEN_OTHERWISE, BROKEN, 1, "1 regressed", "broken as it was", id="broken otherwise is broken"),
        pytest.param(
            BROKEN_OTHERWISE, BROKEN_OTHERWISE, 5, "1 broken before", "will not help", id="broken otherwise stays so"
        ),
    ],
)
def test_only_what_the_release_broke_is_rolled_back(
    before: tuple[str, ...],
    after: tuple[str, ...],
    code: int,
    advice: str,
    alert: str | None,
    backend: StartBackend,
    deploy: Deploy,
) -> None:
    old, new = backend(*before), backend(*after)
    deployed = deploy(old, new)
    live = old if code == 1 else new
    assert (deployed.code, deployed.live) == (code, live.url), deployed.console
    assert advice in deployed.console
    assert ("Rolling back" in deployed.console) == (code == 1)
    assert f"Before the deployment, the exit code is {1 if before else 0}." in deployed.console
    assert len(deployed.alerts) == (1 if alert else 0)
    assert all(alert in line for line in deployed.alerts if alert)


def test_interrupt_before_the_deployment_deploys_nothing(backend: StartBackend, deploy: Deploy) -> None:
    old, new = backend("every_response_takes_a_second"), backend()
    deployed = deploy(old, new, is_time=old.calls)
    assert (deployed.code, deployed.live, new.calls()) == (5, old.url, []), deployed.console


def test_interrupt_of_the_deployment_alerts_the_team(tmp_path: Path, backend: StartBackend, deploy: Deploy) -> None:
    begun = tmp_path / "begun"
    deployed = deploy(backend(), backend(), is_time=begun.exists, DEPLOY_COMMAND=f"touch '{begun}'; sleep 60")
    assert deployed.code == 5, deployed.console
    (alert,) = deployed.alerts
    assert "interrupted" in alert


def test_script_that_cannot_verify_deploys_nothing(tmp_path: Path, backend: StartBackend, deploy: Deploy) -> None:
    old, new = backend(), backend()
    deployed = deploy(old, new, OUTPUT_DIR="/dev/null/results")
    assert (deployed.code, deployed.live) == (5, old.url), deployed.console
    copy = shutil.copy(SCRIPT, tmp_path)
    environment = clean_environment(DEPLOY_COMMAND="echo deployed", ROLLBACK_COMMAND=":")
    done = subprocess.run([copy, old.url], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (5, "", 1)


@pytest.mark.parametrize(
    ("fault", "code", "api"),
    [
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


def test_rollback_to_a_version_that_is_not_as_before_raises_an_alert(backend: StartBackend, deploy: Deploy) -> None:
    old, new, other = backend(), backend("phone_number_is_national"), backend("phone_number_is_national")
    deployed = deploy(old, new, ROLLBACK_COMMAND=f"echo {other.url} > live")
    assert (deployed.code, deployed.live) == (3, other.url), deployed.console
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
    assert "do not roll back on this" in deployed.alerts[0]


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
