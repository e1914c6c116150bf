"""The proof: which suite detected which fault of the catalogue, with which exit code, in which mode.

`make prove` writes it as `proof.html` and `proof.json`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader

from tests.faults import CATALOGUE
from tests.faults.catalogue import SUITES, Fault, Mode

MODES: tuple[Mode, Mode] = ("full", "smoke")


@dataclass(frozen=True)
class Trial:
    """A run against one fault in one mode.

    Attributes:
        fault: Its name in the catalogue.
        mode: The mode of the run.
        expected, got: The exit code of each suite.
        problem: What else differs from the expectation, such as the verdict or the account; empty where nothing does.
    """

    fault: str
    mode: Mode
    expected: Mapping[str, int]
    got: Mapping[str, int]
    problem: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the run ended as expected."""
        return dict(self.expected) == dict(self.got) and not self.problem

    @property
    def is_healthy(self) -> bool:
        """Whether the backend is healthy, so that no suite may fail."""
        return CATALOGUE[self.fault].expected.verdict == "healthy"


class ProofWriter:
    """A pytest plugin that collects the trials of `test_faults.py` and writes the proof."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._trials: list[Trial] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the trial of a test."""
        if report.when == "call":
            found = [value for name, value in report.user_properties if name == "trial"]
            self._trials += [Trial(**json.loads(str(value))) for value in found]

    def pytest_sessionfinish(self) -> None:
        """Write the proof."""
        write(self._directory, self._trials)


def totals(trials: Sequence[Trial]) -> dict[str, int]:
    """Return how many faults and runs there are, and how many runs ended as expected."""
    faults = [trial for trial in trials if not trial.is_healthy and any(trial.expected.values())]
    healthy = [trial for trial in trials if not any(trial.expected.values())]
    return {
        "faults": len({trial.fault for trial in trials if not trial.is_healthy}),
        "variations": len({trial.fault for trial in trials if trial.is_healthy}),
        "runs": len(trials),
        "to_be_caught": len(faults),
        "caught": sum(any(trial.got.values()) for trial in faults),
        "right": sum(trial.is_right for trial in faults),
        "to_be_left_alone": len(healthy),
        "false_alarms": sum(not trial.is_right for trial in healthy),
    }


def write(directory: Path, trials: Iterable[Trial]) -> None:
    """Write `proof.json` and `proof.html` into `directory`."""
    ordered = sorted(trials, key=lambda trial: (*_group(CATALOGUE[trial.fault]), trial.fault, trial.mode))
    directory.mkdir(parents=True, exist_ok=True)
    content = {**totals(ordered), "trials": [{**asdict(trial), "right": trial.is_right} for trial in ordered]}
    (directory / "proof.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (directory / "proof.html").write_text(_page(ordered), encoding="utf-8")


def _group(fault: Fault) -> tuple[bool, str]:
    """Return the clause that lists a fault, after whether it is a healthy variation: these come last."""
    is_healthy = fault.expected.verdict == "healthy"
    return is_healthy, "Healthy variations" if is_healthy else fault.expected.clause.partition(":")[0]


def _page(trials: Sequence[Trial]) -> str:
    figures = totals(trials)
    groups: list[dict[str, Any]] = []
    for (_, title), group in groupby(trials, key=lambda one: _group(CATALOGUE[one.fault])):
        runs = list(group)
        by_fault = groupby(runs, key=lambda one: one.fault)
        groups.append(
            {
                "title": title,
                "faults": [(CATALOGUE[name], {trial.mode: trial for trial in tried}) for name, tried in by_fault],
                "runs": len(runs),
                "right": sum(trial.is_right for trial in runs),
            }
        )
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("proof.html").render(
        is_proven=figures["right"] == figures["to_be_caught"] and not figures["false_alarms"],
        totals=figures,
        groups=groups,
        modes=MODES,
        suites=SUITES,
    )
