"""How a run grows with its suites: `python -m tools.benchmarks.scale [--suites N …]`.

Suites are copies of a small capability in a copy of the project.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.benchmarks.backend import serving
from tools.benchmarks.candidates import EMAIL, PASSWORD, ROOT
from tools.benchmarks.measurement import Cost, Failed, cost_of

SUITES = (3, 10, 50, 200)
PARTS = ("acceptance", "libraries", "resources", "run_tests.py")
MODEL = ROOT / "suites" / "twilio.robot"


def main(arguments: Sequence[str]) -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tools.benchmarks.scale", description=__doc__)
    parser.add_argument("--suites", type=int, action="append", metavar="N", help=f"default: each of {SUITES}")
    given = parser.parse_args(arguments)
    try:
        with serving() as url:
            for line in _suites_table(url, given.suites or SUITES):
                print(line, flush=True)
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def _suites_table(url: str, counts: Sequence[int]) -> Iterator[str]:
    yield "| suites | time (s) | a suite (ms) | CPU (s) | a suite (ms) | largest process (MB) | report and log (MB) |"
    yield "|---:|---:|---:|---:|---:|---:|---:|"
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            _write_project(root, count)
            cost = _cost(root, root / "results", ["--url", url, "--timeout", "3600"])
            report = sum(path.stat().st_size for path in (root / "results").glob("*.html")) / 1e6
        yield (
            f"| {count} | {cost.seconds:.2f} | {cost.seconds / count * 1000:.0f} | {cost.cpu:.2f} "
            f"| {cost.cpu / count * 1000:.0f} | {cost.largest:.0f} | {report:.1f} |"
        )


def _write_project(root: Path, suites: int) -> None:
    """Copy the project into `root`, with so many copies of a small suite."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, root / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / part)
    (root / "suites").mkdir()
    text = MODEL.read_text(encoding="utf-8")
    for number in range(suites):
        copy = re.sub(r"^(Test Tags +)\w+$", rf"\g<1>capability{number}", text, flags=re.MULTILINE)
        (root / "suites" / f"capability{number:03}.robot").write_text(copy, encoding="utf-8")


def _cost(root: Path, results: Path, arguments: Sequence[str]) -> Cost:
    command = [sys.executable, str(root / "run_tests.py"), "--smoke", "--output-dir", str(results), *arguments]
    account = {"E2E_EMAIL": EMAIL, "E2E_PASSWORD": PASSWORD, "ACCEPTANCE_STATE_DIR": str(results.parent / "state")}
    return cost_of([command], os.environ | account, results.parent / "log")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
