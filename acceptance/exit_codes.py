"""The phases of a suite, and how the results of its tests become an exit code.

A test names its phase by a tag, `exit:1` to `exit:5`. The code of a suite is the earliest phase that failed; a suite in
which no test was executed has no verdict, and no verdict is never a success.
"""

from collections.abc import Iterable, Sequence, Set
from typing import Literal, Protocol, TypeVar

UNEXPECTED = 5
PHASE_TAGS = {f"exit:{phase}": phase for phase in range(1, UNEXPECTED + 1)}
CAPABILITY_ORDER = ("settings", "calendar", "twilio")
SEVERAL_APIS = 4
IN_USE = "Another run is using this account"
NOT_SENT = "Not sent: "
NOT_RUN = "The suite did not run to its end: "
_NO_VERDICT = (
    NOT_RUN,
    IN_USE,
    NOT_SENT,
    "Parent suite setup failed:",
    "No keyword with name ",
    "Multiple keywords with name ",
    "Test cannot be empty",
    "Invalid ",
    "Variable '",
    "Setting variable '",
    "Resolving variable '",
    "Evaluating expression '",
    "Keyword '",
    "Setup failed:\nNo keyword",
)
"""How the messages of failures begin that are a suite's own, or the run's, and say nothing about the API."""

ExitCodes = Literal["phase", "api"]


class TestResult(Protocol):
    """What is needed of a test's result; Robot Framework's `robot.result.TestCase` has it."""

    @property
    def name(self) -> str: ...
    @property
    def tags(self) -> Iterable[str]: ...
    @property
    def message(self) -> str: ...
    @property
    def passed(self) -> bool: ...
    @property
    def failed(self) -> bool: ...


AnyResult = TypeVar("AnyResult", bound=TestResult)


def phase_of(tags: Iterable[str]) -> int:
    """Return the phase that `tags` name, the earliest where they name several, `UNEXPECTED` where they name none."""
    return min((PHASE_TAGS[tag.lower()] for tag in tags if tag.lower() in PHASE_TAGS), default=UNEXPECTED)


def failed_phase(test: TestResult) -> int:
    """Return the phase that the failure of `test` belongs to."""
    return phase_of(test.tags) if tells_about_api(test) else UNEXPECTED


def tells_about_api(test: TestResult) -> bool:
    """Whether the failure of `test` is one of the API; otherwise it is one of the suite, or of the run."""
    return not test.message.startswith(_NO_VERDICT)


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
    """Return capabilities in the order that verdicts are given in: settings, calendar, twilio, the others by name."""
    known = {name: position for position, name in enumerate(CAPABILITY_ORDER)}
    return sorted(capabilities, key=lambda name: (known.get(name, len(known)), name))


def run_exit_code(
    codes: Sequence[tuple[str, int]], style: ExitCodes = "phase", without_verdict: Set[str] = frozenset()
) -> int:
    """Return the exit code of a run.

    Args:
        codes: The suites' names and exit codes, in order.
        style: `phase` gives the code of the first suite that failed; `api` says which API is broken: 1, 2 and 3 for
            the first three capabilities alone, 4 for several or for any other, 5 where no suite says that one is.
        without_verdict: The suites whose code says nothing about the API: they did not run, or not to their end.
    """
    failed = [(name, code) for name, code in codes if code]
    if not codes:
        return UNEXPECTED
    if not failed:
        return 0
    if style == "phase":
        return failed[0][1]
    broken = [name for name, _ in failed if name not in without_verdict]
    if not broken:
        return UNEXPECTED
    if len(broken) == 1 and broken[0] in CAPABILITY_ORDER:
        return CAPABILITY_ORDER.index(broken[0]) + 1
    return SEVERAL_APIS
