"""The logins of a run, which are few: backends allow a few in a minute, and lock an account after refused ones."""

import threading
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import BaseAdapter

from acceptance.client.exchanges import Exchange
from acceptance.client.http_adapter import RequestPolicy
from acceptance.client.json_body import json_object
from acceptance.client.token_refresh import OwnerLogin
from acceptance.config import Target
from acceptance.redaction import Redactor


class Logins:
    """The logins of a run, each of which is sent once: the owner's, that of a second account, and the refused ones.

    Args:
        target: The backend and the accounts.
        policy: The rules for their requests.
        redactor: Gets to know the passwords and the tokens.

    Attributes:
        owner: The login of the owner.
        other: The login of the second account, None where there is none.
    """

    def __init__(self, target: Target, policy: RequestPolicy, redactor: Redactor) -> None:
        redactor.add(*target.passwords)
        http, self._http = requests.Session(), requests.Session()
        policy.configure_session(http, None, sends_again=True)
        policy.configure_session(self._http, None)
        self.owner = OwnerLogin(target, http, redactor)
        self.other = OwnerLogin(target.other, http, redactor) if target.other else None
        self._other_email = target.other.email if target.other else None
        self._lock = threading.Lock()
        self._refused: dict[str, requests.Response | requests.RequestException] = {}

    def refused(self, request: requests.PreparedRequest) -> requests.Response:
        """Send a login that must be refused, once, and return the response; it is never sent again.

        After one to the second account, the next login to it is a new one, which resets the count of failed logins.

        Raises:
            NoResponse: There was no complete response.
        """
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        with self._lock:
            if body not in self._refused:
                self._refused[body] = self._outcome(request)
                if self.other and (json_object(body) or {}).get("email") == self._other_email:
                    self.other.forget()
        outcome = self._refused[body]
        if isinstance(outcome, requests.Response):
            return outcome
        raise outcome

    def _outcome(self, request: requests.PreparedRequest) -> requests.Response | requests.RequestException:
        options = self._http.merge_environment_settings(request.url, {}, None, None, None)
        try:
            return self._http.send(request, allow_redirects=False, **options)
        except requests.RequestException as error:
            return error


class RefusedLoginAdapter(BaseAdapter):
    """Sends the requests of a session as logins that must be refused.

    Args:
        send: Sends each of them once in a run, and returns the response.
        on_exchange: Called with each exchange.
    """

    def __init__(
        self,
        send: Callable[[requests.PreparedRequest], requests.Response],
        on_exchange: Callable[[Exchange], object],
    ) -> None:
        super().__init__()
        self._send = send
        self._on_exchange = on_exchange

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """Return the response to `request`."""
        response = self._send(request)
        self._on_exchange(Exchange(response.request, response, response.elapsed.total_seconds() * 1000))
        return response

    def close(self) -> None:
        """Keep the connections, which are not of this session."""
