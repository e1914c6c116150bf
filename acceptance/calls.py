"""The calls of a run, without anything secret: each process writes its own down, the runner reads them all."""

import json
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

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
    """

    method: str
    path: str
    status: int | None
    milliseconds: float
    authorized: bool


def record_to(directory: Path | None) -> Callable[[Call], None]:
    """Return a recorder that appends calls, a JSON object a line, to a file of this process in `directory`."""
    if directory is None:
        return lambda _: None
    lock = threading.Lock()

    def record(call: Call) -> None:
        with lock, (directory / f"calls-{os.getpid()}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(call)) + "\n")

    return record


def recorded(directory: Path) -> list[Call]:
    """Return the calls that all processes have recorded in `directory`."""
    texts = (path.read_text("utf-8") for path in directory.glob("calls-*.jsonl"))
    lines = (line for text in texts for line in text.splitlines(keepends=True))
    return [Call(**json.loads(line)) for line in lines if line.endswith("\n")]  # a killed process leaves half a line
