"""How long the calls of a run took: figures for each endpoint, and the budgets that they are measured against.

A budget that is passed is told in the report and in the summary; it fails nothing, since slow is not broken.
"""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from acceptance.client.exchanges import Call
from acceptance.config import ROOT, ConfigurationError

BUDGETS = ROOT / "budgets.toml"


@dataclass(frozen=True)
class Timing:
    """The figures of one endpoint, in milliseconds.

    Attributes:
        endpoint: `METHOD /path`.
        count: How many calls were answered.
        median: What half of them took at most.
        p95: What 19 out of 20 took at most (nearest rank).
        maximum: What the slowest took.
        budget: What `p95` may be; None where nothing is said of that.
    """

    endpoint: str
    count: int
    median: float
    p95: float
    maximum: float
    budget: float | None

    @property
    def is_over_budget(self) -> bool:
        """Whether the calls took longer than they should."""
        return self.budget is not None and self.p95 > self.budget


def timings(calls: Iterable[Call], budgets: Mapping[str, float]) -> list[Timing]:
    """Return the figures of each endpoint that answered, the slowest first."""
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
    """Whether the budget `name` is that of `endpoint`, whose path may begin with that of the backend's base URL."""
    method, _, path = name.partition(" ")
    called, _, called_path = endpoint.partition(" ")
    return method == called and called_path.endswith(path)


def read_budgets(path: Path = BUDGETS) -> dict[str, float]:
    """Return what `path` allows each endpoint, in milliseconds; nothing where there is no such file.

    Raises:
        ConfigurationError: The file cannot be understood.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"The budgets in {path} cannot be read: {error}.") from None
    for name, budget in content.items():
        method, _, address = name.partition(" ")
        if not (method.isupper() and address.startswith("/")):
            raise ConfigurationError(f"'{name}' in {path} names no endpoint; write it like \"GET /api/business/me\".")
        if not isinstance(budget, (int, float)) or isinstance(budget, bool) or budget <= 0:
            raise ConfigurationError(f"The budget of '{name}' in {path} is no number of milliseconds above 0.")
    return content


def budget_passed(timing: Timing) -> str:
    """Return by how much an endpoint has passed its budget, in words."""
    return f"{timing.endpoint} took {timing.p95:,.0f} ms, its budget is {timing.budget:,.0f} ms"
