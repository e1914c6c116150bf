"""What a run found, sent and read back is on the disk before anything can go wrong.

A journal is a file of JSON lines, one per target and account, outside the results. It is written before the first
write and deleted when the account is seen to be restored, so whatever journal is left belongs to a run that crashed.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from acceptance.account.change_tracking import AccountInUse, Kind, Resource
from acceptance.config import ConfigurationError, Target


class Journal:
    """The journal of one account.

    Args:
        path: Its file.

    Raises:
        ConfigurationError: The file cannot be understood; it is left as it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path.with_suffix(".journal-lock"), mode=0o600)

    def begin(self, run: str, target: Target) -> None:
        """Make the journal that of `run`; what a crashed run left in it, and could not be restored yet, stays."""
        started = datetime.now(UTC).isoformat(timespec="seconds")
        self._append({"run": run, "target": target.url, "account": target.masked_account, "started": started})

    def end(self) -> None:
        """Delete the journal: the account is as it was found."""
        self.path.unlink(missing_ok=True)

    @property
    def runs(self) -> list[str]:
        """The ids of the runs that wrote the journal, the latest last; none where there is no journal."""
        return [line["run"] for line in self._lines() if "run" in line]

    def resources(self) -> dict[str, Resource]:
        """Return what was written down, by URL."""
        lines = self._lines()
        runs = [line["run"] for line in lines if "run" in line]
        resources: dict[str, Resource] = {}
        for line in lines:
            if "url" in line:
                resource = resources.setdefault(line["url"], Resource(runs))
                resource.add(line["kind"], line["fields"], line.get("at", 0.0))
        return resources

    @contextmanager
    def writing(self, run: str) -> Iterator[None]:
        """Hold the journal for `run` while it writes.

        Raises:
            AccountInUse: The journal belongs to another run by now, so nothing may be written any more.
        """
        with self._lock:
            latest = self.runs[-1:]
            if latest != [run]:
                raise AccountInUse(
                    "Another run is using this account: it has taken the account over, so nothing was sent."
                )
            yield

    def add(self, url: str, kind: Kind, fields: dict[str, Any]) -> None:
        """Add `fields` of the resource at `url`, and return when they are on the disk."""
        self._append({"url": url, "kind": kind, "fields": fields, "at": time.time()})

    def _append(self, line: dict[str, Any]) -> None:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            written = file.read()
            file.seek(written.rfind(b"\n") + 1)  # a process that died while writing leaves half a line
            file.truncate()
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _lines(self) -> list[dict[str, Any]]:
        try:
            text = self.path.read_bytes()
            lines = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith(b"\n")]
            if all("run" in line or {"url", "kind", "fields"} <= line.keys() for line in lines):
                return lines
        except FileNotFoundError:
            return []
        except (ValueError, AttributeError, TypeError):
            pass
        raise ConfigurationError(
            f"The journal {self.path} cannot be understood. Look whether the account is as it should be, and delete it."
        )
