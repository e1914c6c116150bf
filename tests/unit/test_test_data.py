"""Marked texts fit where the present text does, and a form changes one text alone."""

import pytest
from robot.api import SkipExecution

from acceptance.account.marks import Before, Mark, marks_in
from run_state import RunState, run_state
from TestData import TestData, marked_text, shortened, stress_text

RUN = "0123abcd"
END = 1_800_000_000.0
MARK = f"[acceptance run {RUN}w1c9c380]"


def mark(before: Before) -> Mark:
    """Return a mark of the run."""
    return Mark.of(RUN, before, END)


SETTINGS = {
    "id": 1,
    "name": "Harbour Dental Care",
    "phone_number": "+12025550143",
    "receptionist_enabled": True,
    "google_calendar_connected": False,
    "industry": "Dental clinic",
    "description": "A family dental practice",
    "business_hours": None,
    "common_services": "",
    "timezone": "America/New_York",
    "greeting_style": "Warm and professional",
    "faqs": [],
}


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> RunState:
    """The state of this process, with a run's id and without excluded settings."""
    state = run_state()
    monkeypatch.setattr(state, "run", RUN)
    monkeypatch.setattr(state, "mark_end", END)
    monkeypatch.setattr(state, "excluded_settings", ())
    return state


@pytest.mark.parametrize(
    "present",
    [
        "",
        "x",
        "Dental clinic",
        "i" * 24,
        "i" * 25,
        "i" * 50,
        "i" * 250,
        "é" * 40,
        "🦷" * 60,
        "👩🏽‍⚕️" * 12,
        "e\u0301" * 30,
    ],
)
def test_marked_text_is_no_longer_than_what_it_replaces_or_fifty(present: str) -> None:
    text = marked_text(mark, present)
    assert marks_in(text) == {RUN}
    assert len(text) <= max(50, len(present))
    assert len(text.encode()) <= max(50, len(present.encode()))


def test_short_text_is_kept_whole_and_marked_once() -> None:
    text = marked_text(mark, "Dental clinic")
    assert text == f"Dental clinic {mark('whole')}"
    assert marked_text(mark, text) == text
    assert marked_text(mark, None) == str(mark("null"))


@pytest.mark.parametrize(
    ("text", "kept"),
    [("abc", "ab"), ("ae\u0301", "a"), ("a👩🏽", "a"), ("a👩‍⚕️", "a"), ("❤\ufe0f!", "❤\ufe0f"), ("ab", "ab")],
)
def test_text_is_not_cut_inside_a_character(text: str, kept: str) -> None:
    assert shortened(text, characters=2, octets=100) == kept


def test_text_is_not_cut_inside_the_bytes_of_a_character() -> None:
    assert shortened("aéé", characters=100, octets=4) == "aé"


def test_stress_text_fits_into_fifty_bytes() -> None:
    assert len(stress_text(mark("shortened")).encode()) <= 50


def test_form_is_every_setting_as_it_is_but_for_the_shortest_text(state: RunState) -> None:
    form = TestData().get_form(SETTINGS)
    names = SETTINGS.keys() - {"id", "google_calendar_connected"}
    assert form == {name: SETTINGS[name] for name in names} | {"industry": f"Dental clinic {mark('whole')}"}
    assert TestData().get_changes(SETTINGS, form) == {"industry": f"Dental clinic {mark('whole')}"}


@pytest.mark.parametrize(
    "phone",
    [
        {"phone_number": None, "receptionist_enabled": True},
        {"phone_number": "", "receptionist_enabled": True},
        {"phone_number": "12025550143"},
        {"receptionist_enabled": None},
    ],
)
def test_form_holds_the_phone_settings_only_where_they_are_valid(phone: dict[str, object], state: RunState) -> None:
    form = TestData().get_form(SETTINGS | phone)
    assert not {"phone_number", "receptionist_enabled"} & form.keys()


def test_form_without_any_text_marks_the_first_setting(state: RunState) -> None:
    texts = dict.fromkeys(("industry", "description", "business_hours", "common_services", "greeting_style"))
    assert TestData().get_form(SETTINGS | texts)["industry"] == str(mark("null"))


def test_excluded_settings_are_in_no_form(state: RunState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "excluded_settings", ("industry", "faqs"))
    form = TestData().get_form(SETTINGS)
    assert not {"industry", "faqs"} & form.keys()
    assert form["greeting_style"] == f"Warm and profess {mark('shortened')}"


def test_form_is_not_sent_where_every_text_is_excluded(state: RunState, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ("industry", "description", "business_hours", "common_services", "greeting_style")
    monkeypatch.setattr(state, "excluded_settings", texts)
    with pytest.raises(SkipExecution, match="no text setting"):
        TestData().get_form(SETTINGS)


def test_second_form_saves_again_what_was_there_before_the_first(state: RunState) -> None:
    edited = SETTINGS | {"industry": f"Dental clinic {MARK}", "timezone": "Europe/Lisbon", "phone_number": None}
    form = TestData().get_second_form(SETTINGS, edited)
    assert form["timezone"] == "America/New_York"
    assert form["industry"] == f"{MARK} Dental clinic"
    assert "phone_number" not in form


def test_update_of_a_marked_text_differs_from_it(state: RunState) -> None:
    marked = SETTINGS | {"industry": f"Dental clinic {mark('whole')}"}
    assert TestData().get_marked_update(marked) == {"industry": f"{MARK} Dental clinic"}
