"""Phases and exit codes as keywords: a test whose earlier phase failed is skipped as blocked.

The rules are plain functions, which can be used without Robot Framework; they live in `acceptance.phases`.
"""

from robot import result, running
from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn

import project_root  # noqa: F401
from acceptance.exit_codes import failed_phase, first_failure, phase_of, run_exit_code, suite_exit_code

__all__ = ["ExitCodes", "failed_phase", "first_failure", "phase_of", "run_exit_code", "suite_exit_code"]


@library(scope="SUITE", version="1.0", doc_format="MARKDOWN", listener="SELF")
class ExitCodes:
    """Keeps a suite to its phases: one cause in red, and not all its consequences.

    A test names its phase by a tag, `exit:1` to `exit:5`; the exit code of a suite is its earliest failed phase.
    """

    def __init__(self) -> None:
        self._failures: list[tuple[int, str]] = []

    def end_test(self, data: running.TestCase, outcome: result.TestCase) -> None:
        """Remember which phases failed; Robot Framework calls this (listener interface, version 3)."""
        if outcome.failed:
            self._failures.append((failed_phase(outcome), data.name))

    @keyword
    def skip_if_blocked(self) -> None:
        """Skip the current test where an earlier phase of its suite has failed, and name the test that failed."""
        phase = phase_of(BuiltIn().get_variable_value("${TEST TAGS}"))
        earlier = [failure for failure in self._failures if failure[0] < phase]
        blocking = min(earlier, key=lambda failure: failure[0], default=None)
        if blocking:
            BuiltIn().skip(f"Blocked: phase {blocking[0]} has failed, in the test “{blocking[1]}”.")
