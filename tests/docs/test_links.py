"""No relative link in the documentation is dead."""

from pathlib import Path

import pytest

from tests.support.documents import anchors, documents, links
from tests.support.project import ROOT


@pytest.mark.parametrize("document", documents(), ids=str)
def test_every_relative_link_leads_to_an_existing_file_and_heading(document: Path) -> None:
    dead = []
    for link in links(document):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / document).parent.joinpath(name).resolve() if name else ROOT / document
        is_there = target.exists() and target.is_relative_to(ROOT)
        if not is_there or (anchor and anchor not in anchors(target.relative_to(ROOT))):
            dead.append(link)
    assert dead == []


def test_every_document_is_linked() -> None:
    read, unread = set[Path](), [Path("README.md")]
    while unread:
        document = unread.pop()
        read.add(document)
        names = [link.partition("#")[0] for link in links(document) if "://" not in link]
        near = [(ROOT / document).parent.joinpath(name).resolve() for name in names if name.endswith(".md")]
        unread += {path.relative_to(ROOT) for path in near if path.is_file()} - read - set(unread)
    assert read == set(documents())
