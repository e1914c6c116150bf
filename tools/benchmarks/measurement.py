"""One run of a candidate: its time, its CPU time and its memory."""

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
    """A command did not exit with 0."""


@dataclass(frozen=True)
class Cost:
    """The cost of a run.

    Attributes:
        seconds: Its wall-clock time.
        cpu: The CPU time of all its processes, in seconds.
        largest: The peak memory of its largest process, in MB.
    """

    seconds: float
    cpu: float
    largest: float


def cost_of(commands: Sequence[Sequence[str]], environment: dict[str, str], log: Path) -> Cost:
    """Run `commands` in parallel, and return their total cost; their output goes to the file `log`.

    Raises:
        Failed: A command did not exit with 0.
    """
    with _start_meter(commands, environment, log) as process:
        text, _ = process.communicate()
    measured = json.loads(text)
    for command, code in zip(commands, measured.pop("codes"), strict=True):
        if code:
            raise Failed(f"{' '.join(command)} ended with {code}:\n{log.read_text('utf-8', 'replace')}")
    return Cost(**measured)


def memory_of(commands: Sequence[Sequence[str]], environment: dict[str, str], log: Path) -> float:
    """Run `commands`, and return the peak memory of them and all their children, in MB.

    Shared memory counts once (PSS) where the system supports it, otherwise in each process.
    """
    peak = 0
    with _start_meter(commands, environment, log) as process:
        while process.poll() is None:
            with suppress(psutil.Error):
                peak = max(peak, sum(map(_memory, psutil.Process(process.pid).children(recursive=True))))
            time.sleep(SAMPLE_SECONDS)
    return peak / 1e6


def _memory(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
        return int(getattr(memory, "pss", memory.rss))
    except psutil.Error:
        return 0


def _start_meter(commands: Sequence[Sequence[str]], environment: dict[str, str], log: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tools.benchmarks.meter", str(log), json.dumps([list(one) for one in commands])]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def machine() -> str:
    """Return a description of this machine."""
    memory = psutil.virtual_memory().total / 1e9
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {sys.platform}, Python {sys.version.split()[0]}"
