"""Notification of a change: a shell command that is run once when the target goes down, and once when it is up again.

A target is down after two runs in a row that are not healthy, and up after one that is. What earlier runs found is
remembered in a file of the state directory, one for each target, account and mode.
"""

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from acceptance.account.journal import is_ours
from acceptance.account.lock import account_path
from acceptance.config import Target, state_directory
from acceptance.redaction import Redactor
from acceptance.reporting.atomic_file import replace_file
from acceptance.reporting.escaping import for_console
from acceptance.reporting.run_result import Mode, RunResult
from acceptance.texts import cut

COMMAND_SECONDS = 60.0
LOCK_SECONDS = 2 * COMMAND_SECONDS
CREDENTIALS = "E2E_"
"""What the names of all variables with credentials begin with."""

LONGEST_FAILURE = 500
NO_LINK_NO_WAIT = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
State = Literal["up", "down"]


@dataclass(frozen=True)
class Memory:
    """What is remembered of earlier runs.

    Attributes:
        state: The state that the team knows; before the first run, it takes the target to be up.
        healthy: Whether the last run was healthy, None before the first.
        since: When the first of the runs in a row began that were like the last one (ISO 8601); empty before the first.
    """

    state: State = "up"
    healthy: bool | None = None
    since: str = ""


def next_state(memory: Memory, is_healthy: bool, started: datetime) -> Memory:
    """Return what is remembered after a run; where its state is another one, the team is notified.

    Args:
        memory: What is remembered of the runs before it.
        is_healthy: Whether it was healthy.
        started: When it began.
    """
    is_like_the_last = memory.healthy is is_healthy
    since = memory.since if is_like_the_last else started.isoformat(timespec="seconds")
    if is_healthy:
        return Memory("up", is_healthy, since)
    return Memory("down" if is_like_the_last else memory.state, is_healthy, since)


class Notification:
    """Runs the command of `--on-change` when the state changes.

    Args:
        command: The shell command.
        memory: The file that remembers earlier runs.
        redactor: Masks the texts that the command gets.
    """

    def __init__(self, command: str, memory: Path, redactor: Redactor) -> None:
        self._command = command
        self._memory = memory
        self._redactor = redactor

    @classmethod
    def of(cls, command: str, target: Target, mode: Mode, redactor: Redactor) -> "Notification":
        """Return the notification of the runs against `target` in `mode`.

        Raises:
            ConfigurationError: The state directory cannot be written.
        """
        return cls(command, account_path(state_directory(), target).with_suffix(f".{mode}-state"), redactor)

    def update(self, result: RunResult, report: Path) -> list[str]:
        """Remember `result`, and run the command if the state has changed; an interrupted run counts for nothing.

        "Notified" is written before the command is run, so that a crash in the middle notifies nobody twice; it is
        taken back if the command fails.

        Args:
            result: What the run found out.
            report: Where its report is.

        Returns:
            What went wrong, a sentence each.
        """
        if result.interrupted or result.started is None:
            return []
        notes: list[str] = []
        try:
            with FileLock(f"{self._memory}-lock", LOCK_SECONDS, mode=0o600):
                memory = self._read(notes)
                new = next_state(memory, result.verdict.status == "healthy", result.started)
                self._write(new)
                is_change = new.state != memory.state
                problem = self._run(self._facts(result, new, report)) if is_change else ""
                if problem:
                    self._write(replace(new, state=memory.state))
                    notes.append(f"--on-change has notified nobody: {problem}. The next run tries again.")
        except Timeout:
            notes.append("The run is not counted for --on-change: another run was still running the command.")
        except OSError as error:
            notes.append(f"The run is not counted for --on-change: {self._memory}: {error.strerror}.")
        return notes

    def _read(self, notes: list[str]) -> Memory:
        """Return what is remembered; nothing, and a note, if the file is damaged or not certainly our own."""
        try:
            with os.fdopen(os.open(self._memory, NO_LINK_NO_WAIT), encoding="utf-8") as file:
                if is_ours(os.fstat(file.fileno())):
                    return _memory_from(json.load(file))
                problem = "somebody else may have written it"
        except FileNotFoundError:
            return Memory()
        except (OSError, ValueError, RecursionError):
            problem = "it is damaged"
        notes.append(f"{self._memory} is not used, because {problem}: the memory of --on-change starts anew.")
        return Memory()

    def _write(self, memory: Memory) -> None:
        replace_file(self._memory, json.dumps(asdict(memory)) + "\n")

    def _run(self, facts: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> str:
        """Run the command, and return why it has notified nobody, empty where it has."""
        inherited = {name: value for name, value in environ.items() if not name.startswith(CREDENTIALS)}
        try:
            process = subprocess.Popen(
                ["/bin/sh", "-c", self._command],
                env={**inherited, **facts},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            return f"it cannot be started ({error.strerror})"
        try:
            code = process.wait(COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return f"it took longer than {COMMAND_SECONDS:.0f} s, and was killed"
        return f"it ended with {code}" if code else ""

    def _facts(self, result: RunResult, memory: Memory, report: Path) -> dict[str, str]:
        """Return the variables that the command gets."""
        failures = (f"{suite.name}: {suite.first_failure}" for suite in result.suites if suite.first_failure)
        failure = self._one_line(cut(next(failures, ""), LONGEST_FAILURE))
        facts = [f"verdict: {result.verdict.status}", f"exit code: {result.exit_code}", f"report: {report}"]
        if failure:
            facts.insert(2, f"first failure: {failure}")
        return {
            "ACCEPTANCE_STATE": memory.state,
            "ACCEPTANCE_VERDICT": result.verdict.status,
            "ACCEPTANCE_EXIT_CODE": str(result.exit_code),
            "ACCEPTANCE_SINCE": memory.since,
            "ACCEPTANCE_TARGET": result.target,
            "ACCEPTANCE_FIRST_FAILURE": failure,
            "ACCEPTANCE_REPORT": str(report),
            "ACCEPTANCE_MESSAGE": f"{result.target} is {memory.state} since {memory.since} ({'; '.join(facts)}).",
        }

    def _one_line(self, text: str) -> str:
        return " ".join(for_console(self._redactor.mask(text)).split())


def _memory_from(content: object) -> Memory:
    """Return the memory that the file holds.

    Raises:
        ValueError: It holds something else.
    """
    match content:
        case {"state": "up" | "down" as state, "healthy": bool(healthy), "since": str(since), **others}:
            if not others and datetime.fromisoformat(since).tzinfo:
                return Memory(state, healthy, since)
    raise ValueError("this is no memory")
