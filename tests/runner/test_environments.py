"""Unusual environments of a run, in which a healthy backend must get its verdict."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.faults.catalogue import SUITES
from tests.support.backends import StartBackend
from tests.support.project import ROOT, clean_environment
from tests.support.runs import RunCommand

SOME_USER = 12345
AS_SOME_USER = (
    *("setpriv", "--reuid", str(SOME_USER), "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),  # reads the interpreter of root
)
LONG_NAME = "d" * 150
DIES = """
import os
ROBOT_LISTENER_API_VERSION = 3
def start_test(data, result):
    if data.name == "Calendar Connection Status Is Boolean":
        os.write(2, b"Out of memory, and the password is correct-horse-battery.\\n")
        os.abort()
"""

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can run as another user, with setpriv"
)


@pytest.fixture
def directory_of_some_user(tmp_path: Path) -> Iterator[Path]:
    """A directory that belongs to the other user, in one that everybody can enter."""
    directory = tmp_path / "some-user"
    directory.mkdir()
    os.chown(directory, SOME_USER, SOME_USER)
    yield directory
    os.chown(directory, 0, 0)


def smoke_as_some_user(
    directory: Path, variables: Mapping[str, str] | None = None, root: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run the smoke tests with results and temporary files in `directory`, and without HOME."""
    environment = clean_environment() | {"TMPDIR": str(directory)} | dict(variables or {})
    environment.pop("HOME", None)
    command = [
        *AS_SOME_USER,
        sys.executable,
        str(root / "run_tests.py"),
        "--smoke",
        "--output-dir",
        str(directory / "out"),
    ]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONSAFEPATH": "1"},
        {"PYTHONDONTWRITEBYTECODE": "1"},
        {"HTTP_PROXY": "http://127.0.0.1:1"},
        {"JWT_SECRET": "short"},
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=lambda variables: " ".join(variables),
)
def test_variables_for_other_programs_change_no_verdict(variables: dict[str, str], run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", environment=variables)
    assert (outcome.code, outcome.stderr) == (0, "")


def test_console_of_ascii_shows_other_characters_as_escapes(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("phone_number_has_arabic_digits")
    outcome = run_tests("--smoke", backend=target, environment={"PYTHONIOENCODING": "ascii"})
    assert (outcome.code, outcome.stderr) == (3, "")
    assert "\\u" in outcome.stdout


def test_path_of_temporary_files_may_be_long(run_tests: RunCommand, tmp_path: Path) -> None:
    directory = tmp_path / LONG_NAME
    directory.mkdir()
    outcome = run_tests("--smoke", environment={"TMPDIR": str(directory)})
    assert outcome.code == 0, outcome.stdout + outcome.stderr
    assert list(directory.iterdir()) == []


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_standard_streams_may_be_closed(closed: str, tmp_path: Path) -> None:
    command = f'"$0" "$1" --smoke --output-dir "$2" {closed}'
    arguments = [sys.executable, str(ROOT / "run_tests.py"), str(tmp_path)]
    done = subprocess.run(["sh", "-c", command, *arguments], env=clean_environment(), check=False)
    assert done.returncode == 0


@needs_root
@pytest.mark.parametrize("is_embedded", [True, False], ids=["embedded", "target"])
def test_user_may_have_no_name_and_no_home(
    is_embedded: bool, backend: StartBackend, directory_of_some_user: Path
) -> None:
    variables = None if is_embedded else backend().environment
    for _ in range(2):
        done = smoke_as_some_user(directory_of_some_user, variables)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert not (ROOT / "~").exists()


@needs_root
def test_state_directory_of_somebody_else_is_not_used(backend: StartBackend, directory_of_some_user: Path) -> None:
    (directory_of_some_user / f"acceptance-state-{SOME_USER}").mkdir(mode=0o777)
    target = backend()
    done = smoke_as_some_user(directory_of_some_user, target.environment)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (5, "", 1)
    assert "belongs to somebody else; set ACCEPTANCE_STATE_DIR" in done.stderr
    assert target.calls() == []


@needs_root
def test_checkout_may_be_read_only(project: Path, directory_of_some_user: Path) -> None:
    subprocess.run(["chmod", "-R", "a-w", str(project)], check=True)
    files = set(project.rglob("*"))
    done = smoke_as_some_user(directory_of_some_user, root=project)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert set(project.rglob("*")) == files


def test_suite_whose_process_dies_is_told_with_its_last_output(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    listener = tmp_path / "dies.py"
    listener.write_text(DIES)
    outcome = run_tests("--smoke", "--", "--listener", str(listener), backend=backend())
    assert (outcome.code, outcome.codes) == (5, dict.fromkeys(SUITES, 0) | {"calendar": 5})
    (note,) = (note for note in outcome.verdict["notes"] if note.startswith("The process of calendar left no result."))
    assert "Out of memory, and the password is •••." in note
    assert "Calendar Connection Status Can Be Read" in note
    assert "Out of memory" in outcome.stdout


def test_setup_compiles_what_is_installed() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", "setup"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.index("-m pip install") < done.stdout.index("-m compileall -q")
