"""The baseline: a run before the deployment, and how the failures of a run compare with it.

Only what passed before, or failed otherwise, is the release's own. A baseline that cannot be compared is not used; why
not is a note of the run.
"""

import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from robot.api import ExecutionResult
from robot.errors import DataError
from robot.result import TestSuite

from acceptance.client.json_body import json_object
from acceptance.config import ConfigurationError, Target
from acceptance.exit_codes import TestResult, failed_phase, failure_signature, is_api_failure
from acceptance.reporting.robot_output import suites_by_name

LARGEST_FILE = 64 * 1024 * 1024
"""The size in bytes beyond which a file of a baseline is not read."""

COMPARABLE_VERDICTS = ("healthy", "broken", "not-restored")
"""The verdicts of runs whose results are about the API."""

Change = Literal["regressed", "broken_before", "unknown", "repaired"]
CHANGES: Mapping[Change, str] = {
    "regressed": "Regressed",
    "broken_before": "Broken before",
    "unknown": "Unknown before",
    "repaired": "Repaired",
}
"""How a test differs from the baseline, with the words that reports have for it.

`regressed`: it fails, and passed before or failed otherwise. `broken_before`: it fails as it did before. `unknown`: it
fails, and cannot be compared, because it did not run before, because one of both failures is no verdict on the API, or
because the messages name different problems. `repaired`: it passes, and failed before.
"""

_VALUE = re.compile(r"""'[^'\n]*'|"[^"\n]*"|\S*\d\S*""")
"""A quoted value, or a word with a digit, such as a number, an id or a mark."""


@dataclass(frozen=True)
class ComparedTest:
    """A test that is compared with the baseline.

    Attributes:
        suite: The name of its suite.
        test: Its own name.
        phase: The phase that its failure belongs to; 0 where it passes.
    """

    suite: str
    test: str
    phase: int

    def __str__(self) -> str:
        return f"{self.suite} “{self.test}”"


@dataclass(frozen=True)
class Comparison:
    """How a run compares with its baseline.

    Attributes:
        reason: Why the baseline is not used; empty where it is.
        tests: The tests that differ, or fail as before, by how they compare.
    """

    reason: str = ""
    tests: Mapping[Change, Sequence[ComparedTest]] = field(default_factory=lambda: dict.fromkeys(CHANGES, ()))

    @property
    def is_used(self) -> bool:
        """Whether the baseline could be compared."""
        return not self.reason

    @property
    def codes(self) -> dict[str, int]:
        """The earliest phase that regressed in each suite in which one did, by the name of the suite."""
        codes: dict[str, int] = {}
        for one in self.tests["regressed"]:
            codes[one.suite] = min(one.phase, codes.get(one.suite, one.phase))
        return codes

    @property
    def groups(self) -> Iterator[tuple[str, Sequence[ComparedTest]]]:
        """The tests of each change that occurred, after the words for it."""
        return ((words, self.tests[change]) for change, words in CHANGES.items() if self.tests[change])

    @property
    def counts(self) -> str:
        """How many tests each change has, or why there are none, in a few words."""
        if self.reason:
            return f"not used: {self.reason}"
        return ", ".join(f"{len(tests)} {words.lower()}" for words, tests in self.groups) or "no difference"

    @property
    def advice(self) -> str:
        """What the comparison means for a broken API, and what to do about it."""
        if self.tests["regressed"]:
            return "Roll back, or mend what the regressed tests show: it was well before the deployment."
        if self.tests["unknown"]:
            return (
                "Read the failures, which cannot be compared: none has regressed; whether a rollback helps is unknown."
            )
        return "Mend the API: as far as the tests ran, it is broken as it was before; a rollback will not help."


@dataclass(frozen=True)
class Baseline:
    """The results of a run before the deployment.

    Attributes:
        facts: The content of its `summary.json`.
        suites: The results of its suites, by name.
        problem: Why its results cannot be read; empty where they can.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    suites: Mapping[str, TestSuite] = field(default_factory=dict)
    problem: str = ""

    def compare(
        self, suites: Mapping[str, TestSuite], target: Target | None, mode: str, *, read_only: bool
    ) -> Comparison:
        """Compare the results of a run with this baseline.

        Args:
            suites: The results of the run, by the names of the suites.
            target: Its backend and account; None where it has none.
            mode: Which tests ran.
            read_only: Whether updates were blocked.
        """
        reason = self.problem or self._difference(target, mode, read_only)
        if reason:
            return Comparison(reason)
        found: dict[Change, list[ComparedTest]] = {change: [] for change in CHANGES}
        for name, suite in suites.items():
            tests = self.suites[name].all_tests if name in self.suites else ()
            before = {test.name: test for test in tests}
            for test in suite.all_tests:
                change = change_of(before.get(test.name), test)
                if change:
                    found[change].append(ComparedTest(name, test.name, failed_phase(test) if test.failed else 0))
        return Comparison(tests=found)

    def _difference(self, target: Target | None, mode: str, read_only: bool) -> str:
        """Return why the run of the baseline cannot be compared with one against `target`; empty where it can."""
        facts = self.facts
        if target is None or facts.get("target") != target.url:
            return "it is of another target"
        if facts.get("account") != target.account_id:
            return "it is of another account"
        if facts.get("mode") != mode:
            return "it is of another mode"
        if facts.get("read_only") is not False and not read_only:
            return "it is of a read-only run"
        if facts.get("interrupted") is not False:
            return "its run was interrupted"
        if facts.get("verdict") not in COMPARABLE_VERDICTS:
            return "its run has no verdict on the API"
        return ""


def change_of(before: TestResult | None, now: TestResult) -> Change | None:
    """Return how a test compares with its result `before`, None where it has not changed or does not fail.

    Args:
        before: Its result in the baseline; None where it is absent.
        now: Its result in this run.
    """
    was_broken = before is not None and before.failed and is_api_failure(before)
    if not now.failed:
        return "repaired" if now.passed and was_broken else None
    if before is None or not is_api_failure(now) or not (before.passed or was_broken):
        return "unknown"
    if before.passed or failure_signature(before) != failure_signature(now):
        return "regressed"
    return "broken_before" if _problem(before) == _problem(now) else "unknown"


def _problem(test: TestResult) -> str:
    """Return the message of a failed test without the values in it, which differ from run to run."""
    return _VALUE.sub("", test.message)


def checked_baseline(name: str) -> Path:
    """Return the directory `name` of a baseline.

    Raises:
        ConfigurationError: There is no such directory.
    """
    path = Path(name).absolute()
    if not name or not path.is_dir():
        raise ConfigurationError(
            f"--baseline names no directory: '{name}'; give the results of a run before the deployment."
        )
    return path


def read_baseline(directory: Path) -> Baseline:
    """Return the results in `directory`, or why they cannot be read."""
    try:
        facts = json_object(_content(directory / "summary.json"))
        if facts is None:
            return Baseline(problem="its summary.json is damaged")
        return Baseline(facts, _suites(_content(directory / "output.xml")))
    except OSError as error:
        return Baseline(problem=f"its {Path(str(error.filename)).name} cannot be read ({error.strerror})")
    except (DataError, ValueError, RecursionError):
        return Baseline(problem="its output.xml is damaged")


def _content(path: Path) -> bytes:
    """Return the content of a file; a link is not followed.

    Raises:
        OSError: It cannot be read, is no regular file, or is too large.
    """
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(0, "not a regular file", str(path))
    if found.st_size > LARGEST_FILE:
        raise OSError(0, f"larger than {LARGEST_FILE // 1024 // 1024} MB", str(path))
    return path.read_bytes()


def _suites(content: bytes) -> dict[str, TestSuite]:
    """Return the results in an output file, which declares no entities (they could expand without end).

    Raises:
        ValueError: It is not one that Robot Framework writes.
        DataError: Robot Framework cannot read it.
    """
    text = content.decode()
    if not text.startswith("<?xml") or "<!DOCTYPE" in text:
        raise ValueError
    suites = suites_by_name(ExecutionResult(text, include_keywords=False))
    if not suites:
        raise ValueError
    return suites
