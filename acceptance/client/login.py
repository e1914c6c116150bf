"""The login: the request, and the result that its response gives."""

import re
import time
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

import requests

from acceptance.client.endpoints import LOGIN_PATH
from acceptance.client.evidence import Evidence
from acceptance.client.exchanges import Exchange, status_of
from acceptance.client.explanation import explanation_of, why_not_readable
from acceptance.client.http_adapter import (
    THROTTLE_SECONDS,
    LocalTrouble,
    NoResponse,
    Unreachable,
    retry_after_seconds,
    waited_seconds,
)
from acceptance.client.identity import identity_problem
from acceptance.client.json_body import error_texts, json_object, read_json, reason_of, strings_of
from acceptance.client.jwt_format import claims_of, numeric_date, why_no_jwt
from acceptance.client.trace import trace_id_of
from acceptance.config import Target
from acceptance.redaction import Redactor, found_secrets

LOGIN_CALL = f"POST {LOGIN_PATH}"
ROUNDING_SECONDS = 1
"""The error of a token's lifetime where the server rounds times to whole seconds."""

EXPIRY_MARGIN_SECONDS = 5.0
"""A rejected token counts as expired this long before its end, or in the last tenth of its lifetime."""

HINTS = {
    401: " Are {} and {} those of an account on this backend?",
    **dict.fromkeys((404, 405, 501), " Is the URL that of the backend?"),
}
"""What may be wrong with the configuration, by the status of the rejected login."""

LOCK_WORDS = re.compile(
    r"(?<![a-z])(locked|lock[ _-]?out|suspended|too[ _-]many|temporarily (blocked|disabled))(?![a-z])", re.IGNORECASE
)
"""What a 403 says where the backend has locked an account or a client for failed logins."""

LoginOutcome = Literal["logged-in", "refused", "locked", "unreachable", "throttled", "not-sent"]


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
        status_code: The status code of the response, None without one.
        trace_id: The trace of the request; see `acceptance.client.trace`.
        secrets: What may be a token in the response: cookies, and strings that are not of its user.
    """

    outcome: LoginOutcome
    problem: str = ""
    token: str | None = field(default=None, repr=False)
    content_type: str = ""
    received_at: float = field(default_factory=time.time)
    evidence: str = ""
    status_code: int | None = None
    trace_id: str | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)

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


def log_in(target: Target, http: requests.Session, redactor: Redactor) -> LoginResult:
    """Log in to the account of `target`.

    Args:
        target: The backend and the account.
        http: Sends the login.
        redactor: Gets to know the token, and the other strings of the response.
    """
    evidence = Evidence(dict(zip((target.email, target.password), target.variables, strict=True)))
    started = time.monotonic()

    def evidence_of(request: object, response: requests.Response | None) -> str:
        if not isinstance(request, requests.PreparedRequest):
            return ""
        milliseconds = (time.monotonic() - started) * 1000
        return redactor.mask(evidence.of(Exchange(request, response, milliseconds)))

    try:
        response = http.post(target.url + LOGIN_PATH, json={"email": target.email, "password": target.password})
    except NoResponse as error:
        outcome: LoginOutcome = "unreachable" if isinstance(error, Unreachable) else "refused"
        if isinstance(error, LocalTrouble):
            outcome = "not-sent"
        trace_id = trace_id_of(error.request) if isinstance(error.request, requests.PreparedRequest) else None
        return LoginResult(outcome, str(error), evidence=evidence_of(error.request, None), trace_id=trace_id)
    secrets, trace_id = _secrets_of(response), trace_id_of(response.request)
    redactor.add_found(secrets)
    shown = evidence_of(response.request, response)
    if response.status_code == requests.codes.too_many_requests:
        retry_after, waited = retry_after_seconds(response), waited_seconds(http, target.url)
        asked = "without Retry-After" if retry_after is None else f"with Retry-After of {retry_after:,.0f} s"
        problem = (
            f"The login is throttled: {LOGIN_CALL} returned {status_of(response)} {asked}; the run waited {waited:.0f} "
            f"s, and waits for {THROTTLE_SECONDS:.0f} s at most."
        )
        return LoginResult("throttled", problem, evidence=shown, trace_id=trace_id)
    locked = lock_problem(response)
    problem, token = (locked, None) if locked else _check_response(response, target)
    redactor.add_token(token)
    problem = redactor.mask(problem.replace(target.email, target.masked_account))
    outcome = "locked" if locked else "logged-in" if token and not problem else "refused"
    return LoginResult(
        outcome,
        problem,
        token,
        content_type=response.headers.get("Content-Type", ""),
        evidence=shown,
        status_code=response.status_code,
        trace_id=trace_id,
        secrets=secrets,
    )


def _secrets_of(response: requests.Response) -> tuple[str, ...]:
    """Return what may be a token in the response to a login: its cookies, and its strings that are not of its user."""
    fields = (json_object(response.content) or {}) if response.ok else {}
    strings = strings_of({name: value for name, value in fields.items() if name != "user"})
    values = chain(strings, (cookie.value or "" for cookie in response.cookies))
    return tuple(found_secrets(value for value in values if value != trace_id_of(response.request)))


def lock_problem(response: requests.Response) -> str | None:
    """Return what to do where the backend refuses a login since it has locked the account; None where it has not."""
    is_locked = response.status_code == requests.codes.locked or (
        response.status_code == requests.codes.forbidden and any(map(LOCK_WORDS.search, error_texts(response)))
    )
    if not is_locked:
        return None
    reason = reason_of(response)
    quoted = f": '{reason}'" if reason else ""
    return (
        f"{LOGIN_CALL} returned {status_of(response)}{quoted}. The account is locked, which is no verdict on the API: "
        "unlock it, and where a successful login does not reset the count of failed ones, add '-- --exclude lockout'."
    )


def _check_response(response: requests.Response, target: Target) -> tuple[str, str | None]:
    """Return the problem with the response to a login (empty without one), and the token if it is usable."""
    if response.status_code != requests.codes.ok:
        explanation, hint = explanation_of(response), HINTS.get(response.status_code, "").format(*target.variables)
        explained = f": {explanation}" if explanation else ""
        return f"{LOGIN_CALL} returned {status_of(response)}, expected 200 OK{explained}.{hint}", None
    try:
        body = read_json(response.content)
    except ValueError:
        found = why_not_readable(response)
        return f"{LOGIN_CALL} returned {found or 'another body'}, expected JSON in UTF-8.", None
    if not isinstance(body, dict):
        return f"{LOGIN_CALL} returned JSON that is not an object.", None
    token = body.get("access_token")
    flaw = why_no_jwt(token)
    if flaw:
        return f"{LOGIN_CALL} returned no usable token: access_token {flaw}.", None
    token_type = body.get("token_type")
    if not isinstance(token_type, str) or token_type.lower() != "bearer":
        return f"{LOGIN_CALL} returned a token_type other than 'bearer'.", token
    user = body.get("user")
    if not isinstance(user, dict):
        return f"{LOGIN_CALL} returned no 'user' object.", token
    contradiction = identity_problem(str(token), user, target.email)
    if contradiction:  # with this token the run would write into the account of somebody else
        return f"{LOGIN_CALL} returned the token of another user: {contradiction}.", None
    return "", token
