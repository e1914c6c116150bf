"""The image example: its steps run in a folder, and the result as the user of the image, who can write to volumes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.backends import Backend, StartBackend
from tests.support.image import Image, arguments, context, variables
from tests.support.project import ROOT, clean_environment

LONGEST_SECONDS = 120
READS_THE_INTERPRETER_OF_ROOT = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can run as another user, with setpriv"
)

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def image(tmp_path: Path) -> Image:
    """The image in a folder, of which only the volumes can be written."""
    (tmp_path / "image").mkdir()
    return Image(tmp_path / "image")


@pytest.fixture
def run(image: Image, tmp_path: Path) -> Run:
    """Runs the image as its user, with a folder of that user for temporary files, and without a home."""
    user, group = arguments("USER")[0].split(":")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    os.chown(temporary, int(user), int(group))

    def start(*options: str, target: Backend | None = None) -> "subprocess.CompletedProcess[str]":
        environment = {name: image.here(value) for name, value in variables().items()}
        environment |= {"HOME": "/", "TMPDIR": str(temporary), "PATH": f"{sys.prefix}/bin:/usr/bin:/bin"}
        program = [*map(image.here, arguments("ENTRYPOINT")), *options]
        return subprocess.run(
            ["setpriv", "--reuid", user, "--regid", group, "--clear-groups", *READS_THE_INTERPRETER_OF_ROOT, *program],
            cwd=image.workdir,
            env=clean_environment(**environment | (target.environment if target else {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )

    return start


@needs_root
def test_image_runs_as_its_user_and_writes_to_its_volumes_alone(
    backend: StartBackend, image: Image, run: Run, tmp_path: Path
) -> None:
    built, healthy, broken = set(image.files()), backend(), backend("phone_number_is_national")
    found = healthy.account()
    state, results = image.volumes
    ended = [
        run("--version"),
        run("--smoke"),
        run("--smoke", target=healthy),
        run("--smoke", target=broken),
        run("restore", target=healthy),
        run("post-deploy", healthy.url, "--log-dir", str(tmp_path / "tmp"), target=healthy),
    ]
    assert [done.returncode for done in ended] == [0, 0, 0, 3, 0, 0], "\n".join(done.stdout for done in ended)
    assert (results / "report.html").is_file()
    assert list(state.rglob("*.lock"))
    assert healthy.account() == found
    assert set(image.files()) == built


@needs_root
def test_modules_in_the_image_are_compiled(image: Image) -> None:
    folders = {path.parent for path in image.workdir.glob("[alr]*/**/*.py")}
    assert len(folders) > 5
    assert not [folder for folder in folders if not (folder / "__pycache__").is_dir()]


def test_context_of_the_build_contains_what_a_run_needs_and_no_file_of_the_team() -> None:
    names = {path.parts[0] for path in context()}
    assert {"acceptance.toml", "requirements.lock", "run_tests.py", "suites"} < names
    assert not {name for name in names if name.startswith(".")} | names & {"results", "tests", "docs", "tools"}


def test_image_has_a_numeric_user_without_rights_and_no_variable_with_a_secret() -> None:
    (user,) = arguments("USER")
    assert all(0 < int(number) < 65534 for number in user.split(":"))
    assert set(variables()) == {"ACCEPTANCE_STATE_DIR"}
    text = (ROOT / "examples" / "Containerfile").read_text("utf-8")
    assert "--require-hashes" in text
    assert [part.partition("=")[0] for part in arguments("ARG")] == ["PYTHON_IMAGE"]
