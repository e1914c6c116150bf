"""The command: how many small changes to the reference backend the suites notice (`make mutation`).

Each mutant of the backend is put to full runs, with the calendar configured and without; a run that does not end in 0
has killed it. Each one that survives must be explained in `survivors.toml`: one that is not, and an explanation of one
that does not survive, are named, and make this command fail. The result is `docs/mutation.md`.
"""

import argparse
import os
import sys

from tools.mutation.judging import judge_all
from tools.mutation.mutants import ROOT, mutants
from tools.mutation.page import PAGE, explanations, page


def main() -> int:
    """Judge all mutants, write the page, and name what is not explained."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="runs at the same time")
    given = parser.parse_args()
    reasons = explanations()
    explained = {change for reason in reasons for change in reason.changes}
    killed = judge_all(mutants(), explained, given.processes)
    PAGE.write_text(page(killed, reasons), encoding="utf-8")
    alive = {change for change, is_killed in killed.items() if not is_killed}
    for change in sorted(alive - explained):
        print(f"Survives, and is not explained: {change}", file=sys.stderr)
    for change in sorted(explained - alive):
        print(f"Is explained, but does not survive: {change}", file=sys.stderr)
    dead = len(killed) - len(alive)
    print(f"{dead} of {len(killed)} mutants are killed; {PAGE.relative_to(ROOT)} tells more.")
    return int(explained != alive)


if __name__ == "__main__":
    sys.exit(main())
