"""What the tests share: real backends and real runs, each in a process of its own, which no test outlives."""

import json
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest

from tests.faults import CATALOGUE
from tests.faults.proof import Trial
from tests.faults.proof import write as write_proof
from tests.support.serve import serve_as_child

ROOT = Path(__file__).resolve().parents[1]
EMAIL, PASSWORD = "owner@wrapped.example", "correct-horse-battery"
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
MARK = "TEST_RUN_MARK"
LONGEST_RUN_SECONDS = 150
STOP_SECONDS = 10
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.support.serve"])


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that write down what the tests found."""
    parser.addoption("--pictures", type=Path, metavar="DIR", help="keep pictures of the pages in DIR")
    parser.addoption("--proof", type=Path, metavar="DIR", help="try the whole catalogue and write the proof into DIR")
    parser.addoption("--coverage", type=Path, metavar="FILE", help="write which answers a full run meets into FILE")


def pytest_configure(config: pytest.Config) -> None:
    """Gather the proof where the tests are reported, which is in the first process alone."""
    directory = config.getoption("proof")
    if directory and not hasattr(config, "workerinput"):
        config.pluginmanager.register(ProofWriter(directory))


class ProofWriter:
    """Writes the proof page from what the tests of the catalogue report."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._trials: list[Trial] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in what one test found."""
        if report.when == "call":
            found = [value for name, value in report.user_properties if name == "trial"]
            self._trials += [Trial(**json.loads(str(value))) for value in found]

    def pytest_sessionfinish(self) -> None:
        """Write the page."""
        write_proof(self._directory, self._trials)


def copy_of_the_project(directory: Path) -> Path:
    """Copy what a run needs of the project into `directory`, and return it."""
    for name in (".github", "acceptance", "libraries", "reference_backend", "resources", "suites"):
        shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("backend_post_deploy_verify.sh", "acceptance.toml", "requirements.lock", "run_tests.py"):
        shutil.copy2(ROOT / name, directory / name)
    return directory


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, to be changed at will."""
    return copy_of_the_project(tmp_path / "project")


def clean_environment(**variables: str) -> dict[str, str]:
    """The environment of a shell in which nobody has set anything for us, and `variables`."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | variables


@dataclass(frozen=True)
class Backend:
    """A backend that listens.

    Attributes:
        url: Where.
        email, password: Its account.
    """

    url: str
    email: str
    password: str
    database: Path
    calls_file: Path

    @property
    def environment(self) -> dict[str, str]:
        """What makes a run use it."""
        return {"API_URL": self.url, "E2E_EMAIL": self.email, "E2E_PASSWORD": self.password}

    def account(self) -> dict[str, Any]:
        """The settings as they are in the database, whatever the API says."""
        connection = sqlite3.connect(self.database)
        connection.row_factory = sqlite3.Row
        try:
            (row,) = connection.execute("SELECT * FROM business").fetchall()
            return dict(row)
        finally:
            connection.close()

    def calls(self) -> list[str]:
        """The requests that it was sent: `METHOD path status`, and `with a token` where one was sent."""
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []


class StartBackend(Protocol):
    """Starts a backend with faults of the catalogue; `environment` are its settings."""

    def __call__(self, *faults: str, **environment: str) -> Backend: ...


@dataclass(frozen=True)
class Outcome:
    """What a run left.

    Attributes:
        code: Its exit code.
        summary: What `summary.json` holds, None where there is none.
        results: The directory that it was to write to.
    """

    code: int
    stdout: str
    stderr: str
    results: Path
    mark: str = field(repr=False)

    @property
    def summary(self) -> dict[str, Any] | None:
        """What `summary.json` holds, None where there is none."""
        path = self.results / "summary.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    @property
    def verdict(self) -> dict[str, Any]:
        """The summary of a run that came to one."""
        assert self.summary is not None, self.stdout + self.stderr
        return self.summary

    @property
    def codes(self) -> dict[str, int]:
        """The exit code of each suite."""
        return {name: suite["exit_code"] for name, suite in self.verdict["suites"].items()}

    def files(self) -> set[str]:
        """The names of all that is in the results."""
        return {path.name for path in self.results.iterdir()} if self.results.is_dir() else set()

    def survivors(self) -> list[psutil.Process]:
        """The processes of the run that are still there when they have had time to end."""
        return psutil.wait_procs(_marked(self.mark), STOP_SECONDS)[1]


class RunCommand(Protocol):
    """Runs a command to its end: against `backend` where one is given, in `cwd`, with `environment`."""

    def __call__(
        self,
        *arguments: str,
        backend: Backend | None = None,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        root: Path = ROOT,
    ) -> Outcome: ...


def _marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                found.append(process)
        except psutil.Error:
            continue
    return found


@contextmanager
def backends(directory: Path) -> Iterator[StartBackend]:
    """Start backends that keep their data in `directory`, and end with the block."""
    with ExitStack() as stack:

        def start(*faults: str, **environment: str) -> Backend:
            folder = directory / f"backend-{uuid.uuid4().hex[:8]}"
            folder.mkdir()
            database, calls = folder / "backend.db", folder / "calls"
            settings = {
                "E2E_EMAIL": EMAIL,
                "E2E_PASSWORD": PASSWORD,
                "LOGIN_RATE_LIMIT": "9999/minute",
                "DATABASE_URL": f"sqlite:///{database}",
            }
            for name in faults:
                settings |= CATALOGUE[name].environment
            settings |= environment
            ours, its = FORKS.Pipe()
            process = FORKS.Process(
                target=serve_as_child, args=(faults, calls, clean_environment(**settings), its), daemon=True
            )
            process.start()
            its.close()
            stack.callback(_stop, process, ours)
            with os.fdopen(os.dup(ours.fileno()), encoding="utf-8") as console:
                url = console.readline().removeprefix("Listening on ").strip()
            assert url, "the backend did not start"
            return Backend(url, settings["E2E_EMAIL"], settings["E2E_PASSWORD"], database, calls)

        yield start


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[StartBackend]:
    """Starts backends that end with the test."""
    with backends(tmp_path) as start:
        yield start


def _stop(process: BaseProcess, console: Connection) -> None:
    console.close()
    process.join(STOP_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()


@pytest.fixture
def state_directory(tmp_path: Path) -> Path:
    """Where the runs of a test keep journals and locks."""
    return tmp_path / "state"


def runner(directory: Path, states: Path) -> RunCommand:
    """Return what runs `run_tests.py`, with the results below `directory` unless the arguments name another."""

    def run(
        *arguments: str,
        backend: Backend | None = None,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        root: Path = ROOT,
    ) -> Outcome:
        results = directory / f"results-{uuid.uuid4().hex[:8]}"
        ours = () if "--output-dir" in arguments else ("--output-dir", str(results))
        if not ours:
            results = Path(arguments[arguments.index("--output-dir") + 1])
        command = [sys.executable, str(root / "run_tests.py"), *ours, *arguments]
        return _run(command, results, backend, cwd or root, states, environment or {})

    return run


@pytest.fixture
def run_tests(tmp_path: Path, state_directory: Path) -> RunCommand:
    """Runs `run_tests.py`, with the results in a directory of its own unless the arguments name one."""
    return runner(tmp_path, state_directory)


@pytest.fixture
def robot(tmp_path: Path, state_directory: Path) -> RunCommand:
    """Runs plain `robot`, with the results in a directory of its own."""

    def run(
        *arguments: str,
        backend: Backend | None = None,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        root: Path = ROOT,
    ) -> Outcome:
        results = tmp_path / f"results-{uuid.uuid4().hex[:8]}"
        command = [sys.executable, "-m", "robot", "--outputdir", str(results), *arguments]
        return _run(command, results, backend, cwd or root, state_directory, environment or {})

    return run


def _run(
    command: list[str],
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
