"""One login for all processes: each gets the result of the login that it asked for."""

import signal
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from acceptance.client import shared_login
from acceptance.client.login import LoginResult
from acceptance.client.logins import Logins
from acceptance.client.shared_login import ADDRESS_VARIABLE, KEY_VARIABLE, LoginServer, SharedLogins
from acceptance.redaction import Redactor


@dataclass
class FixedLogin:
    """A login whose result is there once it is `done`."""

    token: str
    done: threading.Event = field(default_factory=threading.Event)

    def result(self) -> LoginResult:
        self.done.wait()
        return LoginResult("logged-in", token=self.token)


@dataclass
class FixedLogins:
    owner: FixedLogin
    other: FixedLogin


def stop(*_: Any) -> None:
    raise TimeoutError


def test_call_that_a_timeout_has_stopped_is_not_taken_for_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_login, "_end_with_owner", lambda _: None)
    monkeypatch.chdir(tmp_path)
    logins = FixedLogins(FixedLogin("token of the owner"), FixedLogin("token of the second account"))
    server = LoginServer(cast(Logins, logins), tmp_path)
    server.open()
    shared = SharedLogins(
        server.environment[ADDRESS_VARIABLE], bytes.fromhex(server.environment[KEY_VARIABLE]), Redactor()
    )
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(TimeoutError):
            shared.other.result()
    finally:
        signal.signal(signal.SIGALRM, before)
    logins.owner.done.set()
    logins.other.done.set()
    assert shared.owner.result().token == "token of the owner"
    assert shared.other.result().token == "token of the second account"
    server.close()
