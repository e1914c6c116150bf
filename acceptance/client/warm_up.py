"""Warm-up: the wait for a backend that is still starting."""

import time
from collections.abc import Callable, Iterator
from itertools import cycle

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0

LOGIN_PAUSES_SECONDS = (5.0, 15.0, 40.0)
"""The pauses between logins, over and over. They last a minute, so that there are four logins in a minute at most."""


class WarmUp:
    """The wait for a backend that is still starting; it is over after its time, or when it is ended.

    Args:
        seconds: How long it is at most.
        note: Called once with a sentence, where there is something to wait for.
    """

    def __init__(self, seconds: float = 0.0, note: Callable[[str], None] | None = None) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._note = note

    @property
    def left(self) -> float:
        """The seconds that are left, 0 where it is over."""
        return max(self._end - time.monotonic(), 0.0)

    def end(self) -> None:
        """End the wait: the backend serves."""
        self._end = time.monotonic()

    def pause(self, seconds: float, reason: str) -> None:
        """Pause for `seconds`, but not longer than the wait; note the `reason`, a sentence, where it is the first."""
        if self._note:
            self._note(f"Waiting up to {self._seconds:.0f} s for the backend: {reason}")
            self._note = None
        time.sleep(min(seconds, self.left))

    def pauses(self) -> Iterator[float]:
        """Yield the seconds between requests that may be sent often, without end."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            yield pause
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def login_pauses(self) -> Iterator[float]:
        """Yield the seconds between logins, without end; in a wait of less than a minute they are shorter."""
        scale = min(1.0, self.left / sum(LOGIN_PAUSES_SECONDS))
        return cycle(pause * scale for pause in LOGIN_PAUSES_SECONDS)
