"""The commit and the build of a run."""

from pathlib import Path

from acceptance.reporting.provenance import build, commit


def test_commit_and_build_are_those_of_the_pipeline() -> None:
    github = {"GITHUB_SHA": "abc", "GITHUB_RUN_ID": "7", "GITHUB_REPOSITORY": "shop/backend"}
    assert (commit(github), build(github)) == ("abc", "https://github.com/shop/backend/actions/runs/7")
    gitlab = {"CI_COMMIT_SHA": "def", "CI_JOB_URL": "https://gitlab.example/jobs/8"}
    assert (commit(gitlab), build(gitlab)) == ("def", "https://gitlab.example/jobs/8")


def test_commit_is_unknown_outside_of_pipelines_and_repositories(tmp_path: Path) -> None:
    assert (commit({}, tmp_path), build({})) == (None, None)
