"""The account is left as found: what a run found, sent and read back is on disk before anything can go wrong.

A journal is a file of JSON lines, one per target and account, outside the results. It is written before the first
write and deleted when the account is seen to be restored, so whatever journal is left belongs to a run that crashed.
"""

import hashlib
import html
import json
import math
import os
import re
import socket
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import requests
from filelock import FileLock, Timeout

from acceptance.configuration import ConfigurationError, Target
from acceptance.phases import IN_USE, NOT_SENT
from acceptance.redaction import Redactor
from acceptance.transport import Forbidden

RESTORE_SECONDS = 8.0
PAUSE_BETWEEN_ATTEMPTS_SECONDS = 1.0
"""How long restoring is tried again where it shows no effect yet, and how often."""

LONGEST_SINCE_READ_SECONDS = 2.0
"""What was read longer ago than this is read anew before a write, since somebody may have edited it meanwhile."""

SHORTEST_CUT = 20
"""From how many characters on a text counts as cut out of a longer one, rather than as somebody's own."""

RUN_MARK = re.compile(r"acceptance run ([0-9a-f]{8})")


Kind = Literal["found", "sent", "read"]


class AccountInUse(ConfigurationError):
    """Another run holds the account."""


def run_mark(run: str) -> str:
    """Return what a value that the run `run` writes contains, so that it can be told from everybody else's."""
    return f"acceptance run {run}"


def refuse_values_of_other_runs(fields: dict[str, Any], ours: Collection[str]) -> None:
    """Raise `AccountInUse` where one of `fields` holds a value that a run other than `ours` wrote.

    Such a value must neither be taken for what was found, nor for a fault of the API.
    """
    for name, value in fields.items():
        mark = RUN_MARK.search(json.dumps(value, ensure_ascii=False))
        if mark and mark.group(1) not in ours:
            raise AccountInUse(
                f"{IN_USE}: {name} holds a value of {mark.group()}. Where none is under way, one crashed on another "
                "machine; put the setting right by hand."
            )


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same, character for character and type for type."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


class Resource:
    """What a journal knows of one JSON resource that was written to.

    Args:
        runs: The ids of the runs that wrote the journal.

    Attributes:
        found: Its fields before they were written, by name.
        sent: Each value that was sent, by field.
        read: Each value that was read back after sending, by field.
    """

    def __init__(self, runs: Collection[str]) -> None:
        self._runs = set(runs)
        self.found: dict[str, Any] = {}
        self.sent: dict[str, list[Any]] = {}
        self.read: dict[str, list[Any]] = {}

    def add(self, line: dict[str, Any]) -> None:
        """Take in a line of the journal."""
        self.found |= line.get("found", {})
        for kind, values in (("sent", self.sent), ("read", self.read)):
            for name, value in line.get(kind, {}).items():
                values.setdefault(name, []).append(value)

    def is_ours(self, name: str, value: Any) -> bool:
        """Whether a run brought `value` into the field `name`; if not, it is somebody's edit, and survives.

        Ours is what was found, sent or read back, what bears these runs' mark but not another's, and what a broken
        backend makes of all these.
        """
        found = self.found.get(name)
        sent = [*self.sent.get(name, ()), *self.read.get(name, ())]
        sent_elsewhere = [one for values in self.sent.values() for one in values]
        marks = set(RUN_MARK.findall(json.dumps(value, ensure_ascii=False)))
        if marks - self._runs:
            return False
        return (
            bool(marks)
            or any(same(value, one) for one in (found, *sent, *sent_elsewhere))
            or _is_emptied(value, found)
            or any(_is_emptied(value, one) or _is_garbled(value, one) for one in sent)
        )

    def to_restore(self, current: dict[str, Any] | None) -> dict[str, Any]:
        """Return the fields to put back, with their values.

        What was sent goes back even where the field reads as found, since the read may be stale.

        Args:
            current: The fields as they read now; None where they cannot be read.
        """
        if current is None:
            return {name: value for name, value in self.found.items() if name in self.sent}
        return {
            name: value
            for name, value in self.found.items()
            if (name in self.sent or not same(current.get(name), value)) and self.is_ours(name, current.get(name))
        }


def _is_emptied(value: Any, original: Any) -> bool:
    """Whether nothing, or nothing of the same type, is left of `original`."""
    return original is not None and (type(value) is not type(original) or (not value and bool(original)))


def _is_garbled(value: Any, original: Any) -> bool:
    """Whether the text `original` was cut, or trimmed, escaped or case-folded, to `value`."""
    if not isinstance(value, str) or not isinstance(original, str):
        return False

    def letters(text: str) -> str:
        return re.sub(r"[\s\\]+", "", html.unescape(text)).casefold()

    return letters(value) == letters(original) or (len(value) >= SHORTEST_CUT and original.startswith(value))


class Journal:
    """The journal of one account.

    Args:
        path: Its file.
        redactor: Keeps secrets out of it.
    """

    def __init__(self, path: Path, redactor: Redactor) -> None:
        self.path = path
        self._redactor = redactor
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
                resources.setdefault(line["url"], Resource(runs)).add(line)
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
                raise AccountInUse(f"{IN_USE}: it has taken the account over, so nothing was sent.")
            yield

    def add(self, url: str, kind: Kind, fields: dict[str, Any]) -> None:
        """Add `fields` of the resource at `url`, and return when they are on the disk; what is secret is left out."""
        self._append({"url": url, kind: {name: one for name, one in fields.items() if not self._is_secret(one)}})

    def _is_secret(self, value: Any) -> bool:
        text = json.dumps(value, ensure_ascii=False)
        return self._redactor.mask(text) != text

    def _append(self, line: dict[str, Any]) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _lines(self) -> list[dict[str, Any]]:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


class Safeguard:
    """Stands between a run and the account: nothing is written before it is in the journal.

    Args:
        journal: The account's journal, begun by the process that owns the run.
        run: The id of the run.
        owner: A session that is signed in as the account's owner.
    """

    def __init__(self, journal: Journal, run: str, owner: requests.Session) -> None:
        self._journal = journal
        self._run = run
        self._owner = owner
        self._latest: dict[str, dict[str, Any]] = {}
        self._read_at: dict[str, float] = {}
        self._awaiting_read: dict[str, set[str]] = {}

    def before_write(self, request: requests.PreparedRequest) -> None:
        """Write down what was found, before the first write, and what is about to be sent, before each.

        Raises:
            AccountInUse: Another run has taken over the account, or writes to it from another machine.
            Forbidden: What is there cannot be read, so it could not be put back.
        """
        url = _without_query(request)
        if time.monotonic() - self._read_at.get(url, -math.inf) > LONGEST_SINCE_READ_SECONDS:
            self._owner.get(url, allow_redirects=False)
        if url not in self._latest:
            raise Forbidden(f"{NOT_SENT}{request.method} {request.path_url}; what it changes cannot be read first.")
        latest = self._latest[url]
        fields = json_object(request.body) or {}
        with self._journal.writing(self._run):
            refuse_values_of_other_runs({name: latest.get(name) for name in fields}, self._journal.runs)
            resource = self._journal.resources().get(url)
            if resource is None:
                self._journal.add(url, "found", latest)
            else:
                present = {name: latest[name] for name in fields & latest.keys()}
                edited = {name: value for name, value in present.items() if not resource.is_ours(name, value)}
                if edited:
                    self._journal.add(url, "found", edited)
            self._journal.add(url, "sent", fields)
        self._awaiting_read.setdefault(url, set()).update(fields)

    def after_read(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """Remember what the owner read, and write down the fields that were sent since the last read."""
        if "Authorization" not in request.headers or response.status_code != requests.codes.ok:
            return
        fields = json_object(response.content)
        if fields is None:
            return
        url = _without_query(request)
        self._latest[url] = fields
        self._read_at[url] = time.monotonic()
        names = self._awaiting_read.pop(url, set()) & fields.keys()
        if names:
            with self._journal.writing(self._run):
                self._journal.add(url, "read", {name: fields[name] for name in names})


@dataclass(frozen=True)
class Restoration:
    """What came of putting the account back.

    Attributes:
        restored: Whether the account was seen to be as found, but for somebody else's edits.
        kept: The fields that somebody else edited meanwhile, and that were left alone.
        problem: What is not as found, and why, in one sentence; empty where all is.
    """

    restored: bool
    kept: tuple[str, ...] = ()
    problem: str = ""


def restore(journal: Journal, owner: requests.Session) -> Restoration:
    """Put back what the journal's runs changed, and look whether it is back.

    Args:
        journal: The account's journal.
        owner: A session that is signed in as the account's owner.
    """
    started = time.monotonic()
    while True:
        problems: list[str] = []
        kept: list[str] = []
        for url, resource in journal.resources().items():
            fields = resource.to_restore(_read(owner, url))
            if fields and _is_refused(owner, url, fields):
                for name, value in fields.items():
                    _is_refused(owner, url, {name: value})
            current = _read(owner, url)
            if current is None:
                problems.append(f"{', '.join(fields) or 'the settings'} could not be read again")
                continue
            changed = [name for name, value in resource.found.items() if not same(current.get(name), value)]
            touched = [name for name in changed if name in resource.sent or name in fields]
            kept += [name for name in touched if not resource.is_ours(name, current.get(name))]
            problems += [f"{name} is not as found" for name in touched if name not in kept]
        if not problems:
            return Restoration(True, tuple(kept))
        if time.monotonic() - started > RESTORE_SECONDS:
            return Restoration(False, tuple(kept), "; ".join(problems))
        time.sleep(PAUSE_BETWEEN_ATTEMPTS_SECONDS)


def json_object(body: bytes | str | None) -> dict[str, Any] | None:
    """Return the JSON object that `body` holds, None where it holds none."""
    try:
        value = json.loads(body or b"")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _without_query(request: requests.PreparedRequest) -> str:
    return str(request.url).partition("?")[0]


def _read(owner: requests.Session, url: str) -> dict[str, Any] | None:
    try:
        answer = owner.get(url, allow_redirects=False)
    except requests.RequestException:
        return None
    return json_object(answer.content) if answer.status_code == requests.codes.ok else None


def _is_refused(owner: requests.Session, url: str, fields: dict[str, Any]) -> bool:
    """Send an update and return whether it was answered, but not accepted."""
    try:
        answer = owner.put(url, json=fields, allow_redirects=False)
    except requests.RequestException:
        return False
    return bool(answer.status_code != requests.codes.ok)


class AccountFiles:
    """The lock and the journal of one account, in the state directory.

    Args:
        directory: The state directory; made if it is not there.
        target: The backend and the account.
        redactor: Keeps secrets out of the journal.

    Raises:
        ConfigurationError: The directory cannot be written.
    """

    def __init__(self, directory: Path, target: Target, redactor: Redactor) -> None:
        key = hashlib.sha256(f"{target.url}\n{target.email.casefold()}".encode()).hexdigest()[:16]
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ConfigurationError(
                f"The state directory {directory} cannot be written ({error.strerror}); set ACCEPTANCE_STATE_DIR."
            ) from None
        self._target = target
        self._holder = directory / f"{key}.holder"
        self._lock = FileLock(directory / f"{key}.lock", mode=0o600)
        self.journal = Journal(directory / f"{key}.journal", redactor)

    def hold(self, seconds: float) -> None:
        """Take the account for this process; the operating system gives it back when the process ends, however it ends.

        Raises:
            AccountInUse: Somebody else still held it after `seconds`.
        """
        try:
            self._lock.acquire(timeout=seconds)
        except Timeout:
            holder = self._holder.read_text(encoding="utf-8") if self._holder.exists() else "another process"
            raise AccountInUse(
                f"The account {self._target.masked_account} on {self._target.url} is in use by {holder}; "
                f"waited {seconds:.0f} s. Run again when it has ended, or raise --lock-timeout."
            ) from None
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        self._holder.write_text(f"process {os.getpid()} on {socket.gethostname()}, since {started}", encoding="utf-8")

    def release(self) -> None:
        """Give the account back."""
        self._holder.unlink(missing_ok=True)
        self._lock.release()
