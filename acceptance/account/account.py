"""The account under test in the process that owns a run: locked, logged in to once, and restored at the end.

Under `run_tests.py` that process is the runner; where `robot` runs suites directly, it is Robot Framework's own.
"""

import logging
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests

from acceptance.account.journal import Journal
from acceptance.account.lock import AccountLock, account_path
from acceptance.account.marks import (
    POLL_SECONDS,
    Mark,
    await_other_runs,
    healed,
    marks_of_other_runs,
    orphan_note,
)
from acceptance.account.restore import RESTORE_SECONDS, Restoration, restore
from acceptance.client.endpoints import BUSINESS_PATH
from acceptance.client.exchanges import server_time, status_of
from acceptance.client.http_adapter import RequestPolicy
from acceptance.client.json_body import json_object
from acceptance.client.login import LoginResult
from acceptance.client.shared_login import Login
from acceptance.config import ConfigurationError, Target
from acceptance.exit_codes import problem_of

LOCK_SECONDS = 60.0

_LOG = logging.getLogger(__name__)


class OwnedAccount:
    """An account that this process owns for one run.

    Args:
        target: The backend and the account.
        state_directory: The directory of its lock and its journal.
        login: The login of the account's owner.
        policy: The rules for its requests, and the id of the run.

    Attributes:
        login: The login of the account's owner.
        journal: The account's journal.

    Raises:
        ConfigurationError: The state directory cannot be written.
    """

    def __init__(self, target: Target, state_directory: Path, login: Login, policy: RequestPolicy) -> None:
        self._target = target
        self._run = policy.run
        self._read_only = policy.read_only
        self._lock = AccountLock(account_path(state_directory, target), target)
        self.journal = Journal.of(state_directory, target)
        self.login, self._owner = login, requests.Session()
        policy.configure_session(self._owner, self.login, sends_again=True)

    @property
    def is_embedded(self) -> bool:
        """Whether the backend was started for this run, so that its account may be broken."""
        return self._target.embedded

    @property
    def is_locked(self) -> bool:
        """Whether this process holds the account."""
        return self._lock.is_held

    @property
    def has_changes(self) -> bool:
        """Whether the journal holds changes that are not restored yet."""
        return bool(self.journal.load().changes)

    def open(self, lock_seconds: float = LOCK_SECONDS) -> tuple[LoginResult, Restoration]:
        """Lock the account, log in, and restore what an earlier run left changed.

        Where an update of that run may still take effect, wait for it, `lock_seconds` at most.

        Returns:
            The result of the login and of restoring.

        Raises:
            AccountInUse: Another process still held the lock after `lock_seconds`.
        """
        self._lock.acquire(lock_seconds)
        result = self.login.result()
        restoration = self._restore(RESTORE_SECONDS)
        end = time.monotonic() + lock_seconds
        if restoration.pending and lock_seconds:
            names = ", ".join(restoration.pending)
            _LOG.info("Waiting for an update of an earlier run, which may still change %s.", names)
        while restoration.pending and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
            restoration = self._restore(RESTORE_SECONDS)
        self._begin()
        return result, restoration

    def restore(self, seconds: float = RESTORE_SECONDS) -> Restoration:
        """Restore the changes in the journal, and begin it again; without changes nothing is sent.

        Nothing is done while the account is not open: then the journal may be that of a run in progress. What goes
        wrong is the problem of the result, also an error of the program's own; the journal stays.

        Args:
            seconds: How long it may take where the backend or a firewall hinders it.
        """
        if self._read_only or not self.is_locked:
            return Restoration(True)
        restoration = self._restore(seconds)
        try:
            self._begin()
        except ConfigurationError as error:
            return Restoration(False, problem=problem_of(error))
        return restoration

    def adopt_marks(self, seconds: float, excluded: Collection[str]) -> list[str]:
        """Record the values that crashed runs have left, whose journals are gone, so that `restore` puts them back.

        Args:
            seconds: How long to wait for a run that may be in progress.
            excluded: The settings that no run saves.

        Returns:
            A sentence about each.

        Raises:
            AccountInUse: Such a run did not end in time.
            ConfigurationError: The settings cannot be read.
        """
        url = self._target.url + BUSINESS_PATH
        fields: dict[str, Any] = {}
        now = 0.0

        def marks_now() -> dict[str, list[Mark]]:
            nonlocal fields, now
            response = self._read(url)
            fields, now = json_object(response.content) or {}, server_time(response) or time.time()
            included = {name: value for name, value in fields.items() if name not in excluded}
            return marks_of_other_runs(included, self.journal.load().runs)

        marks = await_other_runs(marks_now, lambda: now, seconds)
        if marks:
            adopted = {name: fields[name] for name in marks}
            original = {name: healed(value) for name, value in adopted.items()}
            self.journal.append(url, {"original": original, "adopted": adopted})
        return [orphan_note(name, found[0], is_restored=True) for name, found in marks.items()]

    def _read(self, url: str) -> requests.Response:
        try:
            response = self._owner.get(url)
        except requests.RequestException as error:
            raise ConfigurationError(str(error)) from None
        if response.status_code != requests.codes.ok or json_object(response.content) is None:
            raise ConfigurationError(f"The settings cannot be read: {url} returned {status_of(response)}.")
        return response

    def close(self) -> None:
        """Release the lock. A journal with changes that are not restored, or still pending, stays for the next run."""
        if not self.is_locked:
            return
        with suppress(ConfigurationError, OSError):  # a damaged journal stays, too
            if not self.has_changes:
                self.journal.end()
        self._lock.release()

    def _begin(self) -> None:
        if not self._read_only:
            self.journal.begin(self._run, self._target)

    def _restore(self, seconds: float) -> Restoration:
        try:
            return self._restore_changes(seconds)
        except Exception as error:  # noqa: BLE001 - after any error the account is not restored
            return Restoration(False, problem=problem_of(error))

    def _restore_changes(self, seconds: float) -> Restoration:
        changes = self.journal.load().changes.values()
        if self._read_only and any(one.sent for one in changes):
            return Restoration(False, problem="an earlier run left changes, which a read-only run may not restore")
        if self._read_only or not changes:
            return Restoration(True)
        if self.login.get() is None:
            return Restoration(False, problem="the login failed")
        restoration = restore(self.journal, self._owner, seconds)
        if restoration.restored and not restoration.pending:
            self.journal.end()
        return restoration
