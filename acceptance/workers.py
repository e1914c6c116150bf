"""The processes that run the suites: pabot, one Robot Framework a suite, and their end, whatever happens."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

GRACE_SECONDS = 5.0
POLL_SECONDS = 0.05


class Workers:
    """pabot and its workers, from start to end.

    Args:
        suites: The files to run.
        processes: How many run at the same time.
        directory: A private directory for all that pabot writes; deleted by whoever made it.
        robot_options: Options for each Robot Framework.
        environment: What the workers find in their environment, beside what is there.
    """

    def __init__(
        self,
        suites: Sequence[Path],
        processes: int,
        directory: Path,
        robot_options: Sequence[str],
        environment: dict[str, str],
    ) -> None:
        self.results = directory / "pabot"
        self._log = directory / "pabot.log"
        python = Path(sys.executable)  # pabot splits a command at spaces, also those of a path: found by its name
        command = [
            *(sys.executable, "-m", "pabot.pabot"),
            *("--command", python.name, "-m", "robot", "--end-command"),
            *("--processes", str(processes), "--no-pabotlib", "--no-rebot"),
            *("--outputdir", str(self.results), *robot_options),
            *map(str, suites),
        ]
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("ROBOT_", "REBOT_"))}
        path = os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=directory,
                env=ours | environment | {"PATH": path},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self, seconds: float) -> bool:
        """Wait for the end, `seconds` at most. Return whether it has come."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        """Let the workers finish their output, `GRACE_SECONDS` at most, and end all that is still there then."""
        if self._process.poll() is not None:
            return
        pabot = psutil.Process(self._process.pid)
        with suppress(psutil.NoSuchProcess):
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
            pabot.kill()
        self._process.wait()

    def outputs(self) -> list[Path]:
        """Return the `output.xml` of each worker that wrote one."""
        return sorted(self.results.glob("pabot_results/*/output.xml"))

    def last_words(self) -> str:
        """Return what pabot printed, for where no suite has a result."""
        return self._log.read_text(encoding="utf-8", errors="replace")


def _runs(process: psutil.Process) -> bool:
    """Whether `process` still runs; one that has ended stays a zombie while pabot, which started it, is suspended."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
