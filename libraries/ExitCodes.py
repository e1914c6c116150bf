"""Phases and exit codes as a listener; the rules are plain functions of `acceptance.exit_codes`."""

import sys

from robot import result, running
from robot.api import SkipExecution
from robot.api.deco import library
from robot.errors import ExecutionStatus

import project_root  # noqa: F401
from acceptance.exit_codes import (
    API_KINDS,
    BLOCKED_BY,
    BLOCKED_TAG,
    ApiFailure,
    Blocked,
    failed_phase,
    failure_kind,
    failure_tags,
    first_failure,
    phase_of,
    run_exit_code,
    suite_exit_code,
)
from run_state import run_state

__all__ = ["ExitCodes", "failed_phase", "first_failure", "phase_of", "run_exit_code", "suite_exit_code"]


@library(scope="SUITE", version="1.0", doc_format="MARKDOWN", listener="SELF")
class ExitCodes:
    """Records what kind each failure is.

    A test names its phase by a tag, `exit:1` to `exit:5`; the exit code of a suite is its earliest failed phase. The
    listener adds a tag to the result of each failed test: `failure:api` or `failure:transport` for a verdict on the
    API, `failure:environment`, `failure:suite` or `failure:stopped` for anything else. A tag `failure:status-500` names
    the status of the response that failed the first check. A test that is skipped because something that it builds on
    has failed gets the tag `blocked`. The library has no keywords.
    """

    def __init__(self) -> None:
        self._state = run_state()
        self._errors = self._state.errors
        self._errors_before: list[int] = []
        self._setup_failed = False

    # Listener interface, version 3

    def start_test(self, data: running.TestCase, outcome: result.TestCase) -> None:
        """Forget the errors of the test before."""
        self._errors.clear()
        self._state.phase = phase_of(data.tags)

    def start_keyword(self, data: running.Keyword, outcome: result.Keyword) -> None:
        """Remember which errors are older than this keyword."""
        self._errors_before.append(len(self._errors))

    def end_keyword(self, data: running.Keyword, outcome: result.Keyword) -> None:
        """Record the exception that ended a keyword.

        Robot Framework calls listeners while it handles that exception. The exceptions inside a keyword that passed
        were caught, and do not count; those inside a library keyword that failed are the cause of its own exception.
        """
        before = self._errors_before.pop()
        error = sys.exc_info()[1]
        if not outcome.failed and not outcome.skipped:
            del self._errors[before:]
        elif error is not None and _is_cause(error) and len(self._errors) == before:
            self._errors.append(error)
        is_of_suite = isinstance(data.parent, running.TestSuite)
        self._setup_failed |= outcome.failed and outcome.type == outcome.SETUP and is_of_suite

    def start_try(self, data: running.Try, outcome: result.Try) -> None:
        """Remember which errors are older than this TRY."""
        self._errors_before.append(len(self._errors))

    def start_try_branch(self, data: running.TryBranch, outcome: result.TryBranch) -> None:
        """Forget the errors of a TRY when its EXCEPT branch is executed."""
        if outcome.type == outcome.EXCEPT and not outcome.not_run:
            del self._errors[self._errors_before[-1] :]

    def end_try(self, data: running.Try, outcome: result.Try) -> None:
        """Forget the errors that a TRY has caught."""
        before = self._errors_before.pop()
        if outcome.passed:
            del self._errors[before:]

    def end_test(self, data: running.TestCase, outcome: result.TestCase) -> None:
        """Record in the tags of a result why its test failed, or that it was blocked."""
        if outcome.failed:
            outcome.tags.add(self._failure_tags(data, outcome))
            self._state.failures += [(error, data.name, self._state.phase) for error in self._errors]
            return
        blocked = next((error for error in self._errors if isinstance(error, Blocked)), None)
        if blocked:
            outcome.tags.add(BLOCKED_TAG)
            outcome.metadata[BLOCKED_BY] = blocked.test

    def _failure_tags(self, data: running.TestCase, outcome: result.TestCase) -> list[str]:
        if self._setup_failed:
            return failure_tags("environment")
        errors = [error for error in self._errors if not isinstance(error, SkipExecution)]  # skipped rows of a template
        api_errors = [error for error in errors if failure_kind(error) in API_KINDS]
        if api_errors:
            phase = phase_of(outcome.tags)
            earliest = min((error.phase if isinstance(error, ApiFailure) else None) or phase for error in api_errors)
            kind, status = failure_kind(api_errors[0]), _status(api_errors[0])
            return failure_tags(kind, earliest if earliest != phase else None, status)
        if errors:
            return failure_tags(failure_kind(errors[0]))
        never_ran = data.body and not outcome.body
        return failure_tags("stopped" if never_ran else "suite")


def _status(error: BaseException) -> int | None:
    """Return the status code of the response whose check raised `error`, None where there was none."""
    status = getattr(error.response, "status_code", None) if isinstance(error, ApiFailure) else None
    return status if isinstance(status, int) else None


def _is_cause(error: BaseException) -> bool:
    """Return whether `error` is the cause of a failure, and not only passed on from an inner keyword."""
    return not isinstance(error, ExecutionStatus) or error.exit
