"""Verifying a deployment: a smoke run whose exit code says which API is broken, advice, and a log for each API."""

import argparse
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from robot.api import ExecutionResult
from robot.errors import DataError
from robot.result import TestSuite

from acceptance.cli import console
from acceptance.cli.arguments import Parser, parse
from acceptance.config import ConfigurationError
from acceptance.execution.run import Run
from acceptance.exit_codes import CAPABILITY_ORDER, UNEXPECTED
from acceptance.suites import known_suites

WAIT_SECONDS = "60"
LOG_DIRECTORY = "/tmp"
NO_ADVICE = (
    "No verdict: nothing certain is known of the API, so this alone is no reason to roll back. "
    "See above why, and verify again."
)


def verify(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Verify the deployment that `arguments` and `environ` name, and return 0 to 5 as `--exit-codes api` says.

    Raises:
        ConfigurationError: Something is missing or wrong.
    """
    given = _parser(environ).parse_args(arguments)
    logs = {name: Path(given.log_dir) / f"backend_{name.capitalize()}_smoke.log" for name in known_suites()}
    _make_room(Path(given.log_dir), logs.values())
    if not given.url:
        raise ConfigurationError("There is no URL to verify; give it as the argument, or in API_URL.")
    options = parse(
        ["--smoke", "--exit-codes", "api", "--url", given.url, "--wait", given.wait]
        + (["--output-dir", given.output_dir] if given.output_dir else []),
        environ,
    )
    code = Run(options).execute()
    summary = json.loads((options.output_directory / "summary.json").read_text("utf-8"))
    tests = _tests(options.output_directory / "output.xml")
    for name, suite in summary["suites"].items():
        _write(logs[name], "\n".join(_log(name, suite, summary, tests.get(name))) + "\n")
    console.show(f"Advice:  {_advice(code, summary)}")
    return code


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = Parser(
        prog="run_tests.py post-deploy",
        description="Verify a deployment: wait until it is ready, run the smoke tests, say what to do. The exit code "
        "is 0 for healthy, 1, 2 or 3 for a broken settings, calendar or twilio API alone, 4 for several or for another "
        "one, 5 where there is no verdict.",
        epilog="The account is taken from E2E_EMAIL and E2E_PASSWORD.",
        allow_abbrev=False,
    )
    wait, logs = environ.get("WAIT_SECONDS") or WAIT_SECONDS, environ.get("LOG_DIR") or LOG_DIRECTORY
    parser.add_argument("url", nargs="?", metavar="URL", default=environ.get("API_URL"), help="where (API_URL)")
    parser.add_argument("--wait", default=wait, metavar="SECONDS", help=f"(WAIT_SECONDS, default: {WAIT_SECONDS})")
    parser.add_argument("--log-dir", default=logs, metavar="DIR", help=f"(LOG_DIR, default: {LOG_DIRECTORY})")
    parser.add_argument(
        "--output-dir", default=environ.get("OUTPUT_DIR"), metavar="DIR", help="(OUTPUT_DIR, default: results)"
    )
    return parser


def _make_room(directory: Path, logs: Iterable[Path]) -> None:
    """Delete the logs of an earlier verification, which would pass for those of this one."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            for log in logs:
                log.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{error.filename or directory} cannot be written: {error.strerror}; name another directory in LOG_DIR."
        ) from None


def _tests(output: Path) -> dict[str, TestSuite]:
    """Return the results of the suites by their names; of none where the last look had to delete the file."""
    try:
        suites = ExecutionResult(output).suite.suites
    except DataError:
        return {}
    return {suite.source.stem: suite for suite in suites if suite.source}


def _log(name: str, suite: Mapping[str, Any], run: Mapping[str, Any], result: TestSuite | None) -> Iterator[str]:
    yield f"{name}: {suite['meaning']} (exit code {suite['exit_code']}, {suite['seconds']:.1f} s)"
    yield f"The {run['mode']} run against {run['target']} ended as {run['verdict']} (exit code {run['exit_code']})."
    yield ""
    for test in result.all_tests if result else ():
        yield f"{test.status:<4}  {test.name}"
        yield from (f"      {line}" for line in test.message.splitlines())


def _write(log: Path, text: str) -> None:
    """Write a log, never through a link that somebody has put in its place."""
    try:
        with tempfile.NamedTemporaryFile("w", dir=log.parent, encoding="utf-8", delete=False) as file:
            file.write(text)
        Path(file.name).replace(log)
    except OSError as error:  # the verdict stands without it
        console.show(f"{log} cannot be written: {error.strerror}.")
    else:
        console.show(f"Log:     {log}")


def _advice(code: int, summary: Mapping[str, Any]) -> str:
    if code == 0:
        return "The release is healthy: keep it."
    if code == UNEXPECTED:
        return NO_ADVICE
    if summary["verdict"] == "unreachable":
        return "The backend cannot be reached: roll back and alert the team."
    if code <= len(CAPABILITY_ORDER):
        return f"The {CAPABILITY_ORDER[code - 1]} API is broken, and it alone: roll back."
    broken = [name for name, suite in summary["suites"].items() if suite["exit_code"]]
    return f"CRITICAL: broken are {', '.join(broken)}. Roll back and alert the team."
