"""The processes that run the suites: pabot, one Robot Framework a suite, and their end, whatever happens."""

import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from acceptance.execution.prefork import COMMAND, Job, PreforkServer
from acceptance.suites import Suite

GRACE_SECONDS = 5.0
POLL_SECONDS = 0.05
TOGETHER = "Acceptance"


class Workers:
    """pabot and its workers, from start to end. A process makes them while it has a single thread.

    Args:
        directory: A private directory for all that pabot writes; deleted by whoever made it.
    """

    def __init__(self, directory: Path) -> None:
        self.results = directory / "pabot"
        self.have_begun = False
        self._have_ended = False
        self._suites = 0
        self._directory = directory
        self._log = directory / "pabot.log"
        self._server = PreforkServer(directory, self._log)

    def begin(
        self, suites: Sequence[Suite], processes: int, robot_options: Sequence[str], environment: dict[str, str]
    ) -> None:
        """Run suites.

        Args:
            suites: What to run.
            processes: How many run at the same time.
            robot_options: Options for each Robot Framework.
            environment: What the workers find in their environment, beside what is there.
        """
        names = _long_names(suites)
        largest_first = sorted(names, key=lambda name: -len(names[name].tests))
        order = self._directory / "order"
        order.write_text("".join(f"--suite {name}\n" for name in largest_first), encoding="utf-8")
        python = Path(sys.executable)  # pabot splits a command at spaces, also those of a path: found by its name
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("ROBOT_", "REBOT_"))}
        path = os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])
        arguments = [
            *("--command", python.name, *COMMAND, "--end-command"),
            *("--processes", str(processes), "--ordering", str(order), "--no-pabotlib", "--no-rebot"),
            *("--name", TOGETHER, "--outputdir", str(self.results), *robot_options),
            *(str(suite.path) for suite in suites),
        ]
        self._suites = len(suites)
        self.have_begun = True
        sources = {name: suite.path for name, suite in names.items()}
        self._server.begin(Job(arguments, sources, ours | environment | {"PATH": path}))

    def wait(self, seconds: float) -> bool:
        """Wait for the end of all suites, `seconds` at most; pabot takes longer. Return whether it has come."""
        self._have_ended = self._server.wait(self._suites, seconds)
        return self._have_ended

    def stop(self) -> None:
        """Let the workers finish their output, `GRACE_SECONDS` at most, and end all that is still there then."""
        with suppress(psutil.NoSuchProcess):
            if self.have_begun and not self._have_ended:
                self._let_workers_finish(psutil.Process(self._server.pid))
        self._server.end()

    def _let_workers_finish(self, pabot: psutil.Process) -> None:
        pabot.suspend()
        workers = pabot.children(recursive=True)
        for worker in workers:
            with suppress(psutil.NoSuchProcess):
                worker.terminate()
        end = time.monotonic() + GRACE_SECONDS
        while any(map(_runs, workers)) and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        for worker in filter(_runs, workers):
            worker.kill()

    def outputs(self) -> list[Path]:
        """Return the `output.xml` of each worker that wrote one."""
        return sorted(self.results.glob("pabot_results/*/output.xml"))

    def worker_output(self) -> str:
        """Return what pabot printed, for where no suite has a result."""
        return self._log.read_text(encoding="utf-8", errors="replace")


def _long_names(suites: Sequence[Suite]) -> dict[str, Suite]:
    """Return suites by the names that Robot Framework gives them where they run together, under `--name`."""
    if len(suites) == 1:
        return {TOGETHER: suites[0]}
    return {f"{TOGETHER}.{suite.title}": suite for suite in suites}


def _runs(process: psutil.Process) -> bool:
    """Whether `process` still runs; one that has ended stays a zombie while pabot, which started it, is suspended."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
