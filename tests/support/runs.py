"""Real runs, each in a process of its own."""

import base64
import json
import re
import subprocess
import sys
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil
from robot.api import ExecutionResult
from robot.result import TestCase

from tests.support.backends import STOP_SECONDS, Backend
from tests.support.project import ROOT, clean_environment

MARK = "TEST_RUN_MARK"
LONGEST_RUN_SECONDS = 300


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run.

    Attributes:
        code: Its exit code.
        results: Its output directory.
        mark: The value of the variable `MARK` in the environment of its processes.
    """

    code: int
    stdout: str
    stderr: str
    results: Path
    mark: str = field(repr=False)

    @property
    def summary(self) -> dict[str, Any] | None:
        """The content of `summary.json`, None where there is none."""
        path = self.results / "summary.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    @property
    def verdict(self) -> dict[str, Any]:
        """The content of `summary.json`, which must be there."""
        assert self.summary is not None, self.stdout + self.stderr
        return self.summary

    @property
    def codes(self) -> dict[str, int]:
        """The exit code of each suite."""
        return {name: suite["exit_code"] for name, suite in self.verdict["suites"].items()}

    def tests(self) -> Iterator[tuple[str, TestCase]]:
        """Return the result of each test, with the name of its suite in lower case."""
        for suite in ExecutionResult(self.results / "output.xml").suite.suites:
            yield from ((suite.name.lower(), test) for test in suite.all_tests)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Return the texts of all artifacts with their names, the compressed ones of `log.html` also unpacked."""
        for path in self.results.rglob("*"):
            content = path.read_bytes()
            yield path.name, content.decode("utf-8", "replace")
            for packed in re.findall(rb"[A-Za-z0-9+/]{20,}={0,2}", content):
                with suppress(ValueError, zlib.error):
                    text = zlib.decompress(base64.b64decode(packed)).decode("utf-8", "replace")
                    yield f"{path.name}, unpacked", text
        yield from (("console", self.stdout), ("errors", self.stderr))

    def files(self) -> set[str]:
        """Return the names of the files in the results."""
        return {path.name for path in self.results.iterdir()} if self.results.is_dir() else set()

    def survivors(self) -> list[psutil.Process]:
        """Return the processes of the run that have not ended within `STOP_SECONDS`."""
        return psutil.wait_procs(_marked(self.mark), STOP_SECONDS)[1]


class RunCommand(Protocol):
    """Runs a command and waits for its end: against `backend` where one is given, in `cwd`, with `environment`."""

    def __call__(
        self,
        *arguments: str,
        backend: Backend | None = None,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        root: Path = ROOT,
    ) -> Outcome: ...


def runner(directory: Path, states: Path) -> RunCommand:
    """Return what runs `run_tests.py`, with the results below `directory` unless the arguments name a directory."""

    def run(
        *arguments: str,
        backend: Backend | None = None,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        root: Path = ROOT,
    ) -> Outcome:
        results = directory / f"results-{uuid.uuid4().hex[:8]}"
        added = () if "--output-dir" in arguments else ("--output-dir", str(results))
        if not added:
            results = Path(arguments[arguments.index("--output-dir") + 1])
        command = [sys.executable, str(root / "run_tests.py"), *added, *arguments]
        return _run(command, results, backend, cwd or root, states, environment or {})

    return run


def robot_runner(directory: Path, states: Path) -> RunCommand:
    """Return what runs plain `robot`, with the results below `directory`."""

    def run(
        *arguments: str,
        backend: Backend | None = None,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        root: Path = ROOT,
    ) -> Outcome:
        results = directory / f"results-{uuid.uuid4().hex[:8]}"
        command = [sys.executable, "-m", "robot", "--outputdir", str(results), *arguments]
        return _run(command, results, backend, cwd or root, states, environment or {})

    return run


def restore(target: Backend, states: Path, *arguments: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `run_tests.py restore`."""
    return subprocess.run(
        [sys.executable, str(root / "run_tests.py"), "restore", *arguments],
        env=clean_environment(**target.environment, ACCEPTANCE_STATE_DIR=str(states)),
        capture_output=True,
        text=True,
        timeout=LONGEST_RUN_SECONDS,
        check=False,
    )


def _run(
    command: Sequence[str],
    results: Path,
    backend: Backend | None,
    cwd: Path,
    states: Path,
    environment: Mapping[str, str],
) -> Outcome:
    mark = uuid.uuid4().hex
    variables = {MARK: mark, "ACCEPTANCE_STATE_DIR": str(states)}
    variables |= (backend.environment if backend else {}) | dict(environment)
    done = subprocess.run(
        command,
        cwd=cwd,
        env=clean_environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_RUN_SECONDS,
    )
    return Outcome(done.returncode, done.stdout, done.stderr, results, mark)


def _marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                found.append(process)
        except psutil.Error:
            continue
    return found
