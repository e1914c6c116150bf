"""Reads of the business are compared only where no update may explain a difference."""

from acceptance.client.exchanges import Call
from acceptance.reporting.versions import several_versions_note

URL = "https://a.example"


def read(at: float, *fields: str) -> Call:
    """Return a read of the business that took a second."""
    return Call("GET", "/api/business/me", 200, 1000.0, True, at, fields=fields)


def update(at: float, milliseconds: float = 1000.0) -> Call:
    """Return an update of the business."""
    return Call("PUT", "/api/business/me", 200, milliseconds, True, at)


def test_reads_with_the_same_fields_are_no_doubt() -> None:
    assert several_versions_note([read(1, "id", "name"), read(2, "id", "name")], URL) is None


def test_missing_fields_are_named() -> None:
    calls = [read(1, "id", "voice"), read(2, "id"), read(3, "id", "tone")]
    assert several_versions_note(calls, URL) == (
        f"More than one version may be answering at {URL}: some reads of /api/business/me lack tone, voice."
    )


def test_fields_that_an_update_may_have_added_are_no_doubt() -> None:
    assert several_versions_note([read(1, "id"), update(3), read(5, "id", "audit")], URL) is None
    assert several_versions_note([read(1, "id"), read(2, "id", "audit"), update(3, milliseconds=1500)], URL) is None


def test_update_before_both_reads_explains_nothing() -> None:
    assert several_versions_note([update(1), read(3, "id"), read(5, "id", "audit")], URL)


def test_names_are_limited() -> None:
    names = [f"field_{number}" for number in range(10)]
    assert str(several_versions_note([read(1), read(2, *names)], URL)).endswith("field_4 and 5 others.")
