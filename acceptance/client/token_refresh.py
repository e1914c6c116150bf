"""The access token of the account's owner: from one login, refreshed by another when it has expired."""

import threading
import time

import requests

from acceptance.client.login import LoginResult, log_in
from acceptance.config import Target
from acceptance.redaction import Redactor

SHORTEST_LIFE_SECONDS = 60.0
"""The age from which a token may be refreshed more than once: backends allow a few logins a minute."""


class OwnerLogin:
    """Logs in as the account's owner once, and again when the token has expired. It is a `TokenProvider`.

    Args:
        target: The backend and the account.
        http: Sends the login.
        redactor: Gets to know the token.
    """

    def __init__(self, target: Target, http: requests.Session, redactor: Redactor) -> None:
        self._target = target
        self._http = http
        self._redactor = redactor
        self._lock = threading.Lock()
        self._result: LoginResult | None = None
        self._was_refreshed = False

    def result(self) -> LoginResult:
        """Return the result of the latest login; the first call sends one."""
        with self._lock:
            if self._result is None:
                self._result = log_in(self._target, self._http, self._redactor)
            return self._result

    def forget(self) -> None:
        """Let the next use be a new login."""
        with self._lock:
            self._result = None

    def get(self) -> str | None:
        """Return the access token, None where the login gave no usable one."""
        return self.result().token

    def refresh(self, rejected: str) -> str | None:
        """Return the token to use instead of `rejected`.

        Logs in again if `rejected` is the current token and has expired; from the second time on only if it was in use
        for a while.
        """
        with self._lock:
            current = self._result
            if current and current.token == rejected and current.has_expired and self._may_refresh(current):
                self._was_refreshed = True
                self._result = log_in(self._target, self._http, self._redactor)
            return self._result.token if self._result else None

    def _may_refresh(self, current: LoginResult) -> bool:
        return not self._was_refreshed or time.time() - current.received_at > SHORTEST_LIFE_SECONDS
