"""The pace of logins: four within a minute, in all processes of a run."""

import time
from pathlib import Path

import pytest

from acceptance.client.login_rate_limiter import LoginRateLimiter

NOW = 1_700_000_000.0


@pytest.mark.parametrize("is_shared", [True, False])
def test_fifth_login_waits_until_a_minute_after_the_first(
    is_shared: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = LoginRateLimiter(tmp_path if is_shared else None)
    other = LoginRateLimiter(tmp_path) if is_shared else one
    pauses = []
    for second, pace in [(0, one), (1, other), (2, one), (3, other), (10, one), (11, other), (200, one)]:
        monkeypatch.setattr(time, "monotonic", lambda second=second: NOW + second)
        pauses.append(pace.reserve())
    assert pauses == [0, 0, 0, 0, 50, 50, 0]
