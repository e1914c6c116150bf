"""The image of `examples/Containerfile`, built in a folder: its own steps run there, and its paths lead there."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.project import ROOT, clean_environment, tracked_files

CONTAINERFILE = ROOT / "examples" / "Containerfile"


def steps() -> list[tuple[str, str]]:
    """Return the instructions of the file with their arguments."""
    text = re.sub(r"^#.*\n", "", CONTAINERFILE.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def arguments(instruction: str) -> list[str]:
    """Return the arguments of each such instruction, one after another."""
    found = [rest for name, rest in steps() if name == instruction]
    return [part for rest in found for part in (json.loads(rest) if rest.startswith("[") else shlex.split(rest))]


def variables() -> dict[str, str]:
    """Return the variables that the image sets."""
    return dict(part.split("=", 1) for part in arguments("ENV"))


def context() -> list[Path]:
    """Return the files of a clone that `.dockerignore` leaves in the context of the build."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    first, *others = [line for line in lines if not line.startswith("#")]
    assert first == "*"
    kept = {line.removeprefix("!") for line in others if line != "**/__pycache__"}
    assert all(f"!{name}" in others for name in kept)
    return [path for path in tracked_files() if path.parts[0] in kept]


class Image:
    """The image, in a folder.

    Args:
        root: The folder, which must be empty.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workdir = Path("/")
        for name, rest in steps():
            self._do(name, rest)

    def here(self, text: str) -> str:
        """Return `text` with the paths of the image as those in the folder."""
        ours = "|".join([*arguments("WORKDIR"), *arguments("VOLUME")])
        return re.sub(rf"(?<![\w/.])({ours})(?=[\s/]|$)", lambda found: f"{self.root}{found[1]}", text)

    @property
    def volumes(self) -> list[Path]:
        """The folders that are mounted in a container."""
        return [Path(self.here(volume)) for volume in arguments("VOLUME")]

    def files(self) -> Iterator[tuple[Path, int]]:
        """Return what is outside the volumes: each path, relative to the root, and when it was last changed."""
        for path in self.root.rglob("*"):
            if not any(path.is_relative_to(volume) for volume in self.volumes):
                yield path.relative_to(self.root), path.stat().st_mtime_ns

    def _do(self, instruction: str, rest: str) -> None:
        match instruction:
            case "ARG" | "FROM" | "ENV" | "VOLUME" | "USER" | "ENTRYPOINT":
                pass
            case "WORKDIR":
                self.workdir = Path(self.here(rest))
                self.workdir.mkdir(parents=True)
            case "COPY":
                source, _ = shlex.split(rest)
                for path in context():
                    if source in (".", str(path)):
                        (self.workdir / path).parent.mkdir(parents=True, exist_ok=True)
                        shutil.copy2(ROOT / path, self.workdir / path)
            case "RUN":
                environment = clean_environment(
                    PATH=f"{sys.prefix}/bin:{os.environ['PATH']}",
                    PIP_NO_INDEX="1",  # all that the lock file names is there, and nothing else is installed
                )
                subprocess.run(["sh", "-ec", self.here(rest)], cwd=self.workdir, env=environment, check=True)
            case _:
                raise ValueError(f"This test does not know the instruction {instruction} of the Containerfile.")
