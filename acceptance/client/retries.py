"""Passing trouble of the network: which requests a run sends again, and for how many of them."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import requests

from acceptance.client.shared_lines import SharedLines

PAUSES_SECONDS = (0.5, 1.5)
"""The pauses before a request is sent again; it is sent three times at most, and after a stall twice."""

LAST_SEND_SECONDS = 10.0
"""A request is not sent again later than this after the first trouble."""

MOST_REQUESTS = 3
"""The number of requests in a run that are sent again; with more trouble than that the backend does not serve."""

GATEWAY_ERRORS = frozenset({502, 503, 504, *range(520, 528), 530})
"""The errors of gateways (RFC 9110 sections 15.6.3 to 15.6.5); those from 520 on are of content delivery networks."""


@dataclass(frozen=True)
class Retried:
    """A request that was sent again, and then got a response.

    Attributes:
        method: Its method.
        path: Its path, without the query.
        trouble: What happened to it first, as a sentence without its full stop.
    """

    method: str
    path: str
    trouble: str

    @property
    def note(self) -> str:
        """What the reader must know, as a sentence."""
        return f"{self.trouble}; it was sent again and got a response."


class Retries:
    """The requests of a run that are sent again, in all its processes.

    Args:
        directory: A directory that the processes share; None where there is one process.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._entries = SharedLines(directory / "retries.jsonl" if directory else None)

    def may_begin(self, method: str, path: str) -> bool:
        """Return whether a request to this endpoint may be sent again: three in a run, and each endpoint once.

        Requests that meet trouble while another one to the same endpoint is being sent again meet the same trouble.
        """
        now = time.monotonic()  # the same in all processes
        with self._entries.locked() as entries:
            begun = [one for one in entries if "trouble" not in one]
            here = [one for one in entries if (one["method"], one["path"]) == (method, path)]
            begun_here = [one for one in begun if one in here]
            recovered_here = len(here) - len(begun_here)
            is_in_progress = len(begun_here) > recovered_here and now - begun_here[-1]["at"] < LAST_SEND_SECONDS
            if len(begun) >= MOST_REQUESTS or (begun_here and not is_in_progress):
                return False
            entries.append({"method": method, "path": path, "at": now})
        return True

    def recovered(self, method: str, path: str, trouble: str) -> Retried:
        """Record that a request got a response after it had been sent again, and return the record."""
        retried = Retried(method, path, trouble)
        with self._entries.locked() as entries:
            entries.append(asdict(retried))
        return retried

    def all(self) -> list[Retried]:
        """Return the requests that were sent again with success."""
        return [Retried(**entry) for entry in self._entries.read() if "trouble" in entry]


def gateway_trouble(response: requests.Response) -> bool:
    """Return whether `response` is the error of a gateway, which may pass."""
    return response.status_code in GATEWAY_ERRORS
