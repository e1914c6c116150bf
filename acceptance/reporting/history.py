"""The runs over time: each adds its output to a database, out of which a page is made that needs no network.

Both are those of robotframework-dashboard, which is asked in a process of its own: few runs want it, and none may fail
with it.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from acceptance.config import ConfigurationError

PAGE = "dashboard.html"
SECONDS = 120


def checked_database(name: str) -> Path:
    """Return the file `name` as a database of runs; it is made by the first run that is added to it.

    Raises:
        ConfigurationError: It cannot be one.
    """
    path = Path(name).absolute()
    if not name or path.is_dir():
        raise ConfigurationError("--history names no file; name the database that the run is added to.")
    if not path.parent.is_dir():
        raise ConfigurationError(f"--history names {path}, but there is no folder {path.parent}; make it first.")
    return path


def add_to_history(database: Path, results: Path, tag: str, origin: Mapping[str, str | None]) -> str | None:
    """Add the run whose `output.xml` is in `results` to `database`, and render the page of all runs there.

    Args:
        database: The file; made if it is not there.
        results: Where the page goes, too.
        tag: What tells runs of one kind from others, such as the mode.
        origin: The `Commit` and the `Build` of the run, where they are known.

    Returns:
        Why that did not work, None where it did.
    """
    command = [
        *(sys.executable, "-m", "robotframework_dashboard.main"),
        *("--outputpath", f"output.xml:{tag}"),
        *("--databasepath", str(database)),
        *("--logurl", origin.get("Build") or "log.html"),
        *("--projectversion", origin.get("Commit") or "unknown"),
        *("--namedashboard", PAGE, "--dashboardtitle", "Acceptance history"),
        *("--offlinedependencies", "true", "--listruns", "false"),
    ]
    try:
        done = subprocess.run(command, cwd=results, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"it took longer than {SECONDS} s"
    said = [line.strip() for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
    error = next((line for line in said if line.startswith("ERROR")), None)
    if error is None and done.returncode == 0 and (results / PAGE).is_file():
        return None
    return error or said[-1]
