"""The notes on throttled requests."""

import pytest

from acceptance.client.exchanges import Call
from acceptance.reporting.throttling import throttling_notes

LOGIN, BUSINESS = ("POST", "/api/auth/login"), ("GET", "/api/business/me")
END = 1_000.0


def throttled(
    call: tuple[str, str], at: float, waited: float | None, retry_after: float | None = None, status: int = 429
) -> Call:
    """Return a call whose response arrived `at`."""
    return Call(*call, status, 3.0, False, at, retry_after, waited)


@pytest.mark.parametrize(
    ("calls", "note"),
    [
        ([(0, 5, None), (5, 5, None)], "twice: 429 without Retry-After; waited 10 s."),
        ([(0, 7, 7)], "once: 429 with Retry-After; waited 7 s."),
        ([(0, None, 3600)], "once: 429 with Retry-After of 3,600 s, longer than a run waits."),
        ([(0, 0, 0)], "once: 429 with Retry-After; waited 0 s."),
        (
            [(0, 7, 7), (7, None, 3600)],
            "twice: 429 with Retry-After of 3,600 s, longer than a run waits; waited 7 s.",
        ),
        (
            [*((second, 5, None) for second in range(0, 90, 5)), (90, None, None)],
            "19 times: 429 without Retry-After; waited 90 s, and a run waits no longer.",
        ),
    ],
)
def test_note_tells_what_came_and_how_long_the_run_waited(
    calls: list[tuple[float, float | None, float | None]], note: str
) -> None:
    found = [throttled(LOGIN, at, waited, retry_after) for at, waited, retry_after in calls]
    assert throttling_notes(found, END) == [f"POST /api/auth/login was throttled {note}"]


def test_waits_at_the_same_time_count_once_and_end_with_the_run() -> None:
    reads = [throttled(BUSINESS, at, 10.0) for at in (0.0, 4.0, 4.0)]
    (note,) = throttling_notes([*reads, throttled(BUSINESS, END - 3, 60.0)], END)
    assert note == "GET /api/business/me was throttled 4 times: 429 without Retry-After; waited 17 s."


def test_each_call_has_its_own_note_and_others_have_none() -> None:
    calls = [throttled(LOGIN, 0.0, 5.0), throttled(LOGIN, 5.0, None, status=200), throttled(BUSINESS, 6.0, 5.0)]
    assert [note.partition(" was ")[0] for note in throttling_notes(calls, END)] == [
        " ".join(LOGIN),
        " ".join(BUSINESS),
    ]
