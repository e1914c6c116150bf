"""Runs with `--baseline`: each view shows what regressed, and the exit code is about that alone."""

import json
from pathlib import Path

import pytest

from acceptance.config import Target
from tests.support.backends import Backend, StartBackend
from tests.support.runs import Outcome, RunCommand

LOGIN, PHONE = "Owner Can Log In", "Phone Number Is Valid E.164"


def results_against(other: Backend, results: Path) -> str:
    """Let `results`, of a run against another backend, pass for those of `other` before its deployment."""
    summary = results / "summary.json"
    facts = json.loads(summary.read_text("utf-8"))
    summary.write_text(json.dumps(facts | {"target": other.url, "account": account_id(other)}), "utf-8")
    return str(results)


def account_id(backend: Backend) -> str:
    return Target(backend.url, backend.email, backend.password).account_id


def compared(outcome: Outcome, change: str) -> list[tuple[str, str]]:
    """Return suite and name of the tests that have a change."""
    return [(one["suite"], one["test"]) for one in outcome.verdict["baseline"][change]]


def test_what_was_broken_before_is_5_in_every_view(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("phone_number_is_national")
    before = run_tests("--smoke", backend=target)
    assert (before.code, before.verdict["baseline"]) == (3, None)
    results = str(before.results)  # they are read before the same directory is emptied
    github = {"GITHUB_ACTIONS": "true"}
    after = run_tests("--smoke", "--baseline", results, "--output-dir", results, backend=target, environment=github)
    assert (after.code, after.verdict["verdict"], after.codes["twilio"]) == (5, "broken", 3), after.stdout
    assert after.verdict["baseline"]["used"] is True
    assert compared(after, "broken_before") == [("twilio", PHONE)]
    assert compared(after, "regressed") == compared(after, "unknown") == compared(after, "repaired") == []
    assert f"  Broken before: twilio “{PHONE}”\n" in after.stdout
    assert "::warning file=" in after.stdout
    assert "::error" not in after.stdout
    for name in ("summary.md", "output.xml"):
        text = (after.results / name).read_text("utf-8")
        assert PHONE in text.partition("Broken before:")[2].partition("\n")[0]
        assert "a rollback will not help" in text
    assert '<meta name="Baseline">1 broken before</meta>' in (after.results / "output.xml").read_text("utf-8")


@pytest.mark.parametrize(("style", "code"), [("phase", 4), ("api", 1)])
def test_exit_code_and_errors_are_about_what_regressed(
    style: str, code: int, backend: StartBackend, run_tests: RunCommand
) -> None:
    old, new = backend("phone_number_is_national"), backend("phone_number_is_national", "form_clears_the_timezone")
    before = results_against(new, run_tests("--smoke", backend=old).results)
    after = run_tests(
        *("--smoke", "--exit-codes", style, "--baseline", before), backend=new, environment={"GITHUB_ACTIONS": "true"}
    )
    assert (after.code, after.verdict["verdict"]) == (code, "broken"), after.stdout
    assert {name for name, _ in compared(after, "regressed")} == {"settings"}
    assert compared(after, "broken_before") == [("twilio", PHONE)]
    (error,) = [line for line in after.stdout.splitlines() if line.startswith("::error")]
    assert "suites/settings.robot" in error
    assert "Regressed: " in error


def test_login_that_fails_with_another_status_has_regressed(backend: StartBackend, run_tests: RunCommand) -> None:
    old, new = backend("login_returns_500"), backend("login_returns_403")
    before = results_against(new, run_tests("--smoke", "twilio", backend=old).results)
    after = run_tests("--smoke", "twilio", "--baseline", before, backend=new)
    assert (after.code, compared(after, "regressed")) == (1, [("twilio", LOGIN)]), after.stdout


def test_summary_identifies_the_account_without_naming_it(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend()
    outcome = run_tests("--smoke", "--read-only", backend=target)
    summary = outcome.verdict
    assert (summary["account"], summary["read_only"], summary["interrupted"]) == (account_id(target), True, False)
    assert target.email not in (outcome.results / "summary.json").read_text("utf-8")


def test_baseline_that_cannot_be_compared_is_noted_and_not_used(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    target = backend("phone_number_is_national")
    outcome = run_tests("--smoke", "--baseline", str(tmp_path), backend=target)
    assert outcome.code == 3, outcome.stdout
    assert outcome.verdict["baseline"] == {
        "used": False,
        "reason": "its summary.json cannot be read (No such file or directory)",
        "regressed": [],
        "broken_before": [],
        "unknown": [],
        "repaired": [],
    }
    note = f"The baseline {tmp_path} is not used: its summary.json cannot be read (No such file or directory)."
    assert note in outcome.verdict["notes"]
    assert note in outcome.stdout
    assert '<meta name="Baseline">not used: ' in (outcome.results / "output.xml").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("--baseline", "missing"), "names no directory: 'missing'", id="missing"),
        pytest.param(("--baseline", ""), "names no directory: ''", id="empty"),
        pytest.param(("--baseline", ".", "--shard", "1/2"), "exclude each other", id="shard"),
        pytest.param(("--baseline", "new", "--output-dir", "new"), "names no directory", id="output directory"),
    ],
)
def test_baseline_that_cannot_work_is_one_line_and_5(
    arguments: tuple[str, ...], words: str, backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    target = backend()
    outcome = run_tests("--smoke", *arguments, backend=target, cwd=tmp_path)
    assert (outcome.code, outcome.stdout, outcome.stderr.count("\n")) == (5, "", 1), outcome.stderr
    assert words in outcome.stderr
    assert target.calls() == []


def test_merged_run_is_a_baseline(backend: StartBackend, run_tests: RunCommand, tmp_path: Path) -> None:
    target = backend("phone_number_is_national")
    shards = [
        run_tests("--smoke", "--shard", f"{number}/2", backend=target, environment={"ACCEPTANCE_RUN": "one"})
        for number in (1, 2)
    ]
    merged = run_tests("merge", *(str(shard.results) for shard in shards))
    assert run_tests("--smoke", "--baseline", str(merged.results), backend=target).code == 5
