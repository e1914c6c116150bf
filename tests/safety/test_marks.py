"""Marks that a run has left behind, when its machine and its journal are gone."""

import json
import sqlite3
import time
from pathlib import Path

import pytest

from acceptance.account.marks import Before, Mark
from tests.support.backends import Backend, StartBackend
from tests.support.running import Person, StartRun, started_runs, wait_for_calls
from tests.support.runs import Outcome, RunCommand, restore

RUN = "0123abcd"
HOUR = 3600.0
UPDATE, READ = "PUT /api/business/me", "GET /api/business/me"
OLD_MARK = "[acceptance run 0123abcd]"
OTHERS = dict.fromkeys(("description", "business_hours", "common_services", "greeting_style"), "")


def mark(seconds: float, before: Before = "whole") -> str:
    """Return the mark of a run that ends in so many `seconds`."""
    return str(Mark.of(RUN, before, time.time() + seconds))


def notes_of(outcome: Outcome) -> list[str]:
    """Return the notes of a run that are about the other one."""
    return [note for note in outcome.verdict["notes"] if RUN in note]


@pytest.mark.parametrize("seconds", [-HOUR, 3 * HOUR])
@pytest.mark.parametrize("field", ["industry", "description"])
def test_run_takes_an_orphaned_mark_off(
    field: str, seconds: float, backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend()
    found, person = target.account(), Person(target)
    person.edits(**{field: f"{found[field]} {mark(seconds)}"})
    outcome = run_tests("--smoke", backend=target)
    assert (outcome.code, outcome.verdict["restored"]) == (0, True), outcome.stdout
    assert target.account() == found
    assert len(notes_of(outcome)) == 1
    assert run_tests("--smoke", backend=target).verdict["notes"] == []


def test_run_leaves_a_shortened_text_and_names_it(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend()
    Person(target).edits(description=f"A fam {mark(-HOUR, 'shortened')}")
    left = target.account()
    outcome = run_tests("--smoke", backend=target)
    assert (outcome.code, target.account()) == (0, left), outcome.stdout
    assert notes_of(outcome)[0].startswith("description holds a value of acceptance run 0123abcd")


def test_run_waits_for_one_in_progress_and_gives_up_when_it_does_not_end(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend()
    Person(target).edits(industry=f"Dental clinic {mark(600)}")
    left = target.account()
    outcome = run_tests("--smoke", "--lock-timeout", "1", backend=target)
    assert (outcome.code, outcome.verdict["verdict"], target.account()) == (5, "error", left)
    assert "Another run is using this account, until" in outcome.stdout
    read_only = run_tests("--smoke", "--read-only", backend=target)
    assert (read_only.code, len(notes_of(read_only)), target.account()) == (0, 1, left)


def test_runs_on_two_machines_are_both_healthy(
    backend: StartBackend, start_run: StartRun, run_tests: RunCommand, tmp_path: Path
) -> None:
    target = backend("every_response_takes_a_second")
    found = target.account()
    first = start_run(target, "--smoke")
    wait_for_calls(target, UPDATE, 1, first)
    with started_runs(tmp_path, tmp_path / "another machine") as start_elsewhere:
        second = start_elsewhere(target, "--smoke").end()
    assert [first.end().code, second.code] == [0, 0], second.stdout
    assert target.account() == found


def test_restore_command_takes_an_orphaned_mark_off(backend: StartBackend, tmp_path: Path) -> None:
    target = backend()
    found = target.account()
    Person(target).edits(industry=f"{found['industry']} {mark(-HOUR)}", description=mark(-HOUR, "empty"))
    done = restore(target, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert target.account() == found | {"description": ""}
    assert "is restored" in done.stdout
    assert "There is nothing to restore" in restore(target, tmp_path).stdout


def test_restore_command_leaves_the_mark_of_a_run_in_progress(backend: StartBackend, tmp_path: Path) -> None:
    target = backend()
    Person(target).edits(industry=mark(600))
    left = target.account()
    done = restore(target, tmp_path, "--lock-timeout", "0")
    assert (done.returncode, done.stdout, target.account()) == (5, "", left)
    assert "Another run is using this account, until" in done.stderr


def set_in_database(target: Backend, **fields: str) -> None:
    """Change settings without a request."""
    connection = sqlite3.connect(target.database)
    for name, value in fields.items():
        connection.execute(f"UPDATE business SET {name} = ?", (value,))
    connection.commit()
    connection.close()


def let_a_day_pass(states: Path) -> None:
    """Make the journals older by a day."""
    for path in states.glob("*.journal"):
        entries = [json.loads(line) for line in path.read_text().splitlines()]
        for entry in entries:
            if "at" in entry:
                entry["at"] -= 86_400
        path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))


def test_text_that_contains_a_cut_mark_is_restored(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend()
    set_in_database(target, industry=f"{OLD_MARK} The oldest dental clinic of the town, since 1911", **OTHERS)
    found = target.account()
    run_tests("--smoke", backend=target)
    assert target.account() == found


@pytest.mark.parametrize("edit", ["", "DENTAL CLINIC"])
def test_edit_a_day_after_an_update_with_unknown_outcome_survives(
    edit: str, backend: StartBackend, run_tests: RunCommand, state_directory: Path
) -> None:
    target = backend("first_update_times_out")
    assert run_tests("--smoke", backend=target).code == 0
    let_a_day_pass(state_directory)
    Person(target).edits(industry=edit)
    run_tests("--smoke", backend=target)
    assert target.account()["industry"] == edit


@pytest.mark.slow
def test_edit_that_was_read_before_a_late_commit_is_put_back(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("update_commits_25_s_after_504")
    run_tests("--smoke", backend=target)
    Person(target).edits(industry="Dentist and implants")
    run_tests("--smoke", backend=target)
    assert target.account()["industry"] == "Dentist and implants"


def test_read_only_run_notes_no_crash_after_a_restored_run(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("first_update_times_out")
    assert run_tests("--smoke", backend=target).verdict["restored"]
    notes = run_tests("--smoke", "--read-only", backend=target).verdict["notes"]
    assert not [note for note in notes if "crashed" in note]


def test_marks_in_a_field_that_no_run_writes_block_nobody(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("read_shows_recent_updates")
    assert [run_tests("--smoke", "--lock-timeout", "2", backend=target).code for _ in range(2)] == [0, 0]


def test_full_run_goes_on_when_another_one_has_ended(backend: StartBackend, start_run: StartRun) -> None:
    target, end = backend(), time.time() + 600
    found, person = target.account(), Person(target)
    person.edits(industry=f"{found['industry']} {Mark.of(RUN, 'whole', end)}")
    running = start_run(target, "--full")
    wait_for_calls(target, READ, 4, running)  # one by each suite, and one while it waits
    person.edits(industry=found["industry"])
    assert running.end(120).code == 0


@pytest.mark.parametrize("mark", [OLD_MARK, str(Mark.of(RUN, "whole", 1.7e9))])
def test_old_mark_hides_no_broken_persistence(mark: str, backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("every_update_is_ignored")
    set_in_database(target, industry=f"Dental {mark}", **OTHERS)
    assert run_tests("--smoke", backend=target).codes["settings"] == 4
