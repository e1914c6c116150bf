"""The private directory of a run, for what must not outlive it; what a crashed run left is swept up by the next."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "receptionist-acceptance-"
YOUNGEST_LEFT_OVER_SECONDS = 60
"""What is younger may be the directory of a run that has only just made it."""


@contextmanager
def workspace() -> Iterator[Path]:
    """Give a new directory that only this user can read, and delete it at the end."""
    _sweep()
    directory = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with _in_use(directory):
            yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _in_use(directory: Path) -> FileLock:
    return FileLock(directory / "in-use", timeout=0)


def _sweep() -> None:
    """Delete the directories of runs that are no longer there: their locks went with their processes."""
    for directory in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if time.time() - directory.stat().st_mtime < YOUNGEST_LEFT_OVER_SECONDS:
                continue
            with _in_use(directory):
                shutil.rmtree(directory, ignore_errors=True)
        except (Timeout, OSError):
            continue
