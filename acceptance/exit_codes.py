"""Phases, failures and exit codes: what the outcome of each test means for its suite and for the run.

A test names its phase by a tag, `exit:1` to `exit:5`. A failure of the API counts in that phase; any other failure (of
the environment, or of the suite itself) is no verdict on the API, and counts as phase 5. What kind a failure is follows
from the type of the exception; a listener records it as a tag of the result.
"""

import re
import traceback
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar, get_args

from robot.api import SkipExecution
from robot.errors import DataError, ExecutionStatus

from acceptance.texts import cut

AUTHENTICATION = 1
UNEXPECTED = 5
PHASE_TAGS = {f"exit:{phase}": phase for phase in range(1, UNEXPECTED + 1)}
CAPABILITY_ORDER = ("settings", "calendar", "twilio")
SEVERAL_APIS = 4
BLOCKED_TAG = "blocked"
BLOCKED_BY = "Blocked by"
"""The metadata of a blocked test that names the test that failed."""

FAILURE_TAG = "failure:"
_OWN_PHASE_TAGS = {f"{FAILURE_TAG}phase-{phase}": phase for phase in range(1, UNEXPECTED + 1)}
SERVER_ERROR = 500
_STATUS_TAG = re.compile(f"{FAILURE_TAG}status-([0-9]{{3}})")

ExitCodes = Literal["phase", "api"]
FailureKind = Literal["api", "transport", "throttled", "environment", "suite", "stopped"]
"""Why a test failed: a wrong response; no response; throttling beyond patience; something around the run, such as
another run on the account; an error in the suite itself; or the end of the run."""

API_KINDS: tuple[FailureKind, ...] = ("api", "transport")
"""The failures that are a verdict on the API."""

_PROGRAMMING_ERRORS = (ImportError, NameError, SyntaxError)


class ApiFailure(AssertionError):
    """The API broke its contract.

    Args:
        message: What failed.
        phase: The phase that the failure belongs to, where it is not that of the test.
        response: The response that was checked, where there was one; its `status_code` belongs to the failure.
    """

    ROBOT_SUPPRESS_NAME = True

    def __init__(self, message: str, phase: int | None = None, response: object = None) -> None:
        super().__init__(message)
        self.phase = phase
        self.response = response


class Blocked(SkipExecution):
    """The test is skipped because something that it builds on has failed.

    Args:
        test: The name of the test that failed.
    """

    def __init__(self, test: str) -> None:
        super().__init__(f"blocked by the failure of “{test}”")
        self.test = test


class Tagged(Protocol):
    """A result with tags, which say how it failed."""

    @property
    def tags(self) -> Iterable[str]: ...


class TestResult(Tagged, Protocol):
    """What is needed of a test's result; Robot Framework's `robot.result.TestCase` has it."""

    @property
    def name(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def passed(self) -> bool: ...
    @property
    def failed(self) -> bool: ...


AnyResult = TypeVar("AnyResult", bound=TestResult)


def failure_kind(error: BaseException) -> FailureKind:
    """Return the kind of a failure, from the exception that a keyword raised.

    An exception class may name its kind in an attribute `failure_kind`. Otherwise the errors that Robot Framework
    raises about test data, and errors of Python source, are the suite's own, and everything else is the API's.
    """
    kind: FailureKind | None = getattr(error, "failure_kind", None)
    if kind is not None:
        return kind
    if isinstance(error, ExecutionStatus):  # only the end of the whole execution is left to classify
        return "stopped"
    if isinstance(error, AssertionError):
        return "api"
    if isinstance(error, _PROGRAMMING_ERRORS):
        return "suite"
    chain = list(_chain(error))
    if isinstance(chain[-1], LookupError):  # `${settings}[name]`, and the response has no such field
        return "api"
    return "suite" if any(isinstance(one, DataError) for one in chain) else "api"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def problem_of(error: BaseException) -> str:
    """Return what an exception says, as a part of a sentence; of an error of the program's own, with its place."""
    text = " ".join(str(error).split()).rstrip(".")
    if getattr(error, "failure_kind", None):
        return text
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" in {Path(one.filename).name}, line {one.lineno}" for one in place)
    return f"{type(error).__name__}{where}: {cut(text)}"


def failure_tags(kind: FailureKind, phase: int | None = None, status: int | None = None) -> list[str]:
    """Return the tags that record a failure in a test's result.

    Args:
        kind: Its kind.
        phase: The phase that it belongs to, where it is not that of the test.
        status: The status code of the response that failed the check, None where there is none.
    """
    phases = [f"{FAILURE_TAG}phase-{phase}"] if phase else []
    return [f"{FAILURE_TAG}{kind}", *phases, *([f"{FAILURE_TAG}status-{status}"] if status else [])]


def phase_of(tags: Iterable[str]) -> int:
    """Return the phase that `tags` name, the earliest where they name several, `UNEXPECTED` where they name none."""
    return min((PHASE_TAGS[tag.lower()] for tag in tags if tag.lower() in PHASE_TAGS), default=UNEXPECTED)


def failed_phase(test: Tagged) -> int:
    """Return the phase that the failure of `test` belongs to."""
    if not is_api_failure(test):
        return UNEXPECTED
    return next((_OWN_PHASE_TAGS[tag] for tag in test.tags if tag in _OWN_PHASE_TAGS), phase_of(test.tags))


def is_api_failure(test: Tagged) -> bool:
    """Return whether the failure of `test` is a verdict on the API; one that no listener has classified is not."""
    return any(f"{FAILURE_TAG}{kind}" in test.tags for kind in API_KINDS)


@dataclass(frozen=True)
class FailureSignature:
    """What two failures of a test have in common where they are taken for the same one.

    A server that fails (5xx) is taken for one that does not respond: a backend that does both was broken before.

    Attributes:
        phase: The phase that the failure belongs to.
        kind: Its kind, None where no listener has classified it.
        status: The status code of the response that failed the check, None without one, and where the server failed.
    """

    phase: int
    kind: FailureKind | None
    status: int | None


def failure_signature(test: Tagged) -> FailureSignature:
    """Return the signature of the failure of `test`, from its tags."""
    kinds: tuple[FailureKind, ...] = get_args(FailureKind)
    kind = next((kind for kind in kinds if f"{FAILURE_TAG}{kind}" in test.tags), None)
    statuses = (int(found[1]) for tag in test.tags if (found := _STATUS_TAG.fullmatch(tag)))
    status = next(statuses, None)
    if status is not None and status >= SERVER_ERROR:
        kind, status = "transport", None
    return FailureSignature(failed_phase(test), kind, status)


def is_throttled(test: Tagged) -> bool:
    """Return whether `test` failed because its request was throttled."""
    return f"{FAILURE_TAG}throttled" in test.tags


def suite_exit_code(tests: Iterable[TestResult]) -> int:
    """Return the exit code of a suite: the earliest phase that failed, 0 where all that ran passed."""
    tests = list(tests)
    failures = [failed_phase(test) for test in tests if test.failed]
    if failures:
        return min(failures)
    return 0 if any(test.passed for test in tests) else UNEXPECTED


def first_failure(tests: Iterable[AnyResult]) -> AnyResult | None:
    """Return the failed test that gives a suite its code, the first one where there are several."""
    return min((test for test in tests if test.failed), key=failed_phase, default=None)


def in_order(capabilities: Iterable[str]) -> list[str]:
    """Return capabilities in the order of verdicts: settings, calendar, twilio, then the others by name."""
    known = {name: position for position, name in enumerate(CAPABILITY_ORDER)}
    return sorted(capabilities, key=lambda name: (known.get(name, len(known)), name))


def run_exit_code(
    codes: Sequence[tuple[str, int]], style: ExitCodes = "phase", without_verdict: Set[str] = frozenset()
) -> int:
    """Return the exit code of a run.

    Args:
        codes: The suites' names and exit codes, in order.
        style: `phase` gives the earliest phase that failed in any suite; `api` names the broken API: 1, 2 and 3 for
            the first three capabilities alone, 4 for several or for any other, 5 where none is known to be broken.
        without_verdict: The suites whose code is not about the API, because they did not run to their end.
    """
    failed = [(name, code) for name, code in codes if code]
    if not codes:
        return UNEXPECTED
    if not failed:
        return 0
    if style == "phase":
        return min(code for _, code in failed)
    broken = [name for name, _ in failed if name not in without_verdict]
    if not broken:
        return UNEXPECTED
    if len(broken) == 1 and broken[0] in CAPABILITY_ORDER:
        return CAPABILITY_ORDER.index(broken[0]) + 1
    return SEVERAL_APIS
