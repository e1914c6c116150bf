"""Annotations of GitHub Actions: workflow commands that show an error at a line of a file."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from acceptance.exit_codes import first_failure
from acceptance.reporting.escaping import for_annotation, for_annotation_property
from acceptance.reporting.run_result import RunResult


def are_wanted(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether this is a job of GitHub Actions, which alone reads annotations."""
    return environ.get("GITHUB_ACTIONS") == "true"


def error(title: str, message: str, path: Path | None = None, line: int | None = None) -> str:
    """Return the workflow command that shows an error, at a line of a file where one is given."""
    properties = {"file": _from_workspace(path) if path else None, "line": line, "title": title}
    given = (f"{name}={for_annotation_property(str(value))}" for name, value in properties.items() if value is not None)
    return f"::error {','.join(given)}::{for_annotation(message)}"


def annotations(result: RunResult) -> Iterator[str]:
    """Yield an error for each suite that is not healthy, or one for the run where none of them explains its verdict."""
    failed = [suite for suite in result.suites if suite.exit_code and result.verdict.status != "stale"]
    for suite in failed:
        output = result.output.by_name[suite.name]
        test = first_failure(output.all_tests)
        title = f"{suite.name}: {suite.status} (exit code {suite.exit_code})"
        message = "\n".join(filter(None, [f"{suite.meaning}.", suite.first_failure]))
        yield error(title, message, output.source, (test.lineno if test else None) or 1)
    if result.exit_code and not failed:
        yield error(f"{result.verdict.status} (exit code {result.exit_code})", result.verdict.advice)


def _from_workspace(path: Path) -> str:
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    return str(path.relative_to(workspace) if path.is_relative_to(workspace) else path)
