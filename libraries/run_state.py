"""What the keyword libraries of one Robot Framework process share."""

from dataclasses import dataclass, field
from functools import cache

import project_root  # noqa: F401
from acceptance.client.evidence import Exchange
from acceptance.redaction import Redactor


@dataclass
class RunState:
    """The state of a run in this process.

    Attributes:
        run: The id of the run.
        email: The email address of the owner.
        redactor: Masks the secrets of the run.
        variables: Shell variables in the evidence: their names, by the secret that each replaces.
        exchanges: The requests and responses that the current test depends on, in order.
    """

    run: str = ""
    email: str = ""
    redactor: Redactor = field(default_factory=Redactor)
    variables: dict[str, str] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)


@cache
def run_state() -> RunState:
    """Return the state of this process; each call returns the same object."""
    return RunState()
