"""The candidates: the smoke run and its alternatives."""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOW = ROOT / "tools" / "benchmarks" / "flow"
EMAIL, PASSWORD = "owner@benchmark.example", "a-password-for-benchmarks"


@dataclass(frozen=True)
class Candidate:
    """A way to check whether the API is healthy.

    Attributes:
        name: Its name in the table.
        commands: Its commands, which run in parallel.
    """

    name: str
    commands: Sequence[Sequence[str]]


def candidates(url: str, directory: Path) -> list[Candidate]:
    """Return the candidates on this machine, the smoke run first; they check `url` and write to `directory`."""
    python = sys.executable
    ours = (python, str(ROOT / "run_tests.py"), "--smoke", "--url", url, "--output-dir", str(directory))
    robot = (python, "-m", "robot", "--include", "smoke", "--outputdir", str(directory), str(ROOT / "suites"))
    scripts = [(python, "-m", f"tools.benchmarks.flow.{name}") for name in ("settings", "calendar", "twilio")]
    pytest = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--numprocesses", "3", str(FLOW / "test_flow.py"))
    found = [
        Candidate("run_tests.py --smoke", [ours]),
        Candidate("three scripts", scripts),
        Candidate("plain robot", [robot]),
        Candidate("pytest-xdist", [pytest]),
    ]
    newman = shutil.which("newman")
    if newman:
        variables = {"url": url, "email": EMAIL, "password": PASSWORD}
        given = [part for name, value in variables.items() for part in ("--env-var", f"{name}={value}")]
        found.append(Candidate("newman", [(newman, "run", str(FLOW / "collection.json"), *given)]))
    return found
