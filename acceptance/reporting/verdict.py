"""What a run means: the verdict of each suite, the word for the whole, and the exit code."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
    run_exit_code,
    suite_exit_code,
)

Word = Literal["healthy", "broken", "unreachable", "throttled", "not-restored", "error"]

UNREACHABLE = "The backend cannot be reached"
ADVICE: Mapping[Word, str] = {
    "healthy": "Everything that was checked is as promised.",
    "broken": "Something that the API promises does not hold; the report says what.",
    "unreachable": "There is no connection to the backend; check that it runs, its URL, and its certificate.",
    "throttled": "Signing in was refused for too many attempts; nothing is known of the API. Run again in a minute.",
    "not-restored": "The account could not be put back as it was found; run 'run_tests.py restore' against the target.",
    "error": "The run itself did not work; nothing certain is known of the API.",
}


@dataclass(frozen=True)
class SuiteVerdict:
    """What the run of a suite means.

    Attributes:
        name: Its capability.
        exit_code: 0, or the earliest phase that failed.
        meaning: What the code means, in the suite's own words.
        passed, failed, skipped: How many of its tests.
        seconds: How long it ran.
        first_failure: The test that gives the code, and the first line of its message; None where all is well.
        failure_id: Where that test is in the log; None where all is well.
        skip_reasons: Why tests were skipped, and how many for each reason; those that were blocked are not told.
        about_api: Whether the code says something about the API; a suite that did not run says nothing.
    """

    name: str
    exit_code: int
    meaning: str
    passed: int
    failed: int
    skipped: int
    seconds: float
    first_failure: str | None
    failure_id: str | None
    skip_reasons: dict[str, int]
    about_api: bool

    @property
    def word(self) -> str:
        """What happened, in a word or two."""
        if self.exit_code == 0:
            return "healthy"
        if self.meaning == UNREACHABLE:
            return "unreachable"
        return "broken" if self.about_api else "no verdict"


def suite_verdict(name: str, result: TestSuite, metadata: Mapping[str, str], login: LoginOutcome) -> SuiteVerdict:
    """Return the verdict of the suite `name` from its `result`; `metadata` says what its exit codes mean."""
    tests = list(result.all_tests)
    code = suite_exit_code(tests)
    failure = first_failure(tests)
    if code == 0:
        meaning = "All that was checked is as promised"
    elif login == "unreachable":
        meaning = UNREACHABLE
    elif failure and is_api_failure(failure):
        meaning = metadata.get(f"Exit {code}", "Something unexpected happened")
    elif failure:
        meaning = "This is no verdict on the API"
    else:
        meaning = "No test was executed"
    reason = failure or next((test for test in tests if code and test.skipped), None)
    return SuiteVerdict(
        name=name,
        exit_code=code,
        meaning=meaning,
        passed=sum(test.passed for test in tests),
        failed=sum(test.failed for test in tests),
        skipped=sum(test.skipped for test in tests),
        seconds=round(result.elapsed_time.total_seconds(), 2),
        first_failure=f"{reason.name}: {reason.message.partition(chr(10))[0]}" if reason else None,
        failure_id=reason.id if reason else None,
        skip_reasons=dict(Counter(reason for reason in map(_skip_reason, tests) if reason)),
        about_api=code == 0 or bool(failure and is_api_failure(failure)),
    )


def _skip_reason(test: TestCase) -> str | None:
    reason, _, _ = test.message.partition("\n")
    return reason if test.skipped and BLOCKED_TAG not in test.tags else None


@dataclass(frozen=True)
class Verdict:
    """What a run means.

    Attributes:
        word: What happened, in one word.
        exit_code: What the process ends with.
    """

    word: Word
    exit_code: int


def run_verdict(
    suites: Sequence[SuiteVerdict], style: ExitCodes, login: LoginOutcome, restored: bool, interrupted: bool
) -> Verdict:
    """Return the verdict of a run.

    Args:
        suites: The verdicts of its suites, in order.
        style: How exit codes are given; see `acceptance.phases.run_exit_code`.
        login: What came of signing in.
        restored: Whether the account was seen to be as it was found.
        interrupted: Whether somebody ended the run.
    """
    if interrupted:
        return Verdict("error" if restored else "not-restored", UNEXPECTED)
    codes = [(suite.name, suite.exit_code) for suite in suites]
    code = run_exit_code(codes, style, {suite.name for suite in suites if not suite.about_api})
    if login == "throttled":
        return Verdict("throttled", code or UNEXPECTED)
    if login == "unreachable":
        return Verdict("unreachable", code or UNEXPECTED)
    if not restored:
        return Verdict("not-restored", code or UNEXPECTED)
    if code == 0:
        return Verdict("healthy", 0)
    return Verdict("broken" if any(suite.exit_code and suite.about_api for suite in suites) else "error", code)


def verdict_lines(suites: Sequence[SuiteVerdict], verdict: Verdict) -> Iterator[str]:
    """Say on the console what a run means: a line for each suite and its first failure, and one for the whole."""
    width = max((len(suite.name) for suite in suites), default=0)
    for suite in suites:
        counts = f"{suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped, {suite.seconds:.1f} s"
        yield f"{suite.name:<{width}}  {suite.word:<11}  {suite.exit_code}  {suite.meaning} ({counts})"
        if suite.first_failure:
            yield f"{'':<{width}}  {suite.first_failure}"
        for reason, count in suite.skip_reasons.items():
            yield f"{'':<{width}}  {count} skipped: {reason}"
    yield f"Verdict: {verdict.word}, exit code {verdict.exit_code}. {ADVICE[verdict.word]}"
