"""Putting an account back: compare, write, and look whether it is back."""

import time
from dataclasses import dataclass
from typing import Any

import requests

from acceptance.journal import Journal
from acceptance.ownership import same
from acceptance.safeguard import json_object

RESTORE_SECONDS = 8.0
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
    is_last = False
    while True:
        problems: list[str] = []
        kept: list[str] = []
        is_answered = True
        for url, resource in journal.resources().items():
            current = _read(owner, url)
            if current is not None and resource.awaits_read:
                resource.add("read", resource.damage(resource.found, current))
            fields = resource.to_restore(current)
            if fields:
                _put_back(journal, owner, url, fields, is_last)
            after = _read(owner, url)
            if after is None:
                problems.append(f"{', '.join(fields) or 'the settings'} could not be read again")
                is_answered = False
                continue
            changed = {name for name, value in resource.found.items() if not same(after.get(name), value)}
            journal.add(url, "read", {name: after.get(name) for name in changed & fields.keys()})
            problems += [f"{name} is not as found" for name in sorted(changed & fields.keys())]
            kept += sorted(changed - fields.keys())
        if not problems:
            return Restoration(True, tuple(kept))
        is_late = time.monotonic() - started > RESTORE_SECONDS
        if is_last or (is_late and not is_answered):
            return Restoration(False, tuple(kept), "; ".join(problems))
        time.sleep(PAUSE_BETWEEN_ATTEMPTS_SECONDS)
        is_last = is_late


def _put_back(journal: Journal, owner: requests.Session, url: str, fields: dict[str, Any], is_last: bool) -> None:
    """Send `fields`, one by one where they are not accepted together.

    Where all else has failed, an empty text is better than one of the run's where there was none.
    """
    values = {name: "" if is_last and value is None else value for name, value in fields.items()}
    journal.add(url, "sent", values)
    if _is_refused(owner, url, values):
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
