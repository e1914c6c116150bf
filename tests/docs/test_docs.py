"""The commands in the documentation work in a clone of the project."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.backends import Backend, StartBackend
from tests.support.documents import Block, blocks, documents
from tests.support.project import clean_environment, copy_with_environment

WORKED_EXAMPLE = Path("docs/adding-a-capability.md")
LONGEST_SECONDS = 300
PRODUCTION, STAGING = "https://api.example.com", "https://api.staging.example.com"
SUBSTITUTES = {
    "--port 8000": "--port 0 --until-stdin-closes",
    "-m tests.support.serve ": "-m tests.support.serve --calls calls ",
    "docker compose -f docker-compose.prod.yml up -d --build": "true",
}
CONTAINER = (
    "docker run --rm --read-only --tmpfs /tmp --env-file acceptance.env --volume acceptance-state:/state acceptance"
)
NOT_RUN = {
    "make setup-dev": "it would install again what the tests run in",
    "make check": "make lint and the unit tests run on their own",
    "make test": "it is what runs this test",
    "make prove": "the whole catalogue takes minutes",
    "make coverage": "another test checks its page",
    "make bench": "measuring takes minutes",
    "make mutation": "it takes half an hour",
    "make lint": "it runs before the tests, and takes longer than these",
    "make format": "it changes nothing where make lint passes",
    "python3 -m venv .venv": "it would install again",
    ".venv/bin/pip install --require-hashes -r requirements.lock": "it would install from the network",
    "gh secret set PROD_API_URL": "it asks for the value, and needs a repository on GitHub",
    "gh secret set E2E_EMAIL": "it asks for the value, and needs a repository on GitHub",
    "gh secret set E2E_PASSWORD": "it asks for the value, and needs a repository on GitHub",
    "docker build --file examples/Containerfile --tag acceptance .": "it pulls an image; another test does its steps",
    f"{CONTAINER} --smoke": "it needs the image; another test does the same",
    f"{CONTAINER} restore": "it needs the image; another test does the same",
}
COMMANDS = [
    block
    for document in documents()
    if document != WORKED_EXAMPLE
    for block in blocks(document)
    if block.language == "bash"
]

Shell = Callable[[str, Path], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone of the project, with the environment that the tests run in."""
    folder = copy_with_environment(tmp_path / "project")
    for arguments in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Runs commands in a clean shell."""

    def run(text: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        environment = clean_environment(
            ACCEPTANCE_STATE_DIR=str(tmp_path / "state"), LOG_DIR=str(tmp_path), PYTHONUNBUFFERED="1"
        )
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
        )

    return run


def without_comment(line: str) -> str:
    """Return a line without its comment."""
    return line.partition("  #")[0].strip()


def for_backends(text: str, production: Backend, staging: Backend) -> str:
    """Return documented commands with the backends of a test instead of the documented ones."""
    here = SUBSTITUTES | {
        "owner@example.com": production.email,
        "E2E_PASSWORD=…": f"E2E_PASSWORD={production.password}",
    }
    here |= {PRODUCTION: production.url, STAGING: staging.url}
    for documented, substitute in here.items():
        text = text.replace(documented, substitute)
    return text


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: f"{block.document}:{block.line}")
def test_documented_commands_work(block: Block, backend: StartBackend, project: Path, shell: Shell) -> None:
    text = "\n".join(line for line in block.text.splitlines() if without_comment(line) not in NOT_RUN)
    if "example.com" in text or "examples/" in text:
        production, staging = backend(BUILD="abc1234"), backend()
        account = f"export E2E_EMAIL={production.email} E2E_PASSWORD={production.password}\n"
        text = account + for_backends(text, production, staging)
        for listed in project.glob("examples/*.yaml"):
            listed.write_text(for_backends(listed.read_text("utf-8"), production, staging), encoding="utf-8")
    done = shell(text, project)
    assert done.returncode == 0, text + done.stdout + done.stderr


@pytest.mark.parametrize("command", NOT_RUN)
def test_command_that_is_not_run_is_documented_and_exists(command: str, project: Path, shell: Shell) -> None:
    typed = {without_comment(line) for block in COMMANDS for line in block.text.splitlines()}
    assert command in typed
    if command.startswith("make "):
        assert shell(f"{command} --dry-run", project).returncode == 0


def test_worked_example_of_a_capability_has_a_verdict_in_all_results(project: Path, shell: Shell) -> None:
    outputs, summaries = [], []
    for block in blocks(WORKED_EXAMPLE):
        if block.language == "bash":
            done = shell(block.text, project)
            assert done.returncode == 0, block.text + done.stdout + done.stderr
            outputs.append(done.stdout)
            summaries.append(json.loads((project / "results/summary.json").read_text("utf-8")))
        else:
            assert not (project / block.file).exists(), block.file
            (project / block.file).write_text(block.text, encoding="utf-8")
    first, broken, last = outputs
    assert re.search(r"^questions +healthy +0 .*6 passed, 0 failed, 0 skipped", first, re.MULTILINE)
    assert re.search(r"^questions +broken +4 +A question has no answer", broken, re.MULTILINE)
    assert "Every Question Has An Answer: The response does not match the schema “questions”" in broken
    assert "exit code 4\n" in broken
    assert re.search(r"^questions +healthy +0 ", last, re.MULTILINE)
    codes = [{name: suite["exit_code"] for name, suite in summary["suites"].items()} for summary in summaries]
    others = {"settings": 0, "calendar": 0, "twilio": 0, "security": 0}
    assert codes == [{"questions": 0}, others | {"questions": 4}, others | {"questions": 0}]
    assert [summary["verdict"] for summary in summaries] == ["healthy", "broken", "healthy"]
    results = project / "results"
    suites = ElementTree.parse(results / "xunit.xml").getroot().iter("testsuite")
    assert "Questions" in {suite.get("name") for suite in suites}
    assert "get the answer that the owner wrote" in (results / "report.html").read_text("utf-8")
