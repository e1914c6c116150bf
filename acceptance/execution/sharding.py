"""Sharding: one run on several machines, each of which runs some of the suites.

The unit is the suite, so that a shard has whole verdicts and logs in once. All suites that write are in the first
shard: machines share no lock, so a shard must never read or restore what another one wrote.
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
        run: The id of the run that it is a part of, empty where it is unknown.
    """

    number: int
    count: int
    run: str = ""

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def shard_from(text: str, environ: Mapping[str, str] = os.environ) -> Shard:
    """Return the shard that `text` names: `2/4`.

    Raises:
        argparse.ArgumentTypeError: `text` is not a shard.
    """
    match = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"'{text}' is not a shard; write its number and their count, such as 2/4")
    run = next((environ[name] for name in RUN_VARIABLES if environ.get(name)), "")
    return Shard(int(match[1]), int(match[2]), run)


def suites_of(shard: Shard, suites: Sequence[Suite]) -> list[Suite]:
    """Return those of `suites` that run in `shard`, possibly none. Each suite always runs in the same shard.

    Suites that write are in the first shard, each other one in the shard that has the fewest tests so far.
    """
    tests = [0] * shard.count
    chosen = []
    for suite in sorted(suites, key=lambda suite: not suite.writes):
        place = 0 if suite.writes else tests.index(min(tests))
        tests[place] += len(suite.tests)
        if place == shard.number - 1:
            chosen.append(suite)
    return [suite for suite in suites if suite in chosen]
