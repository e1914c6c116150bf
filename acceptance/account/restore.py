"""Restoring an account: compare, write, and read whether it is restored."""

import time
from dataclasses import dataclass
from typing import Any

import requests

from acceptance.account.journal import Journal
from acceptance.account.ledger import LONGEST_SINCE_READ_SECONDS, Changes, same
from acceptance.client.json_body import json_object

RESTORE_SECONDS = 20.0
PAUSES_SECONDS = (1.0, 1.0, 3.0, 1.0, 1.0, 1.0)
"""The pauses between attempts while restoring has no effect. One is longer than reads usually lag behind a write."""

LAST_ATTEMPT = len(PAUSES_SECONDS)


@dataclass(frozen=True)
class Restoration:
    """The result of restoring an account.

    Attributes:
        restored: Whether every setting was read with its original value, other than those `kept` and `side_effects`.
        kept: The settings that somebody else edited meanwhile; the edits are kept.
        side_effects: The fields that changed during the run, to a value that it did not write; they are left.
        problem: What is not restored, and why, in one sentence; empty where all is.
    """

    restored: bool
    kept: tuple[str, ...] = ()
    side_effects: tuple[str, ...] = ()
    problem: str = ""

    def notes(self, what: str = "The account") -> list[str]:
        """Return a sentence about each way in which the account differs from before the run.

        Args:
            what: The account, at the beginning of a sentence.
        """
        notes = []
        if self.kept:
            notes.append(f"Somebody else edited {', '.join(self.kept)} during the run; the edit is kept.")
        if self.side_effects:
            names = ", ".join(self.side_effects)
            notes.append(f"{names} changed during the run, which did not write that; it is left as it is.")
        if not self.restored:
            notes.append(f"{what} is not restored: {self.problem}.")
        return notes


def restore(journal: Journal, owner: requests.Session) -> Restoration:
    """Restore what the runs of the journal changed.

    Args:
        journal: The account's journal.
        owner: A session that is logged in as the account's owner.
    """
    started = time.monotonic()
    attempt = 0
    while True:
        results = [
            _restore_resource(journal, owner, url, changes, attempt) for url, changes in journal.load().changes.items()
        ]
        kept = tuple(name for result in results for name in result.kept)
        side_effects = tuple(name for result in results for name in result.side_effects)
        problems = [result.problem for result in results if result.problem]
        is_late = time.monotonic() - started > RESTORE_SECONDS
        if not problems or attempt == LAST_ATTEMPT or is_late:
            return Restoration(not problems, kept, side_effects, "; ".join(problems))
        time.sleep(PAUSES_SECONDS[attempt])
        attempt += 1


def _restore_resource(
    journal: Journal, owner: requests.Session, url: str, changes: Changes, attempt: int
) -> Restoration:
    just_read = None if attempt else changes.as_last_read(LONGEST_SINCE_READ_SECONDS)
    current = just_read or _read(owner, url)
    _record_side_effects(journal, url, changes, current)
    fields = changes.to_restore(current)
    if fields:
        journal.append(url, "sent", fields)
        _write(owner, url, fields, attempt)
    after = _read(owner, url)
    if after is None:
        return Restoration(False, problem=f"{', '.join(fields) or 'what was changed'} could not be read again")
    _record_side_effects(journal, url, changes, after)
    expected = fields | changes.to_restore(after)
    wrong = {name for name, value in expected.items() if not same(after.get(name), value)}
    journal.append(url, "observed", {name: after.get(name) for name in wrong})
    differing = {name for name, value in changes.original.items() if not same(after.get(name), value)}
    side_effects = changes.remaining_side_effects(after) - wrong
    problem = f"not as found: {', '.join(sorted(wrong))}" if wrong else ""
    kept = differing - wrong - side_effects
    return Restoration(not wrong, tuple(sorted(kept)), tuple(sorted(side_effects)), problem)


def _record_side_effects(journal: Journal, url: str, changes: Changes, read: dict[str, Any] | None) -> None:
    """Record what writes changed beside what they sent, where nothing was read since."""
    if read is not None and changes.awaits_read:
        damaged, ambiguous = changes.side_effects(changes.original, read)
        journal.append(url, "observed", damaged)
        journal.append(url, "ambiguous", ambiguous)


def _write(owner: requests.Session, url: str, fields: dict[str, Any], attempt: int) -> None:
    """Send `fields`: together at first; one by one where that is rejected, or had no effect.

    In the last attempt an empty text replaces null, because it is better than a text of the run.
    """
    values = {name: "" if attempt == LAST_ATTEMPT and value is None else value for name, value in fields.items()}
    if attempt == 1 or _is_rejected(owner, url, values):
        for name, value in values.items():
            _is_rejected(owner, url, {name: value})


def _read(owner: requests.Session, url: str) -> dict[str, Any] | None:
    try:
        response = owner.get(url)
    except requests.RequestException:
        return None
    return json_object(response.content) if response.status_code == requests.codes.ok else None


def _is_rejected(owner: requests.Session, url: str, fields: dict[str, Any]) -> bool:
    """Send an update, and return whether there was a response other than 200."""
    try:
        response = owner.put(url, json=fields)
    except requests.RequestException:
        return False
    return bool(response.status_code != requests.codes.ok)
