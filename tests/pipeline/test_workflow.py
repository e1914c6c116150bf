"""The workflow: its steps run as GitHub Actions runs them, against healthy, broken and hostile backends."""

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from acceptance.reporting.escaping import WORD_JOINER, for_console
from tests.support.backends import Backend, StartBackend
from tests.support.project import ROOT, clean_environment, copy_project
from tests.support.workflows import SHELL, read_workflow

WORKFLOWS = ROOT / ".github" / "workflows"
ARTIFACTS = {
    *("report.html", "log.html", "output.xml", "xunit.xml", "summary.json", "summary.md"),
    "dashboard.html",
}
LONGEST_SECONDS = 150
HOSTILE = "x\r::error::owned\n::stop-commands::t ##[add-mask]y <script>1</script> | `z` [a](b)"


@dataclass(frozen=True)
class Event:
    """The event that starts a workflow.

    Attributes:
        name: The name of the event.
        payload: GitHub's description of it.
        inputs: The inputs of a person or a calling workflow.
        secrets: The repository's secrets; a pull request of a fork gets none.
        variables: The repository's variables.
        job: The id of the job.
        check_run: The id of its check, which GitHub alone has.
        shard: The number of the job's machine.
    """

    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    job: str = ""
    check_run: str = "815"
    shard: int = 1

    def evaluated(self, text: str) -> str:
        """Return `text` with each `${{ … }}` evaluated; an unknown name is empty, as on GitHub."""
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self.value(found.group(1))), text)

    def value(self, expression: str, workspace: Path = ROOT) -> Any:
        """Return the value of an expression of names, texts, operators, and the functions that the workflow calls."""
        contexts = {
            "github": {
                "event_name": self.name,
                "event": self.payload,
                "run_id": "4711",
                "run_attempt": "1",
                "job": self.job,
            },
            "inputs": self.inputs,
            "secrets": self.secrets,
            "vars": self.variables,
            "job": {"check_run_id": self.check_run},
            "matrix": {"shard": self.shard},
        }
        functions = {
            "always": lambda: True,
            "contains": lambda values, value: value in values,
            "format": str.format,
            "fromJSON": json.loads,
            "hashFiles": lambda name: "4f2e" if (workspace / name).exists() else "",
        }
        names = re.compile(r"'[^']*'|[a-z_]+(?:\.[\w-]+)+")

        def looked_up(found: re.Match[str]) -> str:
            if found.group().startswith("'"):
                return found.group()
            value: Any = contexts
            for name in found.group().split("."):
                value = value.get(name, "") if isinstance(value, Mapping) else ""
            return repr(value)

        expression = expression.strip().removeprefix("${{").removesuffix("}}")
        python = names.sub(looked_up, expression).replace("||", " or ").replace("&&", " and ")
        return eval(re.sub(r"!(?!=)", " not ", python).strip(), functions)  # the expressions are our own


@dataclass(frozen=True)
class Ran:
    """The outcome of a job.

    Attributes:
        code: The exit code of the step that failed first, 0 where none did.
        console: The output of its steps.
        summary: The summary of the job.
        artifact: The names of the uploaded files.
        results: The names of the files in the results.
    """

    code: int
    console: str
    summary: str
    artifact: set[str]
    results: set[str]

    def commands(self) -> list[str]:
        """Return the lines that GitHub Actions takes for commands; a carriage return ends a line, too."""
        lines = re.split(r"\r\n|\r|\n", self.console)
        return [line for line in lines if line.lstrip().startswith("::") or "##[" in line]


class Checkout:
    """A clean copy of the project in which the jobs of the workflow run, one after another.

    Attributes:
        workspace: The copy.
        history: The caches of the repository: their keys, and the database in each.
    """

    def __init__(self, directory: Path) -> None:
        self.workspace = copy_project(directory / "workspace")
        self.history: dict[str, bytes] = {}
        self._artifacts: dict[str, dict[str, bytes]] = {}
        self._directory = directory

    @property
    def workflow(self) -> Mapping[str, Any]:
        """The workflow."""
        return read_workflow(self.workspace / ".github/workflows/backend-e2e-tests.yml")

    @property
    def job(self) -> Mapping[str, Any]:
        """The job that runs the tests."""
        return self.workflow["jobs"]["acceptance"]  # type: ignore[no-any-return]

    def run(self, event: Event) -> Ran:
        """Run the workflow, and return the outcome of the job whose check is required."""
        return self.jobs(event)["Acceptance tests"]

    def jobs(self, event: Event, lost: int | None = None) -> dict[str, Ran]:
        """Run the event's jobs, each on a clean machine, and return their outcomes by name.

        Args:
            event: The event that starts the workflow.
            lost: The shard whose machine is lost before it uploads anything.
        """
        ran = {}
        for name, job in self.workflow["jobs"].items():
            if "if" in job and not event.value(job["if"]):
                continue
            numbers = event.value(job["strategy"]["matrix"]["shard"]) if "strategy" in job else [1]
            for number in numbers:
                machine = replace(event, job=name, shard=number)
                if len(numbers) == 1 or number != lost:
                    ran[machine.evaluated(job["name"])] = self._run_job(job, machine)
        return ran

    def _run_job(self, job: Mapping[str, Any], event: Event) -> Ran:
        """Run the steps of a job, those behind a failed one only where they ask for it."""
        for name in ("results", "history", "shards"):
            shutil.rmtree(self.workspace / name, ignore_errors=True)
        self._summary.unlink(missing_ok=True)
        code, console, artifact = 0, "", set[str]()
        for step in job["steps"]:
            if code and "always()" not in step.get("if", ""):
                continue
            if "if" in step and not event.value(step["if"], self.workspace):
                continue
            if "run" in step:
                process = self.start(step, event)
                output, _ = process.communicate(timeout=LONGEST_SECONDS)
                code, console = code or process.returncode, console + output
            else:
                artifact |= self._act(step, event)
        results = self.workspace / "results"
        return Ran(
            code,
            console,
            self._summary.read_text("utf-8").replace(WORD_JOINER, "") if self._summary.exists() else "",
            artifact,
            {path.name for path in results.iterdir()} if results.exists() else set(),
        )

    def _act(self, step: Mapping[str, Any], event: Event) -> set[str]:
        """Do what the action of a step does, and return the names of the files that it uploads."""
        given = {name: event.evaluated(value) for name, value in step.get("with", {}).items()}
        action = step["uses"].partition("@")[0]
        if action == "actions/upload-artifact":
            files = [path for line in given["path"].split() if (path := self.workspace / line).exists()]
            if files:
                self._artifacts[given["name"]] = {path.name: path.read_bytes() for path in files}
            return {path.name for path in files}
        if action == "actions/download-artifact":
            names = [name for name in self._artifacts if fnmatch(name, given["pattern"])]
            for name in names:
                directory = self.workspace / given["path"] / (name if len(names) > 1 else "")  # as the action does
                directory.mkdir(parents=True)
                for file, content in self._artifacts[name].items():
                    (directory / file).write_bytes(content)
        database = self.workspace / given.get("path", "") / "runs.db"
        if action == "actions/cache/save":
            self.history[given["key"]] = database.read_bytes()
        fitting = [key for key in self.history if key.startswith(given.get("restore-keys", "|"))]
        if action == "actions/cache/restore" and fitting:
            database.parent.mkdir()
            database.write_bytes(self.history[fitting[-1]])
        return set()

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
            "GITHUB_RUN_ID": "4711",
            "GITHUB_REF_NAME": "7/merge" if event.name == "pull_request" else "main",
            "GITHUB_HEAD_REF": "feature" if event.name == "pull_request" else "",
            "GITHUB_BASE_REF": "main" if event.name == "pull_request" else "",
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(self._directory / "output"),
            "GITHUB_STEP_SUMMARY": str(self._summary),
            **{name: event.evaluated(value) for name, value in step.get("env", {}).items()},
        }
        return subprocess.Popen(
            [*SHELL, script],
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


FORK = Event("pull_request", {"pull_request": {"head": {"repo": {"fork": True}}}})


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


def test_broken_apis_block_with_the_exit_code_and_an_annotation_for_each_first_failure(
    backend: StartBackend, checkout: Checkout
) -> None:
    target = backend("phone_number_is_national", "start_returns_500_as_html")
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
        meaning, failure, since, trace = message.split("%0A")
        test = (ROOT / file).read_text("utf-8").splitlines()[int(line) - 1]
        assert failure.startswith(f"{test}: ")
        assert since == "No earlier result in the history."
        assert re.fullmatch("Trace: [0-9a-f]{32}", trace)
        assert f"Exit 3    {meaning.removesuffix('.')}\n" in (ROOT / file).read_text("utf-8")
    assert ran.summary.startswith("# Broken: smoke run against ")
    assert "| settings | healthy | 0 |" in ran.summary
    assert "| calendar | broken | 3 |" in ran.summary
    assert "🔴 **calendar: broken.** `OAuth Start Redirects To Google Or Explains Why Not: " in ran.summary
    assert "🔴 **twilio: broken.** `Phone Number Is Valid E.164: " in ran.summary
    assert ran.artifact == ran.results == ARTIFACTS


@pytest.mark.parametrize(
    ("event", "mode"),
    [
        pytest.param(FORK, "smoke", id="pull request of a fork"),
        pytest.param(Event("push"), "full", id="push"),
        pytest.param(Event("push", inputs={"mode": "smoke"}), "smoke", id="push with a mode of its own"),
    ],
)
def test_run_without_a_target_uses_the_embedded_backend_and_adds_a_notice(
    event: Event, mode: str, checkout: Checkout
) -> None:
    ran = checkout.run(event)
    assert ran.code == 0, ran.console
    (notice,) = ran.commands()
    assert notice.startswith("::notice title=Embedded backend::")
    assert f"this {mode} run is against the embedded backend" in notice
    assert ran.summary.startswith(f"# Healthy: {mode} run against the embedded backend")


def test_pull_request_without_secrets_never_uses_the_target_of_the_calling_workflow(checkout: Checkout) -> None:
    ran = checkout.run(Event("pull_request", inputs={"target": "https://api.example.com", "suites": "twilio"}))
    assert ran.code == 0, ran.console
    assert "the embedded backend" in ran.summary


def test_deployment_is_verified_at_its_own_url_with_the_code_of_the_broken_api(
    backend: StartBackend, checkout: Checkout
) -> None:
    target = backend("start_returns_500_as_html")
    payload = {"deployment_status": {"state": "success", "environment_url": target.url}}
    secrets = secrets_of(target) | {"PROD_API_URL": "http://127.0.0.1:9"}
    variables = {"ALLOWED_ORIGINS": f"https://api.example.com {target.url}"}
    ran = checkout.run(Event("deployment_status", payload, secrets=secrets, variables=variables))
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


def test_manual_run_selects_target_mode_and_suites(backend: StartBackend, checkout: Checkout) -> None:
    target = backend()
    inputs = {"target": target.url, "mode": "smoke", "suites": "twilio calendar"}
    secrets = secrets_of(target) | {"PROD_API_URL": "http://127.0.0.1:9"}
    variables = {"ALLOWED_ORIGINS": target.url}
    ran = checkout.run(Event("workflow_dispatch", inputs=inputs, secrets=secrets, variables=variables))
    assert ran.code == 0, ran.console
    assert f"smoke run against {target.url}" in ran.summary
    assert "| twilio |" in ran.summary
    assert "| settings |" not in ran.summary


def test_input_names_the_build_that_must_answer(backend: StartBackend, checkout: Checkout) -> None:
    inputs = {"mode": "smoke", "suites": "twilio", "expect-build": "abc1234"}
    event = Event("push", inputs=inputs, secrets=secrets_of(backend(BUILD="9f8e7d6")))
    ran = checkout.run(event)
    assert ran.code == 5, ran.console
    assert "Expected build abc1234, but /health named 9f8e7d6" in ran.console
    assert checkout.run(replace(event, secrets={})).code == 0, "the embedded backend has no build"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        pytest.param(
            Event("deployment_status", {"deployment_status": {"state": "success"}}),
            "The deployment has no URL",
            id="deployment without a URL",
        ),
        pytest.param(Event("push", inputs={"mode": "fast"}), "neither smoke nor full", id="unknown mode"),
        pytest.param(Event("push", inputs={"shards": "9"}), "no number from 1 to 8", id="too many shards"),
        pytest.param(Event("push", inputs={"shards": "two"}), "no number from 1 to 8", id="shards that are no number"),
        pytest.param(Event("push", inputs={"suites": "setings"}), "no suite 'setings'", id="unknown suite"),
        *(
            pytest.param(Event("push", inputs={"suites": suites}), "no list of names", id=f"suites {suites!r}")
            for suites in ("--url http://evil.example", "settings -- --variable X:1", "settings\ntwilio", "$(id)", " ")
        ),
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


OTHER_ORIGINS = (
    "https://api.example.com.evil.example",
    "https://evil.example/api.example.com",
    "https://api.example.com@evil.example",
    "https://api.example.com:443@evil.example/",
    "https://evil.example#https://api.example.com",
    "https://evil.example\\@api.example.com",
    "https://api.example.com:8443",
    "https://preview.api.example.com",
    "http://api.example.com",
    "HTTP://API.EXAMPLE.COM:443",
    "https://api.example.com?x=/",
    "https://*",
    "api.example.com",
)


SECRETS = {"PROD_API_URL": "https://api.example.com", "E2E_EMAIL": "o@a.example", "E2E_PASSWORD": "correct-horse"}


@pytest.fixture
def begin(checkout: Checkout, tmp_path: Path) -> Callable[[Event], tuple[int, str]]:
    """Starts the step that runs the tests, with a Python that shows its target, and returns exit code and output."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\necho "$API_URL gets $E2E_PASSWORD"\n')
    python.chmod(0o755)
    (step,) = [step for step in checkout.job["steps"] if "E2E_PASSWORD" in step.get("env", {})]
    environment = {**step["env"], "PATH": f"{python.parent}:/usr/bin:/bin"}

    def start(event: Event) -> tuple[int, str]:
        process = checkout.start({**step, "env": environment}, event)
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
        return process.returncode, output

    return start


@pytest.mark.parametrize("event", ["deployment_status", "workflow_dispatch"])
def test_target_of_another_origin_gets_no_password(event: str, begin: Callable[[Event], tuple[int, str]]) -> None:
    variables = {"ALLOWED_ORIGINS": "https://*.example.com https://staging.example.com:443/"}
    for url in OTHER_ORIGINS:
        payload = {"deployment_status": {"state": "success", "environment_url": url}}
        inputs = {"target": url} if event == "workflow_dispatch" else {}
        code, output = begin(Event(event, payload, inputs, SECRETS, variables))
        assert (code, output.count("\n")) == (5, 1), url
        assert output.startswith("::error title=The run cannot begin::The target is not at the origin of PROD_API_URL")


def test_target_of_an_allowed_origin_gets_the_password(begin: Callable[[Event], tuple[int, str]]) -> None:
    variables = {"ALLOWED_ORIGINS": "https://Staging.example.com\nhttp://b.example/"}
    for url in ("https://API.example.com:443/v2", "https://staging.example.com", "http://b.example:80"):
        event = Event("workflow_dispatch", inputs={"target": url}, secrets=SECRETS, variables=variables)
        assert begin(event) == (0, f"{url} gets correct-horse\n")
    assert begin(Event("push", secrets=SECRETS)) == (0, "https://api.example.com gets correct-horse\n")


def test_suite_is_checked_out_and_not_the_code_of_a_calling_repository(checkout: Checkout) -> None:
    (step,) = [step for step in checkout.job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert step["with"]["repository"] == "${{ job.workflow_repository || github.repository }}"
    assert step["with"]["ref"] == "${{ job.workflow_sha || github.sha }}"
    assert step["with"]["persist-credentials"] == "false"


def test_cancelled_run_restores_the_account(backend: StartBackend, checkout: Checkout) -> None:
    target = backend("every_response_takes_a_second")
    found = target.account()
    (step,) = [step for step in checkout.job["steps"] if "E2E_PASSWORD" in step.get("env", {})]
    process = checkout.start(step, Event("pull_request", secrets=secrets_of(target)))
    while target.account() == found:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LONGEST_SECONDS)
    assert (process.returncode, target.account()) == (5, found)


def test_runs_on_one_target_wait_for_each_other_and_a_fork_does_not_wait(checkout: Checkout) -> None:
    assert all("concurrency" not in job for job in checkout.workflow["jobs"].values())
    concurrency = checkout.workflow["concurrency"]
    assert concurrency["cancel-in-progress"] == "false"
    by_hand = Event("workflow_dispatch", inputs={"target": "https://a.example"})
    deployed = Event("deployment_status", {"deployment_status": {"environment_url": "https://a.example"}})
    groups = [event.evaluated(concurrency["group"]) for event in (by_hand, deployed, FORK, Event("push"))]
    assert groups == [
        "acceptance-https://a.example",
        "acceptance-https://a.example",
        "acceptance-4711",
        "acceptance-PROD_API_URL",
    ]


def test_shards_have_one_verdict_in_the_required_job(checkout: Checkout) -> None:
    ran = checkout.jobs(Event("pull_request", inputs={"shards": "2"}))
    assert list(ran) == ["Shard 1 of 2", "Shard 2 of 2", "Acceptance tests"]
    assert [job.code for job in ran.values()] == [0, 0, 0], ran
    *shards, whole = ran.values()
    assert [shard.summary for shard in shards] == ["", ""]
    assert whole.summary.startswith("# Healthy: smoke run against an embedded backend for each shard")
    assert "| settings | healthy | 0 |" in whole.summary
    assert "| twilio | healthy | 0 |" in whole.summary
    assert whole.artifact == whole.results == ARTIFACTS


def test_runner_without_the_contexts_of_github_alone_keeps_results_and_history(checkout: Checkout) -> None:
    ran = checkout.run(Event("push", inputs={"suites": "twilio"}, check_run=""))
    assert ran.code == 0, ran.console
    assert ran.artifact == ran.results == ARTIFACTS
    assert list(checkout.history) == ["acceptance-history|embedded|4711-1"]


def test_shards_show_each_error_once_and_end_with_the_code_that_one_run_ends_with(
    backend: StartBackend, checkout: Checkout
) -> None:
    target = backend("phone_number_is_national")
    with closing(sqlite3.connect(target.database)) as connection, connection:
        connection.execute("UPDATE business SET phone_number = ?", [HOSTILE])
    ran = checkout.jobs(Event("push", inputs={"shards": "2", "mode": "smoke"}, secrets=secrets_of(target)))
    assert ran["Acceptance tests"].code == 3
    (shown,) = [line for job in ran.values() for line in job.commands()]
    assert shown.startswith("::error file=suites/twilio.robot,line=")
    assert shown in ran["Acceptance tests"].commands()
    assert len(checkout.history) == 1


def test_shards_after_a_deployment_name_the_broken_api(backend: StartBackend, checkout: Checkout) -> None:
    target = backend("start_returns_500_as_html")
    payload = {"deployment_status": {"state": "success", "environment_url": target.url}}
    ran = checkout.run(Event("deployment_status", payload, inputs={"shards": "2"}, secrets=secrets_of(target)))
    assert ran.code == 2, ran.console


@pytest.mark.parametrize("lost", [1, 2])
def test_shard_that_is_lost_is_named_and_makes_it_5(lost: int, checkout: Checkout) -> None:
    ran = checkout.jobs(Event("pull_request", inputs={"shards": "2"}), lost=lost)["Acceptance tests"]
    assert ran.code == 5, ran.console
    assert f"Shard {lost}/2 is missing" in ran.console
    assert f"Shard {lost}/2 is missing" in ran.summary
    assert [line for line in ran.commands() if line.startswith("::error ")] == ran.commands() != []


def test_invalid_number_of_shards_starts_no_shard(checkout: Checkout) -> None:
    assert list(checkout.jobs(Event("push", inputs={"shards": "1 2"}))) == ["Acceptance tests"]


def test_history_of_a_target_grows_by_each_run_and_other_targets_have_their_own(
    backend: StartBackend, checkout: Checkout
) -> None:
    target = backend()
    here = Event("push", inputs={"target": target.url, "suites": "twilio"}, secrets=secrets_of(target))
    elsewhere = f"acceptance-history|{target.url}-2|1-1"
    checkout.history[elsewhere] = b"of another target"
    assert checkout.run(here).code == 0
    key = f"acceptance-history|{target.url}|4711-815"
    assert list(checkout.history) == [elsewhere, key]
    checkout.history = {elsewhere: b"of another target", key.replace("4711", "4710"): checkout.history[key]}
    assert checkout.run(here).code == 0
    assert list(checkout.history)[-1] == key
    database = checkout.workspace / "history" / "runs.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (2,)


def test_pull_request_is_compared_with_its_base_branch_and_saves_no_history(
    backend: StartBackend, checkout: Checkout
) -> None:
    target = backend("phone_number_is_national")
    inputs = {"target": target.url, "suites": "twilio"}
    assert checkout.run(Event("push", inputs=inputs, secrets=secrets_of(target))).code == 3
    before = dict(checkout.history)
    ran = checkout.run(Event("pull_request", inputs=inputs, secrets=secrets_of(target)))
    assert "Also failing on main: not this change." in ran.summary
    (annotation,) = ran.commands()
    assert "%0AAlso failing on main: not this change.%0ATrace: " in annotation
    assert checkout.history == before


def test_history_that_is_damaged_changes_no_verdict(checkout: Checkout) -> None:
    checkout.history["acceptance-history|embedded|1-1"] = b"These are notes, and no database at all. " * 100
    ran = checkout.run(Event("pull_request", inputs={"suites": "twilio"}))
    assert ran.code == 0, ran.console
    assert "not added to the history" in ran.console
    steps = [step for step in checkout.job["steps"] if step.get("uses", "").startswith("actions/cache/")]
    assert [step["continue-on-error"] for step in steps] == ["true", "true"]


def test_pull_request_of_a_fork_neither_reads_nor_writes_a_history(checkout: Checkout) -> None:
    checkout.history["acceptance-history|embedded|1-1"] = b"no database"
    ran = checkout.run(replace(FORK, inputs={"suites": "twilio"}))
    assert ran.code == 0, ran.console
    assert "not added" not in ran.console
    assert list(checkout.history) == ["acceptance-history|embedded|1-1"]


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
def test_text_that_looks_like_a_command_is_escaped(written: str, shown: str) -> None:
    assert for_console(written) == shown


def test_text_of_a_backend_is_no_command_no_markdown_and_no_html(backend: StartBackend, checkout: Checkout) -> None:
    target = backend()
    with closing(sqlite3.connect(target.database)) as connection, connection:
        connection.execute("UPDATE business SET phone_number = ?", [HOSTILE])
    ran = checkout.run(Event("pull_request", secrets=secrets_of(target)))
    assert ran.code == 3, ran.console
    assert "owned" in ran.console
    (shown,) = ran.commands()
    assert shown.startswith("::error file=suites/twilio.robot,line=")
    (failure,) = [line for line in ran.summary.splitlines() if "owned" in line]
    outside_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", failure)
    since = "No earlier result in the history."
    assert re.fullmatch(rf"🔴 \*\*twilio: broken\.\*\*  {since} Trace [0-9a-f]{{32}}\.", outside_code)


def test_no_run_step_contains_expressions_and_every_action_is_pinned() -> None:
    workflows = [read_workflow(path) for path in WORKFLOWS.glob("*.yml")]
    steps = [step for workflow in workflows for job in workflow["jobs"].values() for step in job["steps"]]
    assert len(steps) > 5
    for workflow in workflows:
        assert workflow["permissions"] == {"contents": "read"}
    for step in steps:
        assert "${{" not in step.get("run", "")
        assert "uses" not in step or re.fullmatch(r"[\w-]+(?:/[\w-]+)+@[0-9a-f]{40}", step["uses"])
