"""The guide names every option and every variable, and no others."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.reporting.result_files import FILES
from acceptance.reporting.verdict import ADVICE
from reference_backend.settings import Settings
from tests.support.documents import tokens
from tests.support.project import ROOT, clean_environment

GUIDE = Path("docs/guide.md")
SOURCES = sorted([*ROOT.glob("acceptance/**/*.py"), *ROOT.glob("libraries/*.py"), ROOT / "run_tests.py"])
OPTION = re.compile(r"--[a-z][a-z-]*")
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
NOT_FOR_USERS = {
    "ACCEPTANCE_BUILD_AT": "the runner gives it to its workers",
    "ACCEPTANCE_CALLS_DIR": "the runner gives it to its workers",
    "ACCEPTANCE_SESSION_ADDRESS": "the runner gives it to its workers",
    "ACCEPTANCE_SESSION_KEY": "the runner gives it to its workers",
    "READ_ONLY": "a variable of Robot Framework",
    "ALLOW_DESTRUCTIVE": "a variable of Robot Framework",
    "RUN_ID": "a variable of Robot Framework",
    "RUN_SECONDS": "a variable of Robot Framework",
    "LOCK_TIMEOUT": "a variable of Robot Framework",
    "EXCLUDED_SETTINGS": "a variable of Robot Framework",
}
READ_BY_REQUESTS = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"}


def section(title: str, level: int) -> Iterator[list[str]]:
    """Yield the inline code in the first cell of each table row of a section."""
    inside, in_first_cell = False, False
    read = tokens(GUIDE)
    for number, token in enumerate(read):
        if token.type == "heading_open" and int(token.tag[1]) <= level:
            inside = read[number + 1].content.strip("`") == title
        if token.type == "tr_open":
            in_first_cell = True
        if inside and in_first_cell and token.type == "inline":
            yield [child.content for child in token.children or () if child.type == "code_inline"]
            in_first_cell = False


def commands() -> list[str]:
    """Return the commands that have arguments, such as `run_tests.py restore`."""
    sources = [path.read_text("utf-8") for path in (*SOURCES, *ROOT.glob("reference_backend/*.py"))]
    return sorted({name for source in sources for name in re.findall(r'prog="([^"]+)"', source)})


def documented_commands() -> list[str]:
    """Return the commands that have a section in the guide."""
    read, found, inside = tokens(GUIDE), [], False
    for number, token in enumerate(read):
        if token.type == "heading_open":
            title = read[number + 1].content
            inside = title == "Options" if token.tag == "h2" else inside
            if inside and token.tag == "h3":
                found.append(title.strip("`"))
    return sorted(found)


def test_guide_has_a_section_for_each_command_and_no_other() -> None:
    assert documented_commands() == commands()


@pytest.mark.parametrize("command", documented_commands())
def test_guide_names_the_options_of_a_command_and_no_others(command: str) -> None:
    arguments = [*command.removeprefix("python ").split(), "--help"]
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=clean_environment(), capture_output=True, text=True
    )
    usage, _, listed = done.stdout.partition("options:")
    assert usage.startswith(f"usage: {command} "), done.stdout + done.stderr
    there = set(re.findall(r"^\s+(?:-h, )?(--[a-z][a-z-]*)", listed, re.MULTILINE))
    assert {name for row in section(command, 3) for cell in row for name in OPTION.findall(cell)} == there


def test_guide_names_the_variables_that_are_read_and_no_others() -> None:
    texts = {
        node.value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and VARIABLE.fullmatch(node.value)
    }
    for resource in ROOT.glob("resources/*.resource"):
        texts |= set(re.findall(r"%\{(\w+)", resource.read_text("utf-8")))
    assert texts >= NOT_FOR_USERS.keys()
    read = texts - NOT_FOR_USERS.keys() | {name.upper() for name in Settings.model_fields}
    documented = {cell for row in section("Variables", 2) for cell in row if re.fullmatch("[A-Z][A-Z0-9_]+", cell)}
    assert documented == read | READ_BY_REQUESTS


def test_guide_has_advice_for_every_verdict() -> None:
    text = (ROOT / GUIDE).read_text("utf-8")
    assert ADVICE
    for word in ADVICE:
        _, _, advice = text.partition(f"### Verdict `{word}`")
        assert re.match(r"\s+\*\*Symptom\*\*.*?\*\*Cause\*\*.*?\*\*What to do\*\*", advice, re.DOTALL), word


def test_guide_names_every_file_of_the_results() -> None:
    assert {cell for row in section("Results", 2) for cell in row} == set(FILES)
