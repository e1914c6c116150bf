"""Signals that end a run: Ctrl-C, SIGTERM and SIGHUP."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
