"""Timing and the report summary: each call is recorded, exceeded budgets are noted, and backend texts are escaped."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from robot.utils import html_format

from acceptance.client.exchanges import Call
from acceptance.reporting.escaping import for_robot
from acceptance.reporting.provenance import build, commit
from acceptance.reporting.timing import timings
from tests.support.backends import StartBackend
from tests.support.runs import RunCommand


def calls_of(*milliseconds: float, status: int | None = 200) -> list[Call]:
    """Return calls of one endpoint."""
    return [Call("GET", "/v1/api/business/me", status, one, True, 0.0) for one in milliseconds]


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


def test_figures_are_those_of_the_calls_with_a_response() -> None:
    (timing,) = timings([*calls_of(*range(1, 101)), *calls_of(25_000, status=None)], {"GET /api/business/me": 94.0})
    assert (timing.endpoint, timing.count) == ("GET /v1/api/business/me", 100)
    assert (timing.median, timing.p95, timing.maximum) == (50.5, 95, 100)
    assert timing.is_over_budget


def test_single_call_is_its_own_median_and_percentile() -> None:
    (timing,) = timings(calls_of(7), {})
    assert (timing.median, timing.p95, timing.maximum, timing.budget, timing.is_over_budget) == (7, 7, 7, None, False)


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
        ("[budget]", "the key 'budget' is unknown; the keys are budgets"),
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


@given(st.text(alphabet="ab *_`|=[]/:.<>&'\"\n-%png", max_size=60))
def test_text_of_a_backend_becomes_no_markup(text: str) -> None:
    shown = html_format(f"Seen: {for_robot(text)}") + html_format(for_robot(text))
    assert not any(tag in shown for tag in ("<b>", "<i>", "<code>", "<a ", "<img", "<table", "<ul>", "<pre", "<hr"))


@pytest.mark.parametrize(
    "text", ["http://evil.example/pixel.png", "*bold* and _italic_", "[data:image/png;base64,AA|x]", "a | b", "= x ="]
)
def test_text_of_a_backend_is_shown_as_it_is(text: str) -> None:
    shown = html_format(f"Seen: {for_robot(text)}").replace("\u2060", "")
    assert shown == f"<p>Seen: {text.replace('|', '¦')}</p>"


def test_commit_and_build_are_those_of_the_pipeline() -> None:
    github = {"GITHUB_SHA": "abc", "GITHUB_RUN_ID": "7", "GITHUB_REPOSITORY": "shop/backend"}
    assert (commit(github), build(github)) == ("abc", "https://github.com/shop/backend/actions/runs/7")
    gitlab = {"CI_COMMIT_SHA": "def", "CI_JOB_URL": "https://gitlab.example/jobs/8"}
    assert (commit(gitlab), build(gitlab)) == ("def", "https://gitlab.example/jobs/8")


def test_commit_is_unknown_outside_of_pipelines_and_repositories(tmp_path: Path) -> None:
    assert (commit({}, tmp_path), build({})) == (None, None)


def test_report_names_the_commit_of_the_pipeline(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", "twilio", backend=backend(), environment={"GITHUB_SHA": "c0ffee"})
    assert "c0ffee" in (outcome.results / "report.html").read_text(encoding="utf-8")
