"""One sign-in for all processes of a run: the one that owns the run signs in, the others ask it for the outcome.

The token never touches a disk, a command line or an environment: it passes from process to process over a private,
authenticated local connection (`multiprocessing.connection`).
"""

import os
import secrets
import signal
import threading
from collections.abc import Mapping
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener

from acceptance.client.login import LoginResult, OwnerLogin
from acceptance.redaction import Redactor

ADDRESS_VARIABLE = "ACCEPTANCE_SESSION_ADDRESS"
KEY_VARIABLE = "ACCEPTANCE_SESSION_KEY"


class SharedLogin:
    """Asks the process that owns the run for its sign-in, and ends with it.

    Args:
        address: Where the owner listens.
        key: What it knows its own processes by.
        redactor: Learns the token.
    """

    def __init__(self, address: str, key: bytes, redactor: Redactor) -> None:
        self._redactor = redactor
        self._lock = threading.Lock()
        self._connection: Connection = Client(address, authkey=key)
        watchdog = Client(address, authkey=key)
        watchdog.send(("stay", None))
        threading.Thread(target=_end_with, args=(watchdog,), daemon=True).start()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], redactor: Redactor) -> "SharedLogin | None":
        """Return the session of the run that this process belongs to, None where it belongs to none."""
        address, key = environ.get(ADDRESS_VARIABLE), environ.get(KEY_VARIABLE)
        return cls(address, bytes.fromhex(key), redactor) if address and key else None

    def log_in(self) -> LoginResult:
        """Return the sign-in of this run."""
        return self._ask("login", None)

    def renew(self, refused: str) -> LoginResult:
        """Return a new sign-in in place of an expired one; see `OwnerLogin.renew`."""
        return self._ask("renew", refused)

    def _ask(self, request: str, argument: str | None) -> LoginResult:
        with self._lock:
            self._connection.send((request, argument))
            answer: LoginResult = self._connection.recv()
        self._redactor.add_token(answer.token)
        return answer


Session = OwnerLogin | SharedLogin


def _end_with(watchdog: Connection) -> None:
    """Kill this process as soon as the one that owns the run is gone: nobody would put back what it writes."""
    try:
        watchdog.recv()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGKILL)


class LoginServer:
    """Lets the other processes of a run share an `OwnerLogin`.

    Args:
        session: The session to share.
    """

    def __init__(self, session: OwnerLogin) -> None:
        self._session = session
        self._opened = threading.Event()
        self._key = secrets.token_bytes(32)
        self._listener = Listener(backlog=64, authkey=self._key)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """What a process must have in its environment to take part."""
        return {ADDRESS_VARIABLE: str(self._listener.address), KEY_VARIABLE: self._key.hex()}

    def open(self) -> None:
        """Answer those who ask: the account is held, and the sign-in is known. They wait until then."""
        self._opened.set()

    def close(self) -> None:
        """Take no more processes."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except (AuthenticationError, EOFError):
                continue
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        try:
            while True:
                request, argument = connection.recv()
                self._opened.wait()
                if request == "login":
                    connection.send(self._session.log_in())
                elif request == "renew":
                    connection.send(self._session.renew(argument))
        except (EOFError, OSError):
            connection.close()
