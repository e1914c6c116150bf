"""The suites: one file of `suites/` for each capability."""

from dataclasses import dataclass, field
from pathlib import Path

from acceptance.config import ROOT
from acceptance.exit_codes import in_order

SUITES = ROOT / "suites"


@dataclass(frozen=True)
class Suite:
    """A suite that a run consists of.

    Attributes:
        name: Its capability, which is its file's name.
        title: What Robot Framework calls it.
        path: Its file.
        tests: The names of the tests that are to run; empty where none can be read from the file.
        metadata: The suite's metadata; `Exit 1` to `Exit 5` describe its exit codes.
        documentation: What the suite promises.
        writes: Whether one of the tests changes the account.
    """

    name: str
    title: str
    path: Path
    tests: tuple[str, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    documentation: str = ""
    writes: bool = False


def known_suites(directory: Path = SUITES) -> dict[str, Path]:
    """Return the files of all suites by their capabilities, in order."""
    files = {path.stem: path for path in directory.glob("*.robot") if not path.stem.startswith("_")}
    return {name: files[name] for name in in_order(files)}
