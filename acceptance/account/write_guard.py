"""The write guard: nothing is written to the account before the journal holds what restores it."""

import json
import math
import time
from collections.abc import Callable, Collection
from typing import Any

import requests

from acceptance.account.journal import Journal
from acceptance.account.ledger import LONGEST_SINCE_READ_SECONDS, Changes, Kind, digest, same
from acceptance.account.marks import Mark, healed, marks_of_other_runs, refuse_values_of_runs_in_progress
from acceptance.client.exchanges import call_of
from acceptance.client.http_adapter import RequestBlocked
from acceptance.client.json_body import json_object


class AccountWriteGuard:
    """Records in the journal the original values before a write, what is sent, and what is read afterwards.

    Args:
        journal: The account's journal, begun by the process that owns the run.
        run: The id of the run.
        owner: A session that is logged in as the account's owner.
        settings: The names of the settings that a write may damage although it does not send them.
        is_secret: Returns whether a text contains a secret, which the journal must not hold.
        clock: Returns the time by the backend's clock (Unix time).
    """

    def __init__(
        self,
        journal: Journal,
        run: str,
        owner: requests.Session,
        settings: Collection[str],
        is_secret: Callable[[str], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._journal = journal
        self._run = run
        self._owner = owner
        self._settings = frozenset(settings)
        self._is_secret = is_secret
        self._clock = clock
        self._latest: dict[str, dict[str, Any]] = {}
        self._read_at: dict[str, float] = {}
        self._before: dict[str, dict[str, Any]] = {}
        self._sent: dict[str, set[str]] = {}
        self._in_flight: dict[str, str] = {}
        self._accepted: dict[str, Any] = {}
        self._unsettled: set[str] = set()

    def marks_of_other_runs(self, fields: dict[str, Any]) -> dict[str, list[Mark]]:
        """Return the marks in `fields` of runs that are not known from the journal, by the name of the field."""
        found = marks_of_other_runs(fields, [self._run])
        return found and marks_of_other_runs(fields, self._journal.load().runs)

    def before_write(self, request: requests.PreparedRequest) -> None:
        """Record the original values, before the first write, and what is about to be sent, before each.

        A field that is sent as it was read is no change: it has an original value, but does not count as sent.

        Raises:
            AccountInUse: Another run has taken over the account, or writes to it from another machine.
            RequestBlocked: The settings cannot be read, or not be recorded, so they could not be restored.
        """
        url = _without_query(request)
        if time.monotonic() - self._read_at.get(url, -math.inf) > LONGEST_SINCE_READ_SECONDS:
            self._owner.get(url)
        if url not in self._latest:
            raise RequestBlocked(f"{call_of(request)} was not sent: what it changes cannot be read first.")
        fields = json_object(request.body) or {}
        if fields.keys() - self._latest[url].keys():
            self._owner.get(url)  # another version of the backend may know the fields
        latest = self._latest[url]
        unread = sorted(fields.keys() - latest.keys())
        if unread:
            raise RequestBlocked(f"{call_of(request)} was not sent: {', '.join(unread)} cannot be read first.")
        present = {name: latest[name] for name in fields}
        changed = {name: value for name, value in fields.items() if not same(value, present[name])}
        secret = next((name for name, value in present.items() if self._holds_secret(value)), None)
        if secret:
            raise RequestBlocked(f"{call_of(request)} was not sent: {secret} holds a secret.")
        with self._journal.writing(self._run) as ledger:
            marks = marks_of_other_runs(present, ledger.runs)
            refuse_values_of_runs_in_progress(marks, self._clock())
            changes = ledger.changes.get(url) or Changes(ledger.runs)
            is_first = not changes.found
            settings = {n: latest[n] for n in self._settings & latest.keys() if not self._holds_secret(latest[n])}
            originals = changes.new_originals(settings | present if is_first else present)
            values: dict[Kind, dict[str, Any]] = {
                "original": {name: healed(one) if name in marks else one for name, one in originals.items()},
                "found": {name: digest(value) for name, value in latest.items()} if is_first else {},
                "adopted": {name: present[name] for name in marks},
                "posted" if request.method == "POST" else "sent": changed,
            }
            write = self._journal.append(url, values)
        self._in_flight[url] = write
        if changed:
            self._unsettled.add(write)
        self._before.setdefault(url, latest)
        self._sent.setdefault(url, set()).update(changed)

    def before_resend(self, request: requests.PreparedRequest) -> None:
        """Read again before a request is sent again after a wait, and record that it is.

        A field that was sent as it was read, and that somebody has edited meanwhile, is sent as it reads now.

        Raises:
            RequestBlocked: Another field was changed meanwhile, and would be overwritten.
        """
        url, fields = _without_query(request), json_object(request.body) or {}
        known = self._latest[url]
        self._owner.get(url)
        present = self._latest[url]
        edited = {
            name: present[name]
            for name, value in fields.items()
            if name in present and not same(present[name], known.get(name)) and not same(present[name], value)
        }
        lost = sorted(name for name in edited if not same(fields[name], known.get(name)))
        if lost:
            raise RequestBlocked(f"{call_of(request)} is not sent again: {', '.join(lost)} were changed meanwhile.")
        if edited:
            request.prepare_body(data=None, files=None, json=fields | edited)
        self.before_write(request)

    def after_write(
        self, request: requests.PreparedRequest, response: requests.Response | None, *, was_sent: bool
    ) -> None:
        """Remember that a write was accepted, and record one that cannot take effect: refused, or not sent."""
        if response is not None and response.ok:
            self._accepted[self._in_flight.pop(_without_query(request))] = response.status_code
        elif not was_sent or (response is not None and response.status_code < requests.codes.server_error):
            self.had_no_effect(request)

    def had_no_effect(self, request: requests.PreparedRequest) -> None:
        """Record that a write cannot take effect on this account: refused, not sent, or meant for another one."""
        url = _without_query(request)
        write = self._in_flight.pop(url)
        if write in self._unsettled:
            self._journal.append(url, {"settled": {write: "refused"}})
            self._unsettled.remove(write)

    def record_damage(self, before: dict[str, Any], after: dict[str, Any], url: str) -> None:
        """Record that the settings `before` are the original ones where they differ `after` the run has saved them."""
        damaged = [name for name in before.keys() & after.keys() if not same(before[name], after[name])]
        with self._journal.writing(self._run):
            self._journal.append(
                url,
                {
                    "original": {name: before[name] for name in damaged},
                    "observed": {name: after[name] for name in damaged},
                },
            )

    def after_read(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """Remember what the owner read, and record it where the settings were written since the last read.

        Record as well which writes are seen to have taken effect.
        """
        if "Authorization" not in request.headers or response.status_code != requests.codes.ok:
            return
        fields = json_object(response.content)
        if fields is None:
            return
        url = _without_query(request)
        self._latest[url] = fields
        self._read_at[url] = time.monotonic()
        before, sent = self._before.pop(url, None), self._sent.pop(url, set())
        if before is None and not self._unsettled:
            return
        with self._journal.writing(self._run) as ledger:
            if url not in ledger.changes:
                return
            changes = ledger.changes[url]
            values = changes.settled_by(fields, self._accepted)
            if before is not None:
                damaged, ambiguous = changes.side_effects(before, fields)
                read_back = {name: fields[name] for name in sent & fields.keys()}
                values |= {"observed": read_back | damaged, "ambiguous": ambiguous}
            if values:
                self._journal.append(url, {"accepted": self._accepted, **values})
                self._accepted = {}
        self._unsettled.difference_update(values.get("settled", ()))

    def _holds_secret(self, value: Any) -> bool:
        return self._is_secret(json.dumps(value, ensure_ascii=False))


def _without_query(request: requests.PreparedRequest) -> str:
    return str(request.url).partition("?")[0]
