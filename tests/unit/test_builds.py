"""The build: which texts name the same one, and what is said about what was seen."""

from pathlib import Path

import pytest

from acceptance.client.build import Builds, HealthCheck, is_same_build, shown_builds, value_at
from acceptance.redaction import Redactor


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("v1.2.3", "v1.2.3", True),
        ("v1.2.3", "V1.2.3", False),
        ("abc1234", "ABC1234", True),
        ("abc1234", "abc1234def5678", True),
        ("ABC1234DEF5678", "abc1234", True),
        ("abc123", "abc1234def5678", False),
        ("abc1234", "abc1235def5678", False),
        ("abc1234", "abc1234-dirty", False),
        ("v1.2.3", "v1.2.3-rc1", False),
    ],
)
def test_builds_are_the_same_if_equal_or_abbreviated_commits(one: str, other: str, *, is_same: bool) -> None:
    assert is_same_build(one, other) is is_same
    assert is_same_build(other, one) is is_same


@pytest.mark.parametrize("location", ["`parent`", "$[0:1:0]", "$.a.b", "$..c"])
def test_location_that_suits_no_response_finds_no_build(location: str) -> None:
    assert value_at(location, {"build": "abc1234"}) is None


def builds(directory: Path, expected: str = "abc1234") -> Builds:
    """Return the builds of a run."""
    return Builds(directory, "", expected, Redactor())


def test_processes_share_what_they_saw(tmp_path: Path) -> None:
    builds(tmp_path).record(HealthCheck("abc1234"), HealthCheck())
    builds(tmp_path).record(HealthCheck(failure="GET /health returned 503"))
    assert builds(tmp_path).recorded() == [
        HealthCheck("abc1234"),
        HealthCheck(),
        HealthCheck(failure="GET /health returned 503"),
    ]


def test_problem_counts_what_was_seen(tmp_path: Path) -> None:
    checks = (
        [HealthCheck("9f8e7d6")] * 3
        + [HealthCheck("abc1234")] * 2
        + [HealthCheck(), HealthCheck(failure="GET /health returned 503")]
    )
    assert builds(tmp_path).problem(checks) == (
        "Expected build abc1234, but /health named 9f8e7d6 (3 times), abc1234 (twice), no build (once) and nothing, "
        "because GET /health returned 503 (once)."
    )


def test_no_look_is_a_problem_where_a_build_is_expected(tmp_path: Path) -> None:
    assert builds(tmp_path).problem([]) == "Expected build abc1234, but /health named nothing."
    assert builds(tmp_path, expected="").problem([]) is None


def test_many_builds_are_a_short_sentence(tmp_path: Path) -> None:
    checks = [HealthCheck(f"build {number}") for number in range(1000)]
    assert str(builds(tmp_path).problem(checks)).endswith(", build 4 (once) and 995 others.")
    assert str(shown_builds(checks)).endswith(", build 4 and 995 others")


def test_several_builds_are_a_doubt(tmp_path: Path) -> None:
    run = builds(tmp_path, expected="")
    assert run.several_builds_note([HealthCheck("one"), HealthCheck(), HealthCheck("one")], "https://a.example") is None
    assert run.several_builds_note([HealthCheck("one"), HealthCheck("two")], "https://a.example") == (
        "More than one version may be answering at https://a.example: /health named one (once) and two (once)."
    )
