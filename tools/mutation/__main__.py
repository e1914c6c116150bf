"""Tests the suites with mutants of the reference backend (`make mutation`), and writes `docs/mutation.md`.

Each mutant is tested by full runs, with OAuth configured and without; a run that does not exit with 0 kills it.
`survivors.toml` must explain each mutant that survives: this command fails where an explanation is missing, or where an
explained mutant is killed.
"""

import argparse
import os
import sys

from tools.mutation.mutants import ROOT, mutants
from tools.mutation.page import PAGE, explanations, page
from tools.mutation.trials import run_trials


def main() -> int:
    """Test all mutants, write the page, and print the survivors without an explanation."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="number of parallel runs")
    options = parser.parse_args()
    reasons = explanations()
    explained = {change for reason in reasons for change in reason.changes}
    killed = run_trials(mutants(), explained, options.processes)
    PAGE.write_text(page(killed, reasons), encoding="utf-8")
    alive = {change for change, is_killed in killed.items() if not is_killed}
    for change in sorted(alive - explained):
        print(f"Survives without an explanation: {change}", file=sys.stderr)
    for change in sorted(explained - alive):
        print(f"Explained, but killed: {change}", file=sys.stderr)
    dead = len(killed) - len(alive)
    print(f"{dead} of {len(killed)} mutants are killed; {PAGE.relative_to(ROOT)} has the details.")
    return int(explained != alive)


if __name__ == "__main__":
    sys.exit(main())
