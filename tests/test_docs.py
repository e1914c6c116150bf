"""The documentation: its commands run, its links lead somewhere, and no option, variable or keyword is missing."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from robot.libdocpkg import LibraryDocumentation

from reference_backend import Settings
from tests.conftest import ROOT, Backend, RunCommand, StartBackend, clean_environment

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
GUIDE = ROOT / "docs" / "guide.md"
EXAMPLE = ROOT / "docs" / "adding-a-capability.md"
LONGEST_COMMAND_SECONDS = 300
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".*_cache", "results", "__pycache__", "node_modules", "keywords")

NOT_RUN = {
    "python3 -m venv": "it would replace what these tests run in",
    ".venv/bin/pip install": "it would replace what these tests run in",
    "make test": "these tests are part of it",
    "make lint": "these tests run after it",
}
"""Commands that are not run here, by their beginnings, and why."""

INTERNAL = {
    "ACCEPTANCE_CALLS_DIR": "the runner sets it for its own processes",
    "ACCEPTANCE_SESSION_ADDRESS": "the runner sets it for its own processes",
    "ACCEPTANCE_SESSION_KEY": "the runner sets it for its own processes",
    "ALLOW_DESTRUCTIVE": "a variable of Robot Framework, set by an option",
    "READ_ONLY": "a variable of Robot Framework, set by an option",
    "RUN_ID": "a variable of Robot Framework, set by the runner",
}
"""Names in the code that look like variables of the environment but are none for a user, and why."""

READ_BY_REQUESTS = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"}


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes:
        page: The page.
        line: Where the block begins.
        language: Its language.
        file: The file that it is to be written into, None where it is none.
        text: What it holds.
    """

    page: Path
    line: int
    language: str
    file: str | None
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def commands(self) -> str:
        """What of it is run."""
        lines = self.text.splitlines()
        return "\n".join(line for line in lines if line and not line.startswith(tuple(NOT_RUN)))


def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def blocks(page: Path) -> list[Block]:
    """All fenced blocks; one behind a paragraph such as `suites/faq.robot`: is the content of that file."""
    found, named = [], None
    for token in tokens(page):
        if token.type == "fence":
            assert token.map
            found.append(Block(page, token.map[0] + 1, token.info, named[1] if named else None, token.content))
        if token.type == "inline":
            named = re.fullmatch(r"`([^` ]+)`:", token.content)
    return found


SHELL = [block for page in PAGES for block in blocks(page) if block.language == "bash"]
RUN = [block for block in SHELL if block.page != EXAMPLE and block.commands]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project as a clone of it would be after `make setup-dev`."""
    environment = Path(sys.prefix)
    if not (environment / "dev").exists():
        pytest.skip("make would install packages: these tests do not run in what 'make setup-dev' made")
    copy = shutil.copytree(ROOT, tmp_path / "project", ignore=NOT_COPIED)
    (copy / "results").mkdir()
    (copy / ".venv").symlink_to(environment)
    for lock in copy.glob("requirements*.lock"):
        os.utime(lock, (0, 0))
    subprocess.run(["git", "init", "--quiet"], cwd=copy, env=clean_environment(), check=True)
    return copy


Execute = Callable[[Block, Backend], str]


@pytest.fixture
def execute(project: Path, state_directory: Path) -> Execute:
    """Runs the commands of a block in the copy of the project, and returns what they say."""

    def run(block: Block, backend: Backend) -> str:
        commands = block.commands
        for documented, real in {
            "https://api.staging.example.com": backend.url,
            "http://127.0.0.1:8000": backend.url,
            "owner@example.com": backend.email,
            "E2E_PASSWORD=…": f"E2E_PASSWORD={backend.password}",
            "--port 8000": "--port 0 --until-stdin-closes",
        }.items():
            commands = commands.replace(documented, real)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=project,
            env=clean_environment(ACCEPTANCE_STATE_DIR=str(state_directory)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_COMMAND_SECONDS,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}"
        return done.stdout

    return run


@pytest.mark.parametrize("block", RUN, ids=str)
def test_commands_do_what_the_page_says(block: Block, execute: Execute, backend: StartBackend) -> None:
    execute(block, backend())


@pytest.mark.parametrize("command", NOT_RUN)
def test_command_that_is_not_run_is_documented(command: str) -> None:
    assert [block for block in SHELL if f"\n{command}" in f"\n{block.text}"]


def test_worked_example_ends_with_a_capability_that_is_reported_everywhere(
    project: Path, execute: Execute, backend: StartBackend
) -> None:
    steps = blocks(EXAMPLE)
    files = [step for step in steps if step.file]
    check, style, *failing = [step for step in steps if step.language == "bash"]
    for step in files:
        (project / str(step.file)).write_text(step.text, encoding="utf-8")
    assert len(files) == 3

    console = execute(check, backend())
    summary = json.loads((project / "results" / "summary.json").read_text(encoding="utf-8"))
    assert re.search(r"^faq +healthy +0 ", console, re.MULTILINE), console
    assert list(summary["suites"]) == ["settings", "calendar", "twilio", "faq"]
    assert (summary["suites"]["faq"]["exit_code"], summary["suites"]["faq"]["passed"]) == (0, 2)
    for name in ("report.html", "log.html", "output.xml", "xunit.xml"):
        assert "Questions Can Be Read" in (project / "results" / name).read_text(encoding="utf-8"), name
    execute(style, backend())

    faults = [fault for step in failing for fault in re.findall(r"--fault (\w+)", step.text)]
    broken = backend(*faults)
    console = "".join(execute(step, broken) for step in failing)
    assert "exit code 4" in console
    assert "Questions cannot be read" in console
    summary = json.loads((project / "results" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["exit_code"], summary["suites"]["faq"]["meaning"]) == (4, "Questions cannot be read")


@pytest.mark.parametrize("profile", ["smoke", "full"])
def test_profile_of_robotcode_runs(profile: str, project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "robotcode.cli", "--profile", profile, "robot"],
        cwd=project,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_COMMAND_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (project / "results" / "robotcode" / "report.html").exists()
    assert ("Wrong Password Is Refused" in done.stdout) == (profile == "full")


# What the guide lists


def first_cells(text: str, pattern: str) -> list[str]:
    return re.findall(rf"^\| `({pattern})` \|", text, re.MULTILINE)


def test_guide_lists_the_options_there_are(run_tests: RunCommand) -> None:
    there = set(re.findall(r"(?<!\S)\[?(--[a-z][a-z-]+)", run_tests("--help").stdout))
    assert sorted(first_cells(GUIDE.read_text(encoding="utf-8"), "--[a-z-]+")) == sorted(there)


def test_guide_lists_the_options_of_restoring(run_tests: RunCommand) -> None:
    done = subprocess.run(
        [sys.executable, "run_tests.py", "restore", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    there = set(re.findall(r"(?<!\S)\[?(--[a-z][a-z-]+)", done.stdout))
    text = GUIDE.read_text(encoding="utf-8")
    paragraph = text.partition("`run_tests.py restore` puts back")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(--[a-z-]+)`", paragraph)) == there


def test_guide_lists_the_variables_there_are() -> None:
    sources = [ROOT / "run_tests.py", *(ROOT / "acceptance").glob("*.py"), *(ROOT / "libraries").glob("*.py")]
    named = {name for path in sources for name in re.findall(r'"([A-Z][A-Z0-9]*_[A-Z0-9_]+)"', path.read_text())}
    named |= {
        name for path in (ROOT / "resources").glob("*.resource") for name in re.findall(r"%\{(\w+)", path.read_text())
    }
    named |= {name.upper() for name in Settings.model_fields}
    assert set(INTERNAL) - named == set()
    documented = set(first_cells(GUIDE.read_text(encoding="utf-8"), "[A-Z][A-Z0-9_]+"))
    assert sorted(documented) == sorted(named - set(INTERNAL) | READ_BY_REQUESTS)


# Keywords

KEYWORD_FILES = sorted([*(ROOT / "libraries").glob("[A-Z]*.py"), *(ROOT / "resources").glob("*.resource")])


@pytest.mark.parametrize("path", KEYWORD_FILES, ids=lambda path: path.name)
def test_keywords_are_documented_and_their_arguments_have_types(path: Path) -> None:
    described = LibraryDocumentation(str(path))
    keywords = described.keywords
    assert described.doc
    assert keywords
    assert [keyword.name for keyword in keywords if not keyword.doc] == []
    assert [f"{one.name}: {arg.name}" for one in keywords for arg in one.args if not arg.type] == []


def test_pages_on_keywords_are_written(project: Path) -> None:
    subprocess.run(["make", "--silent", "docs"], cwd=project, env=clean_environment(), check=True)
    written = {path.stem for path in (project / "docs" / "keywords").rglob("*.html")}
    assert written == {path.stem for path in KEYWORD_FILES}


# Links


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    found = tokens(page)
    titles = [after.content for token, after in pairwise(found) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(page: Path) -> list[str]:
    inner = [child for token in tokens(page) for child in token.children or []]
    return [str(one.attrs.get("href") or one.attrs.get("src")) for one in inner if one.type in ("link_open", "image")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if "://" not in link and not (target.exists() and (not anchor or anchor in anchors(target))):
            dead.append(link)
    assert dead == []


def test_pages_have_links_to_check() -> None:
    assert sum(len(links(page)) for page in PAGES) > 10
