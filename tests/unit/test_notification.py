"""The notification of a change: the rule, its memory, and the command."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from acceptance.config import ACCOUNT_VARIABLES, OTHER_ACCOUNT_VARIABLES
from acceptance.execution import notification
from acceptance.execution.notification import CREDENTIALS, Memory, Notification, next_state
from acceptance.redaction import Redactor
from acceptance.reporting.robot_output import RobotOutput
from acceptance.reporting.run_result import RunResult
from acceptance.reporting.verdict import Status, SuiteVerdict, Verdict

LONGEST_SECONDS = 10
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
REPORT = Path("/results  of today/report.html")
SECRET = "correct-horse-battery"

Notify = Callable[..., list[str]]


def at(minutes: int) -> datetime:
    """Return the time `minutes` after midnight."""
    return MIDNIGHT + timedelta(minutes=minutes)


def result(status: Status, started: datetime, failure: str | None = None, interrupted: bool = False) -> RunResult:
    """Return the result of a run that ended with `status`."""
    suite = SuiteVerdict(
        name="settings",
        status="broken",
        exit_code=3,
        meaning="Broken",
        passed=1,
        failed=1,
        skipped=0,
        known_issues=(),
        seconds=0.5,
        first_failure=failure,
        since=None,
        failure_id="s1-t1",
        trace_id=None,
        blocked_reasons={},
        skip_reasons={},
    )
    return RunResult(
        verdict=Verdict(status, 0 if status == "healthy" else 3),
        suites=[suite] if failure else [],
        output=RobotOutput((), (), ""),
        scope="",
        target="https://api.example.com as o…@example.com",
        url="https://api.example.com",
        mode="smoke",
        exit_codes="phase",
        seconds=3.0,
        started=started,
        calls=(),
        timings=(),
        restored=True,
        interrupted=interrupted,
    )


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """The file that remembers earlier runs."""
    return tmp_path / "memory"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The file that commands write to."""
    return tmp_path / "log"


@pytest.fixture
def notify(memory: Path) -> Notify:
    """Updates the notification with the result of a run, and returns its notes."""

    def update(command: str, status: Status, minutes: int = 0, **facts: object) -> list[str]:
        redactor = Redactor()
        redactor.add(SECRET)
        found = result(status, at(minutes), **facts)  # type: ignore[arg-type]
        return Notification(command, memory, redactor).update(found, REPORT)

    return update


def lines(log: Path) -> list[str]:
    """Return what the commands wrote."""
    return log.read_text().splitlines() if log.exists() else []


# The rule


Change = tuple[str, str]
"""The new state, and since when."""


def changes(runs: Iterable[bool]) -> list[tuple[int, Change]]:
    """Return the changes that runs every five minutes make known, with the number of each run."""
    memory, found = Memory(), list[tuple[int, Change]]()
    for number, is_healthy in enumerate(runs):
        before, memory = memory, next_state(memory, is_healthy, at(5 * number))
        found += [(number, (memory.state, memory.since))] if memory.state != before.state else []
    return found


def of(state: str, number: int) -> Change:
    """Return the change to a state that begins with run `number`."""
    return state, at(5 * number).isoformat()


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        pytest.param("", [], id="no run"),
        pytest.param("+", [], id="the first run is healthy"),
        pytest.param("-", [], id="the first run is a flicker"),
        pytest.param("-+", [], id="the first run is a flicker, then healthy"),
        pytest.param("--", [(1, of("down", 0))], id="down from the first run on"),
        pytest.param("+-+-+-+", [], id="flickers"),
        pytest.param("+--", [(2, of("down", 1))], id="down since the first of two"),
        pytest.param("+-----", [(2, of("down", 1))], id="notified once"),
        pytest.param("+--+", [(2, of("down", 1)), (3, of("up", 3))], id="up after one"),
        pytest.param("+--+++", [(2, of("down", 1)), (3, of("up", 3))], id="notified once that it is up"),
        pytest.param("+--+-+", [(2, of("down", 1)), (3, of("up", 3))], id="a flicker after an outage"),
        pytest.param(
            "+--+--", [(2, of("down", 1)), (3, of("up", 3)), (5, of("down", 4))], id="an outage after an outage"
        ),
    ],
)
def test_change_is_known_after_two_failing_runs_or_one_healthy(runs: str, expected: list[tuple[int, Change]]) -> None:
    assert changes(run == "+" for run in runs) == expected


def test_change_without_notification_keeps_its_beginning() -> None:
    not_notified = Memory("down", True, at(5).isoformat())
    assert next_state(not_notified, True, at(10)) == Memory("up", True, at(5).isoformat())
    not_notified = Memory("up", False, at(5).isoformat())
    assert next_state(not_notified, False, at(15)) == Memory("down", False, at(5).isoformat())
    assert next_state(not_notified, True, at(15)) == Memory("up", True, at(15).isoformat())


# A day


def day(outages: Sequence[tuple[int, int]], flickers: Iterable[int]) -> list[Status]:
    """Return the verdicts of the 288 runs of a day, with outages of some runs, and single runs that are not healthy."""
    statuses: list[Status] = ["healthy"] * 288
    failing = [one for one in get_args(Status) if one != "healthy"]
    for number, run in enumerate(flickers):
        statuses[run] = failing[number % len(failing)]
    for begin, length in outages:
        for number, run in enumerate(range(begin, begin + length)):
            statuses[run] = "error" if number % 5 == 1 else "broken"
    return statuses


def test_day_of_three_outages_and_forty_flickers_runs_six_commands(notify: Notify, log: Path) -> None:
    outages = [(30, 2), (121, 7), (200, 50)]
    flickers = [*range(0, 28, 3), *range(40, 115, 5), *range(132, 196, 5), *range(260, 263, 2)]
    assert len(flickers) == 40
    runs = day(outages, flickers)
    assert sum(run != "healthy" for run in runs) == 40 + 2 + 7 + 50
    command = f'echo "$ACCEPTANCE_STATE $ACCEPTANCE_SINCE" >> {log}'
    for number, status in enumerate(runs):
        interrupted = number % 7 == 0  # another run of this time, which somebody stopped
        if interrupted:
            assert notify(command, "error", 5 * number + 1, interrupted=True) == []
        assert notify(command, status, 5 * number) == []
    expected = [(begin, begin + length) for begin, length in outages]
    assert lines(log) == [
        line
        for begin, end in expected
        for line in (f"down {at(5 * begin).isoformat()}", f"up {at(5 * end).isoformat()}")
    ]


# The command


def test_command_gets_the_facts_in_one_line_each_and_no_credentials(
    notify: Notify, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*ACCOUNT_VARIABLES, *OTHER_ACCOUNT_VARIABLES, "E2E_TOKEN"):
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv("CHAT_WEBHOOK", "https://chat.example.com")
    command = f"env -0 > {log}"
    failure = f"Update Is Accepted: expected 200, actual 500\r::error::owned\x1b[31m\x00\ud800 {SECRET} {'x' * 2_000}"
    notify(command, "broken", failure=failure)
    notify(command, "broken", 5, failure=failure)
    environment = dict(entry.split("=", 1) for entry in log.read_text().split("\0") if entry)
    facts = {name: environment[name] for name in environment.keys() - os.environ if name.startswith("ACCEPTANCE_")}
    shown = facts.pop("ACCEPTANCE_FIRST_FAILURE")
    assert shown.startswith(
        "settings: Update Is Accepted: expected 200, actual 500 : :error::owned\\x1b[31m\\x00\\ud800 •"
    )
    assert shown.isprintable()
    assert len(shown) < 600
    assert facts == {
        "ACCEPTANCE_STATE": "down",
        "ACCEPTANCE_VERDICT": "broken",
        "ACCEPTANCE_EXIT_CODE": "3",
        "ACCEPTANCE_SINCE": "2026-03-01T00:00:00+00:00",
        "ACCEPTANCE_TARGET": "https://api.example.com as o…@example.com",
        "ACCEPTANCE_REPORT": str(REPORT),
        "ACCEPTANCE_MESSAGE": "https://api.example.com as o…@example.com is down since 2026-03-01T00:00:00+00:00 "
        f"(verdict: broken; exit code: 3; first failure: {shown}; report: {REPORT}).",
    }
    assert environment["CHAT_WEBHOOK"] == "https://chat.example.com"
    assert SECRET not in log.read_text()
    assert not [name for name in environment if name.startswith("E2E_")]


def test_every_variable_with_credentials_is_known_by_its_name() -> None:
    assert all(name.startswith(CREDENTIALS) for name in (*ACCOUNT_VARIABLES, *OTHER_ACCOUNT_VARIABLES))


def test_command_that_fails_is_tried_again_by_the_next_run_of_that_state(notify: Notify, log: Path) -> None:
    failing = f"echo failing $ACCEPTANCE_STATE >> {log}; exit 22"
    working = f'echo "$ACCEPTANCE_STATE" since "$ACCEPTANCE_SINCE" >> {log}'
    assert notify(failing, "healthy", 0) == notify(failing, "broken", 5) == []
    note = "--on-change has notified nobody: it ended with 22. The next run tries again."
    assert notify(failing, "broken", 10) == [note]
    assert notify(working, "broken", 15) == notify(working, "broken", 20) == []
    assert notify(failing, "healthy", 25) == [note]
    assert notify(working, "healthy", 30) == notify(working, "healthy", 35) == []
    since = [at(minutes).isoformat() for minutes in (5, 25)]
    assert lines(log) == ["failing down", f"down since {since[0]}", "failing up", f"up since {since[1]}"]


def test_outage_without_notification_has_no_end_to_notify_of(notify: Notify) -> None:
    runs: list[Status] = ["healthy", "broken", "broken", "healthy", "healthy"]
    assert [len(notify("false", status, 5 * number)) for number, status in enumerate(runs)] == [0, 0, 1, 0, 0]


def test_command_that_hangs_is_killed_with_its_children(
    notify: Notify, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notification, "COMMAND_SECONDS", 0.5)
    hanging = f"sleep 1000 & echo $! > {log}; wait"
    notify(hanging, "broken")
    note = "--on-change has notified nobody: it took longer than 0 s, and was killed. The next run tries again."
    assert notify(hanging, "broken", 5) == [note]
    child = Path("/proc", log.read_text().strip(), "stat")
    ends = time.monotonic() + LONGEST_SECONDS
    while child.exists() and child.read_text().split()[2] != "Z":  # a killed process takes a moment to end
        assert time.monotonic() < ends


def test_two_runs_at_once_notify_once(notify: Notify, log: Path) -> None:
    command = f"sleep 0.2; echo $ACCEPTANCE_STATE >> {log}"
    notify(command, "broken")
    start = threading.Barrier(4)

    def run() -> None:
        start.wait()
        notify(command, "broken", 5)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lines(log) == ["down"]


# The memory


def test_memory_is_private_and_complete(notify: Notify, memory: Path) -> None:
    notify("true", "healthy")
    assert memory.stat().st_mode & 0o777 == 0o600
    assert json.loads(memory.read_text()) == {"state": "up", "healthy": True, "since": at(0).isoformat()}
    assert [path for path in memory.parent.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "\x00",
        "[" * 100_000,
        '{"state": "up"}',
        '{"state": "sideways", "healthy": true, "since": "2026-03-01T00:00:00+00:00"}',
        '{"state": "up", "healthy": 1, "since": "2026-03-01T00:00:00+00:00"}',
        '{"state": "up", "healthy": true, "since": "yesterday"}',
        '{"state": "up", "healthy": true, "since": "2026-03-01T00:00:00"}',
        '{"state": "up", "healthy": true, "since": "2026-03-01T00:00:00+00:00", "more": 1}',
    ],
    ids=range(12),
)
def test_damaged_memory_is_a_note_and_starts_anew(content: str, notify: Notify, memory: Path, log: Path) -> None:
    memory.write_text(content)
    (note,) = notify(f"echo $ACCEPTANCE_STATE >> {log}", "broken")
    assert note == f"{memory} is not used, because it is damaged: the memory of --on-change starts anew."
    assert notify(f"echo $ACCEPTANCE_STATE >> {log}", "broken", 5) == []
    assert lines(log) == ["down"]


def test_memory_that_others_may_have_written_is_not_used(notify: Notify, memory: Path, log: Path) -> None:
    content = json.dumps({"state": "down", "healthy": False, "since": at(0).isoformat()})
    memory.write_text(content)
    memory.chmod(0o620)
    (note,) = notify(f"echo notified > {log}", "healthy")
    assert "somebody else may have written it" in note
    elsewhere = memory.with_name("elsewhere")
    elsewhere.write_text(content)
    memory.unlink()
    memory.symlink_to(elsewhere)
    assert len(notify(f"echo notified > {log}", "healthy")) == 1
    assert elsewhere.read_text() == content
    memory.unlink()
    os.mkfifo(memory)
    assert len(notify(f"echo notified > {log}", "healthy")) == 1
    assert lines(log) == []


def test_memory_that_cannot_be_written_is_a_note_and_notifies_nobody(notify: Notify, memory: Path, log: Path) -> None:
    memory.mkdir()
    damaged, unwritable = notify(f"echo notified > {log}", "broken")
    assert "starts anew" in damaged
    assert unwritable.startswith("The run is not counted for --on-change: ")
    assert lines(log) == []
