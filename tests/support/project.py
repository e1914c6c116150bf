"""The project that the tests run: its folder, the environment of a clean shell, and copies of it."""

import os
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")


def clean_environment(**variables: str) -> dict[str, str]:
    """Return the environment of a shell that sets nothing for the project, and `variables`."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | variables


def tracked_files() -> list[Path]:
    """Return the files in git and those about to be added, relative to the project's folder."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [Path(name) for name in names if name and (ROOT / name).is_file()]


def copy_with_environment(directory: Path) -> Path:
    """Copy the project with the environment of the tests, to which `make` adds nothing, and return the copy."""
    if not (Path(sys.prefix) / "dev").exists():
        pytest.skip("make would install packages here: this test needs the environment that 'make setup-dev' makes")
    copy = copy_project(directory)
    (copy / ".venv").symlink_to(sys.prefix)
    for lock in copy.glob("requirements*.lock"):
        os.utime(lock, (0, 0))  # the environment is newer
    return copy


def copy_project(directory: Path) -> Path:
    """Copy the tracked files into `directory`, with the compiled modules, so that no run compiles them; return it."""
    tracked = tracked_files()
    compiled = [Path(cache_from_source(str(path))) for path in tracked if path.suffix == ".py"]
    for path in [*tracked, *(one for one in compiled if (ROOT / one).is_file())]:
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, directory / path)
    return directory
