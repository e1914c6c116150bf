"""The documentation as tests read it: the Markdown files of the project, their code blocks, links and headings."""

import itertools
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.conftest import ROOT

MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Block:
    """A block of code in a document.

    Attributes:
        document: The document, seen from the project's folder.
        line: Where it begins.
        language: What it is written in.
        file: The last thing written as code before it, which is the file's name where it is the content of one.
        text: Its content.
    """

    document: Path
    line: int
    language: str
    file: str
    text: str


def tracked_files() -> list[Path]:
    """The files that a clone of the project has, and those about to be added, seen from the project's folder."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [Path(name) for name in names if name and (ROOT / name).is_file()]


def documents() -> list[Path]:
    """All documents, seen from the project's folder."""
    return sorted(path for path in tracked_files() if path.suffix == ".md")


def tokens(document: Path) -> list[Token]:
    """What a document consists of, in its order."""
    return MARKDOWN.parse((ROOT / document).read_text(encoding="utf-8"))


def blocks(document: Path) -> Iterator[Block]:
    """The blocks of code in a document."""
    last_code = ""
    for token in tokens(document):
        codes = [child.content for child in token.children or () if child.type == "code_inline"]
        last_code = codes[-1] if codes else last_code
        if token.type == "fence" and token.map:
            yield Block(document, token.map[0] + 1, token.info.strip(), last_code, token.content)


def links(document: Path) -> Iterator[str]:
    """Where a document's links lead, and its pictures are."""
    for token in tokens(document):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if target:
                yield str(target)


def anchors(document: Path) -> set[str]:
    """What the headings of a document are called in its address, as GitHub calls them."""
    read = tokens(document)
    headings = [inline for opening, inline in itertools.pairwise(read) if opening.type == "heading_open"]
    names: Counter[str] = Counter()
    found = set()
    for heading in headings:
        text = "".join(child.content for child in heading.children or ())
        name = re.sub(r"[^\w\- ]", "", unicodedata.normalize("NFC", text).lower()).replace(" ", "-")
        found.add(f"{name}-{names[name]}" if names[name] else name)
        names[name] += 1
    return found


def copy_project(folder: Path) -> Path:
    """Copy what a clone would have into `folder`, with the environment that the tests run in, and return it."""
    folder.mkdir()
    for path in tracked_files():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
    (folder / ".venv").symlink_to(sys.prefix)
    for lock in folder.glob("requirements*.lock"):
        os.utime(lock, (0, 0))  # make installs nothing: the environment is the newer one
    for arguments in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder
