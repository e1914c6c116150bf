"""Signing in: what came of it, and a session that does it once."""

import threading
import time
from dataclasses import dataclass, field
from typing import Literal

import requests

from acceptance.client.endpoints import LOGIN_PATH
from acceptance.client.evidence import Evidence, Exchange
from acceptance.client.http_adapter import NoResponse, Unreachable
from acceptance.client.json_body import read_json
from acceptance.client.tokens import jwt_claims, why_no_jwt
from acceptance.config import Target
from acceptance.redaction import Redactor

ROUNDING_SECONDS = 1
"""What a token may lose because servers round its times to whole seconds."""

EXPIRY_MARGIN_SECONDS = 5.0
"""A token that is refused counts as expired this much before its end, or in the last tenth of its life."""

SHORTEST_LIFE_SECONDS = 60.0
"""What a token must have lived to be renewed again and again: sign-ins are limited to a few a minute."""


HINTS = {
    401: " Are E2E_EMAIL and E2E_PASSWORD those of an account on this backend?",
    **dict.fromkeys((404, 405, 501), " Is the URL that of the backend?"),
}
"""What may be wrong with the run itself, by the status of a refused sign-in."""

LoginOutcome = Literal["logged-in", "refused", "unreachable", "throttled"]


@dataclass(frozen=True)
class LoginResult:
    """What came of signing in.

    Attributes:
        outcome: `logged-in`, or why not.
        problem: What was promised and what was seen, in one sentence; empty where the sign-in kept the contract.
        token: The access token, where the answer held one that can be used.
        content_type: The answer's `Content-Type`, empty where there was no answer.
        received_at: When the answer came (`time.time()`).
        evidence: The request and its answer, without secrets, for whoever looks into a problem.
    """

    outcome: LoginOutcome
    problem: str = ""
    token: str | None = field(default=None, repr=False)
    content_type: str = ""
    received_at: float = field(default_factory=time.time)
    evidence: str = ""

    @property
    def has_expired(self) -> bool:
        """Whether the token's own claims say that its time is over (RFC 7519 section 4.1.4).

        Its lifetime is taken from `exp` and `iat`, so that a server whose clock is wrong does no harm.
        """
        claims = jwt_claims(self.token or "")
        expires = claims.get("exp")
        if not isinstance(expires, (int, float)):
            return False
        issued = claims.get("iat", self.received_at)
        lifetime = expires - issued if isinstance(issued, (int, float)) else expires - self.received_at
        margin = max(ROUNDING_SECONDS, min(EXPIRY_MARGIN_SECONDS, lifetime / 10))
        return time.time() >= self.received_at + lifetime - margin


def _problem_of_answer(answer: requests.Response) -> tuple[str, str | None]:
    """Return what is wrong with an answer to a sign-in (empty: nothing), and the token it holds, if it is usable."""
    call = f"Signing in (POST {LOGIN_PATH})"
    if 300 <= answer.status_code < 400:
        return f"{call} was answered with a redirect ({answer.status_code}) instead of a token.", None
    if answer.status_code != requests.codes.ok:
        hint = HINTS.get(answer.status_code, "")
        return f"{call} with the account's own credentials was answered {answer.status_code}, not 200.{hint}", None
    try:
        body = read_json(answer.content)
    except ValueError:
        return f"{call} was answered 200, but with a body that is not JSON in UTF-8.", None
    if not isinstance(body, dict):
        return f"{call} was answered with JSON that is not an object.", None
    token = body.get("access_token")
    flaw = why_no_jwt(token)
    if flaw:
        return f"{call} gave no usable token: access_token {flaw}.", None
    token_type, user = body.get("token_type"), body.get("user")
    if not isinstance(token_type, str) or token_type.lower() != "bearer":
        return f"{call} gave a token_type other than 'bearer'.", token
    if not isinstance(user, dict):
        return f"{call} gave no 'user' object.", token
    return "", token


class OwnerLogin:
    """Signs in by itself, once, and once more each time that the token expires, if it lived for a while.

    Args:
        target: The backend and the account.
        http: Sends the sign-in.
        redactor: Learns the token.
    """

    def __init__(self, target: Target, http: requests.Session, redactor: Redactor) -> None:
        self.target = target
        self._redactor = redactor
        self._lock = threading.Lock()
        self._login_result: LoginResult | None = None
        self._renewed = False
        self._http = http
        self._evidence = Evidence({target.email: "E2E_EMAIL", target.password: "E2E_PASSWORD"})

    def log_in(self) -> LoginResult:
        """Return the sign-in of this run; the first call sends it."""
        with self._lock:
            if self._login_result is None:
                self._login_result = self._send()
            return self._login_result

    def renew(self, refused: str) -> LoginResult:
        """Return a new sign-in in place of an expired one; from the second time on, only of one that lived for a while.

        Args:
            refused: The token that the backend no longer takes; where it is not the current one, nothing is sent.
        """
        with self._lock:
            current = self._login_result
            lived = time.time() - current.received_at if current else 0.0
            may_renew = not self._renewed or lived > SHORTEST_LIFE_SECONDS
            if current and current.token == refused and current.has_expired and may_renew:
                self._renewed = True
                self._login_result = self._send()
            return self._login_result or LoginResult("refused", "Nobody has signed in yet.")

    def _send(self) -> LoginResult:
        started = time.monotonic()
        try:
            answer = self._http.post(
                self.target.url + LOGIN_PATH,
                json={"email": self.target.email, "password": self.target.password},
            )
        except NoResponse as error:
            outcome: LoginOutcome = "unreachable" if isinstance(error, Unreachable) else "refused"
            return LoginResult(outcome, str(error), evidence=self._evidence_of(error.request, None, started))
        evidence = self._evidence_of(answer.request, answer, started)
        if answer.status_code == requests.codes.too_many_requests:
            problem = "Signing in is throttled: the server still answered 429 when the wait was over."
            return LoginResult("throttled", problem, evidence=evidence)
        problem, token = _problem_of_answer(answer)
        self._redactor.add_token(token)
        outcome = "logged-in" if token and not problem else "refused"
        return LoginResult(outcome, problem, token, answer.headers.get("Content-Type", ""), evidence=evidence)

    def _evidence_of(
        self,
        request: requests.Request | requests.PreparedRequest | None,
        answer: requests.Response | None,
        started: float,
    ) -> str:
        if not isinstance(request, requests.PreparedRequest):
            return ""
        milliseconds = (time.monotonic() - started) * 1000
        return self._redactor.mask(self._evidence.of(Exchange(request, answer, milliseconds)))
