"""One run on several machines: which suites each of them runs.

The unit is the suite, so that a shard comes to whole verdicts and signs in once. All suites that write go to the first
shard: machines hold no lock together, and so no shard ever meets, judges or puts back what another one wrote.
"""

import argparse
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from acceptance.suites import Suite

RUN_VARIABLES = ("ACCEPTANCE_RUN", "GITHUB_RUN_ID")


@dataclass(frozen=True)
class Shard:
    """A part of a run.

    Attributes:
        number: Which part, from 1 on.
        count: How many there are.
        run: What tells the run that it is a part of from others, empty where nothing does.
    """

    number: int
    count: int
    run: str = ""

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @property
    def facts(self) -> dict[str, str]:
        """What the summary says of it."""
        return {"shard": str(self), "run": self.run}


def shard_from(text: str, environ: Mapping[str, str] = os.environ) -> Shard:
    """Return the shard that `text` names: `2/4`.

    Raises:
        argparse.ArgumentTypeError: It names none.
    """
    match = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"'{text}' is no shard; write which of how many, such as 2/4")
    run = next((environ[name] for name in RUN_VARIABLES if environ.get(name)), "")
    return Shard(int(match[1]), int(match[2]), run)


def suites_of(shard: Shard, suites: Sequence[Suite]) -> list[Suite]:
    """Return those of `suites` that run in `shard`: there may be none. Each suite runs in one shard, always the same.

    Suites that write are in the first one, each other one in that which has the fewest tests so far.
    """
    tests = [0] * shard.count
    chosen = []
    for suite in sorted(suites, key=lambda suite: not suite.writes):
        place = 0 if suite.writes else tests.index(min(tests))
        tests[place] += len(suite.tests)
        if place == shard.number - 1:
            chosen.append(suite)
    return [suite for suite in suites if suite in chosen]
