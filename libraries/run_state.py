"""What the keyword libraries of one Robot Framework process share."""

from dataclasses import dataclass, field
from functools import cache

import project_root  # noqa: F401
from acceptance.client.evidence import Evidence
from acceptance.client.exchanges import Exchange
from acceptance.redaction import Redactor


@dataclass
class RunState:
    """The state of a run in this process.

    Attributes:
        run: The id of the run.
        email: The email address of the owner.
        redactor: Masks the secrets of the run.
        evidence: Shows exchanges without secrets.
        exchanges: The requests and responses that the current test depends on, in order.
    """

    run: str = ""
    email: str = ""
    redactor: Redactor = field(default_factory=Redactor)
    evidence: Evidence = field(default_factory=Evidence)
    exchanges: list[Exchange] = field(default_factory=list)


@cache
def run_state() -> RunState:
    """Return the state of this process; each call returns the same object."""
    return RunState()
