"""The command `run_tests.py [SUITE …]`: run suites, show the verdict, end with its exit code."""

import argparse
import logging
import os
from collections.abc import Mapping

from acceptance import __version__
from acceptance.account.marks import LONGEST_RUN_SECONDS
from acceptance.cli.arguments import (
    CREDENTIALS_NOTE,
    Once,
    Subparsers,
    add_baseline,
    add_exit_codes,
    add_expect_build,
    add_lock_timeout,
    add_results,
    baseline,
    expect_build,
    history,
    output_directory,
    processes,
    run_seconds,
    seconds,
)
from acceptance.cli.console import show, show_annotations, show_result
from acceptance.config import (
    ACCOUNT_VARIABLES,
    OTHER_ACCOUNT_VARIABLES,
    TRUE_WORDS,
    ConfigurationError,
    Target,
    target_from,
)
from acceptance.execution.merge import write_empty_shard
from acceptance.execution.notification import Notification
from acceptance.execution.options import RunOptions
from acceptance.execution.run import Run
from acceptance.execution.selection import checked_robot_options, chosen_suites, select
from acceptance.execution.sharding import shard_from, suites_of
from acceptance.redaction import Redactor
from acceptance.reporting.metrics import checked_metrics, write_metrics
from acceptance.reporting.run_result import Mode

RUN_SECONDS = {"smoke": 120.0, "full": 600.0}
NOT_SMOKE = ("--exclude", "NOT smoke")
log = logging.getLogger(__name__)


def add_parser(commands: "Subparsers[argparse.ArgumentParser]") -> None:
    """Add the parser of this command, which is the default one."""
    parser = commands.add_parser(
        "run",
        prog="run_tests.py",
        usage="run_tests.py [SUITE ...] [options] [-- ROBOT OPTIONS]",
        description="Verify a backend's API and restore its account. A SUITE is a capability, such as settings; all "
        "run by default.",
        epilog=f"{CREDENTIALS_NOTE} Options after -- are for Robot Framework. Other commands: 'run_tests.py restore' "
        "restores the account after a crashed run, 'run_tests.py merge' merges shards, 'run_tests.py post-deploy' "
        "verifies a deployment.",
        allow_abbrev=False,
    )
    parser.set_defaults(execute=execute, known_issues=True)
    parser.add_argument("--version", action="version", version=f"receptionist-acceptance {__version__}")
    parser.add_argument(
        "--url",
        action=Once,
        metavar="URL",
        help="the backend's base URL (API_URL); without one the embedded backend is started",
    )
    parser.add_argument("--smoke", action="store_true", help="what must hold for a deployment (SMOKE_TEST=true)")
    parser.add_argument("--full", action="store_true", help="everything that is promised; the default")
    add_exit_codes(parser)
    parser.add_argument("--read-only", action="store_true", help="change nothing; tests that would are skipped")
    parser.add_argument("--allow-destructive", action="store_true", help="run tests that may break the account")
    parser.add_argument("--wait", type=seconds, default=0.0, metavar="SECONDS", help="wait for the backend")
    add_expect_build(parser)
    parser.add_argument(
        "--timeout",
        type=run_seconds,
        metavar="SECONDS",
        help="stop the run after this time, an hour at most (default: 120 in smoke, 600 in full, and --wait)",
    )
    add_lock_timeout(parser)
    parser.add_argument(
        "--processes",
        type=processes,
        metavar="N",
        help="suites at the same time (default: by the number of suites and cores)",
    )
    parser.add_argument(
        "--shard", type=shard_from, metavar="I/N", help="run one of N parts; 'run_tests.py merge' merges them"
    )
    add_baseline(parser)
    add_results(parser)
    parser.add_argument("--metrics", metavar="FILE", help="write metrics for Prometheus to this file")
    parser.add_argument(
        "--on-change",
        metavar="COMMAND",
        help="run this shell command once when the backend goes down, and once when it is up again",
    )


def execute(given: argparse.Namespace, environ: Mapping[str, str], redactor: Redactor) -> int:
    """Run what is `given`, show the verdict, and return the exit code.

    Raises:
        ConfigurationError: Something is missing, wrong or contradictory.
    """
    for name in ("metrics", "on_change"):
        if given.shard and getattr(given, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise ConfigurationError(f"{option} and --shard exclude each other: a shard has no verdict of its own.")
    options = run_options(given, environ)
    metrics = None if given.metrics is None else checked_metrics(given.metrics)
    notification = None if given.on_change is None else _notification(given.on_change, options, redactor)
    if options.shard and not options.suites:
        url = options.target.url if options.target else None
        empty = write_empty_shard(options.shard, options.mode, url, options.output_directory)
        show(f"Shard {options.shard}: {empty.notes[0]}")
        return empty.exit_code
    result = Run(options, redactor).execute()
    report = options.output_directory / "report.html"
    show_result(result, str(report))
    if not options.shard:  # the merged run has the annotations
        show_annotations(result, redactor)
    if metrics:
        problem = write_metrics(result, options.target.url if options.target else "embedded", metrics)
        if problem:
            log.info("The metrics are not written: %s.", problem)
    for note in notification.update(result, report) if notification else ():
        log.info("%s", note)
    return result.exit_code


def _notification(command: str, options: RunOptions, redactor: Redactor) -> Notification:
    """Return what notifies the team of a change by `command`.

    Raises:
        ConfigurationError: There is no command, no target that could change, or no place for the memory.
    """
    if not command.strip():
        raise ConfigurationError("--on-change is empty; give a shell command, or leave the option out.")
    if options.target is None:
        raise ConfigurationError("--on-change needs --url or API_URL: there is nothing to monitor without a backend.")
    return Notification.of(command, options.target, options.mode, redactor)


def run_options(given: argparse.Namespace, environ: Mapping[str, str]) -> RunOptions:
    """Return the validated options; an option wins over its variable.

    Raises:
        ConfigurationError: Something is missing, wrong or contradictory.
    """
    if given.smoke and given.full:
        raise ConfigurationError("--smoke and --full contradict each other; give one of them.")
    if given.baseline is not None and given.shard:
        raise ConfigurationError("--baseline and --shard exclude each other: a shard has no verdict of its own.")
    is_smoke = given.smoke or (not given.full and environ.get("SMOKE_TEST", "").lower() in TRUE_WORDS)
    mode: Mode = "smoke" if is_smoke else "full"
    target = _target(given.url, environ)
    checked_robot_options(given.robot_options)
    robot_options = [*(NOT_SMOKE if is_smoke else ()), *given.robot_options]
    suites = select(chosen_suites(given.suites), robot_options)
    if given.shard:
        suites = suites_of(given.shard, suites)
    return RunOptions(
        baseline=baseline(given),  # before the output directory is made, which may be the same
        target=target,
        mode=mode,
        suites=suites,
        shard=given.shard,
        exit_codes=given.exit_codes,
        read_only=given.read_only,
        allow_destructive=given.allow_destructive,
        wait=given.wait,
        expect_build=expect_build(given, environ),
        timeout=given.timeout or min(RUN_SECONDS[mode] + given.wait, LONGEST_RUN_SECONDS),
        lock_timeout=given.lock_timeout,
        processes=given.processes or _default_processes(len(suites)),
        output_directory=output_directory(given),
        history=history(given),
        known_issues=given.known_issues,
        robot_options=robot_options,
    )


def _default_processes(suites: int, cores: int = os.cpu_count() or 1) -> int:
    """More suites at the same time than there are cores, since they mostly wait for responses."""
    return min(suites, max(cores * 2, suites // 3), cores * 4)


def _target(url: str | None, environ: Mapping[str, str]) -> Target | None:
    """The target, None for the embedded backend."""
    if url == "":
        raise ConfigurationError("--url is empty; give the backend's base URL, or leave the option out.")
    url = url or environ.get("API_URL", "")
    accounts = (environ.get(name, "") for name in (*ACCOUNT_VARIABLES, *OTHER_ACCOUNT_VARIABLES))
    return target_from(url, *accounts) if url else None
