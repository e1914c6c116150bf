"""Run marks: the text in each value that a run writes, by which the value is recognised as that run's."""

import json
import re
import secrets
from collections.abc import Collection
from typing import Any

from acceptance.account.lock import AccountInUse

RUN_MARK = re.compile(r"acceptance run ([0-9a-f]{8})")


def new_run_id() -> str:
    """Return a new id for a run, eight hexadecimal digits."""
    return secrets.token_hex(4)


def run_mark(run: str) -> str:
    """Return the mark that each value written by the run `run` contains."""
    return f"acceptance run {run}"


def marks_in(value: Any) -> set[str]:
    """Return the ids of the runs whose marks `value` contains."""
    return set(RUN_MARK.findall(json.dumps(value, ensure_ascii=False)))


def refuse_values_of_other_runs(fields: dict[str, Any], own_runs: Collection[str]) -> None:
    """Check that no run other than `own_runs` wrote one of `fields`.

    Such a value must neither count as the original one, nor as a fault of the API.

    Raises:
        AccountInUse: Another run wrote one of them.
    """
    for name, value in fields.items():
        other = next(iter(marks_in(value) - set(own_runs)), None)
        if other:
            raise AccountInUse(
                f"Another run is using this account: {name} holds a value of {run_mark(other)}. If no run is in "
                "progress, one crashed on another machine: correct the setting by hand."
            )
