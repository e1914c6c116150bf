"""Timing: each call is recorded, exceeded budgets are noted, and `acceptance.toml` is validated."""

from pathlib import Path

import pytest

from tests.support.backends import StartBackend
from tests.support.runs import RunCommand


def test_every_call_is_in_the_summary_in_the_order_of_the_responses(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend()
    summary = run_tests("--full", "settings", backend=target).verdict
    assert len(summary["calls"]) == summary["requests"]
    seen = [f"{one['method']} {one['path']} {one['status']}" for one in summary["calls"]]
    assert seen == [call.removesuffix(" with a token") for call in target.calls()]
    assert all(one["milliseconds"] > 0 for one in summary["calls"])
    assert not any("?" in one["path"] for one in summary["calls"])


def test_exceeded_budget_is_noted_and_changes_no_verdict(
    project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    budgets = '[budgets]\n"GET /api/business/me" = 0.001\n"POST /api/auth/login" = 60000\n'
    (project / "acceptance.toml").write_text(budgets)
    outcome = run_tests("--smoke", backend=backend(), root=project)
    assert (outcome.code, outcome.verdict["verdict"]) == (0, "healthy"), outcome.stderr
    (note,) = outcome.verdict["notes"]
    assert "GET /api/business/me took" in note
    assert "login" not in note
    assert "0 ms, exceeded" in (outcome.results / "output.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[", "cannot be read"),
        ('[budgets]\n"/api/business/me" = 5', "'/api/business/me' is not an endpoint"),
        ('[budgets]\n"GET /api/business/me" = "fast"', "number"),
        ('[budgets]\n"GET /api/business/me" = true', "number"),
        ('[budgets]\n"GET /api/business/me" = 0', "greater than 0"),
        ("budgets = 5", "budgets"),
        ("[settings]\nexclude = ['faq']", "'faq' is no setting; the settings are name, industry"),
        ("[settings]\nexclud = ['faqs']", "the key 'exclud' is unknown; the keys are exclude"),
        (
            "[budget]",
            "the key 'budget' is unknown; the keys are build, security, settings, known_issue, trace, budgets",
        ),
    ],
)
def test_invalid_team_configuration_is_one_line_and_5_before_any_request(
    content: str, words: str, project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    (project / "acceptance.toml").write_text(content)
    target = backend()
    outcome = run_tests("--smoke", backend=target, root=project)
    assert (outcome.code, target.calls(), outcome.files()) == (5, [], set())
    assert len(outcome.stderr.splitlines()) == 1
    assert "acceptance.toml" in outcome.stderr
    assert words in outcome.stderr
    assert outcome.survivors() == []


def test_leftover_budgets_file_is_one_line_and_5(project: Path, backend: StartBackend, run_tests: RunCommand) -> None:
    (project / "budgets.toml").write_text('"GET /api/business/me" = 1000\n')
    target = backend()
    outcome = run_tests("--smoke", backend=target, root=project)
    assert (outcome.code, target.calls()) == (5, [])
    assert len(outcome.stderr.splitlines()) == 1
    assert "budgets.toml" in outcome.stderr
    assert "[budgets] in acceptance.toml" in outcome.stderr


def test_run_without_team_configuration_has_no_budgets(
    project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    (project / "acceptance.toml").unlink()
    assert run_tests("--smoke", backend=backend(), root=project).code == 0


def test_report_names_the_commit_of_the_pipeline(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", "twilio", backend=backend(), environment={"GITHUB_SHA": "c0ffee"})
    assert "c0ffee" in (outcome.results / "report.html").read_text(encoding="utf-8")
