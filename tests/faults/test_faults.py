"""The suites detect each fault of the catalogue in its phase, and no suite fails on a healthy backend.

What a smoke run finds, a full run finds too. Without `--proof`, few faults are tried, which cover each part of the
contract and each exit code; with it, all are.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

import pytest

from tests.faults import CATALOGUE
from tests.faults.catalogue import CAPABILITIES, SUITES, Fault, Mode
from tests.faults.proof import MODES, Trial, totals, write
from tests.support.backends import StartBackend
from tests.support.runs import Outcome, RunCommand

PHASES = range(1, 5)
NO_SENTENCE = re.compile(r" != |Traceback|\w+Error:|(Evaluating|Resolving|Invalid) \w+ ")
"""Messages of Python and Robot Framework, which product does not understand."""

QUOTED = re.compile(r"'[^']*'")
"""A quotation of the backend's response."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Select the faults: those that cover what the catalogue covers, or with `--proof` all."""
    if "fault" in metafunc.fixturenames:
        faults = CATALOGUE.values() if metafunc.config.getoption("proof") else covering(CATALOGUE.values())
        metafunc.parametrize(
            "fault",
            [pytest.param(fault, marks=[pytest.mark.slow] if fault.expected.slow else []) for fault in faults],
            ids=[fault.name for fault in faults],
        )


def covering(faults: Iterable[Fault]) -> list[Fault]:
    """Return few faults that together cover all that `faults` cover, found greedily; slow ones only where they must."""
    candidates = sorted(faults, key=lambda fault: fault.expected.slow)
    missing = {one for fault in candidates for one in covered_by(fault)}
    chosen = []
    while missing:
        chosen.append(max(candidates, key=lambda fault: len(covered_by(fault) & missing)))
        missing -= covered_by(chosen[-1])
    return chosen


def covered_by(fault: Fault) -> set[tuple[object, ...]]:
    """Return what a fault covers: a way to end, and for its part of the contract a suite's exit code in a mode."""
    expected = fault.expected
    codes = ((mode, expected.codes(mode) or {}) for mode in MODES)
    ends = {
        (expected.clause.partition(":")[0], mode, suite, code) for mode, one in codes for suite, code in one.items()
    }
    return ends | {(expected.verdict, expected.restored, bool(expected.left))}


def test_selected_faults_cover_what_the_catalogue_covers() -> None:
    selected = covering(CATALOGUE.values())
    assert {one for fault in selected for one in covered_by(fault)} == {
        one for fault in CATALOGUE.values() for one in covered_by(fault)
    }
    assert len(selected) < len(CATALOGUE) / 10


@pytest.mark.parametrize("mode", MODES)
def test_catalogue_breaks_each_phase_of_each_suite(mode: Mode) -> None:
    broken = {pair for fault in CATALOGUE.values() for pair in (fault.expected.codes(mode) or {}).items()}
    suites = SUITES if mode == "full" else CAPABILITIES  # security reads nothing in a smoke run
    assert broken >= {(suite, phase) for suite in suites for phase in PHASES}


def test_each_suite_ends_with_the_expected_code(
    fault: Fault,
    backend: StartBackend,
    run_tests: RunCommand,
    record_property: Callable[[str, object], None],
    pytestconfig: pytest.Config,
) -> None:
    trials: list[Trial] = []
    outcomes: dict[Mode, Outcome] = {}
    for mode in MODES:
        expected = fault.expected.codes(mode)
        if expected is not None or (mode == "smoke" and pytestconfig.getoption("proof") and outcomes):
            target = backend(fault.name)
            before, other_before = target.account(), target.other_account()
            outcome = outcomes[mode] = run_tests(f"--{mode}", *fault.expected.options, backend=target)
            if expected is not None:
                problem = problem_of(fault, expected, outcome, before, target.account())
                problem += "" if target.other_account() == other_before else "; the second account was not restored"
                trials.append(Trial(fault.name, mode, dict(expected), outcome.codes, problem))
                record_property("trial", json.dumps(asdict(trials[-1])))
    console = "\n".join(outcome.stdout for outcome in outcomes.values())
    assert [trial for trial in trials if not trial.is_right] == [], console
    if len(outcomes) == len(MODES):
        assert what_smoke_alone_knows(outcomes["smoke"], outcomes["full"]) == [], console


def problem_of(
    fault: Fault, expected: Mapping[str, int], outcome: Outcome, before: dict[str, Any], after: dict[str, Any]
) -> str:
    """Return what differs from the expectation other than the code of a suite, empty where nothing does."""
    failed = [code for code in expected.values() if code]
    verdict = fault.expected.verdict if failed or not fault.expected.restored else "healthy"
    code = min(failed, default=0 if verdict == "healthy" else 5)
    first_failures = [one["first_failure"] or "" for one in outcome.verdict["suites"].values()]
    is_restored, notes = outcome.verdict["restored"], outcome.verdict["notes"]
    left = {name: after[name] for name in fault.expected.left}
    problems = {
        f"the run ended with {outcome.code}, expected {code}": outcome.code != code,
        f"the verdict was {outcome.verdict['verdict']}, expected {verdict}": outcome.verdict["verdict"] != verdict,
        "summary.json has another exit code": outcome.verdict["exit_code"] != outcome.code,
        "a message is no sentence": any(
            NO_SENTENCE.search(QUOTED.sub("", one.partition(": ")[2])) for one in first_failures
        ),
        f"restored was {is_restored}": is_restored is not fault.expected.restored,
        "the account was not restored": fault.expected.restored and after != {**before, **left},
        "a setting that was left is not named": not all(name in str(notes) for name in left),
    }
    return "; ".join(problem for problem, is_there in problems.items() if is_there)


def what_smoke_alone_knows(smoke: Outcome, full: Outcome) -> list[str]:
    """Return what a smoke run found and a full run did not: failures that it neither has nor blocks, earlier codes."""
    results = {(suite, test.name): test for suite, test in full.tests()}
    unknown = [
        f"{suite}: {test.name}"
        for suite, test in smoke.tests()
        if test.failed and not results[suite, test.name].failed and "blocked" not in results[suite, test.name].tags
    ]
    later = [f"{suite}: {code}" for suite, code in smoke.codes.items() if code and not 0 < full.codes[suite] <= code]
    return unknown + later


def test_proof_counts_undetected_faults_wrong_codes_and_false_alarms(tmp_path_factory: pytest.TempPathFactory) -> None:
    broken = next(fault for fault in CATALOGUE.values() if fault.expected.full == {"twilio": 3})
    variation = next(fault for fault in CATALOGUE.values() if fault.expected.verdict == "healthy")
    expected, healthy = {**dict.fromkeys(SUITES, 0), "twilio": 3}, dict.fromkeys(SUITES, 0)
    trials = [
        Trial(broken.name, "full", expected, expected),
        Trial(broken.name, "smoke", expected, healthy),
        Trial(variation.name, "full", healthy, healthy),
        Trial(variation.name, "smoke", healthy, expected),
    ]
    figures = totals(trials)
    assert (figures["to_be_caught"], figures["caught"], figures["right"]) == (2, 1, 1)
    assert (figures["to_be_left_alone"], figures["false_alarms"]) == (2, 1)
    directory = tmp_path_factory.mktemp("proof")
    write(directory, trials)
    page = (directory / "proof.html").read_text(encoding="utf-8")
    assert "There are gaps" in page
    assert "✗ 0, not 3" in page
    assert json.loads((directory / "proof.json").read_text(encoding="utf-8"))["right"] == 1
