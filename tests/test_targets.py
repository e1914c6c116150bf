"""One run against several targets: each has its own verdict, the overview ranks them, the worst gives the exit code."""

import html
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.conftest import MARK, ROOT, Backend, Outcome, RunCommand, StartBackend, clean_environment

FILES = {"report.html", "log.html", "output.xml", "xunit.xml", "summary.json", "console.txt"}
HOST = "127.0.0.1"


def free_port() -> int:
    """A port where nobody listens."""
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def listing(folder: Path, *lines: str) -> Path:
    """A file of targets."""
    path = folder / "targets.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def by_name(outcome: Outcome) -> dict[str, dict[str, object]]:
    """What the overview says of each target."""
    return {target["name"]: target for target in outcome.verdict["targets"]}


def test_each_target_has_its_own_verdict_and_the_worst_comes_first(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    healthy, broken = backend(), backend("phone_number_is_national")
    path = listing(
        tmp_path,
        *(f"- url: {healthy.url}", "  name: healthy-one"),
        *(f"- url: http://{HOST}:{free_port()}", "  name: dead"),
        *(f"- url: {broken.url}", "  name: broken-one"),
    )
    found = [healthy.account(), broken.account()]
    outcome = run_tests("--smoke", "--targets", str(path), environment=_account(healthy))
    assert [target["name"] for target in outcome.verdict["targets"]] == ["broken-one", "dead", "healthy-one"]
    assert [target["verdict"] for target in outcome.verdict["targets"]] == ["broken", "unreachable", "healthy"]
    assert (outcome.code, outcome.verdict["exit_code"], outcome.verdict["verdict"]) == (3, 3, "broken")
    assert outcome.files() == {"index.html", "summary.json", "healthy-one", "dead", "broken-one"}
    for name in ("healthy-one", "dead", "broken-one"):
        assert {path.name for path in (outcome.results / name).iterdir()} == FILES
    assert [healthy.account(), broken.account()] == found
    assert outcome.survivors() == []


def test_page_is_complete_in_itself_and_says_all_in_words(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    broken = backend("phone_number_is_national")
    path = listing(tmp_path, f"- url: {broken.url}", "  name: one", f"- url: {backend().url}", "  name: two")
    outcome = run_tests("--smoke", "twilio", "--targets", str(path), environment=_account(broken))
    page = (outcome.results / "index.html").read_text(encoding="utf-8")
    assert "<title>1 of 2 targets are healthy</title>" in page
    assert '<html lang="en">' in page
    assert page.count('<th scope="row">') == 2
    assert "Assigned Phone Number Is Dialable Worldwide" in html.unescape(page)
    assert not re.search(r'(src|href)="(?:https?:)?//', page)
    for link in re.findall(r'href="([^"]+)"', page):
        assert (outcome.results / link).is_file()


def test_url_may_be_given_several_times(backend: StartBackend, run_tests: RunCommand) -> None:
    targets = [backend(), backend()]
    urls = [part for target in targets for part in ("--url", target.url)]
    outcome = run_tests("--smoke", *urls, environment=_account(targets[0]))
    assert outcome.code == 0, outcome.stdout + outcome.stderr
    assert {target["url"] for target in outcome.verdict["targets"]} == {target.url for target in targets}
    assert [len([call for call in target.calls() if "login" in call]) for target in targets] == [1, 1]


def test_each_target_may_have_credentials_of_its_own(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    first, second = backend(), backend(E2E_EMAIL="other@wrapped.example", E2E_PASSWORD="another-horse-battery")
    path = listing(
        tmp_path,
        *(f"- url: {first.url}", "  name: first"),
        *(f"- url: {second.url}", "  name: second", "  email_variable: OTHER", "  password_variable: OTHER_PASSWORD"),
    )
    environment = _account(first) | {"OTHER": second.email, "OTHER_PASSWORD": second.password}
    outcome = run_tests("--smoke", "--targets", str(path), environment=environment)
    assert outcome.code == 0, outcome.stdout + outcome.stderr
    texts = [file.read_text("utf-8", "replace") for file in outcome.results.rglob("*") if file.is_file()]
    assert len(texts) > 10
    assert not [text for text in texts if first.password in text or second.password in text]


def test_target_whose_account_is_in_use_has_no_verdict_and_says_why(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    busy, free = backend("every_answer_takes_a_second"), backend()
    holder = subprocess.Popen(
        [sys.executable, str(ROOT / "run_tests.py"), "--smoke", "--output-dir", str(tmp_path / "holder")],
        env=clean_environment(**busy.environment, ACCEPTANCE_STATE_DIR=str(tmp_path / "state")),
        stdout=subprocess.DEVNULL,
    )
    while not busy.calls():
        assert holder.poll() is None
        time.sleep(0.01)
    path = listing(tmp_path, f"- url: {busy.url}", "  name: busy", f"- url: {free.url}", "  name: free")
    arguments = ("--smoke", "--lock-timeout", "0.1", "--targets", str(path))
    outcome = run_tests(*arguments, environment=_account(busy))
    assert holder.wait(60) == 0
    assert outcome.code == 5
    assert by_name(outcome)["free"]["verdict"] == "healthy"
    assert by_name(outcome)["busy"]["verdict"] == "error"
    assert "is in use by" in str(by_name(outcome)["busy"]["first_failure"])


class Running:
    """A run against several targets that is under way, and has changed one of them."""

    def __init__(self, targets: list[Backend], folder: Path) -> None:
        self._results, self._mark = folder / "results", f"several targets of {folder.name}"
        urls = [part for target in targets for part in ("--url", target.url)]
        states = {"ACCEPTANCE_STATE_DIR": str(folder / "state"), MARK: self._mark}
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "run_tests.py"), "--output-dir", str(self._results), "--processes", "6", *urls],
            env=clean_environment(**_account(targets[0]), **states),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not any(call.startswith("PUT") for target in targets for call in target.calls()):
            assert self.process.poll() is None
            time.sleep(0.01)

    def end(self) -> Outcome:
        """Wait for its end and return what it left."""
        stdout, stderr = self.process.communicate(timeout=150)
        return Outcome(self.process.returncode, stdout, stderr, self._results, self._mark)


def test_interrupt_ends_all_with_every_account_as_found(backend: StartBackend, tmp_path: Path) -> None:
    targets = [backend("every_answer_takes_a_second") for _ in range(3)]
    found = [target.account() for target in targets]
    running = Running(targets, tmp_path)
    running.process.send_signal(signal.SIGTERM)
    outcome = running.end()
    assert outcome.code == 5, outcome.stdout + outcome.stderr
    assert {target["verdict"] for target in outcome.verdict["targets"]} == {"error"}
    assert [target.account() for target in targets] == found
    assert outcome.survivors() == []


def test_run_that_is_killed_has_no_verdict_and_harms_no_other(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    targets = [backend(), backend("every_answer_takes_a_second")]
    found = [target.account() for target in targets]
    running = Running(targets, tmp_path)
    first, *_ = sorted(psutil.Process(running.process.pid).children(), key=lambda process: process.create_time())
    first.kill()
    outcome = running.end()
    words = {str(facts["url"]): facts for facts in outcome.verdict["targets"]}
    assert (outcome.code, words[targets[0].url]["verdict"], words[targets[1].url]["verdict"]) == (5, "error", "healthy")
    assert words[targets[0].url]["restored"] is False
    assert "killed by signal 9" in str(words[targets[0].url]["first_failure"])
    assert run_tests("--smoke", backend=targets[0]).code == 0
    assert [target.account() for target in targets] == found
    assert outcome.survivors() == []


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["- url: api.example.com"], ("Target 1", "scheme")),
        (["- name: nameless"], ("Target 1",)),
        (["- url: https://a.example", "- url: https://a.example/"], ("twice",)),
        (["- url: https://a.example", "  name: x", "- url: https://b.example", "  name: X"], ("called",)),
        (["- url: https://a.example", "  name: ../x"], ("../x", "directory")),
        (["- url: https://a.example", "  password: hunter22"], ("unknown key 'password'",)),
        (["- url: https://a.example", "  email_variable: NOT_SET"], ("NOT_SET", "not set")),
        (["url: https://a.example"], ("must list targets",)),
        (["[]"], ("must list targets",)),
        (["- [unclosed"], ("no YAML",)),
    ],
)
def test_list_that_cannot_be_used_is_one_line_and_5(
    lines: list[str], words: tuple[str, ...], run_tests: RunCommand, tmp_path: Path
) -> None:
    account = {"E2E_EMAIL": "owner@example.com", "E2E_PASSWORD": "correct-horse-battery"}
    refused = run_tests("--smoke", "--targets", str(listing(tmp_path, *lines)), environment=account)
    assert (refused.code, refused.stdout, refused.stderr.count("\n")) == (5, "", 1), refused.stderr
    for word in words:
        assert word in refused.stderr
    assert "hunter22" not in refused.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--targets", "no-such-file.yaml"),
        ("--targets", "x.yaml", "--url", "https://a.example"),
        ("--url", "https://a.example", "--url", "https://b.example", "--shard", "1/2"),
        ("--url", "https://a.example", "--url", ""),
    ],
)
def test_options_that_contradict_each_other_are_one_line_and_5(
    arguments: tuple[str, ...], run_tests: RunCommand
) -> None:
    account = {"E2E_EMAIL": "owner@example.com", "E2E_PASSWORD": "correct-horse-battery"}
    refused = run_tests("--smoke", *arguments, environment=account)
    assert (refused.code, refused.stdout, refused.stderr.count("\n")) == (5, "", 1), refused.stderr


def _account(backend: Backend) -> dict[str, str]:
    return {"E2E_EMAIL": backend.email, "E2E_PASSWORD": backend.password}
