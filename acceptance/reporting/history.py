"""The history of runs: a database that each run is added to, and a page that shows them all without a network.

Both are made by robotframework-dashboard, in a process of its own, so that its failure cannot fail a run.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from acceptance.config import ConfigurationError
from acceptance.reporting.provenance import branch, build, commit
from acceptance.reporting.robot_output import RobotOutput

PAGE = "dashboard.html"
RETRIED_TAG = "retried"
"""The tag of runs that sent requests again after passing trouble of the network."""

UNKNOWN = "unknown"
"""What stands for a commit that is not known."""

BRANCH_FILTER = "branch="
"""The dashboard's filter by the branch that a run was for."""

SECONDS = 120


def checked_database(name: str) -> Path:
    """Return the path `name` of a database of runs; the first run that is added makes the file.

    Raises:
        ConfigurationError: It cannot be a database.
    """
    path = Path(name).absolute()
    if not name or path.is_dir():
        raise ConfigurationError("--history names no file; name the database that the run is added to.")
    if not path.parent.is_dir():
        raise ConfigurationError(f"--history names {path}, but there is no folder {path.parent}; make it first.")
    return path


def add_to_history(
    database: Path, result: RobotOutput, tags: Sequence[str], results: Path, scratch: Path
) -> str | None:
    """Add the results of a run to `database`, and render the page of all its runs.

    Args:
        database: The file; it is made if it does not exist.
        result: The results of the tests.
        tags: What distinguishes runs of one kind from others, such as the mode.
        results: The directory that the page goes to.
        scratch: An empty directory to work in.

    Returns:
        Why that did not work, None where it did.
    """
    result.save(scratch / "output.xml")
    of_branch = branch()
    command = [
        *(sys.executable, "-m", "robotframework_dashboard.main"),
        *("--outputpath", ":".join(["output.xml", *tags])),
        *("--databasepath", str(database)),
        *("--logurl", build() or "log.html"),
        *("--projectversion", commit() or UNKNOWN),
        *(("--customfilters", f"{BRANCH_FILTER}{of_branch}") if of_branch else ()),
        *("--namedashboard", PAGE, "--dashboardtitle", "Acceptance history"),
        *("--offlinedependencies", "true", "--listruns", "false"),
    ]
    try:
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"it took longer than {SECONDS} s"
    output = [line.strip() for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
    error = next((line for line in output if line.startswith("ERROR")), None)
    if error is None and done.returncode == 0 and (scratch / PAGE).is_file():
        shutil.move(scratch / PAGE, results / PAGE)
        return None
    return error or output[-1]


def branch_in(filters: str) -> str:
    """Return the branch that the `filters` of a run name, empty where they name none."""
    return filters.removeprefix(BRANCH_FILTER) if filters.startswith(BRANCH_FILTER) else ""
