"""Known issues: failures that the team has listed in `acceptance.toml`, and that do not count until they expire."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

from robot.api import TestSuite as SuiteFile
from robot.errors import DataError
from robot.result import TestCase, TestSuite
from robot.running import TestCase as TestData
from robot.utils import Matcher

from acceptance.config import TEAM_CONFIG, ConfigurationError, KnownIssue
from acceptance.exit_codes import BLOCKED_BY, failed_phase, failure_tags, phase_of
from acceptance.reporting.escaping import with_links
from acceptance.suites import known_suites

KNOWN_TAG = "known-issue"
METADATA = "Known issue"
"""The metadata of a test that failed as a known issue: the days left, who takes care of it, where, and the reason."""

SECURITY_TAG = "security"
PREREQUISITE_TAG = "prerequisite"
"""The tag of tests that others of their suite build on."""

EARLIEST_PHASE = 3
"""The phases before it are what all tests build on."""

(WRONG_RESPONSE_TAG,) = failure_tags("api")

MOST_DAYS = 30
MOST_TESTS = 3


def today() -> date:
    """Return the date by which known issues expire, which is that of UTC, so that all machines agree."""
    return datetime.now(UTC).date()


def check_known_issues(issues: Sequence[KnownIssue], day: date) -> None:
    """Check that each of `issues` is about a few tests that exist and may fail, and has not expired on `day`.

    Raises:
        ConfigurationError: One of them may not be listed.
    """
    for number, issue in enumerate(issues, 1):
        problem = _problem(issue, day)
        if problem:
            raise ConfigurationError(f"{TEAM_CONFIG.name}: known issue {number} {problem}.")


def _problem(issue: KnownIssue, day: date) -> str:
    """Return why `issue` may not be listed, empty where it may."""
    if issue.expires < day:
        return f"expired on {issue.expires}; mend what it is about ({issue.link}), or agree on a new date"
    if (issue.expires - day).days > MOST_DAYS:
        return f"expires on {issue.expires}, more than {MOST_DAYS} days ahead; name an earlier day"
    path = known_suites().get(issue.suite)
    if path is None:
        return f"names the suite '{issue.suite}', which does not exist; the suites are {', '.join(known_suites())}"
    try:
        tests = [test for test in SuiteFile.from_file_system(path).tests if _is_of(issue, test.name)]
    except DataError:
        return f"is about {issue.suite}, whose file cannot be read"
    if not tests:
        return f"names no test of {issue.suite}: '{issue.test}'"
    if len(tests) > MOST_TESTS:
        return f"names {len(tests)} tests: '{issue.test}'; a pattern is for {MOST_TESTS} at most"
    return next(filter(None, map(_why_it_counts, tests)), "")


def _why_it_counts(test: TestData) -> str:
    """Return why a failure of `test` counts always, empty where it may be a known issue."""
    if SECURITY_TAG in test.tags:
        return f"is about “{test.name}”, and what is not secure counts always"
    if phase_of(test.tags) < EARLIEST_PHASE:
        return f"is about “{test.name}” of phase {phase_of(test.tags)}, which counts always"
    if PREREQUISITE_TAG in test.tags:
        return f"is about “{test.name}”, on which other tests build, so it counts always"
    return ""


def accept_known_issues(suites: Mapping[str, TestSuite], issues: Sequence[KnownIssue], day: date) -> list[str]:
    """Turn each failure that one of `issues` describes into a skipped test, which says that it is known.

    Args:
        suites: The results, by the names of the suites; they are changed.
        issues: The known issues.
        day: Today.

    Returns:
        What the reader must know: the issues that are fixed, and those that do not apply.
    """
    notes = []
    for issue in issues:
        suite = suites.get(issue.suite)
        tests = [test for test in suite.all_tests if _is_of(issue, test.name)] if suite else []
        blocking = {test.name for test in tests if test.failed and suite and _has_blocked(test, suite)}
        for test in tests:
            if test.name in blocking:
                notes.append(f"The known issue “{test.name}” of {issue.suite} does not apply: other tests build on it.")
            elif _is_as_described(test, issue):
                _accept(test, issue, day)
        executed = [test for test in tests if not test.skipped or KNOWN_TAG in test.tags]
        if executed and all(test.passed for test in executed):
            notes.append(
                f"The known issue of {issue.suite} “{issue.test}” is fixed: delete the entry ({issue.link}) in "
                f"{TEAM_CONFIG.name}."
            )
    return notes


def known_issues_in(tests: Iterable[TestCase]) -> Iterator[str]:
    """Yield the name of each test that failed as a known issue, with what is known of it."""
    for test in tests:
        if KNOWN_TAG in test.tags:
            yield f"{test.name}: {test.metadata[METADATA]}"


def _is_of(issue: KnownIssue, test: str) -> bool:
    return bool(Matcher(issue.test).match(test))


def _has_blocked(test: TestCase, suite: TestSuite) -> bool:
    return any(one.metadata.get(BLOCKED_BY) == test.name for one in suite.all_tests)


def _is_as_described(test: TestCase, issue: KnownIssue) -> bool:
    """Return whether `test` failed by a wrong response, in a phase that may be known, and each failed row as listed."""
    if not test.failed or WRONG_RESPONSE_TAG not in test.tags or failed_phase(test) < EARLIEST_PHASE:
        return False
    failed = [step.message for step in test.body if getattr(step, "failed", False)]
    texts = [test.message] if len(failed) <= 1 else failed
    return all(issue.message in with_links(text) for text in texts)


def _accept(test: TestCase, issue: KnownIssue, day: date) -> None:
    days = (issue.expires - day).days
    left = "expires today" if days == 0 else f"{days} day{'s' if days > 1 else ''} left"
    test.metadata[METADATA] = f"{left} ({issue.owner}, {issue.link}): {issue.reason}"
    test.message = f"Known issue, {test.metadata[METADATA]}\n{test.message}"
    test.status = "SKIP"
    test.tags.add(KNOWN_TAG)
