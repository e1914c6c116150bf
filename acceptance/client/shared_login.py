"""One login for all processes of a run: the process that owns the run logs in and serves the results to the workers.

The token is never in a file, a command line or an environment variable: it passes between processes over a private,
authenticated local connection (`multiprocessing.connection`).
"""

import os
import secrets
import signal
import threading
from collections.abc import Mapping
from contextlib import chdir, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, Literal

import requests

from acceptance.client.login import LoginResult
from acceptance.client.logins import Logins
from acceptance.client.token_refresh import OwnerLogin
from acceptance.redaction import Redactor

ADDRESS_VARIABLE = "ACCEPTANCE_SESSION_ADDRESS"
KEY_VARIABLE = "ACCEPTANCE_SESSION_KEY"
SOCKET = "login"

Account = Literal["owner", "other"]


class _Channel:
    """The connection of this process, which ends with the owner of the run, to the `LoginServer`."""

    def __init__(self, address: str, key: bytes) -> None:
        self._lock = threading.Lock()
        self._address, self._key = address, key
        self._connection: Connection = Client(address, authkey=key)
        watchdog = Client(address, authkey=key)
        threading.Thread(target=_end_with_owner, args=(watchdog,), daemon=True).start()

    def call(self, method: str, account: Account | None = None, argument: Any = None) -> Any:
        """Return what the server returned."""
        with self._lock:
            if self._connection.closed:
                self._connection = Client(self._address, authkey=self._key)
            try:
                self._connection.send((method, account, argument))
                return self._connection.recv()
            except BaseException:  # the test's timeout; the next call must not get what was meant for this one
                self._connection.close()
                raise


class SharedLogin:
    """A login of the process that owns the run, as a `TokenProvider` in another one.

    Args:
        channel: The connection to the `LoginServer`.
        account: Whose login it is.
        redactor: Gets to know the token.
    """

    def __init__(self, channel: _Channel, account: Account, redactor: Redactor) -> None:
        self._channel = channel
        self._account = account
        self._redactor = redactor

    def result(self) -> LoginResult:
        """Return the result of the latest login; wait for it until the server is open."""
        return self._request("result")

    def get(self) -> str | None:
        """Return the access token, None where the login gave no usable one."""
        return self.result().token

    def refresh(self, rejected: str) -> str | None:
        """Return the token to use instead of `rejected`; see `OwnerLogin.refresh`."""
        return self._request("refresh", rejected).token

    def _request(self, method: str, argument: str | None = None) -> LoginResult:
        result: LoginResult = self._channel.call(method, self._account, argument)
        self._redactor.add_token(result.token)
        self._redactor.add_found(result.secrets)
        return result


Login = OwnerLogin | SharedLogin


class SharedLogins:
    """The `Logins` of the process that owns the run, in another process.

    Args:
        address: The address of its `LoginServer`, in the working directory.
        key: The key that authenticates the connection.
        redactor: Gets to know the tokens.

    Attributes:
        owner: The login of the owner.
        other: The login of the second account, to be used only where there is one.
    """

    def __init__(self, address: str, key: bytes, redactor: Redactor) -> None:
        self._channel = _Channel(address, key)
        self.owner = SharedLogin(self._channel, "owner", redactor)
        self.other = SharedLogin(self._channel, "other", redactor)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], redactor: Redactor) -> "SharedLogins | None":
        """Return the logins of the run that this process belongs to, None where it belongs to none."""
        address, key = environ.get(ADDRESS_VARIABLE), environ.get(KEY_VARIABLE)
        return cls(address, bytes.fromhex(key), redactor) if address and key else None

    def refused(self, request: requests.PreparedRequest) -> requests.Response:
        """Return the response to a login that must be refused; see `Logins.refused`."""
        outcome: requests.Response | requests.RequestException = self._channel.call("refused", argument=request)
        if isinstance(outcome, requests.Response):
            return outcome
        raise outcome


def _end_with_owner(watchdog: Connection) -> None:
    """Kill this process as soon as the owner of the run is gone, because no process would restore what it writes."""
    try:
        watchdog.recv()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGKILL)


class LoginServer:
    """Serves `Logins` to the other processes of a run.

    Args:
        logins: The logins.
        directory: A private directory, in which the other processes work: the path of a socket must be short.
    """

    def __init__(self, logins: Logins, directory: Path) -> None:
        self._logins = logins
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
        with connection, suppress(EOFError, OSError):
            while True:
                method, account, argument = connection.recv()
                self._is_open.wait()
                connection.send(self._respond(method, account, argument))

    def _respond(self, method: str, account: Account | None, argument: Any) -> Any:
        if method == "refused":
            try:
                return self._logins.refused(argument)
            except requests.RequestException as error:
                return error
        login = self._logins.other if account == "other" else self._logins.owner
        if login is None:
            return LoginResult("refused", "There is no second account.")
        if method == "refresh":
            login.refresh(argument)
        return login.result()
