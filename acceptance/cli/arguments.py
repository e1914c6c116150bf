"""What the subcommands share of the command line: one parser, value types and common options."""

import argparse
import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from acceptance.account.account import LOCK_SECONDS
from acceptance.account.marks import LONGEST_RUN_SECONDS
from acceptance.client.build import EXPECTED_VARIABLE
from acceptance.config import ROOT, ConfigurationError, checked_build
from acceptance.reporting.baseline import checked_baseline
from acceptance.reporting.history import checked_database

CREDENTIALS_NOTE = "The account is taken from E2E_EMAIL and E2E_PASSWORD."
Subparsers = argparse._SubParsersAction


class Parser(argparse.ArgumentParser):
    """Reports a mistake as a `ConfigurationError`."""

    def error(self, message: str) -> NoReturn:
        raise ConfigurationError(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


class Once(argparse.Action):
    """An option that may be given once."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Store the value; a second one is a mistake."""
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{option} is given twice; run the suites once for each target")
        setattr(namespace, self.dest, values)


def seconds(text: str) -> float:
    """Return `text` as a number of seconds, 0 or more."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not math.isfinite(value) or value < 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds, 0 or more")
    return value


def run_seconds(text: str) -> float:
    """Return `text` as the time limit of a run: a number of seconds above 0, an hour at most."""
    value = seconds(text)
    if not 0 < value <= LONGEST_RUN_SECONDS:
        raise argparse.ArgumentTypeError(f"{text} seconds are no time for a run; give 1 to {LONGEST_RUN_SECONDS}")
    return value


def processes(text: str) -> int:
    """Return `text` as a number of processes, 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of processes, 1 or more")
    return int(text)


def add_exit_codes(parser: argparse.ArgumentParser) -> None:
    """Add the option for the meaning of the exit code."""
    parser.add_argument(
        "--exit-codes",
        choices=("phase", "api"),
        default="phase",
        help="whether the exit code names the earliest phase that failed, or the broken API (default: %(default)s)",
    )


def add_expect_build(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the build which must answer."""
    parser.add_argument(
        "--expect-build", metavar="TEXT", help="the build that must answer, such as a commit (EXPECT_BUILD)"
    )


def expect_build(given: argparse.Namespace, environ: Mapping[str, str]) -> str:
    """Return the build that `given` or `environ` expects, empty for any.

    Raises:
        ConfigurationError: No backend could name it.
    """
    if given.expect_build is not None and not given.expect_build.strip():
        raise ConfigurationError("--expect-build is empty; name a build, or leave the option out.")
    return checked_build(given.expect_build or environ.get(EXPECTED_VARIABLE, ""))


def add_lock_timeout(parser: argparse.ArgumentParser) -> None:
    """Add the option that limits the wait for another run."""
    parser.add_argument(
        "--lock-timeout",
        type=seconds,
        default=LOCK_SECONDS,
        metavar="SECONDS",
        help="wait for another run on the same account (default: %(default).0f)",
    )


def add_results(parser: argparse.ArgumentParser) -> None:
    """Add the options for the results."""
    parser.add_argument("--output-dir", default=str(ROOT / "results"), metavar="DIR", help="default: results")
    parser.add_argument("--history", metavar="FILE", help="add the run to this database; dashboard.html shows them all")


def add_baseline(parser: argparse.ArgumentParser) -> None:
    """Add the option for the results to compare with."""
    parser.add_argument(
        "--baseline",
        metavar="DIR",
        help="compare with the results of a run before the deployment: only what has regressed counts",
    )


def baseline(given: argparse.Namespace) -> Path | None:
    """Return the directory of the baseline that `given` names, None for none.

    Raises:
        ConfigurationError: There is no such directory.
    """
    return None if given.baseline is None else checked_baseline(given.baseline)


def history(given: argparse.Namespace) -> Path | None:
    """Return the database that `given` names, None for none.

    Raises:
        ConfigurationError: It cannot be a database.
    """
    return None if given.history is None else checked_database(given.history)


def output_directory(given: argparse.Namespace) -> Path:
    """Return the output directory that `given` names; it is made where it does not exist.

    Raises:
        ConfigurationError: It cannot be written.
    """
    if not given.output_dir:
        raise ConfigurationError("--output-dir is empty; name a directory, or leave the option out.")
    directory = Path(given.output_dir)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return directory.resolve()
    except OSError as error:
        raise ConfigurationError(f"The output directory {directory} cannot be written: {error.strerror}.") from None
