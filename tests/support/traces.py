"""Requests as a backend receives them: each in a trace (W3C Trace Context), and with the run that sends it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

HEXDIGLC = "[0-9a-f]"
TRACEPARENT = re.compile(
    f"(?P<version>(?!ff){HEXDIGLC}{{2}})-(?P<trace_id>(?!0{{32}}){HEXDIGLC}{{32}})"
    f"-(?P<parent_id>(?!0{{16}}){HEXDIGLC}{{16}})-(?P<trace_flags>{HEXDIGLC}{{2}})"
)
"""The grammar of the header (section 3.2), in which neither id is all zeros and version `ff` is invalid."""

USER_AGENT = re.compile(r"receptionist-acceptance/(\d+\.\d+\.\d+) \(run ([0-9a-f]{8})\)")


@dataclass(frozen=True)
class Received:
    """A request that a backend received.

    Attributes:
        call: Method, path and status, see `Backend.calls`.
        traceparent: The header of this name, None without one.
        user_agent: The header `User-Agent`, None without one.
    """

    call: str
    traceparent: str | None
    user_agent: str | None

    @property
    def trace_id(self) -> str:
        """The id of its trace."""
        return self._parsed["trace_id"]

    @property
    def span_id(self) -> str:
        """The id of its span in the trace."""
        return self._parsed["parent_id"]

    @property
    def run(self) -> str:
        """The id of the run that sent it."""
        found = USER_AGENT.fullmatch(self.user_agent or "")
        assert found, self
        return found[2]

    @property
    def _parsed(self) -> re.Match[str]:
        found = TRACEPARENT.fullmatch(self.traceparent or "")
        assert found, self
        assert (found["version"], found["trace_flags"]) == ("00", "01"), self
        return found


def should_be_traced(received: Sequence[Received], runs: int = 1) -> None:
    """Fails unless each request is in a trace, has a span of its own, and names its run, of which there are `runs`."""
    assert received
    assert all(one.trace_id for one in received)
    assert len({one.span_id for one in received}) == len(received)
    assert len({one.run for one in received}) == runs
