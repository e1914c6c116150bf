"""The journal keeps the ledger of an account on disk, so that it survives a crash of the run.

A journal is a file of JSON lines, one per target and account, outside the results. It is written before the first
write to the account, and deleted when the account is restored: a journal that is left belongs to a crashed run.
"""

import json
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from filelock import FileLock

from acceptance.account.ledger import Kind, Ledger
from acceptance.account.lock import AccountInUse, account_path
from acceptance.client.endpoints import BUSINESS_PATH
from acceptance.config import ConfigurationError, Target

EVENTS: tuple[Kind, ...] = ("sent", "posted", "observed", "restored")
"""The kinds that are recorded even without a value."""

OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def is_ours(found: os.stat_result) -> bool:
    """Return whether a file is a regular one that nobody else can have written."""
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & OTHERS_MAY_WRITE


class Journal:
    """The journal of one account. All processes of a run append to it; each reads only what is new to it.

    Args:
        path: The file.
        url: The URL of the only resource that it may hold changes of.
    """

    _ledger: Ledger
    _header: bytes
    _offset: int

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self._url = url
        self._lock = FileLock(path.with_suffix(".journal-lock"), mode=0o600)
        self._forget()

    @classmethod
    def of(cls, directory: Path, target: Target) -> "Journal":
        """Return the journal of an account in the state directory `directory`.

        Raises:
            ConfigurationError: The directory cannot be written.
        """
        return cls(account_path(directory, target).with_suffix(".journal"), target.url + BUSINESS_PATH)

    def begin(self, run: str, target: Target) -> None:
        """Make the journal that of `run`; changes of a crashed run that are not restored yet stay in it."""
        started = datetime.now(UTC).isoformat()
        with self._lock:
            self._append({"run": run, "target": target.url, "account": target.masked_account, "started": started})

    def end(self) -> None:
        """Delete the journal: the account is restored."""
        with self._lock:
            self.path.unlink(missing_ok=True)
            self._forget()

    def load(self) -> Ledger:
        """Return the ledger with everything that all processes have recorded.

        Raises:
            ConfigurationError: The file is damaged; it is left as it is.
        """
        try:
            with os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                self._refuse_of_others(os.fstat(file.fileno()))
                header = file.readline()
                if header != self._header:  # the journal of another run, or of none yet
                    self._forget()
                    self._header = header
                file.seek(self._offset)
                new = file.read()
        except FileNotFoundError:
            self._forget()
            return self._ledger
        except OSError as error:
            raise ConfigurationError(f"The journal {self.path} cannot be read: {error.strerror}.") from None
        complete = new[: new.rfind(b"\n") + 1]  # a killed process leaves half a line
        try:
            for line in complete.splitlines():
                self._record(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self._forget()
            raise ConfigurationError(
                f"The journal {self.path} is damaged. Check the settings of the account, then delete the file."
            ) from None
        self._offset += len(complete)
        return self._ledger

    def _refuse_of_others(self, found: os.stat_result) -> None:
        """Check that nobody else can have written the file: what it holds is written to the account."""
        if not is_ours(found):
            raise ConfigurationError(
                f"The journal {self.path} is not used, because somebody else may have written it. Check the settings "
                "of the account, then delete the file."
            )

    @contextmanager
    def writing(self, run: str) -> Iterator[Ledger]:
        """Lock the journal while `run` appends to it, and give the ledger.

        Raises:
            AccountInUse: The journal belongs to another run by now, so `run` may write nothing any more.
        """
        with self._lock:
            ledger = self.load()
            if ledger.runs[-1:] != [run]:
                raise AccountInUse("Another run is using this account: it has taken over, so nothing was sent.")
            yield ledger

    def append(self, url: str, values: Mapping[Kind, dict[str, Any]]) -> str:
        """Record values of the resource at `url` in the ledger, and return when they are on the disk.

        Args:
            url: The URL of the resource.
            values: The values by kind.

        Returns:
            The id of the write, where values were sent.
        """
        at = time.time()
        entries = [
            {"url": url, "kind": kind, "fields": fields, "at": at}
            for kind, fields in values.items()
            if fields or kind in EVENTS
        ]
        with self._lock:
            self._append(*entries)
        return str(at)

    def _append(self, *entries: dict[str, Any]) -> None:
        self.load()
        lines = b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                file.seek(self._offset)
                file.truncate()  # the half line of a killed process
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ConfigurationError(f"The journal {self.path} cannot be written: {error.strerror}.") from None
        self._header = self._header if self._offset else lines.partition(b"\n")[0] + b"\n"
        self._offset += len(lines)
        for entry in entries:
            self._record(entry)

    def _record(self, entry: dict[str, Any]) -> None:
        if "run" in entry:
            self._ledger.runs.append(entry["run"])
        elif entry["kind"] in get_args(Kind) and entry["url"] == self._url:
            self._ledger.add(entry["url"], entry["kind"], dict(entry["fields"]), entry["at"])
        else:
            raise ValueError(f"{entry['kind']} of {entry['url']}")

    def _forget(self) -> None:
        self._ledger = Ledger()
        self._header = b""
        self._offset = 0
