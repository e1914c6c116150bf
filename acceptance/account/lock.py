"""The lock of an account: one run at a time, on one machine."""

import os
import socket
import tempfile
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from acceptance.config import ConfigurationError, Target


class AccountInUse(ConfigurationError):
    """Another run is using the account."""


def account_path(directory: Path, target: Target) -> Path:
    """Return the path, without a suffix, of the files of an account in the state directory `directory`.

    Makes the directory if necessary.

    Raises:
        ConfigurationError: The directory cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise ConfigurationError(
            f"The state directory {directory} cannot be written ({error.strerror}); set ACCEPTANCE_STATE_DIR."
        ) from None
    return directory / target.account_id


class AccountLock:
    """The lock of one account. The operating system releases it when the process ends, even by SIGKILL.

    Args:
        path: The path of the account's files, without a suffix.
        target: The backend and the account.
    """

    def __init__(self, path: Path, target: Target) -> None:
        self._target = target
        self._holder = path.with_suffix(".holder")
        self._lock = FileLock(path.with_suffix(".lock"), mode=0o600)

    def acquire(self, seconds: float) -> None:
        """Lock the account for this process.

        Raises:
            AccountInUse: Another process still held the lock after `seconds`.
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
        self._holder.unlink(missing_ok=True)
        with os.fdopen(os.open(self._holder, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"process {os.getpid()} on {socket.gethostname()}, since {started}")

    @property
    def is_held(self) -> bool:
        """Whether this process holds the lock."""
        return self._lock.is_locked

    def release(self) -> None:
        """Release the lock."""
        self._holder.unlink(missing_ok=True)
        self._lock.release()
