"""The rate limit of logins: backends allow a few of them in a minute, and lock out a client that sends more."""

import time
from pathlib import Path

from acceptance.client.shared_lines import SharedLines

MOST_LOGINS = 4
WINDOW_SECONDS = 60.0


class LoginRateLimiter:
    """Spreads the logins of a run, in all its processes: `MOST_LOGINS` within `WINDOW_SECONDS`.

    Args:
        directory: A directory that the processes share; None where there is one process.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._sent = SharedLines(directory / "logins.jsonl" if directory else None)

    def reserve(self) -> float:
        """Count a login, and return the seconds to wait before it is sent."""
        now = time.monotonic()  # the same in all processes; it is never set back
        with self._sent.locked() as sent:
            free = sent[-MOST_LOGINS] + WINDOW_SECONDS if len(sent) >= MOST_LOGINS else now
            sent.append(max(now, free))
        return max(free - now, 0.0)
