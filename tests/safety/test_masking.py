"""Nothing private is in any artifact: canaries that a backend shows in all that it controls, at TRACE."""

import html
import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.canaries import Canary, fields, shapes, spelled
from tests.support.runs import RunCommand
from tests.support.text_backend import COOKIE, REFRESH, text_backend

LEAST_NOTES = 100


def readings(text: str) -> set[str]:
    """Return `text` as it is, and without the escapes of XML and JavaScript."""
    plain = html.unescape(text)
    return {text, plain, re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), plain).replace("\\\\", "\\")}


@pytest.mark.parametrize("is_broken", [False, True], ids=["success", "error"])
def test_no_canary_is_in_any_artifact(is_broken: bool, run_tests: RunCommand, tmp_path: Path) -> None:
    canaries: list[Canary] = []

    def texts(password: str, token: str) -> Sequence[str]:
        canaries.extend([*shapes(), *fields(), *spelled(password), *spelled(token)])
        canaries.extend(Canary(f"see {one}", (one,)) for one in (COOKIE, REFRESH, token.rpartition(".")[2]))
        return [one.text for one in canaries]

    history = tmp_path / "history.db"
    with text_backend(texts, tmp_path, is_broken=is_broken) as (backend, state):
        outcome = run_tests(
            *("--full", "--history", str(history), "--", "--loglevel", "TRACE"),
            backend=backend,
            environment={"GITHUB_ACTIONS": "true"},
        )
    assert next(state.shown) > 2 * len(canaries), outcome.stdout
    story = (outcome.results / "output.xml").read_text("utf-8")
    assert story.count("X-Note-") > LEAST_NOTES
    assert outcome.summary, outcome.stdout
    assert "::error" in outcome.stdout
    with closing(sqlite3.connect(history)) as database, database:
        artifacts = [*outcome.texts(), ("history", "\n".join(database.iterdump()))]
    assert {name for name, _ in artifacts} >= {"output.xml", "log.html", "log.html, unpacked", "summary.md", "console"}
    found = {
        f"{name}: {canary.text[:150]}"
        for name, text in artifacts
        for reading in readings(text)
        for canary in canaries
        for secret in canary.secrets
        if secret in reading
    }
    assert not found, "\n".join(sorted(found)[:20]) + json.dumps(outcome.codes)
