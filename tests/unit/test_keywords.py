"""The documentation that Libdoc generates: each keyword is documented, and each argument has a type."""

import json
from pathlib import Path

import pytest
from robot.libdoc import LibraryDocumentation

from tests.support.project import ROOT

LISTENERS = ("ExitCodes.py", "LogListener.py")
"""Libraries without keywords."""

SOURCES = sorted([*ROOT.glob("resources/*.resource"), *ROOT.glob("libraries/[A-Z]*.py")])


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_every_keyword_is_documented_and_every_argument_has_a_type(source: Path) -> None:
    documentation = json.loads(LibraryDocumentation(str(source)).to_json())
    assert documentation["doc"]
    assert bool(documentation["keywords"]) is (source.name not in LISTENERS)
    undocumented = [keyword["name"] for keyword in documentation["keywords"] if not keyword["doc"]]
    untyped = [
        f"{keyword['name']}: {argument['name']}"
        for keyword in documentation["keywords"]
        for argument in keyword["args"]
        if argument["type"] is None
    ]
    assert (undocumented, untyped) == ([], [])
