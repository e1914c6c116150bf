"""A mark names its run, when that ends, and what the value was before; so a value that is left behind heals."""

from typing import Any

import pytest

from acceptance.account.marks import Before, Mark, complete_marks_in, healed, marks_in
from TestData import marked_faqs, marked_text, stress_text

RUN = "0123abcd"
NOW = 1_800_000_000.0
LONG = "Every weekday from 8 to 18, on Saturdays from 9 to 13"


def mark(before: Before) -> Mark:
    """Return a mark of the run."""
    return Mark.of(RUN, before, NOW)


@pytest.mark.parametrize("in_front", [False, True])
@pytest.mark.parametrize("present", [None, "", "x", "Dental clinic", " spaces ", "two\nlines", "é" * 7, "¿Qué tal?"])
def test_marked_text_that_was_not_shortened_heals(present: str | None, *, in_front: bool) -> None:
    text = marked_text(mark, present, in_front=in_front)
    assert text != present
    assert marks_in(text) == {RUN}
    assert healed(text) == present


def test_text_that_is_marked_twice_heals_to_the_first_one() -> None:
    once = marked_text(mark, "Dental clinic")
    twice = marked_text(mark, once, in_front=True)
    assert twice != once
    assert healed(twice) == "Dental clinic"
    null = marked_text(mark, marked_text(mark, None), in_front=True)
    assert healed(null) is None


@pytest.mark.parametrize(
    "text", [marked_text(mark, LONG), stress_text(mark("shortened")), LONG, "acceptance run 0123abcd"]
)
def test_text_whose_original_is_not_known_is_left(text: str) -> None:
    assert healed(text) == text


def test_text_that_was_shortened_first_stays_shortened() -> None:
    assert complete_marks_in(marked_text(mark, marked_text(mark, LONG)))[0].before == "shortened"


def test_marked_text_to_which_the_owner_has_added_loses_the_mark_alone() -> None:
    assert healed(f"Dental clinic {mark('whole')} and more") == "Dental clinic and more"
    assert healed(f"{mark('null')} Dental clinic") == "Dental clinic"


@pytest.mark.parametrize("present", [[], ["Where?"], [{"question": "Where?", "answer": "Here."}]])
def test_marked_faq_is_taken_out(present: list[Any]) -> None:
    assert healed(marked_faqs(mark("whole"), present)) == present


@pytest.mark.parametrize(
    ("minutes", "is_in_progress"),
    [(-6, False), (-5, True), (0, True), (60, True), (120, True), (121, False)],
)
def test_run_is_in_progress_from_two_hours_before_its_end_to_five_minutes_after_it(
    minutes: int, is_in_progress: bool
) -> None:
    assert Mark.of(RUN, "whole", NOW + minutes * 60).is_in_progress(NOW) is is_in_progress
