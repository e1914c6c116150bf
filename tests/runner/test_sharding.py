"""A run in shards: each suite runs once, and the merged shards have the verdict of a single run."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from robot.api import ExecutionResult

from acceptance.account.marks import MARK
from tests.support.backends import Backend, StartBackend
from tests.support.project import ROOT, clean_environment
from tests.support.runs import Outcome, RunCommand

SHARDS = 4
RunShards = Callable[..., list[Outcome]]


@pytest.fixture
def run_shards(run_tests: RunCommand, tmp_path: Path) -> RunShards:
    """Runs all shards one after another, each with its own results directory."""

    def run(target: Backend | None, *arguments: str, count: int = SHARDS) -> list[Outcome]:
        return [
            run_tests(
                *("--shard", f"{number}/{count}", "--output-dir", str(tmp_path / f"shard-{number}")),
                *arguments,
                backend=target,
            )
            for number in range(1, count + 1)
        ]

    return run


@pytest.fixture
def merge(run_tests: RunCommand, tmp_path: Path) -> Callable[..., Outcome]:
    """Merges result directories, by default those of all shards."""

    def run(*directories: Path, arguments: tuple[str, ...] = ()) -> Outcome:
        names = map(str, directories or sorted(tmp_path.glob("shard-*")))
        return run_tests("merge", *names, "--output-dir", str(tmp_path / "merged"), *arguments)

    return run


def statuses(results: Path) -> dict[str, tuple[str, str]]:
    """Return the status of each test in an `output.xml`, and the first line of its message without the run's mark."""
    found = ExecutionResult(results / "output.xml").suite.all_tests
    return {
        f"{test.source.stem}: {test.name}": (test.status, MARK.sub("", test.message.partition("\n")[0]))
        for test in found
        if test.source
    }


@pytest.mark.slow
@pytest.mark.parametrize("faults", [(), ("update_is_swallowed", "phone_number_is_national")])
def test_four_shards_give_test_by_test_the_verdict_of_one_run(
    faults: tuple[str, ...],
    backend: StartBackend,
    run_tests: RunCommand,
    run_shards: RunShards,
    merge: Callable[..., Outcome],
) -> None:
    target = backend(*faults)
    whole = run_tests("--smoke", backend=target)
    found = target.account()
    shards = run_shards(target, "--smoke")
    merged = merge()
    assert statuses(merged.results) == statuses(whole.results)
    assert (merged.code, merged.codes) == (whole.code, whole.codes)
    for fact in ("target", "mode", "exit_code", "verdict", "restored"):
        assert merged.verdict[fact] == whole.verdict[fact]
    assert merged.verdict["logins"] == sum(shard.verdict["logins"] for shard in shards) == len(whole.codes)
    assert merged.files() == whole.files()
    assert target.account() == found


def test_fields_that_changed_beside_the_run_are_named_by_their_shard_and_the_whole(
    backend: StartBackend, run_shards: RunShards, merge: Callable[..., Outcome]
) -> None:
    shards = run_shards(backend("every_read_has_another_time"), "--smoke", count=2)
    merged = merge()
    assert [shard.verdict["side_effects"] for shard in shards] == [["read_at", "reads"], []]
    assert (merged.code, merged.verdict["side_effects"]) == (0, ["read_at", "reads"])
    assert "read_at, reads changed during the run, which did not write that" in str(merged.verdict["notes"])
    for whole, is_named in ((shards[0], True), (shards[1], False), (merged, True)):
        metadata = ExecutionResult(whole.results / "output.xml").suite.metadata
        assert metadata.get("Side effects") == ("read_at, reads" if is_named else None)


def test_shard_without_a_suite_sends_nothing_and_ends_with_0(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend()
    outcome = run_tests("--smoke", "--shard", "5/5", backend=target)
    assert (outcome.code, outcome.verdict["suites"]) == (0, {})
    assert "Nothing to run in this shard" in outcome.stdout
    assert target.calls() == []


def test_shards_on_embedded_backends_belong_together(run_shards: RunShards, merge: Callable[..., Outcome]) -> None:
    run_shards(None, "twilio", "calendar", "--smoke", count=2)
    merged = merge()
    assert (merged.code, merged.verdict["verdict"]) == (0, "healthy"), merged.stdout + merged.stderr


def test_missing_shard_is_named_and_makes_it_5(
    backend: StartBackend, run_shards: RunShards, merge: Callable[..., Outcome], tmp_path: Path
) -> None:
    run_shards(backend(), "--smoke")
    merged = merge(*(tmp_path / f"shard-{number}" for number in (1, 2, 4)))
    assert (merged.code, merged.verdict["verdict"], merged.verdict["restored"]) == (5, "error", False)
    assert "Shard 3/4 is missing" in merged.stdout
    assert "Shard 3/4 is missing" in str(merged.verdict["notes"])
    assert "Shard 3/4 is missing" in (merged.results / "output.xml").read_text()


def test_killed_shard_is_named_makes_it_5_and_its_next_run_restores_the_account(
    backend: StartBackend, run_tests: RunCommand, merge: Callable[..., Outcome], tmp_path: Path, state_directory: Path
) -> None:
    target = backend("every_response_takes_a_second")
    found = target.account()
    shards = [
        ("--smoke", "--shard", f"{number}/2", "--output-dir", str(tmp_path / f"shard-{number}")) for number in (1, 2)
    ]
    killed = subprocess.Popen(
        [sys.executable, str(ROOT / "run_tests.py"), *shards[0]],
        env=clean_environment(**target.environment, ACCEPTANCE_STATE_DIR=str(state_directory)),
        stdout=subprocess.DEVNULL,
    )
    while not any(call.startswith("PUT") for call in target.calls()):
        assert killed.poll() is None
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    assert run_tests(*shards[1], backend=target).code == 0
    merged = merge()
    assert (merged.code, merged.verdict["verdict"]) == (5, "error")
    assert "Shard 1/2 is missing" in merged.stdout
    assert run_tests(*shards[0], backend=target).code == 0
    assert (merge().code, target.account()) == (0, found)


def test_shard_whose_suite_died_makes_it_5(
    backend: StartBackend, run_shards: RunShards, merge: Callable[..., Outcome]
) -> None:
    run_shards(backend(), "--smoke", "twilio", "--timeout", "0.01", count=1)
    merged = merge()
    assert (merged.code, merged.verdict["verdict"]) == (5, "error")


def test_stale_shard_makes_the_merged_run_stale(
    backend: StartBackend, run_tests: RunCommand, merge: Callable[..., Outcome], tmp_path: Path
) -> None:
    for number, build in ((1, "abc1234"), (2, "9f8e7d6")):
        arguments = ("--smoke", "--shard", f"{number}/2", "--output-dir", str(tmp_path / f"shard-{number}"))
        run_tests(*arguments, "--expect-build", "abc1234", environment={"BUILD": build})
    merged = merge()
    assert (merged.code, merged.verdict["verdict"]) == (5, "stale"), merged.stdout
    assert (merged.verdict["build"], merged.verdict["expected_build"]) == ("abc1234, 9f8e7d6", "abc1234")
    assert "Shard 2/2: Expected build abc1234, but /health named 9f8e7d6 (3 times)." in merged.stdout


def test_exit_codes_api_of_merged_shards_name_the_broken_api(
    backend: StartBackend, run_shards: RunShards, merge: Callable[..., Outcome]
) -> None:
    run_shards(backend("start_returns_500_as_html"), "--smoke")
    assert merge(arguments=("--exit-codes", "api")).code == 2


def test_shards_of_several_runs_are_rejected_in_one_line(
    backend: StartBackend, run_tests: RunCommand, merge: Callable[..., Outcome], tmp_path: Path
) -> None:
    target = backend()
    for number, run in ((1, "first"), (2, "second")):
        arguments = ("--shard", f"{number}/2", "--output-dir", str(tmp_path / f"shard-{number}"), "twilio", "--smoke")
        run_tests(*arguments, backend=target, environment={"ACCEPTANCE_RUN": run})
    refused = merge()
    assert (refused.code, refused.stdout, refused.stderr.count("\n")) == (5, "", 1)
    assert "first" in refused.stderr
    assert "second" in refused.stderr
    assert refused.summary is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"shard": "1/3"}, "not of one run"),
        ({"mode": "full"}, "the mode is"),
        ({"target": "https://elsewhere.example"}, "the target is"),
        ({"shard": "2/2"}, "is given twice"),
        ({"shard": "5/2"}, "not the summary of a shard"),
    ],
)
def test_shards_that_do_not_belong_together_are_rejected_in_one_line(
    change: dict[str, str], words: str, run_shards: RunShards, merge: Callable[..., Outcome], tmp_path: Path
) -> None:
    for number in (1, 2):
        folder = tmp_path / f"shard-{number}"
        folder.mkdir()
        facts = {"shard": f"{number}/2", "run": "", "mode": "smoke", "target": "https://api.example"}
        facts |= {} if number == 2 else change
        (folder / "summary.json").write_text(json.dumps(facts | {"suites": {}, "notes": []}))
    refused = merge()
    assert (refused.code, refused.stdout, refused.stderr.count("\n")) == (5, "", 1)
    assert words in refused.stderr


@pytest.mark.parametrize("shard", ["0/4", "5/4", "4", "a/b", "1/0", "-1/4"])
def test_invalid_shard_is_rejected_in_one_line(shard: str, run_tests: RunCommand) -> None:
    refused = run_tests("--smoke", f"--shard={shard}")
    assert (refused.code, refused.stdout, refused.stderr.count("\n")) == (5, "", 1)
    assert shard in refused.stderr
