"""Passing trouble of the network: which requests a run sends again, and for how many of them."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import requests
from filelock import FileLock

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
        self._file = directory / "retries.jsonl" if directory else None
        self._begun: list[dict[str, Any]] = []

    def may_begin(self, method: str, path: str) -> bool:
        """Return whether a request to this endpoint may be sent again: three in a run, and each endpoint once.

        Requests that meet trouble while another one to the same endpoint is being sent again meet the same trouble.
        """
        if self._file is None:
            return self._may_begin(method, path)
        with FileLock(self._file.with_suffix(".lock")):
            self._begun = _read(self._file)
            may_begin = self._may_begin(method, path)
            self._file.write_text("".join(json.dumps(one) + "\n" for one in self._begun), encoding="utf-8")
        return may_begin

    def recovered(self, method: str, path: str, trouble: str) -> Retried:
        """Record that a request got a response after it had been sent again, and return the record."""
        retried = Retried(method, path, trouble)
        if self._file is None:
            self._begun.append(asdict(retried))
            return retried
        with FileLock(self._file.with_suffix(".lock")), self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(retried)) + "\n")
        return retried

    def all(self) -> list[Retried]:
        """Return the requests that were sent again with success."""
        entries = _read(self._file) if self._file else self._begun
        return [Retried(**entry) for entry in entries if "trouble" in entry]

    def _may_begin(self, method: str, path: str) -> bool:
        now = time.time()
        begun = [one for one in self._begun if "trouble" not in one]
        recovered = [one for one in self._begun if "trouble" in one]
        mine, done = (
            [one for one in some if (one["method"], one["path"]) == (method, path)] for some in (begun, recovered)
        )
        is_in_progress = len(mine) > len(done) and now - mine[-1]["at"] < LAST_SEND_SECONDS
        if len(begun) >= MOST_REQUESTS or (mine and not is_in_progress):
            return False
        self._begun.append({"method": method, "path": path, "at": now})
        return True


def gateway_trouble(response: requests.Response) -> bool:
    """Return whether `response` is the error of a gateway, which may pass."""
    return response.status_code in GATEWAY_ERRORS


def _read(file: Path) -> list[dict[str, Any]]:
    lines = file.read_text("utf-8").splitlines(keepends=True) if file.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]
