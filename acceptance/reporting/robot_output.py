"""The results of the suites as Robot Framework holds them: merged from the workers' output, and written as files."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from robot.api import ExecutionResult
from robot.conf import RebotSettings
from robot.errors import DataError
from robot.reporting import ResultWriter
from robot.result import Result, TestCase, TestSuite

from acceptance.exit_codes import BLOCKED_TAG, FAILURE_TAG, failure_tags
from acceptance.reporting.narrow_screens import adapt_to_narrow_screens
from acceptance.reporting.traces import METADATA, trace_for_robot, trace_id_in
from acceptance.suites import Suite

UNFINISHED = "The suite did not run to its end: "
STOPPED_TAG = failure_tags("stopped")[0]
UNFINISHED_TAGS = failure_tags("environment")

PHASES = {
    "exit:1": ("Phase 1, authentication", "The owner can log in, and requests without a valid token are rejected"),
    "exit:2": ("Phase 2, reading", "Settings, calendar and phone can be read, and every field has its type"),
    "exit:3": ("Phase 3, actions", "Updates are accepted, OAuth can be started, the phone number is valid"),
    "exit:4": ("Phase 4, consistency", "What was saved is read back, and fields do not contradict each other"),
    "exit:5": (
        "Phase 5, error contract",
        "Invalid requests are rejected, and responses and errors have the agreed format",
    ),
}
"""The tags of the phases, with the names under which the report counts their tests, and what these are about."""

TAG_DOCUMENTATION = (
    *(f"{name}:{documentation}" for name, documentation in PHASES.values()),
    "smoke:What must hold for a deployment to stay",
    "write:Changes the account, and restores it",
    "destructive:May break the account, and runs only where that is allowed",
    "prerequisite:Other tests of its suite build on it, so it counts always",
    "known-issue:Failed as the team configuration describes it, and does not count until that expires",
    "lockout:Tries a wrong password, which a backend may count against the account",
)


class RobotOutput:
    """The results of all suites of a run.

    Args:
        outputs: The `output.xml` files of the workers.
        suites: The suites that should have run; one without a result is reported as failed.
        why_unfinished: Why a suite may have no result, or not have run to its end.

    Attributes:
        by_name: The result of each suite, by its name.
        is_empty: Whether no worker has left a result.
        missing: The suites without one.
    """

    def __init__(self, outputs: Iterable[Path], suites: Sequence[Suite], why_unfinished: str) -> None:
        found: dict[str, TestSuite] = {}
        self._errors: list[Any] = []
        for path in outputs:
            try:
                result = ExecutionResult(path)
            except DataError:
                continue
            self._errors.append(result.errors)
            found |= suites_by_name(result)
        for suite in found.values():
            _mark_unfinished(suite, why_unfinished)
            _classify_teardown_failure(suite)
        self.is_empty = not found
        self.missing = [suite for suite in suites if suite.name not in found]
        self.by_name = {suite.name: found.get(suite.name) or _missing(suite, why_unfinished) for suite in suites}
        self._root = TestSuite(name="Acceptance")
        self._root.suites = list(self.by_name.values())
        starts = [suite.start_time for suite in self._root.suites if suite.start_time]
        ends = [suite.end_time for suite in self._root.suites if suite.end_time]
        if starts and ends:
            self._root.start_time, self._root.end_time = min(starts), max(ends)

    def errors(self) -> list[str]:
        """Return the errors that Robot Framework itself reported, such as a failed import; each of them once."""
        return self._messages("ERROR")

    def warnings(self) -> list[str]:
        """Return what the suites noted without a verdict, by logging it as a warning; each of them once."""
        return self._messages("WARN")

    def _messages(self, level: str) -> list[str]:
        messages = [message for errors in self._errors for message in errors if message.level == level]
        return list(dict.fromkeys(message.message.partition("\n")[0] for message in messages))

    def write(
        self, directory: Path, title: str, documentation: str, metadata: Mapping[str, str], trace_url: str
    ) -> None:
        """Write report, log, output and xunit file into `directory`."""
        self._root.doc, self._root.metadata = documentation, metadata
        for test in self._root.all_tests:
            trace_id = trace_id_in(test.metadata)
            if trace_id:
                test.metadata[METADATA] = trace_for_robot(trace_id, trace_url)
        statistics = RebotSettings(
            tagdoc=list(TAG_DOCUMENTATION),
            tagstatcombine=[f"{tag}:{name}" for tag, (name, _) in PHASES.items()],
            tagstatexclude=[*PHASES, f"{FAILURE_TAG}*", BLOCKED_TAG],
        ).statistics_config
        result = self._result()
        result.configure(stat_config=statistics)
        ResultWriter(result).write_results(
            outputdir=str(directory),
            output="output.xml",
            log="log.html",
            report="report.html",
            xunit="xunit.xml",
            reporttitle=title,
            logtitle=f"{title} (log)",
            stdout=_Silent(),
            stderr=_Silent(),
        )
        for page in ("report.html", "log.html"):
            adapt_to_narrow_screens(directory / page)

    def save(self, path: Path) -> None:
        """Write the results of the suites alone to the output file `path`."""
        self._result().save(path)

    def _result(self) -> Result:
        result = Result(suite=self._root)
        for errors in self._errors:
            result.errors.add(errors)
        return result


class _Silent:
    def write(self, _: str) -> None: ...
    def flush(self) -> None: ...


def suites_by_name(result: Result) -> dict[str, TestSuite]:
    """Return the suites that have tests by their names, which are those of their files."""
    return {one.source.stem: one for one in _suites_with_tests(result.suite) if one.source}


def _suites_with_tests(suite: TestSuite) -> Iterable[TestSuite]:
    if suite.tests:
        yield suite
    for child in suite.suites:
        yield from _suites_with_tests(child)


def _mark_unfinished(suite: TestSuite, why: str) -> None:
    """Fail the first test of a suite that was stopped, and skip those after it, which were not run."""
    stopped = [test for test in suite.all_tests if test.failed and STOPPED_TAG in test.tags]
    for test in stopped:
        test.tags.remove(STOPPED_TAG)
        test.status, test.message = "SKIP", f"Not run: {why}"
    if stopped:
        stopped[0].status, stopped[0].message = "FAIL", UNFINISHED + why
        stopped[0].tags.add(UNFINISHED_TAGS)


def _classify_teardown_failure(suite: TestSuite) -> None:
    """Count the failure of a suite teardown, which fails all tests after they have ended, as one of the API."""
    if suite.has_teardown and suite.teardown.failed:
        for test in suite.all_tests:
            if test.failed and not any(tag.startswith(FAILURE_TAG) for tag in test.tags):
                test.tags.add(failure_tags("api"))


def _missing(suite: Suite, why: str) -> TestSuite:
    result = TestSuite(name=suite.name.capitalize(), doc=suite.documentation, source=suite.path)
    reason = why if suite.tests else f"No test could be read from {suite.path.name}; does the file parse?"
    for name in suite.tests or ("Suite can be run",):
        result.tests.append(TestCase(name=name, status="FAIL", message=UNFINISHED + reason, tags=UNFINISHED_TAGS))
    return result
