"""What a run means: the verdict of each suite, the verdict of the run, and their exit codes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from robot.result import TestCase, TestSuite

from acceptance.client.login import LoginOutcome
from acceptance.exit_codes import (
    BLOCKED_TAG,
    UNEXPECTED,
    ExitCodes,
    first_failure,
    is_api_failure,
    is_throttled,
    run_exit_code,
    suite_exit_code,
)
from acceptance.reporting.baseline import Comparison
from acceptance.reporting.escaping import with_links
from acceptance.reporting.known_issues import KNOWN_TAG, known_issues_in
from acceptance.reporting.traces import trace_id_in

Status = Literal["healthy", "broken", "unreachable", "throttled", "stale", "not-restored", "error"]
SuiteStatus = Literal["healthy", "broken", "unreachable", "throttled", "no verdict"]

ADVICE: Mapping[Status, str] = {
    "healthy": "Everything that was checked is as promised.",
    "broken": "Open the first failure in log.html: it shows the request, the response, and a command that repeats it.",
    "unreachable": "Check that the backend runs, its URL, and its certificate: there is no connection to it.",
    "throttled": "Run again in a minute: requests were throttled, so nothing certain is known about the API.",
    "stale": "See that the deployment reaches all instances, and run again: the expected build does not respond, or "
    "not always.",
    "not-restored": "Run 'run_tests.py restore' against the target: the account could not be restored.",
    "error": "Read the cause and run again: the run itself did not work, so nothing certain is known about the API.",
}
HEALTHY_MEANING = "All that was checked is as promised"
ALL_KNOWN_MEANING = "Each test that was executed failed as a known issue"


@dataclass(frozen=True)
class SuiteVerdict:
    """What the run of a suite means.

    Attributes:
        name: Its capability.
        status: `healthy`, `broken`, `unreachable`, `throttled`, or `no verdict` where its code is not about the API.
        exit_code: 0, or the earliest phase that failed.
        meaning: What the code means, as the suite's metadata puts it.
        passed, failed, skipped: How many of its tests; those that failed as known issues are none of these.
        known_issues: The tests that failed as known issues, with what is known of each.
        seconds: How long it ran.
        first_failure: The test that gives the code, and the first line of its message; None in a healthy suite.
        since: Since when that test has been failing; None without a history.
        failure_id: Where that test is in the log; None in a healthy suite.
        trace_id: The trace of its decisive call; None where it has none.
        blocked_reasons: Which failures blocked tests, and how many each of them did.
        skip_reasons: Why other tests were skipped, and how many for each reason.
    """

    name: str
    status: SuiteStatus
    exit_code: int
    meaning: str
    passed: int
    failed: int
    skipped: int
    known_issues: Sequence[str]
    seconds: float
    first_failure: str | None
    since: str | None
    failure_id: str | None
    trace_id: str | None
    blocked_reasons: dict[str, int]
    skip_reasons: dict[str, int]

    @property
    def known(self) -> int:
        """How many of its tests failed as known issues."""
        return len(self.known_issues)

    @property
    def is_about_api(self) -> bool:
        """Whether the code is about the API."""
        return self.status not in ("no verdict", "throttled")


@dataclass(frozen=True)
class Verdict:
    """What a run means.

    Attributes:
        status: The verdict in one word.
        exit_code: What the process ends with.
        comparison: How the run compares with its baseline; None without one that is used.
        known: How many tests failed as known issues.
    """

    status: Status
    exit_code: int
    comparison: Comparison | None = None
    known: int = 0

    @property
    def advice(self) -> str:
        """What the verdict means, and what to do about it, in one sentence."""
        if self.comparison and self.status == "broken":
            return self.comparison.advice
        if self.known and self.status == "healthy":
            return f"Everything that was checked is as promised, but for {known_issues_in_words(self.known)}."
        return ADVICE[self.status]


LEAK_VERDICT = Verdict("error", UNEXPECTED)
"""The verdict of a healthy run in whose results a secret was found."""


def suite_verdict(name: str, result: TestSuite, metadata: Mapping[str, str], login: LoginOutcome) -> SuiteVerdict:
    """Return the verdict of the suite `name` from its `result`.

    Args:
        name: The suite's capability.
        result: Its tests, with the tags that record their failures.
        metadata: The suite's metadata; `Exit 1` to `Exit 5` describe its exit codes.
        login: The outcome of the run's login.
    """
    tests = list(result.all_tests)
    known = list(known_issues_in(tests))
    skipped = [test for test in tests if test.skipped and KNOWN_TAG not in test.tags]
    code = suite_exit_code(tests)
    failure = first_failure(tests)
    is_about_api = bool(failure and is_api_failure(failure))
    status: SuiteStatus
    if code == 0:
        status = "healthy"
        meaning = f"{HEALTHY_MEANING}, but for {known_issues_in_words(len(known))}" if known else HEALTHY_MEANING
    elif login == "unreachable":
        status, meaning = ("unreachable" if is_about_api else "no verdict"), "The backend cannot be reached"
    elif failure and is_about_api:
        status, meaning = "broken", metadata.get(f"Exit {code}", "Something unexpected happened")
    elif any(is_throttled(test) for test in tests if test.failed):
        status, meaning = "throttled", "Requests were throttled for longer than a run waits"
    else:
        nothing_counts = ALL_KNOWN_MEANING if known else "No test was executed"
        status, meaning = "no verdict", "This is no verdict on the API" if failure else nothing_counts
    reason = failure or next((test for test in skipped if code), None)
    return SuiteVerdict(
        name=name,
        status=status,
        exit_code=code,
        meaning=meaning,
        passed=sum(test.passed for test in tests),
        failed=sum(test.failed for test in tests),
        skipped=len(skipped),
        known_issues=known,
        seconds=round(result.elapsed_time.total_seconds(), 2),
        first_failure=f"{reason.name}: {with_links(reason.message.partition(chr(10))[0])}" if reason else None,
        since=None,
        failure_id=reason.id if reason else None,
        trace_id=trace_id_in(reason.metadata) if reason else None,
        blocked_reasons=_reasons(test for test in skipped if BLOCKED_TAG in test.tags),
        skip_reasons=_reasons(test for test in skipped if BLOCKED_TAG not in test.tags),
    )


def known_issues_in_words(count: int) -> str:
    """Return how many known issues there are, in words."""
    return "1 known issue" if count == 1 else f"{count} known issues"


def sentence(clause: str) -> str:
    """Return `clause` as a sentence."""
    return f"{clause[:1].upper()}{clause[1:]}."


def _reasons(skipped: Iterable[TestCase]) -> dict[str, int]:
    return dict(Counter(with_links(test.message.partition("\n")[0]) for test in skipped))


def run_verdict(
    suites: Sequence[SuiteVerdict],
    style: ExitCodes,
    login: LoginOutcome,
    comparison: Comparison | None = None,
    *,
    restored: bool,
    interrupted: bool,
    stale: bool = False,
    down: bool = False,
) -> Verdict:
    """Return the verdict of a run.

    Args:
        suites: The verdicts of its suites, in order.
        style: How exit codes are given; see `acceptance.exit_codes.run_exit_code`.
        login: The outcome of the login.
        comparison: How the run compares with its baseline, None without one. Where it is used, the exit code is about
            the tests that regressed alone, and 5 where others fail.
        restored: Whether the account was seen to be restored.
        interrupted: Whether a signal ended the run.
        stale: Whether the expected build was not seen, or another one was.
        down: Whether that is only since the backend did not serve; a broken suite is then the verdict.
    """
    if interrupted:
        return Verdict("error" if restored else "not-restored", UNEXPECTED)
    is_broken = any(suite.exit_code and suite.is_about_api for suite in suites)
    if stale and not (down and is_broken):
        return Verdict("stale", UNEXPECTED)
    without_verdict = {suite.name for suite in suites if not suite.is_about_api}
    code = run_exit_code([(suite.name, suite.exit_code) for suite in suites], style, without_verdict)
    used = comparison if comparison and comparison.is_used else None
    if code and used:
        regressed = [(suite.name, used.codes.get(suite.name, 0)) for suite in suites]
        code = run_exit_code(regressed, style, without_verdict) or UNEXPECTED
    if login in ("throttled", "unreachable"):
        return Verdict("throttled" if login == "throttled" else "unreachable", code or UNEXPECTED, used)
    if not restored:
        return Verdict("not-restored", code or UNEXPECTED, used)
    if code == 0:
        return Verdict("healthy", 0, known=sum(suite.known for suite in suites))
    if is_broken:
        return Verdict("broken", code, used)
    return Verdict("throttled" if any(suite.status == "throttled" for suite in suites) else "error", code)
