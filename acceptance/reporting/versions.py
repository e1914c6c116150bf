"""The note on a deployment that is half done: reads of the business that have other fields."""

from collections.abc import Sequence
from itertools import pairwise

from acceptance.client.endpoints import BUSINESS_PATH
from acceptance.client.exchanges import Call

MOST_NAMED = 5


def several_versions_note(calls: Sequence[Call], url: str) -> str | None:
    """Return a sentence where a read lacks a field that another one has, with no update near them; else None.

    An update may add fields, such as the state of its audit, so that reads before and after one are not compared.

    Args:
        calls: The requests of the run, in the order of their responses.
        url: The base URL of the backend.
    """
    reads = [call for call in calls if call.fields is not None]
    updates = [call for call in calls if call.method != "GET" and call.path.endswith(BUSINESS_PATH)]
    differing = {
        name
        for one, other in pairwise(reads)
        if not any(_may_affect(update, one, other) for update in updates)
        for name in set(one.fields or ()) ^ set(other.fields or ())
    }
    if not differing:
        return None
    names = sorted(differing)
    more = f" and {len(names) - MOST_NAMED} others" if len(names) > MOST_NAMED else ""
    shown = ", ".join(names[:MOST_NAMED])
    return f"More than one version may be answering at {url}: some reads of {BUSINESS_PATH} lack {shown}{more}."


def _may_affect(update: Call, one: Call, other: Call) -> bool:
    """Return whether `update` was in progress at any time from the begin of one read to the end of the `other`."""
    return _began(update) <= other.at and update.at >= min(_began(one), _began(other))


def _began(call: Call) -> float:
    return call.at - call.milliseconds / 1000
