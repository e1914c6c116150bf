"""Annotations of GitHub Actions: workflow commands that show an error at a line of a file."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from acceptance.exit_codes import first_failure
from acceptance.reporting.escaping import for_annotation, for_annotation_property
from acceptance.reporting.run_result import RunResult
from acceptance.reporting.traces import trace_text
from acceptance.reporting.verdict import sentence

Level = Literal["error", "warning"]


def are_wanted(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether this is a job of GitHub Actions, which alone reads annotations."""
    return environ.get("GITHUB_ACTIONS") == "true"


def annotation(
    title: str, message: str, path: Path | None = None, line: int | None = None, level: Level = "error"
) -> str:
    """Return the workflow command that shows an error or a warning, at a line of a file where one is given."""
    properties = {"file": _from_workspace(path) if path else None, "line": line, "title": title}
    given = (f"{name}={for_annotation_property(str(value))}" for name, value in properties.items() if value is not None)
    return f"::{level} {','.join(given)}::{for_annotation(message)}"


def annotations(result: RunResult) -> Iterator[str]:
    """Yield an error for each suite that is not healthy, or one for the run where none of them explains its verdict.

    A test that failed as a known issue is a warning.

    Where the run is compared with a baseline, a broken suite in which nothing regressed is a warning.
    """
    comparison = result.verdict.comparison
    failed = [suite for suite in result.suites if suite.exit_code and result.verdict.status != "stale"]
    for suite in failed:
        output = result.output.by_name[suite.name]
        test = first_failure(output.all_tests)
        title = f"{suite.name}: {suite.status} (exit code {suite.exit_code})"
        regressed = [one.test for one in comparison.tests["regressed"] if one.suite == suite.name] if comparison else []
        named = f"Regressed: {', '.join(regressed)}." if regressed else None
        since = sentence(suite.since) if suite.since else None
        trace = f"Trace: {trace_text(suite.trace_id, result.trace_url)}" if suite.trace_id else None
        message = "\n".join(filter(None, [f"{suite.meaning}.", named, suite.first_failure, since, trace]))
        is_as_before = comparison and suite.is_about_api and not regressed
        level: Level = "warning" if is_as_before else "error"
        yield annotation(title, message, output.source, (test.lineno if test else None) or 1, level)
    for suite in result.suites:
        for issue in suite.known_issues:
            yield annotation(
                f"{suite.name}: known issue", issue, result.output.by_name[suite.name].source, level="warning"
            )
    if result.exit_code and not failed:
        yield annotation(f"{result.verdict.status} (exit code {result.exit_code})", result.verdict.advice)


def _from_workspace(path: Path) -> str:
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    return str(path.relative_to(workspace) if path.is_relative_to(workspace) else path)
