"""What keeps the dependencies fresh: Dependabot, the weekly workflow, the lock files and the pins of actions."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.project import ROOT, clean_environment, copy_project
from tests.support.workflows import read_workflow, run_step

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCKS = {
    "requirements.lock": PROJECT["dependencies"],
    "requirements-dev.lock": [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]],
}
PIN = re.compile(r"^[\w.-]+==[^\\]+", re.MULTILINE)
ACTION = re.compile(r"uses: ([\w-]+/[\w-]+)(?:/[\w/-]+)?@(\S+)(?: # (v[\d.]+))?$", re.MULTILINE)
OURS = "your-organisation/acceptance"
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
GH = """#!/usr/bin/env bash
echo "$*" >> "$RECORD"
if [[ "$1 $2" == "pr list" ]]; then grep -c "pr create" "$RECORD" || true; fi
"""


GITHUB = ROOT / ".github"
WEEKLY = read_workflow(GITHUB / "workflows/dependencies.yml")


def pins(lock: str) -> dict[str, str]:
    """Return the version of each package that a lock file pins for this Python."""
    found = [Requirement(text) for text in PIN.findall((ROOT / lock).read_text("utf-8"))]
    here = [one for one in found if one.marker is None or one.marker.evaluate()]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in here}


@pytest.mark.parametrize("lock", LOCKS)
def test_each_pin_is_in_the_range_of_the_project(lock: str) -> None:
    pinned = pins(lock)
    for text in LOCKS[lock]:
        requirement = Requirement(text)
        version = pinned.get(canonicalize_name(requirement.name), "no version")
        assert requirement.specifier.contains(version), f"{lock} pins {version} of '{text}'; run 'make lock'."


def test_both_lock_files_pin_the_same_versions() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


def test_an_action_has_one_pin_in_all_workflows() -> None:
    paths = [*(ROOT / ".github/workflows").glob("*.yml"), *(ROOT / "examples").rglob("*.yml")]
    uses = {match for path in paths for match in ACTION.findall(path.read_text("utf-8")) if match[0] != OURS}
    assert len({action for action, _, _ in uses}) == len(uses) > 3
    assert all(re.fullmatch("[0-9a-f]{40}", commit) and version for _, commit, version in uses)


def test_dependabot_renews_the_actions_and_the_packages_weekly_in_groups() -> None:
    updates = {one["package-ecosystem"]: one for one in read_workflow(GITHUB / "dependabot.yml")["updates"]}
    assert updates.keys() == {"github-actions", "pip"}
    for one in updates.values():
        assert one["schedule"] == {"interval": "weekly"}
        assert [group["patterns"] for group in one["groups"].values()] == [["*"]]
    folders = {
        path.parent for path in (ROOT / "examples").rglob("*.yml") if "uses: actions/" in path.read_text("utf-8")
    }
    given = {ROOT / directory.strip("/") for directory in updates["github-actions"]["directories"]}
    assert given == {ROOT, *folders}


def test_each_supported_python_is_tested() -> None:
    job = read_workflow(GITHUB / "workflows/ci.yml")["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == PYTHONS
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"


def test_the_weekly_workflow_audits_the_lock_files() -> None:
    assert [one["cron"].split()[2:4] for one in WEEKLY["on"]["schedule"]] == [["*", "*"]]
    assert WEEKLY["jobs"]["audit"]["steps"][-1]["run"] == "make audit"
    command = ["make", "--dry-run", "--assume-old", "setup-dev", "--assume-old", ".venv/dev", "audit"]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=True)
    arguments = done.stdout.replace("\\\n", " ").split("pip-audit", 1)[1].split()
    checked = subprocess.run(
        [Path(sys.executable).with_name("pip-audit"), *arguments, "--dry-run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr
    assert f"would have audited {len(pins('requirements-dev.lock'))} packages" in checked.stderr
    assert all(lock in arguments for lock in LOCKS)


def steps_of_update() -> dict[str, Mapping[str, Any]]:
    """Return the steps that propose new releases, by name."""
    return {one["name"]: one for job in ("update", "propose") for one in WEEKLY["jobs"][job]["steps"]}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of a bare repository with this project, whose `make lock` writes a lock file; `gh` records its calls."""
    clone = copy_project(tmp_path / "clone")
    (clone / "Makefile").write_text("lock:\n\techo newer > requirements.lock\n")
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    for command in (
        ("init", "--quiet", "--bare", str(tmp_path / "origin")),
        ("init", "--quiet", "--initial-branch", "main"),
        ("remote", "add", "origin", str(tmp_path / "origin")),
        ("add", "--all"),
        ("commit", "--quiet", "--message", "a project"),
        ("push", "--quiet", "origin", "main"),
    ):
        subprocess.run(["git", *identity, *command], cwd=clone, check=True)
    return clone


def run(step: Mapping[str, Any], clone: Path) -> str:
    """Run a step, and return what it sets."""
    output = clone.parent / "output"
    output.write_text("")
    environment = {
        "PATH": f"{clone.parent}:/usr/bin:/bin",
        "RECORD": str(clone.parent / "record"),
        "GITHUB_OUTPUT": str(output),
        "GH_TOKEN": "a-token",
    }
    done = run_step(step, clone, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return output.read_text()


def test_newer_releases_are_tested_and_proposed_in_one_pull_request(clone: Path) -> None:
    steps = steps_of_update()
    names = list(steps)
    assert names.index("Lock the newest releases") < names.index("Test them") < names.index("Propose them")
    assert steps["Test them"]["run"] == "make test"
    update, propose = WEEKLY["jobs"]["update"], WEEKLY["jobs"]["propose"]
    assert (propose["needs"], propose["if"]) == ("update", "${{ needs.update.outputs.changed }}")
    assert update["outputs"] == {"changed": "${{ steps.lock.outputs.changed }}"}
    assert WEEKLY["permissions"] == {"contents": "read"}
    assert "permissions" not in update
    for _ in range(2):
        assert run(steps["Lock the newest releases"], clone) == "changed=yes\n"
        run(steps["Propose them"], clone)
        proposed = subprocess.run(
            ["git", "show", "--stat", "--format=%s", "origin/update-locks"],
            cwd=clone,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert proposed.startswith("lock: update to the newest releases\n")
        assert "1 file changed" in proposed
        subprocess.run(["git", "switch", "--quiet", "main"], cwd=clone, check=True)
        subprocess.run(["git", "branch", "--quiet", "-D", "update-locks"], cwd=clone, check=True)
    calls = (clone.parent / "record").read_text().splitlines()
    assert sum(call.startswith("pr create --head update-locks ") for call in calls) == 1


def test_nothing_is_proposed_where_nothing_is_newer(clone: Path) -> None:
    (clone / "Makefile").write_text("lock:\n\ttrue\n")
    subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-qam", "x"], cwd=clone, check=True)
    steps = steps_of_update()
    assert run(steps["Lock the newest releases"], clone) == ""
    assert all(
        steps[name]["if"] == "${{ steps.lock.outputs.changed }}" for name in ("Test them", "Keep the lock files")
    )
