"""One run of one contender: how long it takes, what it costs, and how much memory all its processes hold."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_SECONDS = 0.05


class Failed(RuntimeError):
    """A contender did not end with 0, so its time means nothing."""


@dataclass(frozen=True)
class Cost:
    """What a run took.

    Attributes:
        seconds: From start to end.
        cpu: What all its processes worked, in seconds.
        largest: What the largest of its processes held, in MB.
    """

    seconds: float
    cpu: float
    largest: float


def cost_of(commands: Sequence[Sequence[str]], environment: dict[str, str], log: Path) -> Cost:
    """Run `commands` at once, and return what they cost together; what they print goes to the file `log`.

    Raises:
        Failed: One of them did not end with 0.
    """
    with _metered(commands, environment, log) as process:
        text, _ = process.communicate()
    measured = json.loads(text)
    for command, code in zip(commands, measured.pop("codes"), strict=True):
        if code:
            raise Failed(f"{' '.join(command)} ended with {code}:\n{log.read_text('utf-8', 'replace')}")
    return Cost(**measured)


def memory_of(commands: Sequence[Sequence[str]], environment: dict[str, str], log: Path) -> float:
    """Run `commands` once more, and return the most that they and all their children held at once, in MB.

    What several processes share counts once (PSS) where the system tells, and in each of them elsewhere.
    """
    peak = 0
    with _metered(commands, environment, log) as process:
        while process.poll() is None:
            with suppress(psutil.Error):
                peak = max(peak, sum(map(_held, psutil.Process(process.pid).children(recursive=True))))
            time.sleep(SAMPLE_SECONDS)
    return peak / 1e6


def _held(process: psutil.Process) -> int:
    try:
        held = process.memory_full_info()
        return int(getattr(held, "pss", held.rss))
    except psutil.Error:
        return 0


def _metered(commands: Sequence[Sequence[str]], environment: dict[str, str], log: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tools.benchmarks.meter", str(log), json.dumps([list(one) for one in commands])]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def machine() -> str:
    """Return what the figures depend on, in words."""
    memory = psutil.virtual_memory().total / 1e9
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {sys.platform}, Python {sys.version.split()[0]}"
