"""The notes on throttled requests: which call, how often, what the server asked for, and how long the run waited."""

from collections.abc import Sequence
from http import HTTPStatus

from acceptance.client.exchanges import Call
from acceptance.client.http_adapter import THROTTLE_SECONDS


def throttling_notes(calls: Sequence[Call], end: float) -> list[str]:
    """Return a sentence for each method and path that was throttled.

    Args:
        calls: The requests of the run, in the order of their responses.
        end: When the run ended (`time.time()`); a wait may have been cut short by it.
    """
    throttled: dict[str, list[Call]] = {}
    for call in calls:
        if call.status == HTTPStatus.TOO_MANY_REQUESTS:
            throttled.setdefault(f"{call.method} {call.path}", []).append(call)
    return [_note(endpoint, found, end) for endpoint, found in throttled.items()]


def _note(endpoint: str, calls: Sequence[Call], end: float) -> str:
    times = {1: "once", 2: "twice"}.get(len(calls), f"{len(calls)} times")
    asked = [call.retry_after for call in calls if call.retry_after is not None]
    is_too_long = max(asked, default=0.0) > THROTTLE_SECONDS
    header = "with Retry-After" if asked else "without Retry-After"
    longest = f" of {max(asked):,.0f} s, longer than a run waits" if is_too_long else ""
    gave_up = any(call.waited is None for call in calls) and not is_too_long
    has_waited = any(call.waited is not None for call in calls)
    waited = f"; waited {_waited_seconds(calls, end):.0f} s" if has_waited or gave_up else ""
    limit = ", and a run waits no longer" if gave_up else ""
    return f"{endpoint} was throttled {times}: 429 {header}{longest}{waited}{limit}."


def _waited_seconds(calls: Sequence[Call], end: float) -> float:
    """Return how long at least one of `calls` waited; processes may wait at the same time."""
    total, until = 0.0, 0.0
    for call in calls:
        begin, until = max(call.at, until), max(until, min(call.at + (call.waited or 0.0), end))
        total += max(0.0, until - begin)
    return total
