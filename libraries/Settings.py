"""Checks of settings as keywords: whether an update was accepted, what was saved, and what is unchanged."""

from collections.abc import Collection
from typing import Any

import requests
from robot.api.deco import keyword, library

import project_root  # noqa: F401
from acceptance.account.ledger import without_entry_ids
from acceptance.account.marks import marks_of_other_runs, refuse_values_of_runs_in_progress
from acceptance.texts import LONGEST_SHOWN
from Responses import json_or_none, mismatches, outcome, shown, status_problem
from run_state import failure, run_state

UPDATES = 3
"""The phase of a suite in which updates must be accepted."""

SUCCESS = ("success", "audit_pending")


def matches(actual: Any, expected: Any) -> bool:
    """Return whether `actual` equals `expected`, character for character.

    Objects in lists may have more fields, and other ids.
    """
    if isinstance(expected, list) and isinstance(actual, list):
        actual, expected = without_entry_ids(actual), without_entry_ids(expected)
        return len(actual) == len(expected) and all(map(matches, actual, expected))
    if isinstance(expected, dict) and isinstance(actual, dict):
        return all(name in actual and matches(actual[name], value) for name, value in expected.items())
    return type(actual) is type(expected) and bool(actual == expected)


def first_difference(actual: str, expected: str) -> str:
    """Return in words where two texts start to differ."""
    pairs = enumerate(zip(actual, expected, strict=False), start=1)
    position = next((index for index, (one, other) in pairs if one != other), min(len(actual), len(expected)) + 1)
    return f"they differ from character {position:,} on (saved {len(expected):,}, read back {len(actual):,})"


def acceptance_problem(response: requests.Response) -> str | None:
    """Return why `response` does not accept an update, None where it does; its format does not matter."""
    problem = status_problem(response, requests.codes.ok)
    body = json_or_none(response)
    if problem or not isinstance(body, dict):
        return problem
    if "status" in body:
        flaw = None if body["status"] in SUCCESS else f"the status {shown(body['status'])}"
    else:
        flaw = None if mismatches(body, "error") else f"the error {shown(body['error'])}"
    return f"{outcome(response)} with {flaw}, expected success." if flaw else None


@library(scope="GLOBAL", version="1.0", doc_format="MARKDOWN")
class Settings:
    """Compares the settings of a business, which are JSON objects, with what was sent or read before."""

    @keyword
    def update_should_be_accepted(self, response: requests.Response) -> None:
        """Fails unless `response` is a 200 that reports no error; the failure belongs to phase 3.

        A `status` in the body must be `success` or `audit_pending`.
        """
        problem = acceptance_problem(response)
        if problem:
            raise failure(problem, response, UPDATES)

    @keyword
    def settings_should_contain(self, settings: dict[str, Any], update: dict[str, Any]) -> None:
        """Fails unless each value of `update` is in `settings` exactly as it was sent."""
        for field, value in update.items():
            _check_saved(settings, field, value)

    @keyword
    def fields_should_be_equal(
        self,
        before: dict[str, Any],
        after: dict[str, Any],
        *fields: str,
        message: str,
        ignored: Collection[str] = (),
    ) -> None:
        """Fails unless each of the `fields`, but for those `ignored`, has the same value `before` and `after`.

        The failure begins with `message`. A field that is missing `before` is not compared.
        """
        compared = [name for name in fields if name in before and name not in ignored]
        changed = [name for name in compared if name not in after or not matches(after[name], before[name])]
        if changed:
            _refuse_values_of_runs_in_progress({name: after.get(name) for name in changed})
            changes = "; ".join(f"{name} from {shown(before[name])} to {shown(after.get(name))}" for name in changed)
            raise failure(f"{message}: {changes}.", after)


def _check_saved(settings: dict[str, Any], field: str, expected: Any) -> None:
    name = field.replace("_", " ").capitalize().replace("Faqs", "FAQs")
    saved = f"{name} {'were' if name.endswith('s') else 'was'} saved as {shown(expected)}"
    if field not in settings:
        raise failure(f"{saved}, but is missing when read back.", settings)
    actual = settings[field]
    if matches(actual, expected):
        return
    _refuse_values_of_runs_in_progress({field: actual})
    message = f"{saved} but read back as {shown(actual)}"
    if isinstance(actual, str) and isinstance(expected, str) and len(expected) > LONGEST_SHOWN:
        message += f"; {first_difference(actual, expected)}"
    raise failure(f"{message}.", settings)


def _refuse_values_of_runs_in_progress(fields: dict[str, Any]) -> None:
    state = run_state()
    refuse_values_of_runs_in_progress(marks_of_other_runs(fields, [state.run]), state.server_clock())
