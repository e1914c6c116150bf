"""Signing in, once for a whole run: the process that owns the run signs in, the others ask it for the outcome.

The token never touches a disk, a command line or an environment: it passes from process to process over a private,
authenticated local connection (`multiprocessing.connection`).
"""

import base64
import binascii
import json
import os
import re
import secrets
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from typing import Any, Literal

import requests

from acceptance.api import SIGN_IN_PATH
from acceptance.configuration import Target
from acceptance.redaction import Redactor
from acceptance.transport import NoAnswer, Transport, Unreachable

ADDRESS_VARIABLE = "ACCEPTANCE_SESSION_ADDRESS"
KEY_VARIABLE = "ACCEPTANCE_SESSION_KEY"

EXPIRY_MARGIN_SECONDS = 5.0
"""A token that is refused counts as expired this much before its end, or in the last tenth of its life."""

SHORTEST_LIFE_SECONDS = 60.0
"""What a token must have lived to be renewed again and again: sign-ins are limited to a few a minute."""

_JWT_PART = re.compile(r"[A-Za-z0-9_-]+")

Outcome = Literal["signed-in", "refused", "unreachable", "throttled"]


@dataclass(frozen=True)
class SignIn:
    """What came of signing in.

    Attributes:
        outcome: `signed-in`, or why not.
        problem: What was promised and what was seen, in one sentence; empty where the sign-in kept the contract.
        token: The access token, where the answer held one that can be used.
        content_type: The answer's `Content-Type`, empty where there was no answer.
        received_at: When the answer came (`time.time()`).
    """

    outcome: Outcome
    problem: str = ""
    token: str | None = field(default=None, repr=False)
    content_type: str = ""
    received_at: float = field(default_factory=time.time)

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
        return time.time() >= self.received_at + lifetime - min(EXPIRY_MARGIN_SECONDS, lifetime / 10)


def jwt_part(text: str) -> dict[str, Any] | None:
    """Return the JSON object that a base64url part of a JWT holds (RFC 7519 section 3), None where it holds none."""
    try:
        value = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return None
    return value if isinstance(value, dict) else None


def jwt_claims(token: str) -> dict[str, Any]:
    """Return the claims of a JWT, unverified; none where it is no JWT."""
    parts = token.split(".")
    return (jwt_part(parts[1]) or {}) if len(parts) == 3 else {}


def why_no_jwt(token: object) -> str | None:
    """Return what keeps `token` from being a signed JWT in compact form (RFC 7519 section 3), None where it is one."""
    if not isinstance(token, str):
        return "is missing" if token is None else f"is no text but {type(token).__name__}"
    if not token:
        return "is empty"
    parts = token.split(".")
    if len(parts) != 3:
        return f"has {len(parts)} part{'s' if len(parts) > 1 else ''} between dots; a JWT has three"
    if not all(_JWT_PART.fullmatch(part) for part in parts):
        return "has an empty part, or one that is not base64url"
    if not (jwt_part(parts[0]) or {}).get("alg") or jwt_part(parts[1]) is None:
        return "has a header or claims that are not a JSON object"
    return None


def _problem_of_answer(target: Target, answer: requests.Response) -> tuple[str, str | None]:
    """Return what is wrong with an answer to a sign-in (empty: nothing), and the token it holds, if it is usable."""
    call = f"Signing in (POST {SIGN_IN_PATH})"
    if answer.is_redirect or answer.is_permanent_redirect:
        return f"{call} was answered with a redirect ({answer.status_code}) instead of a token.", None
    if answer.status_code != requests.codes.ok:
        return f"{call} with the account's own credentials was answered {answer.status_code}, not 200.", None
    try:
        body = json.loads(answer.content)
    except ValueError:
        return f"{call} was answered 200, but with a body that is not JSON.", None
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
    address = user.get("email")
    if isinstance(address, str) and address.casefold() != target.email.casefold():
        return f"{call} signed in somebody else: the answer's user has another e-mail address.", token
    return "", token


class OwnSession:
    """Signs in by itself, once, and once more each time that the token expires, if it lived for a while.

    Args:
        target: The backend and the account.
        transport: Sends the sign-in.
        redactor: Learns the token.
    """

    def __init__(self, target: Target, transport: Transport, redactor: Redactor) -> None:
        self.target = target
        self._redactor = redactor
        self._lock = threading.Lock()
        self._sign_in: SignIn | None = None
        self._renewed = False
        self._http = requests.Session()
        for scheme in ("http://", "https://"):
            self._http.mount(scheme, transport)

    def sign_in(self) -> SignIn:
        """Return the sign-in of this run; the first call sends it."""
        with self._lock:
            if self._sign_in is None:
                self._sign_in = self._send()
            return self._sign_in

    def renew(self, refused: str) -> SignIn:
        """Return a new sign-in in place of an expired one; from the second time on, only of one that lived for a while.

        Args:
            refused: The token that the backend no longer takes; where it is not the current one, nothing is sent.
        """
        with self._lock:
            current = self._sign_in
            lived = time.time() - current.received_at if current else 0.0
            may_renew = not self._renewed or lived > SHORTEST_LIFE_SECONDS
            if current and current.token == refused and current.has_expired and may_renew:
                self._renewed = True
                self._sign_in = self._send()
            return self._sign_in or SignIn("refused", "Nobody has signed in yet.")

    def _send(self) -> SignIn:
        try:
            answer = self._http.post(
                self.target.url + SIGN_IN_PATH,
                json={"email": self.target.email, "password": self.target.password},
                allow_redirects=False,
            )
        except Unreachable as error:
            return SignIn("unreachable", str(error))
        except NoAnswer as error:
            return SignIn("refused", str(error))
        if answer.status_code == requests.codes.too_many_requests:
            return SignIn("throttled", "Signing in is throttled: the server still answered 429 when the wait was over.")
        problem, token = _problem_of_answer(self.target, answer)
        self._redactor.add(token)
        outcome: Outcome = "signed-in" if token and not problem else "refused"
        return SignIn(outcome, problem, token, answer.headers.get("Content-Type", ""))


class SharedSession:
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
        lifeline = Client(address, authkey=key)
        lifeline.send(("stay", None))
        threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], redactor: Redactor) -> "SharedSession | None":
        """Return the session of the run that this process belongs to, None where it belongs to none."""
        address, key = environ.get(ADDRESS_VARIABLE), environ.get(KEY_VARIABLE)
        return cls(address, bytes.fromhex(key), redactor) if address and key else None

    def sign_in(self) -> SignIn:
        """Return the sign-in of this run."""
        return self._ask("sign_in", None)

    def renew(self, refused: str) -> SignIn:
        """Return a new sign-in in place of an expired one; see `OwnSession.renew`."""
        return self._ask("renew", refused)

    def _ask(self, request: str, argument: str | None) -> SignIn:
        with self._lock:
            self._connection.send((request, argument))
            answer: SignIn = self._connection.recv()
        self._redactor.add(answer.token)
        return answer


Session = OwnSession | SharedSession


def _end_with(lifeline: Connection) -> None:
    """Kill this process as soon as the one that owns the run is gone: nobody would put back what it writes."""
    try:
        lifeline.recv()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGKILL)


class SessionServer:
    """Lets the other processes of a run share an `OwnSession`.

    Args:
        session: The session to share.
    """

    def __init__(self, session: OwnSession) -> None:
        self._session = session
        self._key = secrets.token_bytes(32)
        self._listener = Listener(backlog=64, authkey=self._key)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """What a process must have in its environment to take part."""
        return {ADDRESS_VARIABLE: str(self._listener.address), KEY_VARIABLE: self._key.hex()}

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
                if request == "sign_in":
                    connection.send(self._session.sign_in())
                elif request == "renew":
                    connection.send(self._session.renew(argument))
        except (EOFError, OSError):
            connection.close()
