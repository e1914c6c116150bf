"""Since when a test has been failing, by the history of the runs before; see `acceptance.reporting.history`."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from pathlib import Path

from robot.result import TestCase

from acceptance.exit_codes import FailureSignature, failure_signature, first_failure, is_api_failure
from acceptance.reporting.history import UNKNOWN, branch_in
from acceptance.reporting.robot_output import RobotOutput
from acceptance.reporting.verdict import SuiteVerdict

RECENT = 20
"""The number of results, the newest ones, among which failures that come and go are counted."""

EPISODES = 2
"""How often a test must have begun to fail, among the recent results, to count as intermittent."""

SHORT_COMMIT = 7
MINUTES = len("2026-11-24 12:10")
SECONDS_TO_WAIT = 1.0
NO_RESULT = "no earlier result in the history"

_RESULTS = """
    SELECT test.full_name, test.run_start, run.project_version, run.custom_filters, test.passed, test.tags
    FROM tests AS test JOIN runs AS run ON run.run_start = test.run_start
    WHERE test.full_name IN ({names}) ORDER BY test.rowid DESC
"""


@dataclass(frozen=True)
class PastResult:
    """The result of a test in an earlier run.

    Attributes:
        started: When the run began, by the clock of its machine, as `YYYY-MM-DD HH:MM`.
        commit: The commit that it was for, shortened; empty where it is unknown.
        branch: The branch that it was for; empty where it is unknown.
        tags: Its tags, which say how it failed.
        passed: Whether it passed; a known issue failed.
    """

    started: str
    commit: str
    branch: str
    tags: Sequence[str]
    passed: bool

    @property
    def signature(self) -> FailureSignature | None:
        """The signature of the failure; None where the test passed."""
        return None if self.passed else failure_signature(self)


def read_past_results(database: Path, tests: Sequence[TestCase]) -> Mapping[str, Sequence[PastResult]]:
    """Return the earlier results of `tests` by their full names, the newest first.

    A result that is neither a pass nor a failure of the API, such as that of a blocked test, is left out.

    Raises:
        sqlite3.Error: The database cannot be read.
    """
    results: dict[str, list[PastResult]] = {test.full_name: [] for test in tests}
    if not database.exists():
        return results
    query = _RESULTS.format(names=", ".join("?" * len(results)))
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=SECONDS_TO_WAIT)) as connection:
        for name, started, commit, filters, passed, tags in connection.execute(query, [*results]):
            result = PastResult(
                started=str(started)[:MINUTES],
                commit="" if commit in (None, UNKNOWN) else str(commit)[:SHORT_COMMIT],
                branch=branch_in(str(filters or "")),
                tags=str(tags).strip("[]").split(","),
                passed=bool(passed),
            )
            if passed or is_api_failure(result):
                results[name].append(result)
    return results


def with_since(
    suites: Sequence[SuiteVerdict], output: RobotOutput, database: Path, base: str | None
) -> tuple[Sequence[SuiteVerdict], str | None]:
    """Return the verdicts of `suites`, each with since when its first failure has been there, and what went wrong.

    Args:
        suites: The verdicts.
        output: The results of the tests.
        database: The history of the runs before.
        base: The branch that a pull request is to be merged into; None where the run is for no pull request.
    """
    failures = {suite.name: first_failure(output.by_name[suite.name].all_tests) for suite in suites}
    failed = {name: test for name, test in failures.items() if test and is_api_failure(test)}
    try:
        past = read_past_results(database, list(failed.values())) if failed else {}
    except sqlite3.Error as error:
        return suites, f"The history {database} cannot be read: {error}."
    since = {name: since_when(failure_signature(test), past[test.full_name], base) for name, test in failed.items()}
    return [replace(suite, since=since.get(suite.name)) for suite in suites], None


def since_when(failure: FailureSignature, past: Sequence[PastResult], base: str | None = None) -> str:
    """Return since when a test has been failing, as a clause.

    Args:
        failure: The signature of its failure in this run.
        past: Its earlier results, the newest first.
        base: The branch that a pull request is to be merged into; None where the run is for no pull request.
    """
    on_base = [one for one in past if base and one.branch == base]
    if on_base:
        return _compared(failure, on_base, str(base))
    if not past:
        return NO_RESULT
    same = list(takewhile(lambda one: one.signature == failure, past))
    failing = [True, *(not one.passed for one in past[: RECENT - 1])]
    if _episodes(failing) >= EPISODES + bool(same):
        return f"intermittent: {sum(failing)} of the last {len(failing)} runs failed"
    if not same:
        return "new in this run" if past[0].passed else "new in this run: it failed otherwise before"
    first = same[-1]
    commit = f" (commit {first.commit})" if first.commit else ""
    return f"failing since {first.started}{commit}, {len(same) + 1} runs"


def _compared(failure: FailureSignature, past: Sequence[PastResult], branch: str) -> str:
    """Return how a failure compares with the results of the `branch` that it is to be merged into."""
    if past[0].signature == failure:
        return f"also failing on {branch}: not this change"
    if not past[0].passed:
        return f"new in this run: it fails otherwise on {branch}"
    failing = [not one.passed for one in past[:RECENT]]
    if _episodes(failing) >= EPISODES:
        return f"intermittent: {sum(failing)} of the last {len(failing)} runs on {branch} failed"
    return f"new in this run: it passes on {branch}"


def _episodes(failing: Sequence[bool]) -> int:
    """Return how many stretches of failures there are."""
    return sum(is_failing for is_failing, _ in groupby(failing))
