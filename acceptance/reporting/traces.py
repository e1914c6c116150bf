"""The trace of a failed test, and the links to it where the team has decided on `[trace] url`.

These links alone lead from a report to another place than the backend. They consist of that URL and a trace id, and
hold no text of a backend.
"""

import re
from collections.abc import Mapping

from acceptance.config import TRACE_PLACE

METADATA = "Trace"
"""The metadata of a test that names the trace of its decisive call."""

_TRACE_ID = re.compile(r"([0-9a-f]{32})\]?\Z")


def trace_id_in(metadata: Mapping[str, str]) -> str | None:
    """Return the trace id that the metadata of a test name, as it is or as a link; None where they name none."""
    found = _TRACE_ID.search(metadata.get(METADATA, ""))
    return found[1] if found else None


def trace_text(trace_id: str, url: str) -> str:
    """Return the URL of a trace, made from the `url` that the team has decided on; the trace id where that is empty."""
    return url.replace(TRACE_PLACE, trace_id) or trace_id


def trace_for_robot(trace_id: str, url: str) -> str:
    """Return a trace id in Robot Framework's documentation syntax, as a link where there is a `url`."""
    return f"[{trace_text(trace_id, url)}|{trace_id}]" if url else trace_id


def trace_for_markdown(trace_id: str, url: str) -> str:
    """Return a trace id as Markdown, as a link where there is a `url`."""
    return f"[{trace_id}](<{trace_text(trace_id, url)}>)" if url else trace_id
