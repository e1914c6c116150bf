"""Run marks: the text in each value that a run writes.

A mark names the run, when the run ends at the latest, and what the value was before. So a value that is left behind is
recognised, and put back, also where the machine of the run and its journal are gone.
"""

import json
import math
import re
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from acceptance.account.lock import AccountInUse
from acceptance.config import SETTINGS

Before = Literal["whole", "shortened", "null", "empty"]
"""What a text was before it was marked: it is whole beside the mark, or shortened; or it was null or empty."""

LATEST_END = 0xFFFFFFF
"""The latest end that a mark can name: the year 2480."""

POLL_SECONDS = 2.0
_RUN_MARK = re.compile(r"acceptance run ([0-9a-f]{8})")
ORPHAN_SECONDS = 300
"""How long after the end of its run a mark still counts as that of a run in progress."""

LONGEST_RUN_SECONDS = 3600
"""The highest time limit of a run."""

FARTHEST_END_SECONDS = 2 * LONGEST_RUN_SECONDS
"""A mark with a later end than this is not that of a run in progress: its clock was wrong."""

MARK = re.compile(r" ?\[acceptance run ([0-9a-f]{8})([wsne])([0-9a-f]{7})\] ?")
_LETTERS: dict[Before, str] = {"whole": "w", "shortened": "s", "null": "n", "empty": "e"}
_BEFORE = {letter: before for before, letter in _LETTERS.items()}


@dataclass(frozen=True)
class Mark:
    """A mark.

    Attributes:
        run: The id of the run.
        before: What the value was before.
        end: When the run ends at the latest, in minutes (Unix time by the backend's clock).
    """

    run: str
    before: Before
    end: int

    @classmethod
    def of(cls, run: str, before: Before, end: float) -> "Mark":
        """Return the mark of a run that ends at `end` at the latest (Unix time)."""
        return cls(run, before, min(max(math.ceil(end / 60), 0), LATEST_END))

    def __str__(self) -> str:
        return f"[{run_mark(self.run)}{_LETTERS[self.before]}{self.end:07x}]"

    def is_in_progress(self, now: float) -> bool:
        """Return whether the run may be in progress `now` (Unix time by the backend's clock)."""
        return now - ORPHAN_SECONDS <= self.end * 60 <= now + FARTHEST_END_SECONDS

    @property
    def end_time(self) -> str:
        """When the run ends at the latest: `14:05 UTC`."""
        return datetime.fromtimestamp(self.end * 60, UTC).strftime("%H:%M UTC")


def new_run_id() -> str:
    """Return a new id for a run, eight hexadecimal digits."""
    return secrets.token_hex(4)


def run_mark(run: str) -> str:
    """Return the beginning of each mark of the run `run`."""
    return f"acceptance run {run}"


def marks_in(value: Any) -> set[str]:
    """Return the ids of the runs whose marks `value` contains."""
    return set(_RUN_MARK.findall(json.dumps(value, ensure_ascii=False)))


def complete_marks_in(value: Any) -> list[Mark]:
    """Return the marks in `value` that nothing has cut."""
    found = MARK.findall(json.dumps(value, ensure_ascii=False))
    return [Mark(run, _BEFORE[letter], int(end, 16)) for run, letter, end in found]


def without_marks(text: str) -> tuple[str, Before | None]:
    """Return `text` without its marks, and what it was before they were added; None where it has no mark."""
    marks = complete_marks_in(text)
    before = "shortened" if any(mark.before == "shortened" for mark in marks) else marks[0].before if marks else None
    return MARK.sub(_space_between, text), before


def _space_between(found: re.Match[str]) -> str:
    """Return what is left where a mark stood: a mark at the end or the beginning had one space for itself."""
    before, after = found.string[: found.start()], found.string[found.end() :]
    return " " if before and after and found.group().strip() != found.group() else ""


def healed(value: Any) -> Any:
    """Return `value` as it was before it was marked; the same value where that is not known, as in a shortened text.

    A marked entry of a list is one that was added.
    """
    if isinstance(value, list):
        return [one for one in value if not complete_marks_in(one)]
    if not isinstance(value, str):
        return value
    text, before = without_marks(value)
    if before in (None, "shortened"):
        return value
    return None if before == "null" and not text else text


def marks_of_other_runs(fields: dict[str, Any], own_runs: Collection[str]) -> dict[str, list[Mark]]:
    """Return the marks of runs other than `own_runs`, by the name of the setting that holds them; a cut one is none."""
    settings = ((name, value) for name, value in fields.items() if name in SETTINGS)
    found = {name: [mark for mark in complete_marks_in(value) if mark.run not in own_runs] for name, value in settings}
    return {name: marks for name, marks in found.items() if marks}


def refuse_values_of_runs_in_progress(marks: dict[str, list[Mark]], now: float) -> None:
    """Check that no run in progress wrote a value; it must neither be overwritten, nor count as the original one.

    Args:
        marks: The marks of other runs by the name of the field.
        now: The time by the backend's clock (Unix time).

    Raises:
        AccountInUse: A run that may be in progress wrote one of them.
    """
    for name, found in marks.items():
        mark = next((mark for mark in found if mark.is_in_progress(now)), None)
        if mark:
            raise AccountInUse(
                f"Another run is using this account, until {mark.end_time} at the latest: {name} holds a value of "
                f"{run_mark(mark.run)}. Run again when it has ended, or raise --lock-timeout."
            )


def await_other_runs(
    marks_now: Callable[[], dict[str, list[Mark]]], clock: Callable[[], float], seconds: float
) -> dict[str, list[Mark]]:
    """Wait while a value holds the mark of a run in progress, and return the marks that crashed runs have left.

    Args:
        marks_now: Returns the marks of other runs.
        clock: Returns the time by the backend's clock (Unix time).
        seconds: How long to wait.

    Raises:
        AccountInUse: Such a run did not end in time.
    """
    end = time.monotonic() + seconds
    while True:
        marks = marks_now()
        try:
            refuse_values_of_runs_in_progress(marks, clock())
        except AccountInUse:
            if time.monotonic() >= end:
                raise
            time.sleep(POLL_SECONDS)
        else:
            return marks


def orphan_note(name: str, mark: Mark, *, is_restored: bool) -> str:
    """Return a sentence about the `mark` that a crashed run has left in the setting `name`.

    Args:
        name: The name of the setting.
        mark: The mark.
        is_restored: Whether the mark is taken off, where that restores the value.
    """
    left = f"{name} holds a value of {run_mark(mark.run)}, which did not end properly"
    if mark.before == "shortened":
        return f"{left} and had shortened it; correct it by hand."
    return f"{left}; the mark is taken off." if is_restored else f"{left}; a run that may save it takes the mark off."
