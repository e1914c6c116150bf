"""One login for all processes of a run: the process that owns the run logs in and serves the result to the workers.

The token is never in a file, a command line or an environment variable: it passes between processes over a private,
authenticated local connection (`multiprocessing.connection`).
"""

import os
import secrets
import signal
import threading
from collections.abc import Mapping
from contextlib import chdir
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

from acceptance.client.login import LoginResult
from acceptance.client.token_refresh import OwnerLogin
from acceptance.redaction import Redactor

ADDRESS_VARIABLE = "ACCEPTANCE_SESSION_ADDRESS"
KEY_VARIABLE = "ACCEPTANCE_SESSION_KEY"
SOCKET = "login"


class SharedLogin:
    """The login of the process that owns the run, as a `TokenProvider` in another one, which ends with the owner.

    Args:
        address: The address of its `LoginServer`, in the working directory.
        key: The key that authenticates the connection.
        redactor: Gets to know the token.
    """

    def __init__(self, address: str, key: bytes, redactor: Redactor) -> None:
        self._redactor = redactor
        self._lock = threading.Lock()
        self._connection: Connection = Client(address, authkey=key)
        watchdog = Client(address, authkey=key)
        threading.Thread(target=_end_with_owner, args=(watchdog,), daemon=True).start()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], redactor: Redactor) -> "SharedLogin | None":
        """Return the login of the run that this process belongs to, None where it belongs to none."""
        address, key = environ.get(ADDRESS_VARIABLE), environ.get(KEY_VARIABLE)
        return cls(address, bytes.fromhex(key), redactor) if address and key else None

    def result(self) -> LoginResult:
        """Return the result of the latest login; wait for it until the server is open."""
        return self._request("result")

    def get(self) -> str | None:
        """Return the access token, None where the login gave no usable one."""
        return self.result().token

    def refresh(self, rejected: str) -> str | None:
        """Return the token to use instead of `rejected`; see `OwnerLogin.refresh`."""
        return self._request("refresh", rejected).token

    def _request(self, name: str, argument: str | None = None) -> LoginResult:
        with self._lock:
            self._connection.send((name, argument))
            result: LoginResult = self._connection.recv()
        self._redactor.add_token(result.token)
        self._redactor.add_found(result.secrets)
        return result


Login = OwnerLogin | SharedLogin


def _end_with_owner(watchdog: Connection) -> None:
    """Kill this process as soon as the owner of the run is gone, because no process would restore what it writes."""
    try:
        watchdog.recv()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGKILL)


class LoginServer:
    """Serves an `OwnerLogin` to the other processes of a run.

    Args:
        login: The login.
        directory: A private directory, in which the other processes work: the path of a socket must be short.
    """

    def __init__(self, login: OwnerLogin, directory: Path) -> None:
        self._login = login
        self._directory = directory
        self._is_open = threading.Event()
        self._key = secrets.token_bytes(32)
        with chdir(directory):
            self._listener = Listener(SOCKET, backlog=64, authkey=self._key)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables from which a process makes its `SharedLogin`."""
        return {ADDRESS_VARIABLE: SOCKET, KEY_VARIABLE: self._key.hex()}

    def open(self) -> None:
        """Respond to requests from now on; until then they wait, because the account is not yet locked."""
        self._is_open.set()

    def close(self) -> None:
        """Accept no more processes."""
        with chdir(self._directory):
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
                name, argument = connection.recv()
                self._is_open.wait()
                if name == "refresh":
                    self._login.refresh(argument)
                connection.send(self._login.result())
        except (EOFError, OSError):
            connection.close()
