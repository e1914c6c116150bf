"""Known issues: which failures are accepted, where no backend shows the case."""

from datetime import date

import pytest
from robot import result

from acceptance.config import KnownIssue
from acceptance.exit_codes import BLOCKED_BY, FailureKind, failure_tags
from acceptance.reporting.known_issues import KNOWN_TAG, accept_known_issues

TODAY = date(2026, 11, 27)
ISSUE = KnownIssue(
    "settings", "Text Is Kept", "read back as 'Caf?'", "https://tracker.example.com/7", "Ann", "MySQL", TODAY
)


def failed(kind: FailureKind = "api", phase: int | None = None, status: int | None = None) -> result.TestCase:
    tags = ["exit:4", *failure_tags(kind, phase, status)]
    return result.TestCase("Text Is Kept", status="FAIL", message="It was read back as 'Caf?'.", tags=tags)


def suite(*tests: result.TestCase) -> result.TestSuite:
    found = result.TestSuite("Settings")
    found.tests = list(tests)
    return found


@pytest.mark.parametrize(
    ("test", "is_known"),
    [
        (failed(), True),
        (failed(status=500), True),
        (failed(phase=3), True),
        (failed(phase=2), False),
        (failed("transport"), False),
        (failed("throttled"), False),
        (failed("environment"), False),
        (failed("suite"), False),
    ],
)
def test_only_a_wrong_response_in_a_later_phase_is_known(test: result.TestCase, is_known: bool) -> None:
    notes = accept_known_issues({"settings": suite(test)}, [ISSUE], TODAY)
    assert (test.skipped, KNOWN_TAG in test.tags, notes) == (is_known, is_known, [])


def test_failure_that_has_blocked_another_test_is_not_known() -> None:
    test = failed()
    blocked = result.TestCase("Another", status="SKIP", metadata={BLOCKED_BY: "Text Is Kept"})
    (note,) = accept_known_issues({"settings": suite(test, blocked)}, [ISSUE], TODAY)
    assert test.failed
    assert "does not apply" in note


def test_issue_of_a_suite_that_does_not_run_is_silent() -> None:
    assert accept_known_issues({"twilio": suite()}, [ISSUE], TODAY) == []


def test_test_that_passes_is_fixed_and_one_that_is_skipped_says_nothing() -> None:
    passed = result.TestCase("Text Is Kept", status="PASS", tags=["exit:4"])
    skipped = result.TestCase("Text Is Kept", status="SKIP", tags=["exit:4"])
    (note,) = accept_known_issues({"settings": suite(passed)}, [ISSUE], TODAY)
    assert "is fixed: delete the entry" in note
    assert accept_known_issues({"settings": suite(skipped)}, [ISSUE], TODAY) == []
