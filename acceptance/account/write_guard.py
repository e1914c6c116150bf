"""Stands between a run and the account: nothing is written before it is in the journal."""

import json
import math
import time
from collections.abc import Callable, Collection
from typing import Any

import requests

from acceptance.account.change_tracking import LONGEST_SINCE_READ_SECONDS, refuse_values_of_other_runs
from acceptance.account.journal import Journal
from acceptance.client.exchanges import call_of
from acceptance.client.http_adapter import RequestBlocked


class AccountWriteGuard:
    """Stands between a run and the account: nothing is written before it is in the journal.

    Args:
        journal: The account's journal, begun by the process that owns the run.
        run: The id of the run.
        owner: A session that is signed in as the account's owner.
        settings: The names of the settings that a write may damage although it does not send them.
        is_secret: Whether a value holds a secret, so that it may not be written down.
    """

    def __init__(
        self,
        journal: Journal,
        run: str,
        owner: requests.Session,
        settings: Collection[str],
        is_secret: Callable[[str], bool],
    ) -> None:
        self._journal = journal
        self._run = run
        self._owner = owner
        self._settings = frozenset(settings)
        self._is_secret = is_secret
        self._latest: dict[str, dict[str, Any]] = {}
        self._read_at: dict[str, float] = {}
        self._before: dict[str, dict[str, Any]] = {}
        self._sent: dict[str, set[str]] = {}

    def before_write(self, request: requests.PreparedRequest) -> None:
        """Write down what was found, before the first write, and what is about to be sent, before each.

        Raises:
            AccountInUse: Another run has taken over the account, or writes to it from another machine.
            RequestBlocked: What is there cannot be read, or not be written down, so it could not be put back.
        """
        url = _without_query(request)
        if time.monotonic() - self._read_at.get(url, -math.inf) > LONGEST_SINCE_READ_SECONDS:
            self._owner.get(url)
        if url not in self._latest:
            raise RequestBlocked(f"{call_of(request)} was not sent: what it changes cannot be read first.")
        latest = self._latest[url]
        fields = json_object(request.body) or {}
        unread = sorted(fields.keys() - latest.keys())
        if unread:
            raise RequestBlocked(f"{call_of(request)} was not sent: {', '.join(unread)} cannot be read first.")
        present = {name: latest[name] for name in fields}
        for name, value in present.items():
            if self._is_secret(json.dumps(value, ensure_ascii=False)):
                raise RequestBlocked(f"{call_of(request)} was not sent: {name} holds a secret.")
        with self._journal.writing(self._run):
            refuse_values_of_other_runs(present, self._journal.runs)
            resource = self._journal.resources().get(url)
            if resource is None:
                others = {name: latest[name] for name in self._settings & latest.keys()}
                safe = {name: one for name, one in others.items() if not self._is_secret(json.dumps(one))}
                found = safe | present
            else:
                edits = {name: value for name, value in present.items() if not resource.is_ours(name, value)}
                found = {name: value for name, value in edits.items() if not resource.is_doubtful(name, value)}
            if found:
                self._journal.add(url, "found", found)
            self._journal.add(url, "sent", fields)
        self._before.setdefault(url, latest)
        self._sent.setdefault(url, set()).update(fields)

    def after_read(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """Remember what the owner read, and write down what a write since the last read has made of the settings."""
        if "Authorization" not in request.headers or response.status_code != requests.codes.ok:
            return
        fields = json_object(response.content)
        if fields is None:
            return
        url = _without_query(request)
        self._latest[url] = fields
        self._read_at[url] = time.monotonic()
        before, sent = self._before.pop(url, None), self._sent.pop(url, set())
        if before is None:
            return
        with self._journal.writing(self._run):
            resource = self._journal.resources().get(url)
            if resource:
                read_back = {name: fields[name] for name in sent & fields.keys()}
                damaged, doubtful = resource.side_effects(before, fields)
                self._journal.add(url, "read", read_back | damaged)
                if doubtful:
                    self._journal.add(url, "doubtful", doubtful)


def json_object(body: bytes | str | None) -> dict[str, Any] | None:
    """Return the JSON object that `body` holds, None where it holds none."""
    try:
        value = json.loads(body or b"")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _without_query(request: requests.PreparedRequest) -> str:
    return str(request.url).partition("?")[0]
