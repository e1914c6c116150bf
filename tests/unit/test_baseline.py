"""The comparison with a baseline: what regressed, what was broken before, and when a baseline is not used."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from robot import result as robot

from acceptance.config import ConfigurationError, Target
from acceptance.exit_codes import ExitCodes, failure_tags
from acceptance.reporting.baseline import (
    LARGEST_FILE,
    Baseline,
    Change,
    Comparison,
    change_of,
    checked_baseline,
    read_baseline,
)
from acceptance.reporting.verdict import SuiteVerdict, run_verdict, suite_verdict

TARGET = Target("https://api.example.com", "owner@example.com", "secret")
FACTS = {
    "target": TARGET.url,
    "account": TARGET.account_id,
    "mode": "smoke",
    "read_only": False,
    "interrupted": False,
    "verdict": "broken",
}

PASSED = ("PASS",)
BLOCKED = ("SKIP", "blocked")
SKIPPED = ("SKIP",)
BROKEN = ("FAIL", *failure_tags("api", status=500))
BROKEN_IN_OTHER_PHASE = ("FAIL", *failure_tags("api", phase=1, status=500))
BROKEN_WITH_OTHER_STATUS = ("FAIL", *failure_tags("api", status=422))
UNAVAILABLE = ("FAIL", *failure_tags("api", status=503))
BROKEN_WITHOUT_STATUS = ("FAIL", *failure_tags("api"))
NO_RESPONSE = ("FAIL", *failure_tags("transport"))
THROTTLED = ("FAIL", *failure_tags("throttled"))
STOPPED = ("FAIL", *failure_tags("environment"))


def result(
    status: str, *tags: str, name: str = "Form Is Accepted", phase: int = 3, message: str = ""
) -> robot.TestCase:
    """Return the result of a test."""
    return robot.TestCase(name=name, status=status, tags=[f"exit:{phase}", *tags], message=message)


def suite(name: str, *tests: robot.TestCase) -> robot.TestSuite:
    """Return the results of the suite `name`."""
    found = robot.TestSuite(name=name.capitalize(), source=Path(f"/suites/{name}.robot"))
    found.tests = tests
    return found


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        pytest.param(PASSED, PASSED, None, id="passed, passes"),
        pytest.param(BROKEN, PASSED, "repaired", id="failed, passes"),
        pytest.param(BLOCKED, PASSED, None, id="blocked, passes"),
        pytest.param(STOPPED, PASSED, None, id="had no verdict, passes"),
        pytest.param(None, PASSED, None, id="absent, passes"),
        pytest.param(PASSED, BROKEN, "regressed", id="passed, fails"),
        pytest.param(BROKEN, BROKEN, "broken_before", id="failed, fails alike"),
        pytest.param(NO_RESPONSE, NO_RESPONSE, "broken_before", id="no response, no response"),
        pytest.param(BROKEN_IN_OTHER_PHASE, BROKEN, "regressed", id="failed in another phase, fails"),
        pytest.param(BROKEN_WITH_OTHER_STATUS, BROKEN, "regressed", id="failed with another status, fails"),
        pytest.param(BROKEN_WITHOUT_STATUS, BROKEN, "regressed", id="failed without a status, fails"),
        pytest.param(NO_RESPONSE, BROKEN_WITHOUT_STATUS, "regressed", id="no response, fails"),
        pytest.param(NO_RESPONSE, BROKEN, "broken_before", id="no response, 500"),
        pytest.param(BROKEN, UNAVAILABLE, "broken_before", id="500, 503"),
        pytest.param(BLOCKED, BROKEN, "unknown", id="blocked, fails"),
        pytest.param(SKIPPED, BROKEN, "unknown", id="skipped, fails"),
        pytest.param(None, BROKEN, "unknown", id="absent, fails"),
        pytest.param(THROTTLED, BROKEN, "unknown", id="throttled, fails"),
        pytest.param(STOPPED, BROKEN, "unknown", id="had no verdict, fails"),
        pytest.param(PASSED, THROTTLED, "unknown", id="passed, is throttled"),
        pytest.param(PASSED, STOPPED, "unknown", id="passed, has no verdict"),
        pytest.param(PASSED, BLOCKED, None, id="passed, is blocked"),
        pytest.param(BROKEN, SKIPPED, None, id="failed, is skipped"),
    ],
)
def test_change_follows_from_both_results(
    before: tuple[str, ...] | None, now: tuple[str, ...], change: Change | None
) -> None:
    assert change_of(result(*before) if before else None, result(*now)) == change


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ("timezone is missing.", "timezone is missing.", "broken_before"),
        ("timezone is missing.", "faqs and timezone are missing.", "unknown"),
        ("unsigned: returned 200.", "no token: returned 200.\nunsigned: returned 200.", "unknown"),
        ("saved as 'x [run 12ab]', read as 'x'.", "saved as 'y [run 34cd]', read as ''.", "broken_before"),
        ("returned 500 in 12 ms, request id 1a2b.", "returned 500 in 7,034 ms, request id c3d4.", "broken_before"),
    ],
)
def test_failures_that_name_different_problems_cannot_be_compared(before: str, now: str, change: Change) -> None:
    assert change_of(result(*BROKEN, message=before), result(*BROKEN, message=now)) == change


def compared(
    before: Mapping[str, robot.TestSuite], now: Mapping[str, robot.TestSuite]
) -> tuple[Comparison, Callable[[ExitCodes], tuple[str, int]]]:
    """Return how two runs compare, and what returns status and exit code of the second one."""
    comparison = Baseline(FACTS, before).compare(now, TARGET, "smoke", read_only=False)
    verdicts: list[SuiteVerdict] = [suite_verdict(name, one, {}, "logged-in") for name, one in now.items()]

    def verdict(style: ExitCodes) -> tuple[str, int]:
        found = run_verdict(verdicts, style, "logged-in", comparison, restored=True, interrupted=False)
        return found.status, found.exit_code

    return comparison, verdict


def run_of(
    *, settings: tuple[str, ...], calendar: tuple[str, ...], twilio: tuple[str, ...]
) -> dict[str, robot.TestSuite]:
    """Return the results of a run with one test in each suite, of the phases 1, 2 and 3."""
    tests = {"settings": (settings, 1), "calendar": (calendar, 2), "twilio": (twilio, 3)}
    return {name: suite(name, result(*one, phase=phase)) for name, (one, phase) in tests.items()}


@pytest.mark.parametrize(
    ("before", "now", "status", "phase", "api"),
    [
        pytest.param((PASSED, PASSED, PASSED), (PASSED, PASSED, PASSED), "healthy", 0, 0, id="nothing fails"),
        pytest.param((BROKEN, BROKEN, BROKEN), (PASSED, PASSED, PASSED), "healthy", 0, 0, id="all are repaired"),
        pytest.param((PASSED, PASSED, PASSED), (PASSED, PASSED, BROKEN), "broken", 3, 3, id="one regressed"),
        pytest.param((BROKEN, PASSED, PASSED), (BROKEN, BROKEN, PASSED), "broken", 2, 2, id="one of two regressed"),
        pytest.param((BROKEN, PASSED, PASSED), (BROKEN, BROKEN, BROKEN), "broken", 2, 4, id="two of three regressed"),
        pytest.param((BROKEN, PASSED, PASSED), (BROKEN, PASSED, PASSED), "broken", 5, 5, id="broken before alone"),
        pytest.param((BLOCKED, PASSED, PASSED), (BROKEN, PASSED, PASSED), "broken", 5, 5, id="unknown alone"),
        pytest.param((BLOCKED, PASSED, PASSED), (BROKEN, PASSED, BROKEN), "broken", 3, 3, id="unknown and regressed"),
        pytest.param((PASSED, PASSED, PASSED), (STOPPED, PASSED, PASSED), "error", 5, 5, id="no verdict"),
        pytest.param((PASSED, PASSED, PASSED), (THROTTLED, PASSED, PASSED), "throttled", 5, 5, id="throttled"),
        pytest.param((PASSED, PASSED, PASSED), (STOPPED, BROKEN, PASSED), "broken", 2, 2, id="no verdict, regressed"),
        pytest.param((PASSED, PASSED, PASSED), (SKIPPED, SKIPPED, SKIPPED), "error", 5, 5, id="nothing was executed"),
    ],
)
def test_exit_code_is_about_what_regressed_alone(
    before: tuple[tuple[str, ...], ...],
    now: tuple[tuple[str, ...], ...],
    status: str,
    phase: int,
    api: int,
) -> None:
    names = ("settings", "calendar", "twilio")
    _, verdict = compared(run_of(**dict(zip(names, before, strict=True))), run_of(**dict(zip(names, now, strict=True))))
    assert (verdict("phase"), verdict("api")) == ((status, phase), (status, api))


def test_earliest_phase_that_regressed_counts_not_the_earliest_that_failed() -> None:
    def run(form: tuple[str, ...]) -> dict[str, robot.TestSuite]:
        read = result(*BROKEN, name="Settings Can Be Read", phase=2)
        return {"settings": suite("settings", read, result(*form, name="Form Is Read Back", phase=4))}

    comparison, verdict = compared(run(PASSED), run(BROKEN))
    assert (comparison.codes, verdict("phase"), verdict("api")) == ({"settings": 4}, ("broken", 4), ("broken", 1))
    assert comparison.counts == "1 regressed, 1 broken before"


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (PASSED, "mend what the regressed tests show"),
        (BROKEN, "a rollback will not help"),
        (BLOCKED, "whether a rollback helps is unknown"),
    ],
)
def test_advice_follows_from_the_comparison(before: tuple[str, ...], words: str) -> None:
    comparison, _ = compared({"twilio": suite("twilio", result(*before))}, {"twilio": suite("twilio", result(*BROKEN))})
    assert words in comparison.advice


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"target": "https://other.example.com"}, "another target"),
        ({"target": None}, "another target"),
        ({"account": Target(TARGET.url, "other@example.com", "secret").account_id}, "another account"),
        ({"account": None}, "another account"),
        ({"mode": "full"}, "another mode"),
        ({"read_only": True}, "read-only"),
        ({"interrupted": True}, "interrupted"),
        ({"verdict": "throttled"}, "no verdict"),
        ({"verdict": "unreachable"}, "no verdict"),
        ({"verdict": "error"}, "no verdict"),
        ({"verdict": ["broken"]}, "no verdict"),
    ],
)
def test_baseline_of_another_kind_of_run_is_not_used(facts: dict[str, Any], reason: str) -> None:
    now = {"twilio": suite("twilio", result(*BROKEN))}
    comparison = Baseline(FACTS | facts, now).compare(now, TARGET, "smoke", read_only=False)
    assert not comparison.is_used
    assert reason in comparison.reason
    verdicts = [suite_verdict(name, one, {}, "logged-in") for name, one in now.items()]
    verdict = run_verdict(verdicts, "api", "logged-in", comparison, restored=True, interrupted=False)
    assert (verdict.exit_code, verdict.comparison) == (3, None)


@pytest.mark.parametrize("facts", [{}, {"verdict": "healthy"}, {"verdict": "not-restored"}])
def test_baseline_with_a_verdict_on_the_api_is_used(facts: dict[str, Any]) -> None:
    assert Baseline(FACTS | facts, {}).compare({}, TARGET, "smoke", read_only=False).is_used


@pytest.mark.parametrize("was_read_only", [True, False])
def test_read_only_run_is_compared_with_any_other(was_read_only: bool) -> None:
    facts = FACTS | {"read_only": was_read_only}
    assert Baseline(facts, {}).compare({}, TARGET, "smoke", read_only=True).is_used


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """The results of a run."""
    (tmp_path / "summary.json").write_text(json.dumps(FACTS))
    root = robot.TestSuite(name="Acceptance")
    root.suites = [suite("twilio", result(*BROKEN))]
    robot.Result(suite=root).save(tmp_path / "output.xml")
    return tmp_path


def test_results_are_read(results: Path) -> None:
    baseline = read_baseline(results)
    assert (baseline.problem, dict(baseline.facts), list(baseline.suites)) == ("", FACTS, ["twilio"])
    now = {"twilio": suite("twilio", result(*BROKEN))}
    assert baseline.compare(now, TARGET, "smoke", read_only=False).counts == "1 broken before"


def link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def link_elsewhere(path: Path) -> None:
    path.symlink_to(path.rename(path.with_suffix(".elsewhere")))


def make_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_huge(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(LARGEST_FILE + 1)


def add_entities(path: Path) -> None:
    bomb = '<!DOCTYPE robot [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    path.write_text(path.read_text("utf-8").replace("?>", f"?>{bomb}", 1), "utf-8")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def write(content: bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_bytes(content)

    return change


NESTED_SUITES = b'<?xml version="1.0"?><robot generator="Robot">' + b'<suite name="a">' * 50_000
HOSTILE = [
    ("summary.json", Path.unlink),
    ("summary.json", cut),
    ("summary.json", write(b"[]")),
    ("summary.json", write(b"[" * 100_000)),
    ("summary.json", write(b"\xff\xfe")),
    ("summary.json", link_elsewhere),
    ("summary.json", make_huge),
    ("output.xml", Path.unlink),
    ("output.xml", cut),
    ("output.xml", write(b"")),
    ("output.xml", write(b"/dev/zero")),
    ("output.xml", write(b"{}")),
    ("output.xml", write(b"\xff\xfe")),
    ("output.xml", write(b'<?xml version="1.0"?><robot generator="Robot"><suite name="a"/></robot>')),
    ("output.xml", write(NESTED_SUITES + b"</suite>" * 50_000 + b"</robot>")),
    ("output.xml", add_entities),
    ("output.xml", link_elsewhere),
    ("output.xml", link_to_itself),
    ("output.xml", make_directory),
    ("output.xml", make_huge),
]


@pytest.mark.parametrize(
    ("name", "change"), HOSTILE, ids=[f"{number} {name}" for number, (name, _) in enumerate(HOSTILE)]
)
def test_damaged_results_are_not_used(name: str, change: Callable[[Path], None], results: Path) -> None:
    change(results / name)
    baseline = read_baseline(results)
    assert name in baseline.problem
    assert not baseline.compare({}, TARGET, "smoke", read_only=False).is_used


@pytest.mark.parametrize("name", ["", "missing", "file"])
def test_baseline_that_is_no_directory_is_a_mistake(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="--baseline"):
        checked_baseline(str(tmp_path / name) if name else name)
