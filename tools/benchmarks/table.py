"""The result of many runs as a Markdown table: medians and spread."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.benchmarks.measurement import Cost

CRITICAL_PATH = 6
"""Responses that every run waits for one after another: login, read, write, read, restore, check."""


@dataclass(frozen=True)
class Comparison:
    """The cost of a candidate at one delay.

    Attributes:
        name: The candidate.
        delay: The delay of each response, in seconds.
        costs: The cost of each run.
        memory: Its peak memory, in MB.
    """

    name: str
    delay: float
    costs: Sequence[Cost]
    memory: float

    @property
    def seconds(self) -> float:
        """The median time."""
        return statistics.median(cost.seconds for cost in self.costs)


def as_markdown(comparisons: Sequence[Comparison]) -> str:
    """Return the table; the ratio compares the first candidate of each delay with the others."""
    ours: Mapping[float, float] = {one.delay: one.seconds for one in reversed(comparisons)}
    lines = [
        f"| D (ms) | | runs | median (s) | spread (s) | over {CRITICAL_PATH} D (s) | ours : it | CPU (s) | MB |",
        "|---:|---|---:|---:|---|---:|---:|---:|---:|",
    ]
    for one in comparisons:
        times = sorted(cost.seconds for cost in one.costs)
        cells = (
            f"{one.delay * 1000:.0f}",
            one.name,
            f"{len(times)}",
            f"{one.seconds:.2f}",
            f"{times[0]:.2f} to {times[-1]:.2f}",
            f"{one.seconds - CRITICAL_PATH * one.delay:.2f}",
            f"{ours[one.delay] / one.seconds:.2f}",
            f"{statistics.median(cost.cpu for cost in one.costs):.2f}",
            f"{one.memory:.0f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
