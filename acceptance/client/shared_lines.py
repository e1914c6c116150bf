"""Facts that the processes of a run share: JSON values, one in each line of a file."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock


def read_lines(path: Path) -> list[Any]:
    """Return the values in the file `path`; a killed process may leave half a line, which is none."""
    lines = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def append_lines(path: Path, *values: Any) -> None:
    """Append `values` to the file `path`."""
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(f"{json.dumps(value)}\n" for value in values))


class SharedLines:
    """Values that processes read and change in turn; they are in memory where there is one process.

    Args:
        path: The file; None where there is one process.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._values: list[Any] = []

    def read(self) -> list[Any]:
        """Return the values."""
        return read_lines(self._path) if self._path else self._values

    @contextmanager
    def locked(self) -> Iterator[list[Any]]:
        """Give the values to one process at a time, which may change them."""
        if self._path is None:
            yield self._values
            return
        with FileLock(self._path.with_suffix(".lock")):
            values = read_lines(self._path)
            yield values
            self._path.write_text("".join(f"{json.dumps(value)}\n" for value in values), encoding="utf-8")
