"""Putting an account back: compare, write, and look whether it is back."""

import time
from dataclasses import dataclass
from typing import Any

import requests

from acceptance.account.change_tracking import LONGEST_SINCE_READ_SECONDS, Resource, same
from acceptance.account.journal import Journal
from acceptance.account.write_guard import json_object

LAST_ATTEMPT = 6
RESTORE_SECONDS = 20.0
PAUSE_BETWEEN_ATTEMPTS_SECONDS = 1.0
"""How long restoring is tried again where it shows no effect yet, and how often."""


@dataclass(frozen=True)
class Restoration:
    """What came of putting the account back.

    Attributes:
        restored: Whether the account was seen to be as found, but for somebody else's edits.
        kept: The fields that somebody else edited meanwhile, and that were left alone.
        problem: What is not as found, and why, in one sentence; empty where all is.
    """

    restored: bool
    kept: tuple[str, ...] = ()
    problem: str = ""


def restore(journal: Journal, owner: requests.Session) -> Restoration:
    """Put back what the journal's runs changed, and look whether it is back.

    Args:
        journal: The account's journal.
        owner: A session that is signed in as the account's owner.
    """
    started = time.monotonic()
    attempt = 0
    while True:
        results = [
            _restore_one(journal, owner, url, resource, attempt) for url, resource in journal.resources().items()
        ]
        problems = [result.problem for result in results if result.problem]
        kept = tuple(name for result in results for name in result.kept)
        if not problems:
            return Restoration(True, kept)
        is_late = time.monotonic() - started > RESTORE_SECONDS
        if attempt == LAST_ATTEMPT or is_late:
            return Restoration(False, kept, "; ".join(problems))
        time.sleep(PAUSE_BETWEEN_ATTEMPTS_SECONDS)
        attempt += 1


def _restore_one(journal: Journal, owner: requests.Session, url: str, resource: Resource, attempt: int) -> Restoration:
    just_read = None if attempt else resource.as_just_read(LONGEST_SINCE_READ_SECONDS)
    current = just_read or _read(owner, url)
    if current is not None and resource.awaits_read:
        damaged, _ = resource.side_effects(resource.found, current)
        resource.add("read", damaged)
    fields = resource.to_restore(current)
    if current is not None:
        fields = _settle_doubts(owner, url, resource, fields, current)
    if fields:
        journal.add(url, "sent", fields)
        _put_back(owner, url, fields, attempt)
    after = _read(owner, url)
    if after is None:
        return Restoration(False, problem=f"{', '.join(fields) or 'what was changed'} could not be read again")
    expected = fields | (resource.to_restore(after) if just_read else {})
    wrong = sorted(name for name, value in expected.items() if not same(after.get(name), value))
    journal.add(url, "read", {name: after.get(name) for name in wrong})
    differing = {name for name, value in resource.found.items() if not same(after.get(name), value)}
    problem = f"not as found: {', '.join(wrong)}" if wrong else ""
    return Restoration(not wrong, tuple(sorted(differing.difference(wrong))), problem)


def _settle_doubts(
    owner: requests.Session, url: str, resource: Resource, fields: dict[str, Any], current: dict[str, Any]
) -> dict[str, Any]:
    """Return `fields` with the doubtful settings: as they were found, or, where somebody edited them, as edited.

    Who changed them is found out by putting them back and writing the others once more. What changes again is changed
    by the backend at each write; what does not was somebody's edit.
    """
    doubtful = {
        name: value
        for name, value in resource.doubtful.items()
        if name in fields or resource.is_doubtful(name, current.get(name))
    }
    others = {name: value for name, value in fields.items() if name not in doubtful}
    if not doubtful or not others:
        return fields
    found = {name: resource.found[name] for name in doubtful}
    _is_refused(owner, url, others | found)
    _is_refused(owner, url, others)
    again = _read(owner, url) or {}
    return others | {name: found[name] if same(again.get(name), edit) else edit for name, edit in doubtful.items()}


def _put_back(owner: requests.Session, url: str, fields: dict[str, Any], attempt: int) -> None:
    """Send `fields`: together at first; one by one where that is refused, or has had no effect.

    Where all else has failed, an empty text is better than one of the run's where there was none.
    """
    values = {name: "" if attempt == LAST_ATTEMPT and value is None else value for name, value in fields.items()}
    if attempt == 1 or _is_refused(owner, url, values):
        for name, value in values.items():
            _is_refused(owner, url, {name: value})


def _read(owner: requests.Session, url: str) -> dict[str, Any] | None:
    try:
        answer = owner.get(url)
    except requests.RequestException:
        return None
    return json_object(answer.content) if answer.status_code == requests.codes.ok else None


def _is_refused(owner: requests.Session, url: str, fields: dict[str, Any]) -> bool:
    """Send an update and return whether it was answered, but not accepted."""
    try:
        answer = owner.put(url, json=fields)
    except requests.RequestException:
        return False
    return bool(answer.status_code != requests.codes.ok)
