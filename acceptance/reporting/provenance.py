"""The commit, branch and pipeline build that a run belongs to, from the environment or from Git."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from acceptance.config import ROOT

COMMIT_VARIABLES = ("GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "GIT_COMMIT")
BUILD_VARIABLES = ("CI_JOB_URL", "BUILD_URL", "CIRCLE_BUILD_URL")
BRANCH_VARIABLES = ("GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME", "CHANGE_BRANCH", "BRANCH_NAME")
BASE_BRANCH_VARIABLES = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CHANGE_TARGET")
GIT_SECONDS = 5


def commit(environ: Mapping[str, str] = os.environ, directory: Path = ROOT) -> str | None:
    """Return the commit that the pipeline runs for, or outside a pipeline that of the suites; None if it is unknown."""
    given = _first(COMMIT_VARIABLES, environ)
    if given:
        return given
    command = ["git", "-C", str(directory), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=GIT_SECONDS).stdout.strip() or None
    except (OSError, subprocess.TimeoutExpired):
        return None


def build(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the URL of the pipeline's build, None outside a pipeline."""
    if environ.get("GITHUB_RUN_ID"):
        server = environ.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server}/{environ.get('GITHUB_REPOSITORY', '')}/actions/runs/{environ['GITHUB_RUN_ID']}"
    return _first(BUILD_VARIABLES, environ)


def branch(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the branch that the pipeline runs for, of a pull request that with the change; None outside a pipeline."""
    return _first(BRANCH_VARIABLES, environ)


def base_branch(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the branch that a pull request is to be merged into; None where the pipeline runs for none."""
    return _first(BASE_BRANCH_VARIABLES, environ)


def _first(names: Sequence[str], environ: Mapping[str, str]) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)
