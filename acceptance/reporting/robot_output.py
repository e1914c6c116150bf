"""What a run leaves behind for people and machines: report, log, output, xunit and summaries."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from robot.api import ExecutionResult
from robot.conf import RebotSettings
from robot.errors import DataError
from robot.reporting import ResultWriter
from robot.result import Result, TestCase, TestSuite

from acceptance.exit_codes import BLOCKED_TAG, FAILURE_TAG, failure_tags
from acceptance.reporting.verdict import SuiteVerdict
from acceptance.suites import Suite

FILES = ("report.html", "log.html", "output.xml", "xunit.xml", "summary.json", "summary.md", "dashboard.html")

NOT_RUN = "The suite did not run to its end: "
STOPPED_TAG, NOT_RUN_TAGS = failure_tags("stopped")[0], failure_tags("environment")

PHASES = {
    "exit:1": ("Phase 1, signing in", "The owner gets in, and strangers are kept out"),
    "exit:2": ("Phase 2, reading", "Settings, calendar and phone can be read, and what is read is complete"),
    "exit:3": ("Phase 3, acting", "Updates are accepted, the way to Google is open, the phone number can be dialled"),
    "exit:4": ("Phase 4, consistency", "What was saved is there, and states do not contradict each other"),
    "exit:5": ("Phase 5, form", "Answers and refusals are in the agreed format"),
}
"""The tags of the phases, under which names the report counts their tests, and what they are about."""

TAG_DOCUMENTATION = (
    *(f"{name}:{documentation}" for name, documentation in PHASES.values()),
    "smoke:What must hold for a deployment to stay",
    "write:Changes the account, and puts it back",
    "destructive:May break the account, and runs only where that is allowed",
)


class Results:
    """The results of all suites of a run, put together from what each worker wrote.

    Args:
        outputs: The `output.xml` files of the workers.
        suites: The suites that should have run; one without a result is reported as failed.
        why_unfinished: Why a suite may have no result, or not come to its end.
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
            found |= {one.source.stem: one for one in _suites_with_tests(result.suite) if one.source}
        for suite in found.values():
            _settle_unfinished(suite, why_unfinished)
        self.by_name = {suite.name: found.get(suite.name) or _missing(suite, why_unfinished) for suite in suites}
        self._root = TestSuite(name="Acceptance")
        self._root.suites = list(self.by_name.values())

    def errors(self) -> list[str]:
        """Return the errors that Robot Framework itself reported, once each: a file that cannot be imported, say."""
        messages = [message for errors in self._errors for message in errors if message.level == "ERROR"]
        return list(dict.fromkeys(message.message.partition("\n")[0] for message in messages))

    def write(self, directory: Path, title: str, documentation: str, metadata: Mapping[str, str]) -> None:
        """Write the report, the log, the output and the xunit file into `directory`."""
        root = self._root
        root.doc, root.metadata = documentation, metadata
        starts = [suite.start_time for suite in root.suites if suite.start_time]
        ends = [suite.end_time for suite in root.suites if suite.end_time]
        if starts and ends:
            root.start_time, root.end_time = min(starts), max(ends)
        result = Result(suite=root)
        for errors in self._errors:
            result.errors.add(errors)
        statistics = RebotSettings(
            tagdoc=list(TAG_DOCUMENTATION),
            tagstatcombine=[f"{tag}:{name}" for tag, (name, _) in PHASES.items()],
            tagstatexclude=[*PHASES, f"{FAILURE_TAG}*", BLOCKED_TAG],
        ).statistics_config
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


class _Silent:
    def write(self, _: str) -> None: ...
    def flush(self) -> None: ...


def _suites_with_tests(suite: TestSuite) -> Iterable[TestSuite]:
    if suite.tests:
        yield suite
    for child in suite.suites:
        yield from _suites_with_tests(child)


def _settle_unfinished(suite: TestSuite, why: str) -> None:
    """Let one test of a suite that was stopped say so; those after it were not run, which is no failure of theirs."""
    unfinished = [test for test in suite.all_tests if test.failed and STOPPED_TAG in test.tags]
    for test in unfinished:
        test.tags.remove(STOPPED_TAG)
        test.status, test.message = "SKIP", f"Not run: {why}"
    if unfinished:
        unfinished[0].status, unfinished[0].message = "FAIL", NOT_RUN + why
        unfinished[0].tags.add(NOT_RUN_TAGS)


def _missing(suite: Suite, why: str) -> TestSuite:
    result = TestSuite(name=suite.name.capitalize(), doc=suite.documentation, source=suite.path)
    reason = why if suite.tests else f"No test could be read from {suite.path.name}; does the file parse?"
    for name in suite.tests or ("Suite can be run",):
        result.tests.append(TestCase(name=name, status="FAIL", message=NOT_RUN + reason, tags=NOT_RUN_TAGS))
    return result


def write_summary(directory: Path, facts: Mapping[str, Any], suites: Sequence[SuiteVerdict]) -> None:
    """Write `summary.json`: the facts of the run, and the verdict of each suite by its name."""
    kept_to_ourselves = ("name", "failure_id", "skip_reasons", "about_api")
    shown = {
        suite.name: {key: value for key, value in asdict(suite).items() if key not in kept_to_ourselves}
        for suite in suites
    }
    text = json.dumps({**facts, "suites": shown}, indent=2, ensure_ascii=False) + "\n"
    (directory / "summary.json").write_text(text, encoding="utf-8")
