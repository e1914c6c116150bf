"""Options and fixtures of the tests: real backends, real runs and a copy of the project."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.proof import ProofWriter
from tests.support.backends import StartBackend, backends
from tests.support.project import copy_project
from tests.support.running import StartRun, started_runs
from tests.support.runs import RunCommand, robot_runner, runner


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that write files."""
    parser.addoption("--pictures", type=Path, metavar="DIR", help="write screenshots of the pages into DIR")
    parser.addoption("--proof", type=Path, metavar="DIR", help="try the whole catalogue and write the proof into DIR")
    parser.addoption("--coverage", type=Path, metavar="FILE", help="write the responses that a full run gets to FILE")


def pytest_configure(config: pytest.Config) -> None:
    """Collect the proof in the main process, to which the others report."""
    directory = config.getoption("proof")
    if directory and not hasattr(config, "workerinput"):
        config.pluginmanager.register(ProofWriter(directory))


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of processes: more than there are cores, since tests wait for half of their time."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow tests, so that the others run while they wait."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project that the test may change."""
    return copy_project(tmp_path / "project")


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[StartBackend]:
    """Starts backends that end with the test."""
    with backends(tmp_path) as start:
        yield start


@pytest.fixture
def state_directory(tmp_path: Path) -> Path:
    """The journals and locks of the test's runs."""
    return tmp_path / "state"


@pytest.fixture
def run_tests(tmp_path: Path, state_directory: Path) -> RunCommand:
    """Runs `run_tests.py`, with the results in a new directory unless the arguments name one."""
    return runner(tmp_path, state_directory)


@pytest.fixture
def robot(tmp_path: Path, state_directory: Path) -> RunCommand:
    """Runs plain `robot`, with the results in a new directory."""
    return robot_runner(tmp_path, state_directory)


@pytest.fixture
def start_run(tmp_path: Path, state_directory: Path) -> Iterator[StartRun]:
    """Starts runs that end with the test."""
    with started_runs(tmp_path, state_directory) as start:
        yield start
