"""What is said of many runs: medians and spread, as a table in Markdown."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.benchmarks.measuring import Cost

CRITICAL_PATH = 6
"""Sign in, read, write, read, put back, check: no run can do without these answers, one after another."""


@dataclass(frozen=True)
class Comparison:
    """What a contender took behind one delay.

    Attributes:
        name: Whose runs these are.
        delay: How late each answer came, in seconds.
        costs: What each run took.
        memory: The most that it held, in MB.
    """

    name: str
    delay: float
    costs: Sequence[Cost]
    memory: float

    @property
    def seconds(self) -> float:
        """The median."""
        return statistics.median(cost.seconds for cost in self.costs)


def as_markdown(comparisons: Sequence[Comparison]) -> str:
    """Return the table; the first contender of each delay is the one that the others are compared with."""
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
