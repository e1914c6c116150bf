"""The account under test, as the process holds it that owns a run: locked, signed in to once, and put back at the end.

Under `run_tests.py` that process is the runner. Where `robot` runs suites alone, it is Robot's own process.
"""

import hashlib
import os
import secrets
import socket
import tempfile
from datetime import datetime
from pathlib import Path

import requests
from filelock import FileLock, Timeout

from acceptance.account.change_tracking import AccountInUse
from acceptance.account.journal import Journal
from acceptance.account.restore import Restoration, restore
from acceptance.client.http_adapter import RequestPolicy
from acceptance.client.login import LoginResult, OwnerLogin
from acceptance.config import ConfigurationError, Target
from acceptance.redaction import Redactor

LOCK_SECONDS = 60.0


def new_run_id() -> str:
    """Return an id that tells the values a run writes from those of all other runs: eight hexadecimal digits."""
    return secrets.token_hex(4)


class AccountFiles:
    """The lock and the journal of one account, in the state directory.

    Args:
        directory: The state directory; made if it is not there.
        target: The backend and the account.

    Raises:
        ConfigurationError: The directory cannot be written.
    """

    def __init__(self, directory: Path, target: Target) -> None:
        key = hashlib.sha256(f"{target.url}\n{target.email.casefold()}".encode()).hexdigest()[:16]
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=directory):
                pass
        except OSError as error:
            raise ConfigurationError(
                f"The state directory {directory} cannot be written ({error.strerror}); set ACCEPTANCE_STATE_DIR."
            ) from None
        self._target = target
        self._holder = directory / f"{key}.holder"
        self._lock = FileLock(directory / f"{key}.lock", mode=0o600)
        self.journal = Journal(directory / f"{key}.journal")

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


class OwnedAccount:
    """An account that this process holds for one run.

    Args:
        target: The backend and the account.
        run: The id of the run.
        state_directory: Where its lock and its journal are.
        policy: The rules for its requests.
        redactor: Learns what must not be shown.
    """

    def __init__(
        self, target: Target, run: str, state_directory: Path, policy: RequestPolicy, redactor: Redactor
    ) -> None:
        redactor.add(target.password)
        self._target = target
        self._run = run
        self._read_only = policy.read_only
        self._files = AccountFiles(state_directory, target)
        unauthenticated, self._owner = requests.Session(), requests.Session()
        policy.configure_session(unauthenticated, None)
        self.login = OwnerLogin(target, unauthenticated, redactor)
        policy.configure_session(self._owner, self.login)
        self.journal = self._files.journal

    @property
    def is_embedded(self) -> bool:
        """Whether the backend is our own, so that its account may be broken."""
        return self._target.embedded

    def open(self, lock_seconds: float = LOCK_SECONDS) -> tuple[LoginResult, Restoration]:
        """Take the account, sign in, and finish what a crashed run left.

        Returns:
            What came of signing in, and of restoring.

        Raises:
            AccountInUse: Somebody else held the account for `lock_seconds`.
        """
        self._files.hold(lock_seconds)
        result = self.login.result()
        return result, self.restore()

    def restore(self) -> Restoration:
        """Put back what the journal says was changed, and begin it anew; sends nothing where nothing was changed."""
        restoration = self._restoration()
        if not self._read_only:
            self.journal.begin(self._run, self._target)
        return restoration

    def close(self) -> None:
        """Give the account back; a journal that still holds what could not be restored stays for the next run."""
        if not self.journal.resources():
            self.journal.end()
        self._files.release()

    def _restoration(self) -> Restoration:
        if not self.journal.resources():
            return Restoration(True)
        if self._read_only:
            return Restoration(False, problem="a crashed run left changes, which a read-only run may not put back")
        if self.login.get() is None:
            return Restoration(False, problem="nobody could sign in to put the account back")
        restoration = restore(self.journal, self._owner)
        if restoration.restored:
            self.journal.end()
        return restoration
