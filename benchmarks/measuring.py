"""One run of one contender: how long it takes, what it costs, and how much memory all its processes hold."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.05


class Failed(RuntimeError):
    """A contender did not end with 0, so its time means nothing."""


@dataclass(frozen=True)
class Cost:
    """What a run took.

    Attributes:
        seconds: From start to end.
        cpu: What all its processes worked, in seconds.
    """

    seconds: float
    cpu: float


def cost_of(commands: Sequence[Sequence[str]], environment: dict[str, str], log: Path) -> Cost:
    """Run `commands` at once, and return what they cost together.

    Raises:
        Failed: One of them did not end with 0.
    """
    started = time.monotonic()
    processes = [_start(command, environment, log) for command in commands]
    usages = [os.wait4(process.pid, 0) for process in processes]
    seconds = time.monotonic() - started
    for process, (_, status, _) in zip(processes, usages, strict=True):
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise Failed(f"{' '.join(process.args)} ended with {process.returncode}:\n{log.read_text()}")  # type: ignore[arg-type]
    return Cost(seconds, sum(usage.ru_utime + usage.ru_stime for _, _, usage in usages))


def memory_of(commands: Sequence[Sequence[str]], environment: dict[str, str], log: Path) -> float:
    """Run `commands` once more, and return the most memory that they and all their children held at once, in MB.

    What several processes share counts once (PSS) where the system tells, and in each of them elsewhere.
    """
    processes = [_start(command, environment, log) for command in commands]
    peak = 0
    while any(process.poll() is None for process in processes):
        peak = max(peak, sum(_held(psutil.Process(process.pid)) for process in processes if process.returncode is None))
        time.sleep(SAMPLE_SECONDS)
    return peak / 1e6


def _held(root: psutil.Process) -> int:
    total = 0
    with suppress(psutil.Error):
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.Error):
                held = process.memory_full_info()
                total += getattr(held, "pss", held.rss)
    return total


def _start(command: Sequence[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as file:
        return subprocess.Popen(
            list(command),
            cwd=Path(__file__).resolve().parents[1],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )


def machine() -> str:
    """Return what the figures depend on, in words."""
    memory = psutil.virtual_memory().total / 1e9
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {sys.platform}, Python {sys.version.split()[0]}"
