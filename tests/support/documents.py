"""The project's Markdown files: their code blocks, links and headings."""

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.support.project import ROOT, tracked_files

MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Block:
    """A code block.

    Attributes:
        document: The document, relative to the project's folder.
        line: Its first line.
        language: Its language.
        file: The last inline code before it; the name of the file where the block is the content of one.
        text: Its content.
    """

    document: Path
    line: int
    language: str
    file: str
    text: str


def documents() -> list[Path]:
    """Return all documents, relative to the project's folder."""
    return sorted(path for path in tracked_files() if path.suffix == ".md")


def tokens(document: Path) -> list[Token]:
    """Return the Markdown tokens of a document."""
    return MARKDOWN.parse((ROOT / document).read_text(encoding="utf-8"))


def blocks(document: Path) -> Iterator[Block]:
    """Yield the code blocks of a document."""
    last_code = ""
    for token in tokens(document):
        codes = [child.content for child in token.children or () if child.type == "code_inline"]
        last_code = codes[-1] if codes else last_code
        if token.type == "fence" and token.map:
            yield Block(document, token.map[0] + 1, token.info.strip(), last_code, token.content)


def links(document: Path) -> Iterator[str]:
    """Yield the targets of a document's links and images."""
    for token in tokens(document):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if target:
                yield str(target)


def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub builds them."""
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
