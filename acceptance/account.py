"""The account under test, as the process holds it that owns a run: locked, signed in to once, and put back at the end.

Under `run_tests.py` that process is the runner. Where `robot` runs suites alone, it is Robot's own process.
"""

import secrets
from collections.abc import Callable
from pathlib import Path

import requests

from acceptance.configuration import Target
from acceptance.journal import AccountFiles, Restoration, Safeguard, restore
from acceptance.redaction import Redactor
from acceptance.session import OwnSession, Session, SignIn
from acceptance.transport import BearerToken, Call, Transport

LOCK_SECONDS = 60.0


def new_run_id() -> str:
    """Return an id that tells the values a run writes from those of all other runs: eight hexadecimal digits."""
    return secrets.token_hex(4)


class Access:
    """Makes the sessions that a process talks to the backend with.

    Args:
        redactor: Learns what must not be shown.
        record: Is told of each call.
        announce: Is told, in words, where an answer is waited for longer than usual.
        read_only: Whether writes are refused.
    """

    def __init__(
        self,
        redactor: Redactor,
        record: Callable[[Call], None],
        announce: Callable[[str], None],
        read_only: bool = False,
    ) -> None:
        self._redactor = redactor
        self._record = record
        self._announce = announce
        self.read_only = read_only

    def transport(self, guard: Safeguard | None = None) -> Transport:
        """Return a transport under the rules of this run."""
        return Transport(self._redactor, self._record, guard, self.read_only, self._announce)

    def equip(self, session: requests.Session, token: BearerToken, guard: Safeguard | None) -> None:
        """Let `session` send `token`, under the rules of this run; with a `guard` where it may write."""
        transport = self.transport(guard)
        for scheme in ("http://", "https://"):
            session.mount(scheme, transport)
        session.auth = token


NO_TOKEN = BearerToken(lambda: None)


def owner_token(session: Session) -> BearerToken:
    """Return the token of the account's owner, as `session` has it; it is renewed where it expires."""
    return BearerToken(lambda: session.sign_in().token, lambda refused: session.renew(refused).token)


class OwnedAccount:
    """An account that this process holds for one run.

    Args:
        target: The backend and the account.
        run: The id of the run.
        state_directory: Where its lock and its journal are.
        access: Makes its sessions.
        redactor: Learns what must not be shown.
    """

    def __init__(self, target: Target, run: str, state_directory: Path, access: Access, redactor: Redactor) -> None:
        redactor.add(target.password)
        self._target = target
        self._run = run
        self._read_only = access.read_only
        self._files = AccountFiles(state_directory, target, redactor)
        self.session = OwnSession(target, access.transport(), redactor)
        self._owner = requests.Session()
        access.equip(self._owner, owner_token(self.session), guard=None)
        self.journal = self._files.journal

    @property
    def is_embedded(self) -> bool:
        """Whether the backend is our own, so that its account may be broken."""
        return self._target.embedded

    def open(self, lock_seconds: float = LOCK_SECONDS) -> tuple[SignIn, Restoration]:
        """Take the account, sign in, and finish what a crashed run left.

        Returns:
            What came of signing in, and of restoring.

        Raises:
            AccountInUse: Somebody else held the account for `lock_seconds`.
        """
        self._files.hold(lock_seconds)
        sign_in = self.session.sign_in()
        return sign_in, self.restore()

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
        if self.session.sign_in().token is None:
            return Restoration(False, problem="nobody could sign in to put the account back")
        restoration = restore(self.journal, self._owner)
        if restoration.restored:
            self.journal.end()
        return restoration
