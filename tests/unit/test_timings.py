"""The times of an endpoint's calls."""

from acceptance.client.exchanges import Call
from acceptance.reporting.timing import timings


def calls_of(*milliseconds: float, status: int | None = 200) -> list[Call]:
    """Return calls of one endpoint."""
    return [Call("GET", "/v1/api/business/me", status, one, True, 0.0) for one in milliseconds]


def test_figures_are_those_of_the_calls_with_a_response() -> None:
    (timing,) = timings([*calls_of(*range(1, 101)), *calls_of(25_000, status=None)], {"GET /api/business/me": 94.0})
    assert (timing.endpoint, timing.count) == ("GET /v1/api/business/me", 100)
    assert (timing.median, timing.p95, timing.maximum) == (50.5, 95, 100)
    assert timing.is_over_budget


def test_single_call_is_its_own_median_and_percentile() -> None:
    (timing,) = timings(calls_of(7), {})
    assert (timing.median, timing.p95, timing.maximum, timing.budget, timing.is_over_budget) == (7, 7, 7, None, False)
