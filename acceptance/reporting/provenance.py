"""The commit and the pipeline build that a run belongs to, from the environment or from Git."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from acceptance.config import ROOT

COMMIT_VARIABLES = ("GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "GIT_COMMIT")
BUILD_VARIABLES = ("CI_JOB_URL", "BUILD_URL", "CIRCLE_BUILD_URL")
GIT_SECONDS = 5


def commit(environ: Mapping[str, str] = os.environ, directory: Path = ROOT) -> str | None:
    """Return the commit that the pipeline runs for, or outside a pipeline that of the suites; None if it is unknown."""
    given = next((environ[name] for name in COMMIT_VARIABLES if environ.get(name)), None)
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
    return next((environ[name] for name in BUILD_VARIABLES if environ.get(name)), None)
