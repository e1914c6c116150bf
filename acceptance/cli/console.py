"""The console: what a run logs, and what it found out, masked and without control of terminal or pipeline."""

import io
import logging
import os
import sys
from collections.abc import Iterator
from typing import TextIO

from acceptance.redaction import Redactor
from acceptance.reporting import annotations
from acceptance.reporting.escaping import for_console
from acceptance.reporting.run_result import RunResult
from acceptance.reporting.verdict import sentence


def show(text: str) -> None:
    """Print `text`, in which nothing controls the terminal or a pipeline."""
    _print(for_console(text), sys.stdout)


def show_error(text: str) -> None:
    """Print `text` to stderr, in which nothing controls the terminal or a pipeline."""
    _print(for_console(text), sys.stderr)


def show_annotation(annotation: str) -> None:
    """Print a workflow command for GitHub Actions, whose parts are escaped."""
    _print(annotation, sys.stdout)


def _print(text: str, stream: TextIO) -> None:
    """Print `text`; where the stream is closed or full, this and all later output to it is discarded."""
    try:
        print(text, file=stream, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class ConsoleHandler(logging.Handler):
    """Prints log records without secrets.

    Args:
        redactor: Knows the secrets.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(logging.INFO)
        self._redactor = redactor

    def emit(self, record: logging.LogRecord) -> None:
        """Print the message of `record`."""
        show(self._redactor.mask(record.getMessage()))


def log_to_console(redactor: Redactor) -> None:
    """Print what the project logs from now on, with escapes for characters that the console cannot show."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    logger = logging.getLogger("acceptance")
    logger.handlers = [ConsoleHandler(redactor)]
    logger.setLevel(logging.INFO)


def show_result(result: RunResult, report: str) -> None:
    """Print the verdict of each suite and of the run, and, for GitHub Actions, the annotations.

    Args:
        result: What the run found out.
        report: Where its report is.
    """
    logger = logging.getLogger(__name__)
    for line in _verdict_lines(result):
        logger.info("%s", line)
    logger.info("Report:  %s", report)


def show_annotations(result: RunResult, redactor: Redactor) -> None:
    """Print the annotations of `result` where GitHub Actions reads them."""
    if annotations.are_wanted():
        for command in annotations.annotations(result):
            show_annotation(redactor.mask(command))


def _verdict_lines(result: RunResult) -> Iterator[str]:
    width = max((len(suite.name) for suite in result.suites), default=0)
    for suite in result.suites:
        known = f"{suite.known} known, " if suite.known else ""
        counts = f"{suite.passed} passed, {suite.failed} failed, {known}{suite.skipped} skipped, {suite.seconds:.1f} s"
        yield f"{suite.name:<{width}}  {suite.status:<11}  {suite.exit_code}  {suite.meaning} ({counts})"
        if suite.first_failure:
            yield f"{'':<{width}}  {suite.first_failure}"
        if suite.since:
            yield f"{'':<{width}}  {sentence(suite.since)}"
        yield from (f"{'':<{width}}  Known issue: {issue}" for issue in suite.known_issues)
        for reason, count in suite.blocked_reasons.items():
            yield f"{'':<{width}}  {count} {reason}"
        for reason, count in suite.skip_reasons.items():
            yield f"{'':<{width}}  {count} skipped: {reason}"
    if result.baseline and result.baseline.is_used:
        yield f"Baseline: {result.baseline.counts}"
        yield from (f"  {words}: {test}" for words, tests in result.baseline.groups for test in tests)
    yield f"Verdict: {result.verdict.status}, exit code {result.exit_code}. {result.verdict.advice}"
