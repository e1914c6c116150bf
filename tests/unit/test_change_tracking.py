"""Whose value it is: the rules by which a run takes back what it brought, and leaves everybody else's edits."""

from typing import Any

import pytest

from acceptance.account.change_tracking import Resource, run_mark

FOUND = {
    "industry": "Dental clinic",
    "name": "Harbour Dental Care",
    "receptionist_enabled": True,
    "greeting_style": None,
}
OURS, THEIRS = "0123abcd", "89abcdef"
SENT = f"Dental clinic [{run_mark(OURS)}]"


@pytest.fixture
def resource() -> Resource:
    """An account on which the run `OURS` has sent an industry, and nothing else."""
    resource = Resource([OURS])
    resource.add("found", FOUND)
    resource.add("sent", {"industry": SENT})
    return resource


@pytest.mark.parametrize(
    "value",
    [FOUND["industry"], SENT, SENT.upper(), SENT[:25], "", None],
    ids=["found", "sent", "folded", "cut", "", "null"],
)
def test_what_was_found_or_sent_and_what_a_broken_backend_makes_of_it_goes_back(value: Any, resource: Resource) -> None:
    assert resource.is_ours("industry", value)
    assert resource.to_restore({**FOUND, "industry": value}) == {"industry": FOUND["industry"]}


@pytest.mark.parametrize("value", ["Orthodontics", f"Dental clinic [{run_mark(THEIRS)}]"])
def test_edit_of_a_setting_that_was_sent_survives(value: str, resource: Resource) -> None:
    assert resource.to_restore({**FOUND, "industry": value}) == {}


@pytest.mark.parametrize(("name", "value"), [("receptionist_enabled", False), ("name", ""), ("greeting_style", "Warm")])
def test_edit_of_a_setting_that_was_not_sent_survives(name: str, value: Any, resource: Resource) -> None:
    assert name not in resource.to_restore({**FOUND, name: value})


def test_setting_that_a_write_emptied_is_damaged_and_one_that_it_flipped_is_doubtful(resource: Resource) -> None:
    after = {**FOUND, "industry": SENT, "name": "", "receptionist_enabled": False}
    assert resource.side_effects(FOUND, after) == ({"name": ""}, {"receptionist_enabled": False})


def test_setting_of_which_nothing_was_noted_is_not_doubtful_even_where_it_holds_nothing(resource: Resource) -> None:
    assert not resource.is_doubtful("greeting_style", None)
    resource.add("doubtful", {"greeting_style": None})
    assert resource.is_doubtful("greeting_style", None)


def test_account_that_cannot_be_read_gets_back_all_that_was_sent(resource: Resource) -> None:
    assert resource.to_restore(None) == {"industry": FOUND["industry"]}
