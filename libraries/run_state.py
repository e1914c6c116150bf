"""What the keyword libraries of one Robot Framework process share."""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache

import project_root  # noqa: F401
from acceptance.account.account import OwnedAccount
from acceptance.account.marks import Before, Mark
from acceptance.account.write_guard import AccountWriteGuard
from acceptance.client.evidence import Evidence
from acceptance.client.exchanges import Exchange
from acceptance.config import Target
from acceptance.exit_codes import ApiFailure, Blocked
from acceptance.redaction import Redactor


@dataclass(frozen=True)
class OpenAccount:
    """An account that a run may change.

    Attributes:
        account: The account.
        guard: Observes its updates.
        url: The URL of its business.
    """

    account: OwnedAccount
    guard: AccountWriteGuard
    url: str


@dataclass
class RunState:
    """The state of a run in this process.

    Attributes:
        run: The id of the run.
        target: The backend and the accounts; None until the account is opened.
        second: The second account; None where there is none.
        ends_at: When the run ends at the latest (`time.time()`).
        server_offset: The seconds by which the backend's clock is ahead; None before its first response.
        mark_end: The end that the marks of this run name; None before the first one.
        is_loopback: Whether the backend is on this machine.
        excluded_settings: The settings that no test may save.
        redactor: Masks the secrets of the run.
        evidence: Shows exchanges without secrets.
        exchanges: The requests and responses that the current test depends on, in order.
        exposures: The credentials that the responses so far have shown.
        errors: The exceptions that made keywords of the current test fail, and were not caught.
        failures: What made earlier tests fail, each with the name of its test and its phase.
        phase: The phase of the current test.
    """

    run: str = ""
    target: Target | None = None
    second: OpenAccount | None = None
    ends_at: float = 0.0
    server_offset: float | None = None
    mark_end: float | None = None
    is_loopback: bool = True
    excluded_settings: Collection[str] = ()
    redactor: Redactor = field(default_factory=Redactor)
    evidence: Evidence = field(default_factory=Evidence)
    exchanges: list[Exchange] = field(default_factory=list)
    exposures: list[str] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    failures: list[tuple[BaseException, str, int]] = field(default_factory=list)
    phase: int = 0

    def server_clock(self) -> float:
        """Return the time by the backend's clock (Unix time)."""
        return time.time() + (self.server_offset or 0.0)

    def mark(self, before: Before) -> Mark:
        """Return the mark of this run for a value, and what the value was before."""
        if self.mark_end is None:
            self.mark_end = self.ends_at + (self.server_offset or 0.0)
        return Mark.of(self.run, before, self.mark_end)

    def failed_test(self, error: BaseException) -> str | None:
        """Return the name of an earlier test that failed for the same reason as `error`, None where there is none.

        A test of a later phase does not count, so that the order of tests does not matter. The reason is the same where
        it is the same exception, or the same problem of the same response, which several tests of a suite share.
        """
        same = ((test, phase) for earlier, test, phase in self.failures if _is_same(earlier, error))
        return next((test for test, phase in same if phase <= self.phase), None)


def failure(message: str, response: object, phase: int | None = None) -> ApiFailure | Blocked:
    """Return the exception for a problem of a response.

    Args:
        message: The problem.
        response: The response that was checked, or a JSON object that was read from it.
        phase: The phase that the failure belongs to, where it is not that of the test.

    Returns:
        The failure, or, where an earlier test has failed for the same reason, what skips the test as blocked.
    """
    error = ApiFailure(message, phase, getattr(response, "response", response))
    test = run_state().failed_test(error)
    return Blocked(test) if test else error


def _is_same(one: BaseException, other: BaseException) -> bool:
    if isinstance(one, ApiFailure) and isinstance(other, ApiFailure) and one.response is not None:
        return one.response is other.response and str(one) == str(other)
    return one is other


@cache
def run_state() -> RunState:
    """Return the state of this process; each call returns the same object."""
    return RunState()
