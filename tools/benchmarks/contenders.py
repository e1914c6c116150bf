"""What is compared: the smoke run, and what one might do instead."""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOW = ROOT / "benchmarks" / "flow"
EMAIL, PASSWORD = "owner@benchmark.example", "a-password-for-benchmarks"


@dataclass(frozen=True)
class Contender:
    """One way to find out whether the API is healthy.

    Attributes:
        name: What the table calls it.
        commands: What it runs, all at once.
    """

    name: str
    commands: Sequence[Sequence[str]]


def contenders(url: str, directory: Path) -> list[Contender]:
    """Return what can be compared on this machine, ours first; it checks `url`, and writes into `directory` alone."""
    python = sys.executable
    ours = (python, str(ROOT / "run_tests.py"), "--smoke", "--url", url, "--output-dir", str(directory))
    robot = (python, "-m", "robot", "--include", "smoke", "--outputdir", str(directory), str(ROOT / "suites"))
    scripts = [(python, "-m", f"tools.benchmarks.flow.{name}") for name in ("settings", "calendar", "twilio")]
    pytest = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--numprocesses", "3", str(FLOW / "test_flow.py"))
    found = [
        Contender("run_tests.py --smoke", [ours]),
        Contender("three scripts", scripts),
        Contender("plain robot", [robot]),
        Contender("pytest-xdist", [pytest]),
    ]
    newman = shutil.which("newman")
    if newman:
        variables = {"url": url, "email": EMAIL, "password": PASSWORD}
        given = [part for name, value in variables.items() for part in ("--env-var", f"{name}={value}")]
        found.append(Contender("newman", [(newman, "run", str(FLOW / "collection.json"), *given)]))
    return found
