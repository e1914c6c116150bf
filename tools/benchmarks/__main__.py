"""Compares a smoke run: `python -m tools.benchmarks [--delay MS …] [--pairs N] [--only NAME …] [--output FILE]`.

All candidates are measured in turn in one run, so that other load on the machine affects all alike.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.benchmarks.backend import serving
from tools.benchmarks.candidates import EMAIL, PASSWORD, candidates
from tools.benchmarks.delay import delayed
from tools.benchmarks.measurement import Cost, Failed, cost_of, machine, memory_of
from tools.benchmarks.table import Comparison, as_markdown

DELAYS = (0, 100, 500, 2000)
PAIRS = 7


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table, and write it to the output file."""
    options = _parse(arguments)
    comparisons: list[Comparison] = []
    try:
        with serving() as url:
            for milliseconds in options.delay:
                with delayed(url, milliseconds / 1000) as slow:
                    comparisons += _compare(slow, milliseconds / 1000, options.pairs, options.only)
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    text = f"Measured with {machine()}.\n\n{as_markdown(comparisons)}"
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.benchmarks", description=__doc__)
    parser.add_argument("--delay", type=int, action="append", metavar="MS", help=f"default: each of {DELAYS}")
    parser.add_argument(
        "--pairs", type=int, default=PAIRS, metavar="N", help="runs of each candidate (default: %(default)s)"
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="compare with these candidates alone"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="also write the table to this file")
    options = parser.parse_args(arguments)
    options.delay = options.delay or DELAYS
    return options


def _compare(url: str, delay: float, pairs: int, only: Sequence[str]) -> Iterator[Comparison]:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        environment = _environment(url, directory)
        ours, *others = candidates(url, directory / "results")
        selected = [ours, *(one for one in others if not only or one.name in only)]
        memory = {one.name: memory_of(one.commands, environment, directory / "log") for one in selected}
        costs: dict[str, list[Cost]] = {one.name: [] for one in selected}
        for _ in range(pairs):
            for one in selected:
                costs[one.name].append(cost_of(one.commands, environment, directory / "log"))
        yield from (Comparison(one.name, delay, costs[one.name], memory[one.name]) for one in selected)


def _environment(url: str, directory: Path) -> dict[str, str]:
    account = {"API_URL": url, "E2E_EMAIL": EMAIL, "E2E_PASSWORD": PASSWORD}
    return os.environ | account | {"ACCEPTANCE_STATE_DIR": str(directory / "state")}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
