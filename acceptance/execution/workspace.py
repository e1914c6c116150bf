"""The private directory of a run; the next run deletes those of crashed runs."""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "receptionist-acceptance-"
YOUNGEST_LEFTOVER_SECONDS = 60
"""A younger directory may belong to a run that is about to lock it."""


@contextmanager
def workspace() -> Iterator[Path]:
    """Provide a new directory that only this user can read, and delete it at the end."""
    _delete_leftovers()
    directory = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with _in_use(directory):
            yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _in_use(directory: Path) -> FileLock:
    return FileLock(directory / "in-use", timeout=0)


def _delete_leftovers() -> None:
    """Delete the directories of runs that have ended: the operating system has released their locks.

    A link, or what somebody else owns, is left alone.
    """
    for directory in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            found = directory.lstat()
            is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
            if not is_ours or time.time() - found.st_mtime < YOUNGEST_LEFTOVER_SECONDS:
                continue
            with _in_use(directory):
                shutil.rmtree(directory, ignore_errors=True)
        except (Timeout, OSError):
            continue
