"""Logins of a backend that is still starting: four in a minute at most, and the last one at the end of the wait."""

from itertools import accumulate, takewhile

import pytest

from acceptance.client.warm_up import WarmUp


def times_of_logins(seconds: float) -> list[float]:
    """Return when logins are sent in a wait of `seconds`, if each fails at once."""
    times = accumulate(WarmUp(seconds).login_pauses(), initial=0.0)
    return [*takewhile(lambda time: time < seconds - 0.1, times), seconds]


@pytest.mark.parametrize("seconds", [3, 10, 59, 60, 61, 75, 90, 120, 300])
def test_four_logins_are_sent_in_a_minute_at_most(seconds: float) -> None:
    times = times_of_logins(seconds)
    assert len(times) >= 4
    for first in times:
        assert sum(first <= time < first + 59.9 for time in times) <= 4


def test_wait_that_is_over_leaves_nothing() -> None:
    assert WarmUp().left == 0
    warm_up = WarmUp(60)
    assert warm_up.left > 59
    warm_up.end()
    assert warm_up.left == 0
