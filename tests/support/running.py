"""Runs in progress, and the owner who uses the account meanwhile."""

import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Protocol

import psutil
import requests

from tests.support.backends import Backend
from tests.support.project import ROOT, clean_environment
from tests.support.runs import MARK, Outcome

ENDING_SECONDS = 60


class Running:
    """A run in progress."""

    def __init__(self, process: subprocess.Popen[str], results: Path, mark: str) -> None:
        self.process = process
        self._results = results
        self._mark = mark

    def end(self, seconds: float = ENDING_SECONDS) -> Outcome:
        """Wait for its end and return the outcome."""
        stdout, stderr = self.process.communicate(timeout=seconds)
        return Outcome(self.process.returncode, stdout, stderr, self._results, self._mark)

    def pabot(self) -> list[psutil.Process]:
        """Return pabot's process."""
        return self._forks(self.process.pid)

    def prefork_server(self) -> list[psutil.Process]:
        """Return the prefork server."""
        return [fork for pabot in self.pabot() for fork in self._forks(pabot.pid)]

    def workers(self) -> list[psutil.Process]:
        """Return the worker processes."""
        return [fork for server in self.prefork_server() for fork in self._forks(server.pid)]

    def clients(self) -> list[psutil.Process]:
        """Return the clients that pabot starts."""
        return [process for process, command in self._commands() if any("argfile" in part for part in command)]

    def _forks(self, pid: int) -> list[psutil.Process]:
        own, found = psutil.Process(self.process.pid).cmdline(), []
        for child in psutil.Process(pid).children():
            with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
                found += [child] if child.cmdline() == own else []
        return found

    def command_lines(self) -> list[list[str]]:
        """Return the command lines of all its processes."""
        return [command for _, command in self._commands()]

    def _commands(self) -> Iterator[tuple[psutil.Process, list[str]]]:
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
                yield process, process.cmdline()


class StartRun(Protocol):
    """Starts a run against a backend."""

    def __call__(self, backend: Backend | None, *arguments: str) -> Running: ...


@contextmanager
def started_runs(directory: Path, states: Path) -> Iterator[StartRun]:
    """Return what starts runs that end with the block."""
    with ExitStack() as stack:

        def start(backend: Backend | None, *arguments: str) -> Running:
            mark, results = uuid.uuid4().hex, directory / f"results-{uuid.uuid4().hex[:8]}"
            variables = {MARK: mark, "ACCEPTANCE_STATE_DIR": str(states)}
            process = subprocess.Popen(
                [sys.executable, str(ROOT / "run_tests.py"), "--output-dir", str(results), *arguments],
                cwd=directory,
                env=clean_environment(**variables, **(backend.environment if backend else {})),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            stack.callback(_kill, process)
            return Running(process, results, mark)

        yield start


def _kill(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
        process.communicate()


def wait_for_calls(backend: Backend, call: str, count: int, running: Running) -> None:
    """Return when `backend` has responded to `call` `count` times."""
    while sum(one.startswith(call) for one in backend.calls()) < count:
        assert running.process.poll() is None, "the run ended before"
        time.sleep(0.005)


class Person:
    """The owner, who changes settings in the dashboard."""

    def __init__(self, backend: Backend) -> None:
        credentials = {"email": backend.email, "password": backend.password}
        token = requests.post(f"{backend.url}/api/auth/login", json=credentials, timeout=10).json()["access_token"]
        self._header = {"Authorization": f"Bearer {token}"}
        self._url = f"{backend.url}/api/business/me"

    def edits(self, **fields: str) -> None:
        """Save settings."""
        requests.put(self._url, json=fields, headers=self._header, timeout=10).raise_for_status()
