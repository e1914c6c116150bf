"""The command `run_tests.py post-deploy`: a smoke run that names the broken API, gives advice, and logs each API."""

import argparse
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from acceptance.account.account import LOCK_SECONDS
from acceptance.cli.arguments import CREDENTIALS_NOTE, Subparsers, add_baseline, add_expect_build, seconds
from acceptance.cli.console import show, show_annotations, show_result
from acceptance.cli.run import run_options
from acceptance.config import ROOT, ConfigurationError
from acceptance.execution.run import Run
from acceptance.exit_codes import CAPABILITY_ORDER, UNEXPECTED
from acceptance.redaction import Redactor
from acceptance.reporting.atomic_file import replace_file
from acceptance.reporting.escaping import for_console
from acceptance.reporting.run_result import RunResult
from acceptance.reporting.verdict import SuiteVerdict
from acceptance.suites import known_suites

WAIT_SECONDS = "60"
LOG_DIRECTORY = "/tmp"
NO_VERDICT_ADVICE = (
    "No verdict: nothing certain is known about the API, so this alone is no reason to roll back. "
    "See the cause above, and verify again."
)

STALE_ADVICE = (
    "The release is not, or not completely, what answers: do not roll back on this. "
    "See that the deployment reaches all instances, and verify again."
)


def add_parser(commands: "Subparsers[argparse.ArgumentParser]", environ: Mapping[str, str] = os.environ) -> None:
    """Add the parser of this command, whose options have the defaults that `environ` gives."""
    parser = commands.add_parser(
        "post-deploy",
        prog="run_tests.py post-deploy",
        description="Verify a deployment: wait until it is ready, run the smoke tests, advise what to do. The exit "
        "code is 0 for healthy, 1, 2 or 3 for a broken settings, calendar or twilio API alone, 4 for several or for "
        "another one, 5 where there is no verdict. With --baseline, only what passed before counts.",
        epilog=CREDENTIALS_NOTE,
        allow_abbrev=False,
    )
    parser.set_defaults(
        execute=execute,
        smoke=True,
        full=False,
        exit_codes="api",
        read_only=False,
        allow_destructive=False,
        timeout=None,
        lock_timeout=LOCK_SECONDS,
        processes=None,
        shard=None,
        history=None,
    )
    wait, logs = environ.get("WAIT_SECONDS") or WAIT_SECONDS, environ.get("LOG_DIR") or LOG_DIRECTORY
    output = environ.get("OUTPUT_DIR") or str(ROOT / "results")
    parser.add_argument("url", nargs="?", metavar="URL", default=environ.get("API_URL"), help="the base URL (API_URL)")
    parser.add_argument(
        "--wait", type=seconds, default=wait, metavar="SECONDS", help=f"(WAIT_SECONDS, default: {WAIT_SECONDS})"
    )
    add_expect_build(parser)
    add_baseline(parser)
    parser.add_argument(
        "--known-issues", action="store_true", help="accept the known issues that acceptance.toml lists"
    )
    parser.add_argument("--log-dir", default=logs, metavar="DIR", help=f"(LOG_DIR, default: {LOG_DIRECTORY})")
    parser.add_argument("--output-dir", default=output, metavar="DIR", help="(OUTPUT_DIR, default: results)")


def execute(given: argparse.Namespace, environ: Mapping[str, str], redactor: Redactor) -> int:
    """Verify the deployment that is `given`, and return 0 to 5 as `--exit-codes api` defines them.

    Raises:
        ConfigurationError: Something is missing or wrong.
    """
    directory = Path(given.log_dir)
    logs = {name: directory / f"backend_{name.capitalize()}_smoke.log" for name in known_suites()}
    problem = _remove_old_logs(directory, logs.values())
    if not given.url:
        raise ConfigurationError("There is no URL to verify; give it as the argument, or in API_URL.")
    options = run_options(given, environ)
    result = Run(options, redactor).execute()
    show_result(result, str(options.output_directory / "report.html"))
    show_annotations(result, redactor)
    for suite in result.suites:
        problem = problem or _write(logs[suite.name], for_console(redactor.mask("\n".join(_log(suite, result)) + "\n")))
    if problem:  # the verdict stands without it
        show(f"Warning: not every log is written: {problem}; name another directory in LOG_DIR.")
    show(f"Advice:  {_advice(result)}")
    return result.exit_code


def _remove_old_logs(directory: Path, logs: Iterable[Path]) -> str:
    """Delete the logs of an earlier verification, so that none is taken for one of this, and return why not."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            for log in logs:
                log.unlink(missing_ok=True)
    except OSError as error:
        return f"{error.filename or directory} cannot be written ({error.strerror})"
    return ""


def _log(suite: SuiteVerdict, result: RunResult) -> Iterator[str]:
    yield f"{suite.name}: {suite.meaning} (exit code {suite.exit_code}, {suite.seconds:.1f} s)"
    verdict = f"{result.verdict.status} (exit code {result.exit_code})"
    yield f"The {result.mode} run against {result.url} ended as {verdict}."
    yield ""
    for test in result.output.by_name[suite.name].all_tests:
        yield f"{test.status:<4}  {test.name}"
        yield from (f"      {line}" for line in test.message.splitlines())


def _write(log: Path, text: str) -> str:
    """Write a log, and return why not; a link in its place is replaced and never followed."""
    try:
        replace_file(log, text)
    except OSError as error:
        return f"{log} cannot be written ({error.strerror})"
    show(f"Log:     {log}")
    return ""


def _advice(result: RunResult) -> str:
    code = result.exit_code
    if code == 0:
        return "The release is healthy: keep it."
    if result.verdict.status == "stale":
        return STALE_ADVICE
    comparison = result.verdict.comparison
    if code == UNEXPECTED:
        return result.verdict.advice if comparison and result.verdict.status == "broken" else NO_VERDICT_ADVICE
    if result.verdict.status == "unreachable":
        return "The backend cannot be reached: roll back and alert the team."
    by_whom = " by the release" if comparison else ""
    if code <= len(CAPABILITY_ORDER):
        return f"The {CAPABILITY_ORDER[code - 1]} API is broken{by_whom}, and it alone: roll back."
    broken = comparison.codes if comparison else [suite.name for suite in result.suites if suite.exit_code]
    return f"CRITICAL: broken{by_whom} are {', '.join(broken)}. Roll back and alert the team."
