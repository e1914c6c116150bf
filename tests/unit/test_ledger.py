"""Change tracking: a run restores what it wrote or damaged, and leaves the edits of other people."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from acceptance.account.journal import Journal
from acceptance.account.ledger import SETTLE_SECONDS, Changes, digest, same
from acceptance.account.lock import AccountInUse
from acceptance.account.marks import run_mark
from acceptance.config import ConfigurationError, Target

ORIGINAL = {
    "industry": "Dental clinic",
    "name": "Harbour Dental Care",
    "receptionist_enabled": True,
    "greeting_style": None,
}
OWN_RUN, OTHER_RUN = "0123abcd", "89abcdef"
SENT = f"Dental clinic [{run_mark(OWN_RUN)}]"
URL = "http://127.0.0.1:1/api/business/me"
TARGET = Target("http://127.0.0.1:1", "owner@shop.example", "secret password")


@pytest.fixture
def changes() -> Changes:
    """An account to which the run `OWN_RUN` has sent an industry, and nothing else."""
    changes = Changes([OWN_RUN])
    changes.add("original", ORIGINAL)
    changes.add("sent", {"industry": SENT})
    return changes


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal that `OWN_RUN` has begun."""
    journal = Journal(tmp_path / "account.journal", URL)
    journal.begin(OWN_RUN, TARGET)
    return journal


# What is restored


@pytest.mark.parametrize(
    "value",
    [ORIGINAL["industry"], SENT, SENT.upper(), SENT[:25], "", None],
    ids=["original", "sent", "other case", "cut", "empty", "null"],
)
def test_sent_value_and_what_a_broken_backend_makes_of_it_are_restored(value: Any, changes: Changes) -> None:
    assert changes.is_known("industry", value)
    assert changes.to_restore({**ORIGINAL, "industry": value}) == {"industry": ORIGINAL["industry"]}


@pytest.mark.parametrize("value", ["Orthodontics", f"Dental clinic [{run_mark(OTHER_RUN)}]"])
def test_edit_of_a_sent_setting_survives(value: str, changes: Changes) -> None:
    assert changes.to_restore({**ORIGINAL, "industry": value}) == {}


@pytest.mark.parametrize(("name", "value"), [("receptionist_enabled", False), ("name", ""), ("greeting_style", "Warm")])
def test_edit_of_a_setting_that_was_not_sent_survives(name: str, value: Any, changes: Changes) -> None:
    assert name not in changes.to_restore({**ORIGINAL, name: value})


def test_account_that_cannot_be_read_gets_back_everything_that_was_sent(changes: Changes) -> None:
    assert changes.to_restore(None) == {"industry": ORIGINAL["industry"]}


def test_account_that_cannot_be_read_gets_back_what_a_write_damaged(changes: Changes) -> None:
    changes.add("observed", {"name": ""})
    assert changes.to_restore(None) == {name: ORIGINAL[name] for name in ("industry", "name")}


def test_setting_that_was_sent_as_read_is_restored_only_if_it_was_damaged(changes: Changes) -> None:
    assert changes.to_restore(ORIGINAL).keys() == {"industry"}
    assert changes.to_restore({**ORIGINAL, "name": "Harbour Dental"}).keys() == {"industry"}
    damaged, _ = changes.side_effects(ORIGINAL, {**ORIGINAL, "name": "HARBOUR DENTAL CARE"})
    changes.add("observed", damaged)
    assert changes.to_restore({**ORIGINAL, "name": "HARBOUR DENTAL CARE"}).keys() == {"industry", "name"}


def test_setting_that_a_write_emptied_is_damaged_and_one_that_it_switched_is_ambiguous(changes: Changes) -> None:
    after = {**ORIGINAL, "industry": SENT, "name": "", "receptionist_enabled": False}
    assert changes.side_effects(ORIGINAL, after) == ({"name": ""}, {"receptionist_enabled": False})


def test_setting_that_changes_back_to_its_original_value_is_no_side_effect(changes: Changes) -> None:
    assert changes.side_effects({**ORIGINAL, "receptionist_enabled": False}, ORIGINAL) == ({}, {})


def test_ambiguous_setting_is_left_with_the_value_that_it_changed_to(changes: Changes) -> None:
    after = {**ORIGINAL, "receptionist_enabled": False}
    changes.add("ambiguous", {"receptionist_enabled": False})
    assert changes.to_restore(after) == {"industry": ORIGINAL["industry"]}
    assert changes.remaining_side_effects(after) == {"receptionist_enabled"}
    assert changes.remaining_side_effects(ORIGINAL) == set()


FOUND = {**ORIGINAL, "id": 7, "audit_status": "none", "pending_changes": [], "plan": {"a": 1, "b": 2}, "saved_at": None}


@pytest.mark.parametrize(
    ("after", "names"),
    [
        ({**FOUND, "plan": {"b": 2, "a": 1}}, set()),
        ({**FOUND, "audit_status": "pending", "pending_changes": ["industry"]}, {"audit_status", "pending_changes"}),
        ({name: value for name, value in FOUND.items() if name != "plan"} | {"draft": None}, {"plan", "draft"}),
        ({**FOUND, "industry": SENT, "name": "Harbour Dental"}, set()),
        ({**FOUND, "saved_at": "soon"}, {"saved_at"}),
        *(
            ({**FOUND, "saved_at": text}, set())
            for text in (
                "2026-03-01T09:30:00Z",
                "2026-03-01 09:30:00.123456",
                "2026-03-01t09:30:00+01:00",
                "20260301T093000Z",
                "2026-03-01T09:30",
            )
        ),
    ],
)
def test_field_without_original_value_that_differs_from_what_was_found_is_a_side_effect(
    after: dict[str, Any], names: set[str], changes: Changes
) -> None:
    changes.add("found", {name: digest(value) for name, value in FOUND.items()})
    assert changes.remaining_side_effects(after) == names


def test_without_digests_no_field_is_a_side_effect(changes: Changes) -> None:
    assert changes.remaining_side_effects({**ORIGINAL, "audit_status": "pending"}) == set()


def test_ambiguous_setting_that_holds_what_was_sent_is_restored(changes: Changes) -> None:
    changes.add("ambiguous", {"name": SENT})
    assert changes.to_restore({**ORIGINAL, "name": SENT})["name"] == ORIGINAL["name"]


def test_edit_is_the_original_value_of_a_setting_that_is_sent_later(changes: Changes) -> None:
    assert changes.new_originals({"industry": SENT, "name": "Harbour Dental"}) == {"name": "Harbour Dental"}


def test_setting_that_is_sent_for_the_first_time_has_an_original_value_even_if_it_is_null(changes: Changes) -> None:
    assert changes.new_originals({"opening_note": None}) == {"opening_note": None}


def test_missing_setting_is_restored_only_if_it_was_sent(changes: Changes) -> None:
    sent = next(iter(changes.sent))
    assert changes.to_restore({}).keys() == changes.sent.keys()
    assert changes.to_restore({sent: changes.original[sent]}).keys() == changes.sent.keys()


def pending(*writes: dict[str, Any]) -> Changes:
    """Return changes of an account in which the industry was null, with pending writes."""
    changes = Changes([OWN_RUN])
    changes.add("original", {"industry": None})
    now = time.time()
    for number, fields in enumerate(writes):
        changes.add("sent", fields, now + number / 1000)
    return changes


def ids(changes: Changes) -> list[str]:
    """Return the ids of the pending writes."""
    return list(changes.pending)


def test_write_is_settled_when_its_value_is_read_for_the_first_time() -> None:
    changes = pending({"industry": "A"})
    (write,) = ids(changes)
    assert changes.pending_settings() == {"industry"}
    assert changes.settled_by({"industry": None}) == {}
    settled = changes.settled_by({"industry": "A"})
    assert settled == {"observed": {"industry": "A"}, "settled": {write: "read"}}
    changes.add("settled", settled["settled"])
    assert changes.pending_settings() == set()


def test_value_that_was_read_already_settles_no_other_write_of_it() -> None:
    changes = pending({"industry": "A"}, {"industry": "A"})
    first, second = ids(changes)
    settled = changes.settled_by({"industry": "A"}, {second})
    assert settled["settled"] == {second: "read"}
    for kind, values in settled.items():
        changes.add(kind, values)
    assert changes.settled_by({"industry": "A"}, {second}) == {}
    assert ids(changes) == [first]


def test_accepted_write_that_is_read_settles_the_accepted_ones_before_it() -> None:
    changes = pending({"industry": "A"}, {"industry": "B"}, {"industry": "C"}, {"industry": "D"})
    first, unknown, third, last = ids(changes)
    assert changes.settled_by({"industry": "C"}, {first, third, last})["settled"].keys() == {first, third}
    assert unknown in changes.pending


def test_write_of_which_nothing_was_seen_is_no_longer_pending_when_its_settle_time_is_over() -> None:
    changes = Changes([OWN_RUN])
    now = time.time()
    changes.add("sent", {"industry": "A"}, now - SETTLE_SECONDS)
    changes.add("sent", {"name": "B"}, now - SETTLE_SECONDS + 30)
    assert changes.pending_settings() == {"name"}


# The journal


def test_process_reads_what_another_one_has_appended(journal: Journal) -> None:
    other = Journal(journal.path, URL)
    for number in range(3):
        other.append(URL, {"sent": {"industry": f"{number}"}})
        journal.append(URL, {"sent": {"industry": f"{number} again"}})
    expected = ["0", "0 again", "1", "1 again", "2", "2 again"]
    assert journal.load().changes[URL].sent["industry"] == expected
    assert other.load().changes[URL].sent["industry"] == expected
    assert Journal(journal.path, URL).load().changes == journal.load().changes


def test_half_line_of_a_killed_process_is_dropped(journal: Journal) -> None:
    with journal.path.open("ab") as file:
        file.write(b'{"url": "http://127.0.0.1:1/api/bus')
    assert Journal(journal.path, URL).load().changes == {}
    Journal(journal.path, URL).append(URL, {"sent": {"industry": SENT}})
    assert journal.load().changes[URL].sent == {"industry": [SENT]}
    assert [json.loads(line) for line in journal.path.read_text().splitlines()]


def test_run_may_not_write_after_another_one_has_taken_over(journal: Journal) -> None:
    with journal.writing(OWN_RUN):
        pass
    Journal(journal.path, URL).begin(OTHER_RUN, TARGET)
    with pytest.raises(AccountInUse), journal.writing(OWN_RUN):
        pass
    assert journal.load().runs == [OWN_RUN, OTHER_RUN]


def test_run_may_not_write_to_the_journal_that_another_one_has_begun_anew(journal: Journal) -> None:
    journal.append(URL, {"sent": {"industry": SENT}})
    other = Journal(journal.path, URL)
    other.end()
    with pytest.raises(AccountInUse), journal.writing(OWN_RUN):
        pass
    other.begin(OTHER_RUN, TARGET)
    for _ in range(9):
        other.append(URL, {"sent": {"industry": "Orthodontics"}})
    with pytest.raises(AccountInUse), journal.writing(OWN_RUN):
        pass
    assert journal.load().changes[URL].sent == {"industry": ["Orthodontics"] * 9}


@pytest.mark.parametrize("line", ["{}", "[]", "7", "text", '{"url": "x", "kind": "lost", "fields": {}, "at": 0}'])
def test_damaged_journal_is_refused_and_kept(line: str, journal: Journal) -> None:
    with journal.path.open("a") as file:
        file.write(f"{line}\n")
    before = journal.path.read_bytes()
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="is damaged"):
            journal.append(URL, {"sent": {"industry": SENT}})
    assert journal.path.read_bytes() == before


def test_journal_that_somebody_else_may_write_is_refused(journal: Journal) -> None:
    journal.path.chmod(0o620)
    with pytest.raises(ConfigurationError, match="somebody else may have written it"):
        Journal(journal.path, URL).load()


def test_journal_behind_a_link_is_refused(journal: Journal, tmp_path: Path) -> None:
    link = tmp_path / "link.journal"
    link.symlink_to(journal.path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Journal(link, URL).load()


def test_journal_with_changes_of_another_resource_is_refused(journal: Journal) -> None:
    journal.append(URL, {"sent": {"industry": SENT}})
    with pytest.raises(ConfigurationError, match="is damaged"):
        Journal(journal.path, "https://elsewhere.example/api/business/me").load()


def test_ids_of_list_entries_do_not_matter() -> None:
    assert same([{"id": 1, "question": "Open?"}], [{"id": 2, "question": "Open?"}])
    assert not same([{"id": 1, "question": "Open?"}], [{"id": 1, "question": "Closed?"}])
    assert not same({"id": 1}, {"id": 2})
