"""The pace of logins: backends allow a few of them in a minute, and lock out a client that sends more."""

import time
from pathlib import Path

from filelock import FileLock

MOST_LOGINS = 4
WINDOW_SECONDS = 60.0


class LoginPace:
    """Spreads the logins of a run, in all its processes: `MOST_LOGINS` within `WINDOW_SECONDS`.

    Args:
        directory: A directory that the processes share; None where there is one process.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._file = directory / "logins" if directory else None
        self._sent: list[float] = []

    def reserve(self) -> float:
        """Count a login, and return the seconds to wait before it is sent."""
        if self._file is None:
            return self._reserve()
        with FileLock(self._file.with_suffix(".lock")):
            lines = self._file.read_text("utf-8").splitlines() if self._file.exists() else []
            self._sent = [float(line) for line in lines]
            pause = self._reserve()
            self._file.write_text("".join(f"{at!r}\n" for at in self._sent), encoding="utf-8")
        return pause

    def _reserve(self) -> float:
        now = time.monotonic()  # the same in all processes; it is never set back
        earlier = self._sent[-MOST_LOGINS:]
        free = earlier[0] + WINDOW_SECONDS if len(earlier) == MOST_LOGINS else now
        self._sent.append(max(now, free))
        return max(free - now, 0.0)
