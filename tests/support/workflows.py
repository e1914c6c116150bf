"""Workflows of GitHub Actions, and the shell in which their steps run."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.project import clean_environment

SHELL = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
"""The shell of a step, where the workflow names `bash`."""


def read_workflow(path: Path) -> Mapping[str, Any]:
    """Return a workflow; the base loader takes "on" for no boolean."""
    return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # type: ignore[no-any-return]


def run_step(step: Mapping[str, Any], directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step in `directory`, the way GitHub's runner does."""
    return subprocess.run(
        [*SHELL, "-c", step["run"]],
        cwd=directory,
        env=clean_environment(**environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
