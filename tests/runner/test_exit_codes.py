"""Exit codes of suites with passed, failed and skipped tests, and of suites that cannot run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from robot.api import ExecutionResult

from ExitCodes import first_failure, suite_exit_code
from tests.faults.catalogue import SUITES
from tests.support.backends import StartBackend
from tests.support.project import ROOT
from tests.support.runs import RunCommand

HEADER = f"""*** Settings ***
Library    {ROOT / "libraries" / "ExitCodes.py"}

*** Test Cases ***
"""


@dataclass(frozen=True)
class Executed:
    """The result of a suite: its exit code, and each test's status and message by name."""

    code: int
    first_failure: str | None
    statuses: dict[str, str]
    messages: dict[str, str]


class Execute(Protocol):
    """Runs tests, given as Robot Framework data, below a `header`."""

    def __call__(self, tests: str, header: str = HEADER) -> Executed: ...


@pytest.fixture
def execute(robot: RunCommand, tmp_path: Path) -> Execute:
    """Runs tests with real Robot Framework."""

    def run(tests: str, header: str = HEADER) -> Executed:
        path = tmp_path / "suite.robot"
        path.write_text(header + tests, encoding="utf-8")
        outcome = robot("--runemptysuite", "--log", "NONE", "--report", "NONE", str(path))
        found = list(ExecutionResult(outcome.results / "output.xml").suite.all_tests)
        failure = first_failure(found)
        return Executed(
            suite_exit_code(found),
            failure.name if failure else None,
            {test.name: test.status for test in found},
            {test.name: test.message for test in found},
        )

    return run


def case(name: str, *tags: str, does: str = "No Operation") -> str:
    """Return a test as Robot Framework data."""
    return f"{name}\n    [Tags]    {'    '.join(tags)}\n    {does}\n\n"


def test_suite_that_passes_ends_in_0(execute: Execute) -> None:
    assert execute(case("One", "exit:1") + case("Five", "exit:5")).code == 0


@pytest.mark.parametrize("phase", [1, 2, 3, 4, 5])
def test_failure_gives_its_phase_and_blocks_no_test_that_does_not_build_on_it(phase: int, execute: Execute) -> None:
    tests = [
        case(f"Phase {each}", f"exit:{each}", does="Fail" if each == phase else "Log    1") for each in range(1, 6)
    ]
    executed = execute("".join(tests))
    assert (executed.code, executed.first_failure) == (phase, f"Phase {phase}")
    assert executed.statuses == {f"Phase {each}": "FAIL" if each == phase else "PASS" for each in range(1, 6)}


def test_several_failures_give_the_earliest_phase_in_any_order(execute: Execute) -> None:
    executed = execute(case("Late", "exit:4", does="Fail") + case("Early", "exit:2", does="Fail"))
    assert (executed.code, executed.first_failure) == (2, "Early")


def test_failure_without_a_phase_is_unexpected(execute: Execute) -> None:
    assert execute(case("Untagged", "smoke", does="Fail")).code == 5


@pytest.mark.parametrize("tag", ["exit:0", "exit:6", "exit:x", "exit:", "exit:12"])
def test_failure_in_a_phase_that_does_not_exist_is_unexpected(tag: str, execute: Execute) -> None:
    assert execute(case("Odd", tag, does="Fail")).code == 5


def test_test_with_several_phases_belongs_to_the_earliest(execute: Execute) -> None:
    assert execute(case("Both", "exit:4", "exit:2", does="Fail")).code == 2


def test_tag_is_recognised_in_capitals(execute: Execute) -> None:
    assert execute(case("Loud", "EXIT:3", does="Fail")).code == 3


def test_suite_without_a_test_has_no_verdict(execute: Execute) -> None:
    assert execute("").code == 5


def test_suite_that_only_skips_has_no_verdict(execute: Execute) -> None:
    assert execute(case("One", "exit:1", does="Skip") + case("Two", "exit:2", does="Skip")).code == 5


def test_one_passed_test_among_skipped_ones_is_a_verdict(execute: Execute) -> None:
    assert execute(case("One", "exit:1", does="Skip") + case("Two", "exit:2")).code == 0


def test_keyword_that_does_not_exist_is_no_verdict_on_the_api(execute: Execute) -> None:
    assert execute(case("Typo", "exit:3", does="Lgo    1")).code == 5


def test_failed_setup_of_a_suite_is_no_verdict_on_the_api(execute: Execute) -> None:
    header = HEADER.replace("\n\n***", "\nSuite Setup    Fail    no reason\n\n***")
    executed = execute(case("One", "exit:3"), header)
    assert executed.code == 5


def test_failed_setup_of_a_test_gives_the_phase_of_the_test(execute: Execute) -> None:
    executed = execute(case("One", "exit:3", does="[Setup]    Fail    The API is wrong\n    Log    1"))
    assert executed.code == 3


def test_failed_teardown_counts_too(execute: Execute) -> None:
    assert execute(case("One", "exit:4", does="Log    1\n    [Teardown]    Fail    The API is wrong")).code == 4


@pytest.mark.parametrize(
    "does",
    [
        "Fail    Invalid opening hours",
        "Fail    Variable 'opening hours' is missing",
        "Should Be Equal    monday    tuesday",
        "Log    ${{ {'monday': 9} }}[tuesday]",
        "Log    ${{ [9, 17] }}[2]",
        "Convert To Integer    nine",
        "Run Keyword And Ignore Error    Log    ${UNDEFINED}\n    Fail    Closed on Monday",
    ],
)
def test_failure_about_the_api_has_the_phase_of_its_test_with_any_message(does: str, execute: Execute) -> None:
    assert execute(case("Opening Hours", "exit:4", does=does)).code == 4


@pytest.mark.parametrize(
    "does",
    [
        "Log    ${UNDEFINED}",
        "Should Be True    $UNDEFINED == 1",
        "Should Be True    1 ==",
        "Log",
        "IF    $UNDEFINED\n        Log    1\n    END",
        "VAR    ${x}    ${UNDEFINED}",
        "FOR    ${x}    IN    ${UNDEFINED}\n        Log    1\n    END",
    ],
)
def test_error_in_the_test_data_is_no_verdict_on_the_api(does: str, execute: Execute) -> None:
    assert execute(case("Typo", "exit:3", does=does)).code == 5


@pytest.mark.parametrize(
    "does",
    [
        "[Template]    Run Keyword\n    Skip\n    No Such Keyword",
        "TRY\n        Fail    caught\n    EXCEPT\n        No Operation\n    END\n    No Such Keyword",
        "Wait Until Keyword Succeeds    2x    1ms    No Such Keyword",
    ],
    ids=["a skipped row", "a caught failure", "retries"],
)
def test_error_in_the_test_data_is_no_verdict_on_the_api_beside(does: str, execute: Execute) -> None:
    assert execute(case("Typo", "exit:3", does=does)).code == 5


def test_retried_failure_of_the_api_has_the_phase_of_its_test(execute: Execute) -> None:
    assert execute(case("Late", "exit:3", does="Wait Until Keyword Succeeds    2x    1ms    Fail    wrong")).code == 3


def test_failed_suite_teardown_has_the_phase_of_its_tests_in_a_run(
    project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    teardown = FAQ_SUITE.replace("Suite Teardown   Restore Account", "Suite Teardown   Fail    The account is damaged")
    assert teardown != FAQ_SUITE
    (project / "resources" / "faq.resource").write_text(FAQ_RESOURCE)
    (project / "suites" / "faq.robot").write_text(teardown)
    outcome = run_tests("--smoke", "faq", backend=backend(), root=project)
    assert (outcome.code, outcome.verdict["verdict"]) == (2, "broken"), outcome.stdout


def test_suite_without_any_import_has_the_phase_of_its_failure_in_a_run(
    project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    test = case("One", "exit:3", "smoke", does="Fail    Invalid opening hours") + case("Two", "smoke")
    (project / "suites" / "bare.robot").write_text("*** Test Cases ***\n" + test)
    outcome = run_tests("--smoke", "bare", backend=backend(), root=project)
    assert (outcome.code, outcome.verdict["verdict"]) == (3, "broken"), outcome.stdout


def test_failed_row_of_a_template_decides_over_an_error_in_another_row(execute: Execute) -> None:
    rows = "[Template]    Should Be Equal\n    1    2\n    ${UNDEFINED}    1"
    assert execute(case("Table", "exit:3", does=rows)).code == 3


# Through the real runner, in a copy of the project

FAQ_RESOURCE = """*** Settings ***
Resource    login.resource

*** Keywords ***
Questions Should Be Present
    [Arguments]    ${settings: dict}
    Should Not Be Empty    ${settings}[faqs]
"""
FAQ_SUITE = """*** Settings ***
Documentation    Callers get answers.
Metadata         Exit 2    Questions cannot be read
Resource         ../resources/faq.resource
Suite Setup      Log In As Owner
Suite Teardown   Restore Account
Test Setup       Skip Blocked Or Disallowed Test
Test Tags        faq

*** Test Cases ***
Questions Can Be Read
    [Tags]    exit:2    smoke
    ${settings} =    Get Settings    cached=yes
    Questions Should Be Present    ${settings}
"""
HEALTHY = dict.fromkeys(SUITES, 0)


def test_new_capability_is_found_and_reported_without_an_edit(
    project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    (project / "resources" / "faq.resource").write_text(FAQ_RESOURCE)
    (project / "suites" / "faq.robot").write_text(FAQ_SUITE)
    outcome = run_tests("--smoke", backend=backend(), root=project)
    assert (outcome.code, outcome.codes) == (0, {**HEALTHY, "faq": 0}), outcome.stdout
    assert list(outcome.verdict["suites"]) == ["settings", "calendar", "twilio", "faq", "security"]
    assert outcome.verdict["suites"]["faq"]["passed"] == 1
    assert "Questions Can Be Read" in (outcome.results / "output.xml").read_text()


@pytest.mark.parametrize(("style", "code"), [("phase", 2), ("api", 4)])
def test_new_capability_that_is_broken_alone_has_its_own_code(
    style: str, code: int, project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    (project / "resources" / "faq.resource").write_text(FAQ_RESOURCE)
    (project / "suites" / "faq.robot").write_text(FAQ_SUITE)
    outcome = run_tests("faq", "--smoke", "--exit-codes", style, backend=backend("faqs_are_missing"), root=project)
    assert outcome.codes == {"faq": 2}, outcome.stdout
    assert outcome.code == code
    assert outcome.verdict["suites"]["faq"]["meaning"] == "Questions cannot be read"


def test_error_in_a_resource_file_is_noted(project: Path, backend: StartBackend, run_tests: RunCommand) -> None:
    (project / "resources" / "faq.resource").write_text(
        FAQ_RESOURCE.replace("Resource", "No Setting    1\nResource", 1)
    )
    (project / "suites" / "faq.robot").write_text(FAQ_SUITE)
    outcome = run_tests("--smoke", backend=backend(), root=project)
    assert (outcome.code, outcome.codes) == (0, {**HEALTHY, "faq": 0}), outcome.stdout
    (note,) = (one for one in outcome.verdict["notes"] if one.startswith("Robot Framework reports: "))
    assert "faq.resource" in note
    assert "Non-existing setting 'No Setting'" in note


def test_language_of_the_run_is_that_of_resource_files(
    project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    finnish = FAQ_RESOURCE.replace("Settings", "Asetukset").replace("Keywords", "Avainsanat")
    (project / "resources" / "faq.resource").write_text(finnish.replace("Resource  ", "Resurssi  "))
    (project / "suites" / "faq.robot").write_text(FAQ_SUITE)
    outcome = run_tests("--smoke", "faq", "--", "--language", "fi", backend=backend(), root=project)
    assert (outcome.code, outcome.codes) == (0, {"faq": 0}), outcome.stdout


def test_library_object_is_made_in_the_environment_of_its_suite(
    project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    (project / "libraries" / "Backend.py").write_text(
        "import os\nfrom robot.api.deco import keyword, library\n\n"
        "@library(scope='GLOBAL')\nclass Backend:\n"
        "    def __init__(self):\n        self._url, self._process = os.environ.get('API_URL'), os.getpid()\n\n"
        "    @keyword\n    def backend_should_be(self, url):\n"
        "        assert (self._url, self._process) == (url, os.getpid())\n"
    )
    resource = FAQ_RESOURCE.replace("Resource", "Library    ../libraries/Backend.py\nResource", 1)
    (project / "resources" / "faq.resource").write_text(resource)
    (project / "suites" / "faq.robot").write_text(FAQ_SUITE + "    Backend Should Be    ${API_URL}\n")
    outcome = run_tests("--smoke", "faq", backend=backend(), root=project)
    assert (outcome.code, outcome.codes) == (0, {"faq": 0}), outcome.stdout


def test_keywords_of_a_library_are_listed_once_for_all_suites(
    project: Path, backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    lists = tmp_path / "lists"
    (project / "libraries" / "Listed.py").write_text(
        "class Listed:\n    def get_keyword_names(self):\n"
        f"        with open({str(lists)!r}, 'a') as file:\n            file.write('listed\\n')\n"
        "        return ['listed']\n\n    def listed(self):\n        pass\n"
    )
    resource = FAQ_RESOURCE.replace("Resource", "Library    ../libraries/Listed.py\nResource", 1)
    (project / "resources" / "faq.resource").write_text(resource)
    for name in ("faq", "more"):
        (project / "suites" / f"{name}.robot").write_text(FAQ_SUITE + "    Listed\n")
    outcome = run_tests("--smoke", "faq", "more", backend=backend(), root=project)
    assert (outcome.code, outcome.codes) == (0, {"faq": 0, "more": 0}), outcome.stdout
    assert lists.read_text() == "listed\n"


NO_SUITES = {
    "bytes that are no text": b"\xff\xfe\x00*** Test Cases ***\xc3\x28",
    "no test": b"*** Keywords ***\nNothing\n    No Operation\n",
    "nothing at all": b"",
    "an unknown section": b"*** Tset Cases ***\nOne\n    [Tags]    smoke\n    No Operation\n",
    "a resource that is missing": FAQ_SUITE.replace("faq.resource", "no-such.resource").encode(),
    "a library that is missing": FAQ_SUITE.replace("Resource  ", "Library    NoSuchLibrary\nResource  ")
    .replace("faq.resource", "login.resource")
    .encode(),
    "a test without a body": b"*** Test Cases ***\nOne\n    [Tags]    exit:2    smoke\n",
}


@pytest.mark.parametrize("content", NO_SUITES.values(), ids=NO_SUITES)
def test_suite_that_cannot_run_ends_in_5_and_does_not_change_the_verdict_of_others(
    content: bytes, project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    (project / "suites" / "odd.robot").write_bytes(content)
    outcome = run_tests("--smoke", backend=backend(), root=project)
    assert outcome.codes == {**HEALTHY, "odd": 5}, outcome.stdout
    assert outcome.code == 5
    assert outcome.verdict["verdict"] == "error"
    assert outcome.verdict["restored"] is True
    assert "odd" in outcome.stdout


@pytest.mark.parametrize("style", ["phase", "api"])
def test_worker_that_dies_ends_in_5_and_does_not_change_the_verdict_of_others(
    style: str, project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    (project / "libraries" / "Death.py").write_text(
        "import os\n\ndef die():\n    os.kill(os.getpid(), 9)\n", encoding="utf-8"
    )
    (project / "suites" / "dying.robot").write_text(
        "*** Settings ***\nLibrary    ../libraries/Death.py\n\n"
        "*** Test Cases ***\nLives\n    [Tags]    exit:1    smoke\n    No Operation\n\n"
        "Dies\n    [Tags]    exit:2    smoke\n    Die\n"
    )
    target = backend()
    before = target.account()
    outcome = run_tests("--smoke", "--exit-codes", style, backend=target, root=project)
    assert outcome.codes == {**HEALTHY, "dying": 5}, outcome.stdout
    assert outcome.code == 5
    assert outcome.verdict["suites"]["settings"]["passed"] > 0
    assert target.account() == before
    assert outcome.survivors() == []


def test_broken_api_wins_over_a_suite_that_cannot_run(
    project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    (project / "suites" / "odd.robot").write_bytes(b"")
    target = backend("phone_number_is_national")
    outcome = run_tests("--smoke", "--exit-codes", "api", backend=target, root=project)
    assert (outcome.code, outcome.codes) == (3, {**HEALTHY, "twilio": 3, "odd": 5}), outcome.stdout
