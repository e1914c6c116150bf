"""The calls of a run, without anything secret: each process writes its own down, the runner reads them all."""

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from acceptance.client.evidence import Exchange

DIRECTORY_VARIABLE = "ACCEPTANCE_CALLS_DIR"


@dataclass(frozen=True)
class Call:
    """One request and its answer, without anything secret.

    Attributes:
        method: The HTTP method.
        path: The path, without its query.
        status: The status of the answer, None where there was none.
        milliseconds: From sending to the last byte.
        authorized: Whether a token was sent.
        at: When the answer came (`time.time()`).
    """

    method: str
    path: str
    status: int | None
    milliseconds: float
    authorized: bool
    at: float

    @classmethod
    def of(cls, exchange: Exchange) -> Self:
        """Return what may be kept of `exchange`, which has just ended."""
        return cls(
            method=str(exchange.request.method),
            path=exchange.request.path_url.partition("?")[0],
            status=None if exchange.response is None else exchange.response.status_code,
            milliseconds=round(exchange.milliseconds, 1),
            authorized="Authorization" in exchange.request.headers,
            at=time.time(),
        )


def record_to(directory: Path | None) -> Callable[[Exchange], None]:
    """Return a recorder that appends calls, a JSON object a line, to a file of this process in `directory`."""
    if directory is None:
        return lambda _: None
    lock = threading.Lock()

    def record(exchange: Exchange) -> None:
        with lock, (directory / f"calls-{os.getpid()}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(Call.of(exchange))) + "\n")

    return record


def recorded(directory: Path) -> list[Call]:
    """Return the calls that all processes have recorded in `directory`, in the order in which they were answered."""
    texts = (path.read_text("utf-8") for path in directory.glob("calls-*.jsonl"))
    lines = (line for text in texts for line in text.splitlines(keepends=True))
    calls = [Call(**json.loads(line)) for line in lines if line.endswith("\n")]  # a killed process leaves half a line
    return sorted(calls, key=lambda call: call.at)
