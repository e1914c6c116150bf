"""What the suites catch: each fault of the catalogue is noticed in its phase, and nothing unusual is called broken.

Without `--proof`, one fault stands for those of its clause that end alike; with it, all are tried, in both modes.
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict

import pytest

from tests.conftest import RunCommand, StartBackend
from tests.faults import CATALOGUE, Fault
from tests.faults.catalogue import CAPABILITIES, Mode
from tests.faults.proof import MODES, Trial, totals, write

PHASES = range(1, 5)
NO_SENTENCE = re.compile(r" != |Traceback|\w+Error:|(Evaluating|Resolving|Invalid) \w+ ")
"""What a program says, and nobody in product understands."""

QUOTED = re.compile(r"'[^']*'")
"""What the backend said, which is shown as it is."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose what is tried; the slow ones come first, so that the others are run while they wait."""
    if "fault" not in metafunc.fixturenames:
        return
    faults = sorted(CATALOGUE.values(), key=lambda one: not one.slow)
    if not metafunc.config.getoption("proof"):
        alike = {(fault.clause.partition(":")[0], str(fault.full), str(fault.smoke)): fault for fault in faults}
        faults = list(alike.values())
    cases = [(fault, mode) for fault in faults for mode in MODES if fault.codes(mode) is not None]
    metafunc.parametrize(("fault", "mode"), cases, ids=[f"{fault.name}-{mode}" for fault, mode in cases])


@pytest.mark.parametrize("mode", MODES)
def test_catalogue_breaks_every_phase_of_every_suite(mode: Mode) -> None:
    broken = {pair for fault in CATALOGUE.values() for pair in (fault.codes(mode) or {}).items()}
    assert broken >= {(suite, phase) for suite in CAPABILITIES for phase in PHASES}


def test_each_suite_ends_with_the_code_of_what_is_broken(
    fault: Fault,
    mode: Mode,
    backend: StartBackend,
    run_tests: RunCommand,
    record_property: Callable[[str, object], None],
) -> None:
    expected = fault.codes(mode)
    assert expected is not None
    failed = [code for code in expected.values() if code]
    is_noticed = bool(failed) or not fault.restored
    word = fault.verdict if is_noticed else "healthy"
    code = (failed or [0 if word == "healthy" else 5])[0]
    target = backend(fault.name)
    before = target.account()
    outcome = run_tests(f"--{mode}", backend=target)
    first_failures = [one["first_failure"] or "" for one in outcome.verdict["suites"].values()]
    flaws = {
        f"it ended with {outcome.code} instead of {code}": outcome.code != code,
        f"its verdict was {outcome.verdict['verdict']} instead of {word}": outcome.verdict["verdict"] != word,
        "the summary has another exit code": outcome.verdict["exit_code"] != outcome.code,
        "what it says of a failure is no sentence": any(
            NO_SENTENCE.search(QUOTED.sub("", one)) for one in first_failures
        ),
        "what it says of the account is wrong": outcome.verdict["restored"] is not fault.restored,
        "the account is not as found": fault.restored and target.account() != before,
    }
    problem = "; ".join(flaw for flaw, is_there in flaws.items() if is_there)
    trial = Trial(fault.name, mode, dict(expected), outcome.codes, problem)
    record_property("trial", json.dumps(asdict(trial)))
    assert (trial.got, trial.problem) == (trial.expected, ""), outcome.stdout


def test_proof_counts_survivors_wrong_codes_and_false_alarms(tmp_path_factory: pytest.TempPathFactory) -> None:
    broken = next(fault for fault in CATALOGUE.values() if fault.full == {"twilio": 3})
    harmless = next(fault for fault in CATALOGUE.values() if fault.verdict == "healthy")
    expected, healthy = {**dict.fromkeys(CAPABILITIES, 0), "twilio": 3}, dict.fromkeys(CAPABILITIES, 0)
    trials = [
        Trial(broken.name, "full", expected, expected),
        Trial(broken.name, "smoke", expected, healthy),
        Trial(harmless.name, "full", healthy, healthy),
        Trial(harmless.name, "smoke", healthy, expected),
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
