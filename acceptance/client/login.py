"""Login: its result, and the token provider of the account's owner."""

import threading
import time
from dataclasses import dataclass, field
from typing import Literal

import requests

from acceptance.client.endpoints import LOGIN_PATH
from acceptance.client.evidence import Evidence
from acceptance.client.exchanges import Exchange, status_of
from acceptance.client.http_adapter import THROTTLE_SECONDS, NoResponse, Unreachable
from acceptance.client.json_body import read_json
from acceptance.client.tokens import claims_of, numeric_date, why_no_jwt
from acceptance.config import Target
from acceptance.redaction import Redactor

LOGIN_CALL = f"POST {LOGIN_PATH}"
ROUNDING_SECONDS = 1
"""The error of a token's lifetime where the server rounds times to whole seconds."""

EXPIRY_MARGIN_SECONDS = 5.0
"""A rejected token counts as expired this long before its end, or in the last tenth of its lifetime."""

SHORTEST_LIFE_SECONDS = 60.0
"""The age from which a token may be refreshed more than once: backends allow a few logins a minute."""

HINTS = {
    401: " Are E2E_EMAIL and E2E_PASSWORD those of an account on this backend?",
    **dict.fromkeys((404, 405, 501), " Is the URL that of the backend?"),
}
"""What may be wrong with the configuration, by the status of the rejected login."""

LoginOutcome = Literal["logged-in", "refused", "unreachable", "throttled"]


@dataclass(frozen=True)
class LoginResult:
    """The result of a login.

    Attributes:
        outcome: `logged-in`, or why not.
        problem: Expected against actual, in one sentence; empty where the login kept the contract.
        token: The access token, where the response held a usable one.
        content_type: The `Content-Type` of the response, empty without one.
        received_at: When the response arrived (`time.time()`).
        evidence: The request and its response, without secrets.
    """

    outcome: LoginOutcome
    problem: str = ""
    token: str | None = field(default=None, repr=False)
    content_type: str = ""
    received_at: float = field(default_factory=time.time)
    evidence: str = ""

    @property
    def has_expired(self) -> bool:
        """Whether the token has expired, by its own claims (RFC 7519 section 4.1.4).

        The lifetime is `exp` minus `iat`, so that a wrong clock of the server does not matter.
        """
        claims = claims_of(self.token or "")
        expires = numeric_date(claims, "exp")
        if expires is None:
            return False
        issued = numeric_date(claims, "iat")
        lifetime = expires - (self.received_at if issued is None else issued)
        margin = max(ROUNDING_SECONDS, min(EXPIRY_MARGIN_SECONDS, lifetime / 10))
        return time.time() >= self.received_at + lifetime - margin


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
        self._evidence = Evidence({target.email: "E2E_EMAIL", target.password: "E2E_PASSWORD"})
        self._lock = threading.Lock()
        self._result: LoginResult | None = None
        self._was_refreshed = False

    def result(self) -> LoginResult:
        """Return the result of the latest login; the first call sends one."""
        with self._lock:
            if self._result is None:
                self._result = self._log_in()
            return self._result

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
                self._result = self._log_in()
            return self._result.token if self._result else None

    def _may_refresh(self, current: LoginResult) -> bool:
        return not self._was_refreshed or time.time() - current.received_at > SHORTEST_LIFE_SECONDS

    def _log_in(self) -> LoginResult:
        started = time.monotonic()
        credentials = {"email": self._target.email, "password": self._target.password}
        try:
            response = self._http.post(self._target.url + LOGIN_PATH, json=credentials)
        except NoResponse as error:
            outcome: LoginOutcome = "unreachable" if isinstance(error, Unreachable) else "refused"
            return LoginResult(outcome, str(error), evidence=self._evidence_of(error.request, None, started))
        evidence = self._evidence_of(response.request, response, started)
        if response.status_code == requests.codes.too_many_requests:
            problem = (
                f"The login is throttled: {LOGIN_CALL} returned {status_of(response)}, and a run waits for at most "
                f"{THROTTLE_SECONDS:.0f} s."
            )
            return LoginResult("throttled", problem, evidence=evidence)
        problem, token = _check_response(response)
        self._redactor.add_token(token)
        outcome = "logged-in" if token and not problem else "refused"
        return LoginResult(outcome, problem, token, response.headers.get("Content-Type", ""), evidence=evidence)

    def _evidence_of(
        self,
        request: requests.Request | requests.PreparedRequest | None,
        response: requests.Response | None,
        started: float,
    ) -> str:
        if not isinstance(request, requests.PreparedRequest):
            return ""
        milliseconds = (time.monotonic() - started) * 1000
        return self._redactor.mask(self._evidence.of(Exchange(request, response, milliseconds)))


def _check_response(response: requests.Response) -> tuple[str, str | None]:
    """Return the problem with the response to a login (empty without one), and the token if it is usable."""
    if response.status_code != requests.codes.ok:
        hint = HINTS.get(response.status_code, "")
        return f"{LOGIN_CALL} returned {status_of(response)}, expected 200 OK.{hint}", None
    try:
        body = read_json(response.content)
    except ValueError:
        return f"{LOGIN_CALL} returned a body that is not JSON in UTF-8.", None
    if not isinstance(body, dict):
        return f"{LOGIN_CALL} returned JSON that is not an object.", None
    token = body.get("access_token")
    flaw = why_no_jwt(token)
    if flaw:
        return f"{LOGIN_CALL} returned no usable token: access_token {flaw}.", None
    token_type = body.get("token_type")
    if not isinstance(token_type, str) or token_type.lower() != "bearer":
        return f"{LOGIN_CALL} returned a token_type other than 'bearer'.", token
    if not isinstance(body.get("user"), dict):
        return f"{LOGIN_CALL} returned no 'user' object.", token
    return "", token
