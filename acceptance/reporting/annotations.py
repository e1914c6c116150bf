"""Workflow commands of GitHub Actions: a run's own annotations, and everybody else's made harmless."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from robot.result import TestSuite

from acceptance.exit_codes import first_failure
from acceptance.reporting.verdict import ADVICE, SuiteVerdict, Verdict

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_COMMAND = re.compile(r"^(\s*:)(?=:)|(#)(?=#\[)")


def harmless(text: str) -> str:
    """Return `text` so that no line of it is a workflow command, whoever wrote it.

    The runner of GitHub Actions breaks lines at a carriage return as well, passes over leading blanks, and still knows
    the older `##[command]` anywhere in a line.
    """
    return "\n".join(_COMMAND.sub(lambda found: f"{found.group()} ", line) for line in _LINE_BREAK.split(text))


def is_wanted(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether somebody reads annotations: only GitHub Actions does."""
    return environ.get("GITHUB_ACTIONS") == "true"


def error(title: str, message: str, path: Path | None = None, line: int | None = None) -> str:
    """Return the command that shows an error, at a line of a file where one is given."""
    properties = {"file": _from_workspace(path) if path else None, "line": line, "title": title}
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
    return f"::error {given}::{_escaped(harmless(message))}"


def of_run(results: Mapping[str, TestSuite], suites: Sequence[SuiteVerdict], verdict: Verdict) -> Iterator[str]:
    """Give an error for each suite that is not healthy, or one for the run where all are and it still failed.

    Args:
        results: The results of the suites by their names.
        suites: Their verdicts.
        verdict: That of the run.
    """
    failed = [suite for suite in suites if suite.exit_code]
    for suite in failed:
        result = results[suite.name]
        test = first_failure(result.all_tests)
        title = f"{suite.name}: {suite.word} (exit code {suite.exit_code})"
        message = "\n".join(filter(None, [f"{suite.meaning}.", suite.first_failure]))
        yield error(title, message, result.source, (test.lineno if test else None) or 1)
    if verdict.exit_code and not failed:
        yield error(f"{verdict.word} (exit code {verdict.exit_code})", ADVICE[verdict.word])


def _from_workspace(path: Path) -> str:
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    return str(path.relative_to(workspace) if path.is_relative_to(workspace) else path)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
