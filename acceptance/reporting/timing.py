"""How long the calls of a run took: figures for each endpoint, compared with its budget.

A budget that is exceeded is noted in the report and in the summary; it fails no test, since slow is not broken.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from acceptance.client.exchanges import Call


@dataclass(frozen=True)
class Timing:
    """The figures of one endpoint, in milliseconds.

    Attributes:
        endpoint: `METHOD /path`.
        count: How many calls got a response.
        median: The 50th percentile.
        p95: The 95th percentile (nearest rank).
        maximum: The time of the slowest call.
        budget: The longest acceptable `p95`; None where the endpoint has no budget.
    """

    endpoint: str
    count: int
    median: float
    p95: float
    maximum: float
    budget: float | None

    @property
    def is_over_budget(self) -> bool:
        """Whether the 95th percentile exceeds the budget."""
        return self.budget is not None and self.p95 > self.budget


def timings(calls: Iterable[Call], budgets: Mapping[str, float]) -> list[Timing]:
    """Return the figures of each endpoint that responded, the slowest first."""
    by_endpoint: dict[str, list[float]] = {}
    for call in calls:
        if call.status is not None:
            by_endpoint.setdefault(f"{call.method} {call.path}", []).append(call.milliseconds)
    found = [_timing(endpoint, sorted(times), budgets) for endpoint, times in by_endpoint.items()]
    return sorted(found, key=lambda timing: -timing.p95)


def _timing(endpoint: str, times: list[float], budgets: Mapping[str, float]) -> Timing:
    return Timing(
        endpoint=endpoint,
        count=len(times),
        median=median(times),
        p95=times[math.ceil(0.95 * len(times)) - 1],
        maximum=times[-1],
        budget=next((budget for name, budget in budgets.items() if _is_called(name, endpoint)), None),
    )


def _is_called(name: str, endpoint: str) -> bool:
    """Return whether the budget `name` is that of `endpoint`, whose path may begin with the path of the base URL."""
    method, _, path = name.partition(" ")
    called, _, called_path = endpoint.partition(" ")
    return method == called and called_path.endswith(path)


def exceeded_budget(timing: Timing) -> str:
    """Return the time of an endpoint and its budget, in words."""
    return f"{timing.endpoint} took {timing.p95:,.0f} ms, its budget is {timing.budget:,.0f} ms"
