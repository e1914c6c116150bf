"""The processes that run the suites: pabot, and one Robot Framework for each suite."""

import os
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from acceptance.config import ROOT
from acceptance.execution.prefork import COMMAND, Job, PreforkServer
from acceptance.suites import Suite
from acceptance.texts import LONGEST_SHOWN

LAST_LINES_OF_STDOUT = 3
LAST_LINES_OF_STDERR = 10
TOGETHER = "Acceptance"
CLASSIFIER = ROOT / "libraries" / "ExitCodes.py"
"""The listener that classifies failures, also in a suite that does not import it."""


class Workers:
    """pabot and its workers. The process that makes them must have a single thread.

    Args:
        directory: A private directory for everything that pabot writes.

    Attributes:
        were_started: Whether suites were started.
    """

    def __init__(self, directory: Path) -> None:
        self.results = directory / "pabot"
        self.were_started = False
        self._have_ended = False
        self._names: dict[str, Suite] = {}
        self._directory = directory
        self._log = directory / "pabot.log"
        self._server = PreforkServer(directory, self._log)

    def start(
        self, suites: Sequence[Suite], processes: int, robot_options: Sequence[str], environment: dict[str, str]
    ) -> None:
        """Start the suites.

        Args:
            suites: The suites to run.
            processes: How many run at the same time.
            robot_options: Options for each Robot Framework.
            environment: Variables that are added to the environment of the workers.
        """
        names = self._names = _long_names(suites)
        ordering = self._directory / "ordering"
        ordering.write_text("".join(f"{line}\n" for line in _ordering(names)), encoding="utf-8")
        python = Path(sys.executable)  # found in PATH by its name, since pabot splits a command at the spaces of a path
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("ROBOT_", "REBOT_"))}
        path = os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])
        arguments = [
            *("--command", python.name, *COMMAND, "--end-command"),
            *("--processes", str(processes), "--ordering", str(ordering), "--no-pabotlib", "--no-rebot"),
            *("--name", TOGETHER, "--outputdir", str(self.results), "--listener", str(CLASSIFIER), *robot_options),
            *(str(suite.path) for suite in suites),
        ]
        self.were_started = True
        sources = {name: suite.path for name, suite in names.items()}
        self._server.start(Job(arguments, sources, environ | environment | {"PATH": path}))

    def wait(self, seconds: float) -> bool:
        """Wait until all suites have ended, `seconds` at most, and return whether they have; pabot may end later."""
        self._have_ended = self._server.wait(len(self._names), seconds)
        return self._have_ended

    def stop(self) -> None:
        """Let the workers finish their output, and kill what still runs then."""
        if self.were_started and not self._have_ended:
            from acceptance.execution.termination import terminate_workers  # psutil: not for a run that has ended

            terminate_workers(self._server.pid)
        self._server.kill()

    def outputs(self) -> list[Path]:
        """Return the `output.xml` of each worker that has written one."""
        return sorted(self.results.glob("pabot_results/*/output.xml"))

    def output_of_all(self) -> str:
        """Return what pabot and the workers printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def last_output_of(self, suite: Suite) -> str:
        """Return the last lines that the worker of `suite` printed, to stdout and to stderr; empty without any."""
        name = next((name for name, one in self._names.items() if one == suite), None)
        for arguments in self.results.glob("pabot_results/*/user_command_argfile.txt"):
            if f"--suite {name}" in _lines(arguments):
                stdout = _lines(arguments.with_name("user_command_stdout.out"))[-LAST_LINES_OF_STDOUT:]
                stderr = _lines(arguments.with_name("user_command_stderr.out"))[-LAST_LINES_OF_STDERR:]
                return "\n".join(textwrap.shorten(line, LONGEST_SHOWN, placeholder="…") for line in [*stdout, *stderr])
        return ""


def _lines(path: Path) -> list[str]:
    """Return the lines of a file, without those that are empty or are a rule."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    return [line for line in lines if line.strip("=- ")]


def _long_names(suites: Sequence[Suite]) -> dict[str, Suite]:
    """Return suites by the long names that Robot Framework gives them when they run together under `--name`."""
    if len(suites) == 1:
        return {TOGETHER: suites[0]}
    return {f"{TOGETHER}.{suite.title}": suite for suite in suites}


def _ordering(names: dict[str, Suite]) -> list[str]:
    """Return pabot's ordering: the largest suite first, and no two at the same time that write to the account."""
    largest_first = sorted(names, key=lambda name: -len(names[name].tests))
    later = [name for name in largest_first if names[name].writes][1:]
    at_once = [f"--suite {name}" for name in largest_first if name not in later]
    return [*at_once, *(line for name in later for line in ("#WAIT", f"--suite {name}"))]
