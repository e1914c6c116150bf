"""Since when a test has been failing: one sentence for each history."""

import pytest

from acceptance.exit_codes import FailureSignature, failure_tags
from acceptance.reporting.since_when import PastResult, since_when

FAILURE = FailureSignature(4, "api", None)


def history(letters: str, branch: str = "main") -> list[PastResult]:
    """Return results from the newest to the oldest: `.` passed, `F` failed as now, `O` failed otherwise."""
    kinds = {".": [], "F": failure_tags("api"), "O": failure_tags("api", status=401)}
    return [
        PastResult(
            started=f"2026-11-24 12:{59 - number:02}",
            commit=f"abc{number:04}",
            branch=branch,
            tags=["exit:4", *kinds[letter]],
            passed=letter == ".",
        )
        for number, letter in enumerate(letters)
    ]


@pytest.mark.parametrize(
    ("past", "sentence"),
    [
        ("", "no earlier result in the history"),
        ("....", "new in this run"),
        ("O...", "new in this run: it failed otherwise before"),
        ("F", "failing since 2026-11-24 12:59 (commit abc0000), 2 runs"),
        ("FFF.", "failing since 2026-11-24 12:57 (commit abc0002), 4 runs"),
        ("FFO.", "failing since 2026-11-24 12:58 (commit abc0001), 3 runs"),
        (".F..", "intermittent: 2 of the last 5 runs failed"),
        (".F.....F" + "." * 40, "intermittent: 3 of the last 20 runs failed"),
        ("F.F.F...", "intermittent: 4 of the last 9 runs failed"),
        ("FF.F....", "failing since 2026-11-24 12:58 (commit abc0001), 3 runs"),
        ("." * 19 + "F", "new in this run"),
        ("F" * 40, "failing since 2026-11-24 12:20 (commit abc0039), 41 runs"),
    ],
)
def test_sentence_follows_from_the_results_before(past: str, sentence: str) -> None:
    assert since_when(FAILURE, history(past)) == sentence


@pytest.mark.parametrize(
    ("on_base", "sentence"),
    [
        ("F...", "also failing on main: not this change"),
        ("....", "new in this run: it passes on main"),
        (".F..", "new in this run: it passes on main"),
        (".F.F.F.", "intermittent: 3 of the last 7 runs on main failed"),
        ("O...", "new in this run: it fails otherwise on main"),
    ],
)
def test_pull_request_is_compared_with_its_base_branch(on_base: str, sentence: str) -> None:
    past = [*history("FF", branch="feature"), *history(on_base)]
    assert since_when(FAILURE, past, base="main") == sentence


def test_pull_request_whose_base_branch_has_no_result_is_compared_with_all() -> None:
    assert since_when(FAILURE, history("F", branch="feature"), base="main").startswith("failing since")


def test_unknown_commit_is_left_out() -> None:
    past = [PastResult("2026-11-24 12:10", "", "", ["exit:4", *failure_tags("api")], passed=False)]
    assert since_when(FAILURE, past) == "failing since 2026-11-24 12:10, 2 runs"
