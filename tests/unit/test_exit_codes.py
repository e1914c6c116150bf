"""The exit code of a run and the phase of a test."""

import pytest

from ExitCodes import phase_of, run_exit_code


def test_phase_of_no_tags_is_unexpected() -> None:
    assert phase_of([]) == 5


@pytest.mark.parametrize(
    ("codes", "phase", "api"),
    [
        ({"settings": 0, "calendar": 0, "twilio": 0}, 0, 0),
        ({"settings": 4, "calendar": 0, "twilio": 0}, 4, 1),
        ({"settings": 0, "calendar": 1, "twilio": 0}, 1, 2),
        ({"settings": 0, "calendar": 0, "twilio": 5}, 5, 3),
        ({"settings": 4, "calendar": 0, "twilio": 2}, 2, 4),
        ({"settings": 5, "calendar": 3, "twilio": 4}, 3, 4),
        ({"settings": 0, "calendar": 0, "twilio": 0, "faq": 3}, 3, 4),
        ({}, 5, 5),
    ],
)
def test_code_of_a_run_follows_from_those_of_its_suites(codes: dict[str, int], phase: int, api: int) -> None:
    assert run_exit_code(list(codes.items()), "phase") == phase
    assert run_exit_code(list(codes.items()), "api") == api


def test_suites_without_a_verdict_are_a_script_error() -> None:
    assert run_exit_code([("settings", 5), ("twilio", 0)], "api", {"settings"}) == 5


def test_suite_without_a_verdict_does_not_hide_a_broken_api() -> None:
    assert run_exit_code([("settings", 5), ("twilio", 3)], "api", {"settings"}) == 3
