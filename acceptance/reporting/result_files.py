"""Writes the results of a run, each file once."""

from pathlib import Path

from acceptance.reporting.history import PAGE
from acceptance.reporting.report_header import documentation, metadata
from acceptance.reporting.run_result import RunResult
from acceptance.reporting.summary_json import write_summary
from acceptance.reporting.summary_markdown import write_markdown

FILES = ("report.html", "log.html", "output.xml", "xunit.xml", "summary.json", "summary.md", PAGE)


def remove_old_results(directory: Path) -> None:
    """Delete what an earlier run left in `directory`; files of others stay."""
    for name in FILES:
        (directory / name).unlink(missing_ok=True)


def write_results(result: RunResult, directory: Path) -> None:
    """Write report, log, output, xunit file and summaries of `result` into `directory`."""
    result.output.write(directory, result.title, documentation(result), metadata(result), result.trace_url)
    write_summary(result, directory / "summary.json")
    write_markdown(result, directory / "summary.md")
