"""The profiles in `robot.toml` work in RobotCode."""

import subprocess
import sys
import tomllib
from pathlib import Path

from robot.running import TestSuite as Suite

from tests.support.project import ROOT, clean_environment

ROBOTCODE = str(Path(sys.executable).with_name("robotcode"))


def test_profiles_are_smoke_and_full() -> None:
    assert list(tomllib.loads((ROOT / "robot.toml").read_text("utf-8"))["profiles"]) == ["smoke", "full"]


def robotcode(*arguments: str) -> str:
    """Return the output of a successful `robotcode`."""
    done = subprocess.run([ROBOTCODE, *arguments], cwd=ROOT, env=clean_environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_smoke_profile_passes_on_the_embedded_backend(tmp_path: Path) -> None:
    output = robotcode("--profile", "smoke", "robot", "--outputdir", str(tmp_path))
    assert "22 tests, 22 passed, 0 failed" in output


def test_full_profile_has_every_test(tmp_path: Path) -> None:
    output = robotcode("--profile", "full", "robot", "--dryrun", "--outputdir", str(tmp_path))
    every = sum(Suite.from_file_system(path).test_count for path in (ROOT / "suites").glob("*.robot"))
    assert f"{every} tests, {every} passed, 0 failed" in output
