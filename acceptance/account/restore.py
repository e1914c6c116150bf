"""Restoring an account: compare, write, and read whether it is restored."""

import time
from dataclasses import dataclass
from typing import Any

import requests

from acceptance.account.journal import Journal
from acceptance.account.ledger import LONGEST_SINCE_READ_SECONDS, Changes, Kind, same
from acceptance.client.http_adapter import retry_after_seconds
from acceptance.client.json_body import json_object
from acceptance.texts import named

RESTORE_SECONDS = 20.0
LONGEST_RESTORE_SECONDS = 60.0
"""Nothing is sent later than this after the beginning."""

PAUSES_SECONDS = (1.0, 1.0, 3.0, 1.0, 1.0, 1.0)
"""The pauses between attempts while restoring has no effect. One is longer than reads usually lag behind a write."""

LAST_ATTEMPT = len(PAUSES_SECONDS)
LONG_PAUSE_SECONDS = 5.0
"""The pause between attempts after the last one, where the backend or a firewall hinders them."""

LONGEST_RETRY_AFTER_SECONDS = 60.0
"""The longest `Retry-After`, in seconds, for which restoring goes on."""

TEMPORARY_STATUSES = (requests.codes.forbidden, requests.codes.too_many_requests)
"""The statuses below 500 that may pass: a firewall's, and throttling."""


@dataclass(frozen=True)
class Restoration:
    """The result of restoring an account.

    Attributes:
        restored: Whether every setting was read with its original value, other than those `kept` and `side_effects`.
        kept: The settings that somebody else edited meanwhile; the edits are kept.
        side_effects: The fields that changed during the run, to a value that it did not write; they are left.
        pending: The settings that an update with an unknown outcome may still change.
        problem: What is not restored, and why, in one sentence; empty where all is.
    """

    restored: bool
    kept: tuple[str, ...] = ()
    side_effects: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    problem: str = ""

    def notes(self, what: str = "The account") -> list[str]:
        """Return a sentence about each way in which the account differs from before the run.

        Args:
            what: The account, at the beginning of a sentence.
        """
        notes = []
        if self.kept:
            notes.append(f"Somebody else edited {named(self.kept)} during the run; the edit is kept.")
        if self.side_effects:
            notes.append(
                f"{named(self.side_effects)} changed during the run, which did not write that; it is left as it is."
            )
        if self.pending:
            notes.append(
                f"An update of {named(self.pending)} had no certain outcome and may still take effect; the next run or "
                "'run_tests.py restore' puts it back."
            )
        if not self.restored:
            notes.append(f"{what} is not restored: {self.problem}.")
        return notes


def restore(journal: Journal, owner: requests.Session, seconds: float = RESTORE_SECONDS) -> Restoration:
    """Restore what the runs of the journal changed.

    Args:
        journal: The account's journal.
        owner: A session that is logged in as the account's owner.
        seconds: How long it may take where the backend or a firewall hinders it.
    """
    started = time.monotonic()
    restorer = _Restorer(journal, owner, started + LONGEST_RESTORE_SECONDS)
    attempt = 0
    while True:
        restoration = restorer.attempt(attempt)
        taken = time.monotonic() - started
        is_last = attempt >= LAST_ATTEMPT or taken > RESTORE_SECONDS
        if restoration.restored or (is_last and not (restorer.was_hindered and taken < seconds)):
            return restoration
        time.sleep(PAUSES_SECONDS[attempt] if attempt < LAST_ATTEMPT else LONG_PAUSE_SECONDS)
        attempt += 1


class _Restorer:
    """Restores an account in several attempts.

    Args:
        journal: The account's journal.
        owner: A session that is logged in as the account's owner.
        end: When nothing more is sent (`time.monotonic()`).

    Attributes:
        was_hindered: Whether a request of the last attempt got no response, or one that may pass.
    """

    def __init__(self, journal: Journal, owner: requests.Session, end: float) -> None:
        self._journal = journal
        self._owner = owner
        self._end = end
        self.was_hindered = False

    def attempt(self, number: int) -> Restoration:
        """Restore all resources once, and return what came of it."""
        self.was_hindered = False
        results = [self._restore(url, changes, number) for url, changes in self._journal.load().changes.items()]
        problems = [result.problem for result in results if result.problem]
        return Restoration(
            restored=not problems,
            kept=tuple(name for result in results for name in result.kept),
            side_effects=tuple(name for result in results for name in result.side_effects),
            pending=tuple(name for result in results for name in result.pending),
            problem="; ".join(problems),
        )

    def _restore(self, url: str, changes: Changes, number: int) -> Restoration:
        just_read = None if number else changes.as_last_read(LONGEST_SINCE_READ_SECONDS)
        current = just_read or self._read(url)
        self._record_read(url, changes, current)
        fields = changes.to_restore(current)
        if fields:
            self._write(url, changes, fields, number)
        after = self._read(url) if fields or just_read else current
        if after is None:
            return Restoration(False, problem=f"{named(fields) or 'what was changed'} could not be read again")
        self._record_read(url, changes, after)
        expected = fields | changes.to_restore(after)
        left = {name for name, value in changes.adopted.items() if _has(after, name, value)}
        wrong = {name for name, value in expected.items() if not _has(after, name, value)} - left
        differing = {name: after[name] for name in changes.original.keys() & after.keys() - left}
        differing = {name: one for name, one in differing.items() if not same(one, changes.original[name])}
        side_effects = changes.remaining_side_effects(after) - wrong
        values: dict[Kind, dict[str, Any]] = {
            "observed": {name: after[name] for name in expected if name in after},
            "original": changes.new_originals(differing),
        }
        self._journal.append(url, values if wrong else values | {"restored": {}})
        return Restoration(
            restored=not wrong,
            kept=tuple(sorted(differing.keys() - wrong - side_effects)),
            side_effects=tuple(sorted(side_effects)),
            pending=tuple(sorted(changes.pending_settings())),
            problem=f"not as found: {named(sorted(wrong))}" if wrong else "",
        )

    def _record_read(self, url: str, changes: Changes, read: dict[str, Any] | None) -> None:
        """Record what writes changed beside what they sent, where nothing was read since, and which took effect."""
        if read is None:
            return
        if changes.awaits_read:
            damaged, ambiguous = changes.side_effects(changes.original, read)
            self._journal.append(url, {"observed": damaged, "ambiguous": ambiguous})
        settled = changes.settled_by(read)
        if settled:
            self._journal.append(url, settled)

    def _write(self, url: str, changes: Changes, fields: dict[str, Any], number: int) -> None:
        """Send `fields`: together at first; one by one where that is rejected, or had no effect.

        Every other attempt uses POST where a run did, which may save something else than PUT. In the last attempt an
        empty text replaces null, because it is better than a text of the run.
        """
        values = {name: "" if number >= LAST_ATTEMPT and value is None else value for name, value in fields.items()}
        method = "POST" if changes.was_posted and number % 2 else "PUT"
        if self._is_rejected(method, url, values) or number == 1:
            for name, value in values.items():
                self._is_rejected(method, url, {name: value})

    def _read(self, url: str) -> dict[str, Any] | None:
        """Return the settings, None where two reads in a row fail."""
        for _ in range(2):
            response = self._send("GET", url)
            if response is not None and response.status_code == requests.codes.ok:
                return json_object(response.content)
        return None

    def _is_rejected(self, method: str, url: str, fields: dict[str, Any]) -> bool:
        """Send an update, and return whether another one of single fields may be accepted instead."""
        write = self._journal.append(url, {"sent": fields})
        response = self._send(method, url, json=fields)
        if response is None:
            return False
        if response.ok:
            self._journal.append(url, {"accepted": {write: response.status_code}})
        elif response.status_code < requests.codes.server_error:
            self._journal.append(url, {"settled": {write: "refused"}})
        return response.status_code not in (requests.codes.ok, *TEMPORARY_STATUSES)

    def _send(self, method: str, url: str, **body: Any) -> requests.Response | None:
        if time.monotonic() > self._end:
            return None
        try:
            response = self._owner.request(method, url, **body)
        except requests.RequestException:
            self.was_hindered = True
            return None
        is_error = response.status_code >= requests.codes.server_error
        is_soon = (retry_after_seconds(response) or 0.0) <= LONGEST_RETRY_AFTER_SECONDS
        may_pass = response.status_code in TEMPORARY_STATUSES and is_soon
        self.was_hindered |= is_error or may_pass
        return response


def _has(read: dict[str, Any] | None, name: str, value: Any) -> bool:
    return read is not None and name in read and same(read[name], value)
