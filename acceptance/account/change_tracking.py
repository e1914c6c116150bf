"""Whose value is it: one that a run brought into the account, and takes back, or somebody's edit, which survives?"""

import html
import json
import re
import time
from collections.abc import Collection
from typing import Any, Literal

from acceptance.config import ConfigurationError

RUN_MARK = re.compile(r"acceptance run ([0-9a-f]{8})")
Kind = Literal["found", "sent", "read", "doubtful"]
LONGEST_SINCE_READ_SECONDS = 2.0
"""What was read longer ago than this is read anew before a write, since somebody may have edited it meanwhile."""

SHORTEST_CUT = 20
"""From how many characters on a text counts as cut out of a longer one, rather than as somebody's own."""


class AccountInUse(ConfigurationError):
    """Another run holds the account."""


def run_mark(run: str) -> str:
    """Return what a value that the run `run` writes contains, so that it can be told from everybody else's."""
    return f"acceptance run {run}"


def refuse_values_of_other_runs(fields: dict[str, Any], ours: Collection[str]) -> None:
    """Raise `AccountInUse` where one of `fields` holds a value that a run other than `ours` wrote.

    Such a value must neither be taken for what was found, nor for a fault of the API.
    """
    for name, value in fields.items():
        mark = RUN_MARK.search(json.dumps(value, ensure_ascii=False))
        if mark and mark.group(1) not in ours:
            raise AccountInUse(
                f"Another run is using this account: {name} holds a value of {mark.group()}. If no run is in progress, "
                "one crashed on another machine: correct the setting by hand."
            )


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same, character for character and type for type."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


class Resource:
    """What a journal knows of one JSON resource that was written to.

    Args:
        runs: The ids of the runs that wrote the journal.

    Attributes:
        found: Its settings before they were written, by name.
        sent: Each value that was sent, by name.
        read: Each value that was read back after sending, by name; also of settings that the write damaged.
        doubtful: Settings that changed while another one was written, as they read then.
        awaits_read: Whether something was sent and nothing read since.
        last_read: What the last read after sending wrote down.
        last_read_at: When that was (`time.time()`).
    """

    def __init__(self, runs: Collection[str]) -> None:
        self._runs = set(runs)
        self.found: dict[str, Any] = {}
        self.sent: dict[str, list[Any]] = {}
        self.read: dict[str, list[Any]] = {}
        self.doubtful: dict[str, Any] = {}
        self.awaits_read = False
        self.last_read: dict[str, Any] = {}
        self.last_read_at = 0.0

    def add(self, kind: Kind, fields: dict[str, Any], at: float = 0.0) -> None:
        """Take in what was found, sent or read, and when (`time.time()`)."""
        if kind in ("found", "doubtful"):
            (self.found if kind == "found" else self.doubtful).update(fields)
            return
        self.awaits_read = kind == "sent"
        if kind == "read":
            self.last_read, self.last_read_at = fields, at
        for name, value in fields.items():
            (self.sent if kind == "sent" else self.read).setdefault(name, []).append(value)

    def as_just_read(self, seconds: float) -> dict[str, Any] | None:
        """Return the settings as they were read after all that was sent, None where that is not known.

        Args:
            seconds: How long ago that may have been.
        """
        is_recent = 0 <= time.time() - self.last_read_at <= seconds
        is_complete = not self.awaits_read and not self.doubtful and self.sent.keys() <= self.last_read.keys()
        return self.found | self.last_read if is_recent and is_complete else None

    def side_effects(self, before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the settings that changed from `before` a write to `after` it, though it did not send them.

        Returns:
            Those that are damaged, as they read now: nothing is left of them, they are garbled, or they hold what was
            sent for another one. And those of which it is doubtful whether the write or somebody else changed them.
        """
        changed = {
            name: after[name]
            for name in self.found.keys() & before.keys() & after.keys() - self.sent.keys()
            if not same(before[name], after[name])
        }
        damaged = {name: value for name, value in changed.items() if self._is_damaged(value, before[name])}
        return damaged, {name: value for name, value in changed.items() if name not in damaged}

    def is_ours(self, name: str, value: Any) -> bool:
        """Whether a run brought `value` into the setting `name`; if not, it is somebody's edit, and survives.

        Ours is what was found, sent or read back, what bears these runs' mark but not another's, and what a broken
        backend makes of what was sent.
        """
        marks = set(RUN_MARK.findall(json.dumps(value, ensure_ascii=False)))
        if marks:
            return marks <= self._runs
        sent = [*self.sent.get(name, ()), *self.read.get(name, ())]
        if any(same(value, one) for one in [self.found.get(name), *sent]):
            return True
        is_damaged = any(_is_emptied(value, one) or _is_garbled(value, one) for one in sent)
        return name in self.sent and (is_damaged or self._is_sent_elsewhere(value))

    def is_doubtful(self, name: str, value: Any) -> bool:
        """Whether `value` came into the setting `name` while another one was written."""
        return name in self.doubtful and same(self.doubtful[name], value)

    def to_restore(self, current: dict[str, Any] | None) -> dict[str, Any]:
        """Return the settings to put back, with their values.

        What was sent goes back even where it reads as found, since the read may be stale.

        Args:
            current: The settings as they read now; None where they cannot be read.
        """
        if current is None:
            return {name: value for name, value in self.found.items() if name in self.sent}
        return {
            name: value
            for name, value in self.found.items()
            if (name in self.sent or not same(current.get(name), value)) and self.is_ours(name, current.get(name))
        }

    def _is_damaged(self, value: Any, before: Any) -> bool:
        return _is_emptied(value, before) or _is_garbled(value, before) or self._is_sent_elsewhere(value)

    def _is_sent_elsewhere(self, value: Any) -> bool:
        return bool(value) and any(same(value, one) for values in self.sent.values() for one in values)


def _is_emptied(value: Any, original: Any) -> bool:
    """Whether nothing, or nothing of the same type, is left of `original`; a switch that was flipped is not emptied."""
    if original is None or isinstance(original, bool):
        return False
    return type(value) is not type(original) or (not value and bool(original))


def _is_garbled(value: Any, original: Any) -> bool:
    """Whether the text `original` was cut, or trimmed, escaped or case-folded, to `value`."""
    if not isinstance(value, str) or not isinstance(original, str):
        return False

    def letters(text: str) -> str:
        return re.sub(r"[\s\\]+", "", html.unescape(text)).casefold()

    return letters(value) == letters(original) or (len(value) >= SHORTEST_CUT and original.startswith(value))
