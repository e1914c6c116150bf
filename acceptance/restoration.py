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
    while True:
        problems: list[str] = []
        kept: list[str] = []
        for url, resource in journal.resources().items():
            fields = resource.to_restore(_read(owner, url))
            if fields and _is_refused(owner, url, fields):
                for name, value in fields.items():
                    _is_refused(owner, url, {name: value})
            current = _read(owner, url)
            if current is None:
                problems.append(f"{', '.join(fields) or 'the settings'} could not be read again")
                continue
            changed = [name for name, value in resource.found.items() if not same(current.get(name), value)]
            touched = [name for name in changed if name in resource.sent or name in fields]
            kept += [name for name in touched if not resource.is_ours(name, current.get(name))]
            problems += [f"{name} is not as found" for name in touched if name not in kept]
        if not problems:
            return Restoration(True, tuple(kept))
        if time.monotonic() - started > RESTORE_SECONDS:
            return Restoration(False, tuple(kept), "; ".join(problems))
        time.sleep(PAUSE_BETWEEN_ATTEMPTS_SECONDS)


def _read(owner: requests.Session, url: str) -> dict[str, Any] | None:
    try:
        answer = owner.get(url, allow_redirects=False)
    except requests.RequestException:
        return None
    return json_object(answer.content) if answer.status_code == requests.codes.ok else None


def _is_refused(owner: requests.Session, url: str, fields: dict[str, Any]) -> bool:
    """Send an update and return whether it was answered, but not accepted."""
    try:
        answer = owner.put(url, json=fields, allow_redirects=False)
    except requests.RequestException:
        return False
    return bool(answer.status_code != requests.codes.ok)
