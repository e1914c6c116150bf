"""Signals that end a run: Ctrl-C, SIGTERM and SIGHUP, and that of the clock."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


AGAIN_SECONDS = 1.0
"""The time between two signals of the clock: code that cannot raise, such as a finalizer, may swallow one."""


class TimeIsOver(BaseException):
    """A block has taken longer than it may."""


class Interrupted(BaseException):
    """A signal asks the run to end."""


class SignalHandler:
    """Raises `Interrupted` at the first signal, in the blocks where that is safe; elsewhere it records the signal.

    Attributes:
        arrived: Whether a signal has arrived.
    """

    def __init__(self) -> None:
        self._may_raise = False
        self.arrived = False
        for number in ENDING_SIGNALS:
            signal.signal(number, self._arrive)

    def _arrive(self, number: int, frame: FrameType | None) -> None:
        first, self.arrived = not self.arrived, True
        if first and self._may_raise:
            raise Interrupted

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Raise `Interrupted` in this block, at once where a signal has arrived before it."""
        self._may_raise = True
        try:
            if self.arrived:
                raise Interrupted
            yield
        finally:
            self._may_raise = False


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeIsOver` in this block when `seconds` are over; one block has a limit at a time."""
    may_raise = True

    def arrive(number: int, frame: FrameType | None) -> None:
        if may_raise:
            raise TimeIsOver

    signal.signal(signal.SIGALRM, arrive)
    try:
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), AGAIN_SECONDS)
        yield
    finally:
        may_raise = False
        signal.setitimer(signal.ITIMER_REAL, 0)
