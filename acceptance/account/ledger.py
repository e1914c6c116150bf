"""Change tracking: the original values of settings, and what runs sent and observed, decide what is restored."""

import hashlib
import html
import json
import re
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

from acceptance.account.marks import marks_in

Kind = Literal[
    "found",
    "original",
    "sent",
    "posted",
    "observed",
    "ambiguous",
    "accepted",
    "settled",
    "adopted",
    "restored",
]

LONGEST_SINCE_READ_SECONDS = 2.0
"""A response that is older is read again before a write, because somebody may have edited the settings since."""

SETTLE_SECONDS = 60.0
"""How long a write whose outcome is unknown may still take effect; gateways and queues give up earlier."""

SHORTEST_CUT = 20
"""A text of at least this many characters counts as cut from a longer text that it begins, not as somebody's edit."""

_DATE_TIME = re.compile(
    r"\d{4}-?\d\d-?\d\d[Tt ]\d\d(:?\d\d){1,2}([.,]\d+)? ?([Zz]|[+-]\d\d(:?\d\d)?)?",
)
"""A date and a time (RFC 3339 section 5.6, ISO 8601 section 5.4)."""


def digest(value: Any) -> str:
    """Return the SHA-256 of a JSON value, by which a later value is compared with it."""
    return hashlib.sha256(_text(value).encode()).hexdigest()


def same(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal, in type too; see `without_entry_ids`."""
    return _text(one) == _text(other)


def _text(value: Any) -> str:
    return json.dumps(without_entry_ids(value), sort_keys=True)


def without_entry_ids(value: Any) -> Any:
    """Return a JSON value without the ids of the objects in its lists, which a backend may give anew at each save."""
    if not isinstance(value, list):
        return value
    return [{name: one[name] for name in one if name != "id"} if isinstance(one, dict) else one for one in value]


@dataclass(frozen=True)
class Write:
    """A write whose outcome is not known yet.

    Attributes:
        fields: The values that it sent, other than those that were read last.
        at: When it was sent (`time.time()`).
    """

    fields: dict[str, Any]
    at: float

    def may_take_effect(self) -> bool:
        """Return whether it may still take effect."""
        return bool(self.fields) and abs(time.time() - self.at) < SETTLE_SECONDS

    def is_shown(self, before: dict[str, Any], read: dict[str, Any]) -> bool:
        """Return whether `read` holds a value that it sent, and that was not read `before`."""
        values = self.fields.items()
        return any(name in read and same(read[name], one) and not same(before.get(name), one) for name, one in values)


@dataclass
class Changes:
    """The changes of one JSON resource.

    Attributes:
        runs: The ids of the runs that wrote to it; shared with the ledger.
        found: The digest of each field before the first write; empty where they are not known.
        original: Each setting's value before the first write; an edit by somebody else before a later one replaces it.
        sent: The values that were sent, by setting, other than those that were sent as they had been read.
        observed: The values that were read after sending, by setting; also those of settings that a write damaged.
        ambiguous: Settings that changed while another one was written, and may be somebody's edit, with their new
            value.
        pending: The writes whose outcome is not known, by their ids, in the order in which they were sent.
        accepted: The ids of those that got a 2xx response.
        adopted: The values that crashed runs had left, by setting.
        was_posted: Whether a write was sent by POST.
        present: The value of each setting at the last read that was recorded.
        awaits_read: Whether something was sent and nothing was read since.
        last_observed: What was observed at the last read.
        last_observed_at: The time of that read (`time.time()`).
    """

    runs: list[str]
    found: dict[str, str] = field(default_factory=dict)
    original: dict[str, Any] = field(default_factory=dict)
    sent: dict[str, list[Any]] = field(default_factory=dict)
    observed: dict[str, list[Any]] = field(default_factory=dict)
    ambiguous: dict[str, Any] = field(default_factory=dict)
    pending: dict[str, Write] = field(default_factory=dict)
    accepted: set[str] = field(default_factory=set)
    adopted: dict[str, Any] = field(default_factory=dict)
    was_posted: bool = False
    present: dict[str, Any] = field(default_factory=dict)
    awaits_read: bool = False
    last_observed: dict[str, Any] = field(default_factory=dict)
    last_observed_at: float = 0.0

    def add(self, kind: Kind, fields: dict[str, Any], at: float = 0.0) -> None:
        """Record values.

        Args:
            kind: Which values they are; those that were `posted` were sent by POST.
            fields: The values by setting; for `accepted` and `settled`, what became of writes, by their ids; those that
                are `adopted` were left by crashed runs, and are restored as those of this one. When all is `restored`,
                only what the pending writes may change stays recorded.
            at: When they were sent or read (`time.time()`); of a write, it is the id as well.
        """
        match kind:
            case "found":
                self.found |= fields
            case "original":
                self.original |= fields
                self.present |= fields
            case "ambiguous":
                self.ambiguous |= fields
            case "observed":
                self.last_observed, self.last_observed_at, self.awaits_read = fields, at, False
                self.present |= fields
                _append(self.observed, fields)
            case "sent" | "posted":
                new = {name: one for name, one in fields.items() if not same(self.present.get(name), one)}
                self.pending[str(at)] = Write(new, at)
                self.was_posted |= kind == "posted"
                self.awaits_read = True
                _append(self.sent, fields)
            case _:
                self._add_event(kind, fields)

    def _add_event(self, kind: Kind, fields: dict[str, Any]) -> None:
        match kind:
            case "adopted":
                self.adopted |= fields
                self.runs[:0] = {run for value in fields.values() for run in marks_in(value)}
                _append(self.observed, fields)
                self.present |= fields
            case "accepted":
                self.accepted |= fields.keys()
            case "settled":
                for write in fields:
                    self.pending.pop(write, None)
            case "restored":
                names = {name for write in self.pending.values() for name in write.fields}
                self.original = {name: value for name, value in self.original.items() if name in names}
                self.found, self.sent, self.observed, self.ambiguous, self.adopted = {}, {}, {}, {}, {}
                for one in self.pending.values():
                    _append(self.observed, one.fields)

    def settled_by(self, read: dict[str, Any], accepted: Collection[str] = ()) -> dict[Kind, dict[str, Any]]:
        """Return the pending writes that are seen to have taken effect, and their values, as `add` records them.

        A new value shows the newest accepted write that sent it, and that those accepted earlier were processed as
        well. Only where no accepted write sent it, it shows one whose outcome was unknown: another one with the same
        value may still come.

        Args:
            read: The settings as they were read.
            accepted: The ids of writes that were accepted, and are not recorded as such yet.
        """
        all_accepted = self.accepted | set(accepted)
        shown = [write for write in self.pending if self.pending[write].is_shown(self.present, read)]
        if not shown:
            return {}
        confirmed = [write for write in shown if write in all_accepted]
        if confirmed:
            seen = confirmed[-1]
            until = list(self.pending).index(seen) + 1
            settled = [write for write in list(self.pending)[:until] if write in all_accepted]
        else:
            seen, *_ = settled = shown[:1]
        values = {name: value for name, value in self.pending[seen].fields.items() if same(read.get(name), value)}
        return {"observed": values, "settled": dict.fromkeys(settled, "read")}

    def pending_settings(self) -> set[str]:
        """Return the settings that a write may still change, although it got no response, a 5xx, or had no effect."""
        return {name for write in self.pending.values() if write.may_take_effect() for name in write.fields}

    def as_last_read(self, seconds: float) -> dict[str, Any] | None:
        """Return the settings as they were read after the last write, None where they were not read completely.

        Args:
            seconds: The highest age of that read.
        """
        is_recent = 0 <= time.time() - self.last_observed_at <= seconds
        is_complete = not self.awaits_read and not self.ambiguous and self.sent.keys() <= self.last_observed.keys()
        return dict(self.present) if is_recent and is_complete else None

    def new_originals(self, present: dict[str, Any]) -> dict[str, Any]:
        """Return those of the settings `present` before a write whose value is original: new, or somebody's edit."""
        return {
            name: value
            for name, value in present.items()
            if name not in self.original or not self.is_known(name, value)
        }

    def side_effects(self, before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the settings that no run sent, but that a write changed, or somebody else meanwhile.

        Args:
            before: The settings as read before the write.
            after: The settings as read after it.

        Returns:
            The damaged ones with their new values: emptied, garbled, or overwritten with what was sent for another
            setting. And the ambiguous ones, which may be somebody's edit.
        """
        changed = {
            name: after[name]
            for name in self.original.keys() & before.keys() & after.keys() - self.sent.keys()
            if not same(before[name], after[name]) and not same(self.original[name], after[name])
        }
        damaged = {
            name: value
            for name, value in changed.items()
            if _is_emptied(value, before[name]) or _is_garbled(value, before[name]) or self._was_sent(value)
        }
        return damaged, {name: value for name, value in changed.items() if name not in damaged}

    def is_known(self, name: str, value: Any) -> bool:
        """Return whether `value` of the setting `name` is original or from a run; if not, it is somebody's edit.

        A value is from a run if it was sent or observed, if it has the mark of these runs but of no other, or if a
        broken backend may have made it from what was sent.
        """
        marks = marks_in(value) - marks_in(self.original.get(name))
        if marks:
            return marks <= set(self.runs)
        values = [*self.sent.get(name, ()), *self.observed.get(name, ())]
        if any(same(value, one) for one in [self.original.get(name), *values]):
            return True
        is_damaged = any(_is_emptied(value, one) or _is_garbled(value, one) for one in values)
        return name in self.sent and (is_damaged or self._was_sent(value))

    def to_restore(self, current: dict[str, Any] | None) -> dict[str, Any]:
        """Return the settings to restore, with their original values.

        A setting that was sent is restored even if it reads as original, because the read may be stale. One that was
        not sent is restored if a write damaged it. One that is missing may be so in a version of the backend that does
        not know it.

        Args:
            current: The settings as they read now; None where they cannot be read.
        """
        if current is None:
            return {name: value for name, value in self.original.items() if name in self.sent or name in self.observed}
        return {name: value for name, value in self.original.items() if self._is_restored(name, value, current)}

    def _is_restored(self, name: str, original: Any, current: dict[str, Any]) -> bool:
        if name not in current:
            return name in self.sent
        return (name in self.sent or not same(current[name], original)) and self.is_known(name, current[name])

    def remaining_side_effects(self, current: dict[str, Any]) -> set[str]:
        """Return the fields that no run sent, but that differ from what was found.

        They are the ambiguous settings that still have their changed value, and each field without an original value
        that was changed, added or removed, unless it is a date-time now.

        Args:
            current: The fields as they read now.
        """
        settings = {name for name, value in self.ambiguous.items() if name in current and same(current[name], value)}
        now = {name: digest(value) for name, value in current.items()}
        others = (self.found.keys() | now.keys()) - self.original.keys() if self.found else set()
        return settings | {
            name for name in others if self.found.get(name) != now.get(name) and not _is_date_time(current.get(name))
        }

    def _was_sent(self, value: Any) -> bool:
        return bool(value) and any(same(value, one) for values in self.sent.values() for one in values)


def _append(values: dict[str, list[Any]], fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        values.setdefault(name, []).append(value)


@dataclass
class Ledger:
    """The changes of an account.

    Attributes:
        runs: The ids of the runs that changed it, the latest last.
        changes: The changes by URL.
    """

    runs: list[str] = field(default_factory=list)
    changes: dict[str, Changes] = field(default_factory=dict)

    def add(self, url: str, kind: Kind, fields: dict[str, Any], at: float) -> None:
        """Record values of the resource at `url`; see `Changes.add`."""
        self.changes.setdefault(url, Changes(self.runs)).add(kind, fields, at)


def _is_date_time(value: Any) -> bool:
    return isinstance(value, str) and bool(_DATE_TIME.fullmatch(value))


def _is_emptied(value: Any, original: Any) -> bool:
    """Return whether nothing of the type of `original` is left; a switched boolean is not emptied."""
    if original is None or isinstance(original, bool):
        return False
    return type(value) is not type(original) or (not value and bool(original))


def _is_garbled(value: Any, original: Any) -> bool:
    """Return whether `value` is the text `original`, but cut, trimmed, escaped or in another case."""
    if not isinstance(value, str) or not isinstance(original, str):
        return False

    def letters(text: str) -> str:
        try:
            plain = html.unescape(text)
        except ValueError:  # a character reference of thousands of digits
            plain = text
        return re.sub(r"[\s\\]+", "", plain).casefold()

    return letters(value) == letters(original) or (len(value) >= SHORTEST_CUT and original.startswith(value))
