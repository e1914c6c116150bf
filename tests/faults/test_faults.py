"""The suites detect each fault of the catalogue in its phase, and no suite fails on a healthy backend.

Without `--proof`, one fault represents those of its clause that end alike; with it, all are tried, in both modes.
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict

import pytest

from tests.faults import CATALOGUE
from tests.faults.catalogue import CAPABILITIES, Fault, Mode
from tests.faults.proof import MODES, Trial, totals, write
from tests.support.backends import StartBackend
from tests.support.runs import RunCommand

PHASES = range(1, 5)
NO_SENTENCE = re.compile(r" != |Traceback|\w+Error:|(Evaluating|Resolving|Invalid) \w+ ")
"""Messages of Python and Robot Framework, which product does not understand."""

QUOTED = re.compile(r"'[^']*'")
"""A quotation of the backend's response."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Select the faults; slow ones come first, so that the others run while they wait."""
    if "fault" not in metafunc.fixturenames:
        return
    faults = sorted(CATALOGUE.values(), key=lambda one: not one.expected.slow)
    if not metafunc.config.getoption("proof"):
        expectations = ((fault, fault.expected) for fault in faults)
        alike = {(one.clause.partition(":")[0], str(one.full), str(one.smoke)): fault for fault, one in expectations}
        faults = list(alike.values())
    cases = [(fault, mode) for fault in faults for mode in MODES if fault.expected.codes(mode) is not None]
    metafunc.parametrize(("fault", "mode"), cases, ids=[f"{fault.name}-{mode}" for fault, mode in cases])


@pytest.mark.parametrize("mode", MODES)
def test_catalogue_breaks_each_phase_of_each_suite(mode: Mode) -> None:
    broken = {pair for fault in CATALOGUE.values() for pair in (fault.expected.codes(mode) or {}).items()}
    assert broken >= {(suite, phase) for suite in CAPABILITIES for phase in PHASES}


def test_each_suite_ends_with_the_expected_code(
    fault: Fault,
    mode: Mode,
    backend: StartBackend,
    run_tests: RunCommand,
    record_property: Callable[[str, object], None],
) -> None:
    expected = fault.expected.codes(mode)
    assert expected is not None
    failed = [code for code in expected.values() if code]
    is_detected = bool(failed) or not fault.expected.restored
    verdict = fault.expected.verdict if is_detected else "healthy"
    code = (failed or [0 if verdict == "healthy" else 5])[0]
    target = backend(fault.name)
    before = target.account()
    outcome = run_tests(f"--{mode}", backend=target)
    first_failures = [one["first_failure"] or "" for one in outcome.verdict["suites"].values()]
    is_restored, notes = outcome.verdict["restored"], outcome.verdict["notes"]
    account = target.account()
    left = {name: account[name] for name in fault.expected.left}
    problems = {
        f"the run ended with {outcome.code}, expected {code}": outcome.code != code,
        f"the verdict was {outcome.verdict['verdict']}, expected {verdict}": outcome.verdict["verdict"] != verdict,
        "summary.json has another exit code": outcome.verdict["exit_code"] != outcome.code,
        "a message is no sentence": any(
            NO_SENTENCE.search(QUOTED.sub("", one.partition(": ")[2])) for one in first_failures
        ),
        f"restored was {is_restored}": is_restored is not fault.expected.restored,
        "the account was not restored": fault.expected.restored and account != {**before, **left},
        "a setting that was left is not named": not all(
            f"{name} changed during the run" in str(notes) for name in left
        ),
    }
    problem = "; ".join(problem for problem, is_there in problems.items() if is_there)
    trial = Trial(fault.name, mode, dict(expected), outcome.codes, problem)
    record_property("trial", json.dumps(asdict(trial)))
    assert (trial.got, trial.problem) == (trial.expected, ""), outcome.stdout


def test_proof_counts_undetected_faults_wrong_codes_and_false_alarms(tmp_path_factory: pytest.TempPathFactory) -> None:
    broken = next(fault for fault in CATALOGUE.values() if fault.expected.full == {"twilio": 3})
    variation = next(fault for fault in CATALOGUE.values() if fault.expected.verdict == "healthy")
    expected, healthy = {**dict.fromkeys(CAPABILITIES, 0), "twilio": 3}, dict.fromkeys(CAPABILITIES, 0)
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
