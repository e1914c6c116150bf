"""The pipeline: its steps are run as GitHub Actions runs them, against healthy, broken and hostile backends."""

import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from acceptance import annotations
from tests.conftest import ROOT, Backend, StartBackend, clean_environment, copy_of_the_project

WORKFLOWS = ROOT / ".github" / "workflows"
ARTIFACTS = {"report.html", "log.html", "output.xml", "xunit.xml", "summary.json", "summary.md"}
LONGEST_SECONDS = 150
HOSTILE = "x\r::error::owned\n::stop-commands::t ##[add-mask]y <script>1</script> | `z` [a](b)"


@dataclass(frozen=True)
class Event:
    """What made a workflow run, and with what.

    Attributes:
        name: The name of the event.
        payload: What GitHub says of it.
        inputs: What a person or a calling workflow gave.
        secrets: What is set in the repository; a fork's pull request sees none.
    """

    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)

    def evaluated(self, text: str) -> str:
        """Return `text` with each `${{ … }}` evaluated; what there is not is empty, as it is on GitHub."""
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self.value(found.group(1))), text)

    def value(self, expression: str) -> Any:
        """Return the value of an expression of names, texts, `==`, `!=`, `&&` and `||`."""
        contexts = {
            "github": {"event_name": self.name, "event": self.payload, "run_id": "4711"},
            "inputs": self.inputs,
            "secrets": self.secrets,
            "job": {"check_run_id": "815"},
        }
        names = re.compile(r"'[^']*'|[a-z_]+(?:\.\w+)+")

        def looked_up(found: re.Match[str]) -> str:
            if found.group().startswith("'"):
                return found.group()
            value: Any = contexts
            for name in found.group().split("."):
                value = value.get(name, "") if isinstance(value, Mapping) else ""
            return repr(value)

        python = names.sub(looked_up, expression).replace("||", " or ").replace("&&", " and ")
        return eval(python.strip(), {"always": lambda: True})  # the expressions are our own


@dataclass(frozen=True)
class Ran:
    """What a job left.

    Attributes:
        code: The exit code of the step that failed first, 0 where none did.
        console: What its steps wrote.
        summary: The summary of the job.
        artifact: The names of the files that were kept.
        results: What is in the results.
    """

    code: int
    console: str
    summary: str
    artifact: set[str]
    results: set[str]

    def commands(self) -> list[str]:
        """The lines that GitHub Actions takes for commands: it ends a line at a carriage return, too."""
        lines = re.split(r"\r\n|\r|\n", self.console)
        return [line for line in lines if line.lstrip().startswith("::") or "##[" in line]


class Checkout:
    """A clean copy of the project in which the job of the workflow runs."""

    def __init__(self, directory: Path) -> None:
        self.workspace = copy_of_the_project(directory / "workspace")
        self._directory = directory

    @property
    def job(self) -> Mapping[str, Any]:
        """The job of the workflow."""
        text = (self.workspace / ".github/workflows/backend-e2e-tests.yml").read_text("utf-8")
        (job,) = yaml.load(text, Loader=yaml.BaseLoader)["jobs"].values()  # the base loader takes "on" for no boolean
        return job  # type: ignore[no-any-return]

    def run(self, event: Event) -> Ran:
        """Run the steps of the job, those behind a failed one only where they ask for it."""
        code, console, artifact = 0, "", set[str]()
        for step in self.job["steps"]:
            if code and "always()" not in step.get("if", ""):
                continue
            if "run" in step:
                process = self.start(step, event)
                output, _ = process.communicate(timeout=LONGEST_SECONDS)
                code, console = code or process.returncode, console + output
            elif step["uses"].startswith("actions/upload-artifact@"):
                paths = [self.workspace / line for line in step["with"]["path"].split()]
                artifact |= {path.name for path in paths if path.exists()}
        results = self.workspace / "results"
        return Ran(
            code,
            console,
            self._summary.read_text("utf-8") if self._summary.exists() else "",
            artifact,
            {path.name for path in results.iterdir()} if results.exists() else set(),
        )

    def start(self, step: Mapping[str, Any], event: Event) -> subprocess.Popen[str]:
        """Start a step the way GitHub's runner does: `bash --noprofile --norc -e -o pipefail FILE`."""
        script = self._directory / "step.sh"
        script.write_text(event.evaluated(step["run"]))
        environment = {
            "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
            "PIP_NO_INDEX": "1",  # all that the lock file names is there, and nothing else is installed
            "ACCEPTANCE_STATE_DIR": str(self._directory / "state"),
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": event.name,
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(self._directory / "output"),
            "GITHUB_STEP_SUMMARY": str(self._summary),
            **{name: event.evaluated(value) for name, value in step.get("env", {}).items()},
        }
        return subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
            cwd=self.workspace,
            env=clean_environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def _summary(self) -> Path:
        return self._directory / "step-summary.md"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A clean copy of the project."""
    return Checkout(tmp_path)


def secrets_of(backend: Backend) -> dict[str, str]:
    """The secrets of a repository whose backend this is."""
    return {"PROD_API_URL": backend.url, "E2E_EMAIL": backend.email, "E2E_PASSWORD": backend.password}


@pytest.mark.parametrize(
    ("event", "mode"), [("pull_request", "smoke"), ("push", "full"), ("schedule", "full"), ("merge_group", "full")]
)
def test_event_has_its_mode_and_a_healthy_backend_passes(
    event: str, mode: str, backend: StartBackend, checkout: Checkout
) -> None:
    target = backend()
    ran = checkout.run(Event(event, secrets=secrets_of(target)))
    assert ran.code == 0, ran.console
    assert ran.commands() == []
    assert ran.summary.startswith(f"# Healthy: {mode} run against {target.url}")
    assert "| twilio | healthy | 0 |" in ran.summary
    assert "## Slowest calls" in ran.summary
    assert ran.artifact == ran.results == ARTIFACTS


def test_broken_apis_block_with_the_suites_own_code_and_an_error_at_each_test_that_failed_first(
    backend: StartBackend, checkout: Checkout
) -> None:
    target = backend("phone_number_is_national", "start_answers_500_as_html")
    ran = checkout.run(Event("pull_request", secrets=secrets_of(target)))
    assert ran.code == 3
    found = [re.fullmatch(r"::error file=(.*?),line=(\d+),title=(.*?)::(.*)", line) for line in ran.commands()]
    shown = [match.groups() for match in found if match]
    assert [(file, title) for file, _, title, _ in shown] == [
        ("suites/calendar.robot", "calendar%3A broken (exit code 3)"),
        ("suites/twilio.robot", "twilio%3A broken (exit code 3)"),
    ]
    assert len(ran.commands()) == 2
    for file, line, _, message in shown:
        meaning, _, failure = message.partition("%0A")
        test = (ROOT / file).read_text("utf-8").splitlines()[int(line) - 1]
        assert failure.startswith(f"{test}: ")
        assert f"Exit 3    {meaning.removesuffix('.')}\n" in (ROOT / file).read_text("utf-8")
    assert ran.summary.startswith("# Broken: smoke run against ")
    assert "| settings | healthy | 0 |" in ran.summary
    assert "| calendar | broken | 3 |" in ran.summary
    assert "## First failures\n\n- calendar: `Connecting" in ran.summary
    assert "- twilio: `Assigned Phone Number Is Dialable Worldwide: " in ran.summary
    assert "blocked by the first failure" in ran.summary
    assert ran.artifact == ran.results == ARTIFACTS


def test_pull_request_from_a_fork_runs_full_on_the_embedded_backend_and_says_so(checkout: Checkout) -> None:
    ran = checkout.run(Event("pull_request", payload={"pull_request": {"head": {"repo": {"fork": True}}}}))
    assert ran.code == 0, ran.console
    (notice,) = ran.commands()
    assert notice.startswith("::notice title=Embedded backend::")
    assert ran.summary.startswith("# Healthy: full run against the embedded backend")


def test_pull_request_without_secrets_never_uses_the_target_of_the_calling_workflow(checkout: Checkout) -> None:
    ran = checkout.run(Event("pull_request", inputs={"target": "https://api.example.com", "suites": "twilio"}))
    assert ran.code == 0, ran.console
    assert "the embedded backend" in ran.summary


def test_deployment_is_verified_at_its_own_url_with_the_code_of_the_broken_api(
    backend: StartBackend, checkout: Checkout
) -> None:
    target = backend("start_answers_500_as_html")
    payload = {"deployment_status": {"state": "success", "environment_url": target.url}}
    secrets = secrets_of(target) | {"PROD_API_URL": "http://127.0.0.1:9"}
    ran = checkout.run(Event("deployment_status", payload, secrets=secrets))
    assert ran.code == 2, ran.console
    assert f"smoke run against {target.url}" in ran.summary


@pytest.mark.parametrize(
    ("event", "runs"),
    [
        (Event("deployment_status", {"deployment_status": {"state": "success"}}), True),
        (Event("deployment_status", {"deployment_status": {"state": "in_progress"}}), False),
        (Event("deployment_status", {"deployment_status": {"state": "failure"}}), False),
        (Event("push"), True),
    ],
)
def test_of_a_deployment_only_success_is_verified(event: Event, runs: bool, checkout: Checkout) -> None:
    assert (event.evaluated(checkout.job["if"]) == "True") is runs


def test_person_chooses_target_mode_and_suites(backend: StartBackend, checkout: Checkout) -> None:
    target = backend()
    inputs = {"target": target.url, "mode": "smoke", "suites": "twilio calendar"}
    secrets = secrets_of(target) | {"PROD_API_URL": "http://127.0.0.1:9"}
    ran = checkout.run(Event("workflow_dispatch", inputs=inputs, secrets=secrets))
    assert ran.code == 0, ran.console
    assert f"smoke run against {target.url}" in ran.summary
    assert "| twilio |" in ran.summary
    assert "| settings |" not in ran.summary


@pytest.mark.parametrize(
    ("event", "words"),
    [
        pytest.param(Event("deployment_status", {}), "The deployment has no URL", id="deployment without a URL"),
        pytest.param(Event("push", inputs={"mode": "fast"}), "neither smoke nor full", id="unknown mode"),
        pytest.param(Event("push", inputs={"suites": "setings"}), "no suite 'setings'", id="unknown suite"),
        pytest.param(
            Event("push", secrets={"PROD_API_URL": "https://api.example.com"}),
            "E2E_EMAIL and E2E_PASSWORD are not set",
            id="no credentials",
        ),
    ],
)
def test_run_that_cannot_begin_ends_with_5_and_an_error(event: Event, words: str, checkout: Checkout) -> None:
    ran = checkout.run(event)
    assert ran.code == 5, ran.console
    (shown,) = [line for line in ran.commands() if line.startswith("::error ")]
    assert words in shown
    assert "no result" in ran.summary
    assert ran.artifact == set()


def test_suite_is_checked_out_and_not_the_code_of_a_calling_repository(checkout: Checkout) -> None:
    (step,) = [step for step in checkout.job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert step["with"]["repository"] == "${{ job.workflow_repository }}"
    assert step["with"]["ref"] == "${{ job.workflow_sha }}"
    assert step["with"]["persist-credentials"] == "false"


def test_cancelled_run_puts_the_account_back(backend: StartBackend, checkout: Checkout) -> None:
    target = backend("every_answer_takes_a_second")
    found = target.account()
    (step,) = [step for step in checkout.job["steps"] if "E2E_PASSWORD" in step.get("env", {})]
    process = checkout.start(step, Event("pull_request", secrets=secrets_of(target)))
    while target.account() == found:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LONGEST_SECONDS)
    assert (process.returncode, target.account()) == (5, found)


def test_runs_on_one_target_wait_for_each_other_and_a_fork_waits_for_nobody(checkout: Checkout) -> None:
    concurrency = checkout.job["concurrency"]
    assert concurrency["cancel-in-progress"] == "false"
    by_hand = Event("workflow_dispatch", inputs={"target": "https://a.example"})
    deployed = Event("deployment_status", {"deployment_status": {"environment_url": "https://a.example"}})
    fork = Event("pull_request", {"pull_request": {"head": {"repo": {"fork": True}}}})
    groups = [event.evaluated(concurrency["group"]) for event in (by_hand, deployed, fork, Event("push"))]
    assert groups == [
        "acceptance-https://a.example",
        "acceptance-https://a.example",
        "acceptance-4711",
        "acceptance-PROD_API_URL",
    ]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("::error::owned", ": :error::owned"),
        ("  \t::stop-commands::t", "  \t: :stop-commands::t"),
        ("fine\r::add-mask::x\r\n::error::y", "fine\n: :add-mask::x\n: :error::y"),
        ("a ##[error]b", "a # #[error]b"),
        ("settings::calendar # [1]", "settings::calendar # [1]"),
    ],
)
def test_text_that_would_be_a_command_is_made_harmless(written: str, shown: str) -> None:
    assert annotations.harmless(written) == shown


def test_text_of_a_backend_is_no_command_no_markdown_and_no_html(backend: StartBackend, checkout: Checkout) -> None:
    target = backend()
    with sqlite3.connect(target.database) as connection:
        connection.execute("UPDATE business SET phone_number = ?", [HOSTILE])
    ran = checkout.run(Event("pull_request", secrets=secrets_of(target)))
    assert ran.code == 3, ran.console
    assert "owned" in ran.console
    (shown,) = ran.commands()
    assert shown.startswith("::error file=suites/twilio.robot,line=")
    (failure,) = [line for line in ran.summary.splitlines() if "owned" in line]
    outside_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", failure)
    assert outside_code == "- twilio: "


def test_no_run_step_is_put_together_from_expressions_and_every_action_is_pinned() -> None:
    workflows = [yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader) for path in WORKFLOWS.glob("*.yml")]
    steps = [step for workflow in workflows for job in workflow["jobs"].values() for step in job["steps"]]
    assert len(steps) > 5
    for workflow in workflows:
        assert workflow["permissions"] == {"contents": "read"}
    for step in steps:
        assert "${{" not in step.get("run", "")
        assert "uses" not in step or re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])
