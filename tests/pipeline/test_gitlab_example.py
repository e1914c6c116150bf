"""The GitLab example: its script runs as GitLab runs it, against healthy and broken backends."""

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.backends import Backend, StartBackend
from tests.support.project import ROOT, clean_environment, copy_project

LONGEST_SECONDS = 150
MERGE_REQUEST = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
PUSH = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"}
SCHEDULE = {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "release"}
OF_ANOTHER_BRANCH = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "feature"}


def job() -> Mapping[str, Any]:
    """Return the job of the example."""
    (its,) = yaml.safe_load((ROOT / "examples" / ".gitlab-ci.yml").read_text("utf-8")).values()
    return its  # type: ignore[no-any-return]


def uploaded_on_github() -> set[str]:
    """Return the files that the workflow keeps."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/backend-e2e-tests.yml").read_text("utf-8"))
    steps = [step for step in workflow["jobs"]["merge"]["steps"] if step.get("name") == "Keep the results"]
    return set(steps[0]["with"]["path"].split())


def holds(condition: str, variables: Mapping[str, str]) -> bool:
    """Return whether the condition of a rule is true: comparisons of variables and texts, joined with `||`."""
    python = re.sub(r"\$(\w+)", lambda found: repr(variables.get(found[1])), condition).replace("||", " or ")
    return bool(eval(python, {"__builtins__": {}}))  # the condition is our own


def variables_of(pipeline: Mapping[str, str]) -> dict[str, str] | None:
    """Return the variables of the job in a pipeline, None where it is not in there."""
    ci = {"CI_DEFAULT_BRANCH": "main", "CI_COMMIT_REF_NAME": pipeline.get("CI_COMMIT_BRANCH", "feature"), **pipeline}
    for rule in job()["rules"]:
        if holds(rule["if"], ci):
            return {**ci, **job()["variables"], **rule.get("variables", {})}
    return None


@dataclass(frozen=True)
class Ran:
    """The outcome of a job.

    Attributes:
        code: The exit code of its script.
        console: Its output.
        artifacts: The kept files.
        summary: The text of `summary.md`, empty where there is none.
    """

    code: int
    console: str
    artifacts: set[str]
    summary: str


class Project:
    """A machine on which the jobs of the backend's project run, one after another, and the repository of the suites."""

    def __init__(self, directory: Path) -> None:
        self._builds = directory / "builds"
        self._suites = copy_project(directory / "suites")
        self._environment = clean_environment(
            PATH=f"{sys.prefix}/bin:/usr/bin:/bin",
            PIP_NO_INDEX="1",  # all that the lock file names is there, and nothing else is installed
            ACCEPTANCE_STATE_DIR=str(directory / "state"),
        )
        self._builds.mkdir()
        author = ["-c", "user.name=Team", "-c", "user.email=team@example.com"]
        for arguments in (["init"], ["add", "--all"], [*author, "commit", "--message", "suites"], ["branch", "v1"]):
            quiet = [] if arguments[0] in ("add", "branch") else ["--quiet"]
            subprocess.run(["git", *arguments, *quiet], cwd=self._suites, check=True)

    def run(self, pipeline: Mapping[str, str], target: Backend | None) -> Ran:
        """Run the script of the job as GitLab does: all lines in one bash, which ends at the first that fails."""
        variables = variables_of(pipeline)
        assert variables is not None
        variables["SUITES_URL"] = self._suites.as_uri()
        if target:
            secrets = {"PROD_API_URL": target.url, "E2E_EMAIL": target.email, "E2E_PASSWORD": target.password}
            variables |= secrets
        done = subprocess.run(
            ["bash", "-c", "\n".join(["set -eo pipefail", *job()["script"]])],
            cwd=self._builds,
            env=self._environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_SECONDS,
        )
        kept = {name for name in job()["artifacts"]["paths"] if (self._builds / name).is_file()}
        summary = self._builds / "results" / "summary.md"
        return Ran(done.returncode, done.stdout, kept, summary.read_text("utf-8") if summary.exists() else "")


@pytest.fixture
def gitlab(tmp_path: Path) -> Project:
    """The project of the backend."""
    return Project(tmp_path)


def test_merge_request_runs_smoke_and_the_default_branch_full_and_both_keep_the_results(
    backend: StartBackend, gitlab: Project
) -> None:
    target = backend()
    for pipeline, mode in ((MERGE_REQUEST, "smoke"), (PUSH, "full")):
        ran = gitlab.run(pipeline, target)
        assert ran.code == 0, ran.console
        assert ran.summary.startswith(f"# Healthy: {mode} run against ")
        assert ran.artifacts == uploaded_on_github()


def test_broken_backend_blocks_with_the_exit_code_and_says_since_when(backend: StartBackend, gitlab: Project) -> None:
    target = backend("phone_number_is_national")
    assert gitlab.run(PUSH, target).code == 3
    ran = gitlab.run(MERGE_REQUEST, target)
    assert ran.code == 3, ran.console
    assert "twilio    broken       3" in ran.console
    assert "Also failing on main: not this change" in ran.summary
    assert ran.artifacts == uploaded_on_github()


def test_merge_request_without_variables_is_against_the_embedded_backend(gitlab: Project) -> None:
    ran = gitlab.run(MERGE_REQUEST, None)
    assert ran.code == 0, ran.console
    assert "this run is against the embedded backend, not a deployed one" in ran.console


def test_default_branch_without_variables_is_blocked(gitlab: Project) -> None:
    ran = gitlab.run(PUSH, None)
    assert (ran.code, ran.artifacts) == (5, set())
    assert ran.console.startswith("The CI/CD variable PROD_API_URL is not set")


@pytest.mark.parametrize(
    ("pipeline", "mode", "history"),
    [(MERGE_REQUEST, "smoke", "pull"), (PUSH, "full", "pull-push"), (SCHEDULE, "full", "pull-push")],
)
def test_pipeline_has_its_mode_and_a_merge_request_saves_no_history(
    pipeline: dict[str, str], mode: str, history: str
) -> None:
    variables = variables_of(pipeline)
    assert variables is not None
    assert (variables["MODE"], variables["HISTORY"]) == (mode, history)
    assert job()["cache"]["policy"] == "$HISTORY"


def test_push_to_another_branch_runs_nothing() -> None:
    assert variables_of(OF_ANOTHER_BRANCH) is None


def test_runs_wait_for_each_other_and_results_are_kept_whatever_they_are() -> None:
    its = job()
    assert (its["resource_group"], its["interruptible"]) == ("acceptance", False)
    assert "allow_failure" not in its
    assert (its["artifacts"]["when"], its["cache"]["when"]) == ("always", "always")
    assert its["artifacts"]["reports"]["junit"] in its["artifacts"]["paths"]
    assert its["variables"]["SUITES_VERSION"] == "v1"
    assert not [name for name in its["variables"] if name.startswith("E2E_")]
