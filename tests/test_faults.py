"""What the suites catch: each fault of the catalogue is noticed in its phase, and nothing unusual is called broken."""

import pytest

from tests.conftest import RunCommand, StartBackend
from tests.faults import CATALOGUE, Fault
from tests.faults.catalogue import CAPABILITIES, Mode

MODES: tuple[Mode, Mode] = ("full", "smoke")
PHASES = range(1, 5)

# The slow ones first, so that the others are run while they wait.
CASES = [
    pytest.param(fault, mode, id=f"{fault.name}-{mode}")
    for fault in sorted(CATALOGUE.values(), key=lambda one: not one.slow)
    for mode in MODES
    if fault.codes(mode) is not None
]


@pytest.mark.parametrize("mode", MODES)
def test_catalogue_breaks_every_phase_of_every_suite(mode: Mode) -> None:
    broken = {pair for fault in CATALOGUE.values() for pair in (fault.codes(mode) or {}).items()}
    assert broken >= {(suite, phase) for suite in CAPABILITIES for phase in PHASES}


@pytest.mark.parametrize(("fault", "mode"), CASES)
def test_each_suite_ends_with_the_code_of_what_is_broken(
    fault: Fault, mode: Mode, backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend(fault.name)
    before = target.account()
    outcome = run_tests(f"--{mode}", backend=target)
    expected = fault.codes(mode)
    assert expected is not None
    assert outcome.codes == expected, outcome.stdout
    failed = [code for code in expected.values() if code]
    assert outcome.code == (failed or [0 if fault.verdict == "healthy" else 5])[0]
    assert outcome.verdict["exit_code"] == outcome.code
    assert outcome.verdict["verdict"] == fault.verdict
    assert outcome.verdict["restored"] is fault.restored
    if fault.restored:
        assert target.account() == before
