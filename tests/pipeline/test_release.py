"""The release: its steps run as GitHub Actions runs them, in a clone of a bare repository, with a `gh` that records."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from acceptance import __version__
from tests.support.project import ROOT
from tests.support.workflows import read_workflow, run_step

WORKFLOW = read_workflow(ROOT / ".github/workflows/release.yml")
CHECK = "Compare the tag with the version and the changelog"
GH = """#!/usr/bin/env bash
echo "$*" >> "$RECORD"
case "$1 $2" in
    "release view") [[ -e "$RECORD.$3" ]] ;;
    "release "*) touch "$RECORD.$3"; cp notes.md "$RECORD.notes" ;;
esac
"""
CHANGELOG = """# Changelog

## [Unreleased]

- Not yet released.

## [{version}] - 2026-11-27

### Added

- What is new in {version}.

## [0.1.0] - 2026-01-01

- What was new before.
"""


class Repository:
    """A bare repository, and a clone in which versions are released.

    Attributes:
        clone: The clone.
        record: The calls of `gh`, one a line.
    """

    def __init__(self, directory: Path) -> None:
        self.clone, self.record = directory / "clone", directory / "record"
        self._programs = directory / "bin"
        self._programs.mkdir()
        (self._programs / "gh").write_text(GH)
        (self._programs / "gh").chmod(0o755)
        subprocess.run(["git", "init", "--quiet", "--bare", str(directory / "origin")], check=True)
        subprocess.run(["git", "clone", "--quiet", str(directory / "origin"), str(self.clone)], check=True)

    def git(self, *arguments: str) -> str:
        """Run git in the clone, and return what it prints."""
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.com")
        command = ["git", *identity, *arguments]
        return subprocess.run(command, cwd=self.clone, check=True, capture_output=True, text=True).stdout.strip()

    def tag(self, tag: str, version: str | None = None, changelog: str = CHANGELOG) -> str:
        """Commit a version, push its tag, and return the commit."""
        version = version or tag.removeprefix("v")
        (self.clone / "acceptance").mkdir(exist_ok=True)
        (self.clone / "acceptance" / "__init__.py").write_text(f'"""Plain Python."""\n\n__version__ = "{version}"\n')
        (self.clone / "CHANGELOG.md").write_text(changelog.format(version=version))
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", f"release: {tag}")
        self.git("tag", "--annotate", "--message", tag, tag)
        self.git("push", "--quiet", "origin", f"refs/tags/{tag}")
        return self.git("rev-parse", "HEAD")

    def run(self, step: Mapping[str, Any], tag: str) -> subprocess.CompletedProcess[str]:
        """Run a step for a pushed tag."""
        given = {**WORKFLOW["jobs"]["publish"]["env"], **step.get("env", {})}
        assert set(given.values()) <= {"${{ github.ref_name }}", "${{ github.token }}"}
        environment = {name: tag if "ref_name" in value else "a-token" for name, value in given.items()}
        path = f"{self._programs}:/usr/bin:/bin"
        return run_step(step, self.clone, **environment, PATH=path, RECORD=str(self.record))

    def release(self, tag: str) -> list[str]:
        """Run the steps of both jobs but the tests, and return the calls of `gh`."""
        self.record.write_text("")
        for job in WORKFLOW["jobs"].values():
            for step in job["steps"]:
                if "run" in step and "make test" not in step["run"]:
                    done = self.run(step, tag)
                    assert done.returncode == 0, done.stdout + done.stderr
        return self.record.read_text().splitlines()

    def published(self, tag: str) -> str:
        """Return the commit of a tag in the bare repository, empty where there is none."""
        return self.git("ls-remote", "origin", f"refs/tags/{tag}^{{}}", f"refs/tags/{tag}").split("\t")[0]

    @property
    def notes(self) -> str:
        """The text of the release that was published last."""
        return Path(f"{self.record}.notes").read_text()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository without a release."""
    return Repository(tmp_path)


def step(name: str) -> Mapping[str, Any]:
    """Return a step by its name."""
    steps = [one for job in WORKFLOW["jobs"].values() for one in job["steps"]]
    return next(one for one in steps if one.get("name") == name)


def test_release_is_published_with_its_section_of_the_changelog(repository: Repository) -> None:
    commit = repository.tag("v1.2.3")
    calls = repository.release("v1.2.3")
    assert calls[:2] == [
        "release view v1.2.3",
        "release create v1.2.3 --verify-tag --title v1.2.3 --notes-file notes.md --latest=true",
    ]
    assert repository.notes.strip() == "### Added\n\n- What is new in 1.2.3."
    assert repository.published("v1") == commit


def test_release_moves_the_tag_of_its_major_version_alone(repository: Repository) -> None:
    first = repository.tag("v1.9.0")
    repository.release("v1.9.0")
    second = repository.tag("v1.10.0")
    repository.release("v1.10.0")
    assert first != second == repository.published("v1")
    repository.tag("v2.0.0-rc.1")
    third = repository.tag("v2.0.0")
    repository.release("v2.0.0")
    assert (repository.published("v1"), repository.published("v2")) == (second, third)


def test_fix_of_an_older_version_neither_moves_the_tag_back_nor_is_the_latest(repository: Repository) -> None:
    newest = repository.tag("v1.10.0")
    repository.release("v1.10.0")
    repository.tag("v1.9.1")
    calls = repository.release("v1.9.1")
    assert calls[-1].endswith("--latest=false")
    assert repository.published("v1") == newest


def test_release_that_is_run_again_is_edited(repository: Repository) -> None:
    commit = repository.tag("v1.2.3")
    repository.release("v1.2.3")
    calls = repository.release("v1.2.3")
    assert calls[:2] == ["release view v1.2.3", "release edit v1.2.3 --notes-file notes.md"]
    assert repository.published("v1") == commit


@pytest.mark.parametrize(
    ("version", "changelog", "reason"),
    [
        ("1.2.4", CHANGELOG, "The tag is v1.2.3, but the version in acceptance/__init__.py is 1.2.4."),
        (
            "1.2.3",
            CHANGELOG.replace(" - 2026-11-27", " - unreleased"),
            "CHANGELOG.md has no heading '## [1.2.3] - YYYY",
        ),
        (
            "1.2.3",
            CHANGELOG.replace("[{version}]", "[112.3]"),
            "CHANGELOG.md has no heading '## [1.2.3] - YYYY-MM-DD'.",
        ),
    ],
    ids=["another version", "no date", "no section"],
)
def test_tag_that_does_not_match_releases_nothing(
    version: str, changelog: str, reason: str, repository: Repository
) -> None:
    repository.tag("v1.2.3", version, changelog)
    done = repository.run(step(CHECK), "v1.2.3")
    assert done.returncode == 1
    assert done.stdout.startswith(f"::error title=Nothing is released::{reason}")
    assert done.stdout.count("\n") == 1


def test_only_a_tested_release_is_published() -> None:
    test, publish = WORKFLOW["jobs"]["test"], WORKFLOW["jobs"]["publish"]
    assert publish["needs"] == "test"
    names = [one["name"] for one in test["steps"]]
    assert names.index(CHECK) < names.index("Lint and test")
    assert step("Lint and test")["run"] == "make test"
    assert WORKFLOW["on"] == {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}}
    assert (WORKFLOW["permissions"], publish["permissions"]) == ({"contents": "read"}, {"contents": "write"})
    assert "permissions" not in test


def test_this_version_has_a_section_in_the_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## \[{re.escape(__version__)}\] - ", text, re.MULTILINE)
