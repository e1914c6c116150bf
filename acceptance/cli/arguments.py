"""The command line of `run_tests.py`, and the variables that stand in for it."""

import argparse
import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

from acceptance.account.account import LOCK_SECONDS
from acceptance.config import ROOT, TRUE_WORDS, ConfigurationError, Target, target_from
from acceptance.execution.sharding import Shard, shard_from, suites_of
from acceptance.exit_codes import ExitCodes
from acceptance.reporting.history import checked_database
from acceptance.reporting.timing import read_budgets
from acceptance.suites import Suite, checked_robot_options, chosen_suites, select

RUN_SECONDS = {"smoke": 120.0, "full": 600.0}
TIMEOUT_HELP = "stop the suites then (default: 120 in smoke, 600 in full)"
URL_HELP = "the backend's base URL (API_URL); without one the embedded backend is started"
LOCK_HELP = "wait for another run on the same account (default: %(default).0f)"
NOT_SMOKE = ("--exclude", "NOT smoke")


@dataclass(frozen=True)
class Options:
    """What a run was asked to do, checked.

    Attributes:
        target: The backend and the account; None where the embedded backend is to be started.
        mode: Which tests run.
        suites: The suites with the tests that run; none in a shard that has nothing to run.
        shard: Which part of a run on several machines this is, None where it is the whole.
        exit_codes: What the exit code says.
        read_only: Whether nothing may be changed.
        allow_destructive: Whether the account may be broken.
        wait: How long to wait for the backend, in seconds.
        timeout: How long the suites may run, in seconds.
        lock_timeout: How long to wait for another run on the same account, in seconds.
        processes: How many suites run at the same time.
        output_directory: Where the results go.
        history: The database that the run is added to; None where it is to be forgotten.
        robot_options: Options for Robot Framework.
        budgets: What each endpoint may take, in milliseconds.
    """

    target: Target | None
    mode: Literal["smoke", "full"]
    suites: tuple[Suite, ...]
    shard: Shard | None
    exit_codes: ExitCodes
    read_only: bool
    allow_destructive: bool
    wait: float
    timeout: float
    lock_timeout: float
    processes: int
    output_directory: Path
    history: Path | None
    robot_options: tuple[str, ...]
    budgets: Mapping[str, float]


class Parser(argparse.ArgumentParser):
    """Tells of a mistake by `ConfigurationError`."""

    def error(self, message: str) -> NoReturn:
        raise ConfigurationError(f"{message[:1].upper()}{message[1:]}; see run_tests.py --help.")


class Once(argparse.Action):
    """An option that may be given once."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: Any = None
    ) -> None:
        """Take the value; a second one is a mistake."""
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{option} is given twice; run the suite once for each target")
        setattr(namespace, self.dest, values)


def _positive_seconds(text: str) -> float:
    value = _seconds(text)
    if value == 0:
        raise argparse.ArgumentTypeError("0 seconds are too short for any run")
    return value


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not math.isfinite(value) or value < 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds from 0 on")
    return value


def _processes(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of processes from 1 on")
    return int(text)


def usual_processes(suites: int, cores: int = os.cpu_count() or 1) -> int:
    """Return how many suites run at the same time: more than there are cores, since they mostly wait for answers."""
    return min(suites, max(cores * 2, suites // 3), cores * 4)


def _parser() -> Parser:
    parser = Parser(
        prog="run_tests.py",
        description="Verify a backend's API and leave its account as it was found.",
        epilog="The account is taken from E2E_EMAIL and E2E_PASSWORD. Options behind -- are for Robot Framework. "
        "'run_tests.py restore' puts back what a crashed run left, 'run_tests.py merge' puts shards together.",
        allow_abbrev=False,
    )
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="a capability, such as settings; all by default")
    parser.add_argument("--url", action=Once, metavar="URL", help=URL_HELP)
    parser.add_argument("--smoke", action="store_true", help="what must hold for a deployment (SMOKE_TEST=true)")
    parser.add_argument("--full", action="store_true", help="everything that is promised; the default")
    _add_exit_codes(parser)
    parser.add_argument("--read-only", action="store_true", help="change nothing; tests that would are skipped")
    parser.add_argument("--allow-destructive", action="store_true", help="run tests that may break the account")
    parser.add_argument("--wait", type=_seconds, default=0.0, metavar="SECONDS", help="wait for the backend")
    parser.add_argument("--timeout", type=_positive_seconds, metavar="SECONDS", help=TIMEOUT_HELP)
    parser.add_argument("--lock-timeout", type=_seconds, default=LOCK_SECONDS, metavar="SECONDS", help=LOCK_HELP)
    parser.add_argument(
        "--processes",
        type=_processes,
        metavar="N",
        help="suites at the same time (default: by their number and that of cores)",
    )
    parser.add_argument(
        "--shard", type=shard_from, metavar="I/N", help="run one of N parts; 'merge' puts them together"
    )
    _add_results(parser)
    return parser


def _add_results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output-dir", default=str(ROOT / "results"), metavar="DIR", help="default: results")
    parser.add_argument("--history", metavar="FILE", help="add the run to this database; dashboard.html shows them all")


def _add_exit_codes(parser: Parser) -> None:
    parser.add_argument(
        "--exit-codes",
        choices=("phase", "api"),
        default="phase",
        help="whether the exit code says which phase failed first, or which API is broken (default: %(default)s)",
    )


def parse(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Options:
    """Return the options that `arguments` and `environ` give; an argument wins over its variable.

    Raises:
        ConfigurationError: Something is missing, wrong or contradictory.
    """
    ours, robot_options = _split(arguments)
    given = _parser().parse_intermixed_args(ours)
    if given.smoke and given.full:
        raise ConfigurationError("--smoke and --full contradict each other; give one of them.")
    is_smoke = given.smoke or (not given.full and environ.get("SMOKE_TEST", "").lower() in TRUE_WORDS)
    mode: Literal["smoke", "full"] = "smoke" if is_smoke else "full"
    target = _target(given, environ)
    checked_robot_options(robot_options)
    robot_options = [*(NOT_SMOKE if is_smoke else ()), *robot_options]
    suites = select(chosen_suites(given.suites), robot_options)
    if given.shard:
        suites = suites_of(given.shard, suites)
    return Options(
        target=target,
        mode=mode,
        suites=tuple(suites),
        shard=given.shard,
        exit_codes=given.exit_codes,
        read_only=given.read_only,
        allow_destructive=given.allow_destructive,
        wait=given.wait,
        timeout=RUN_SECONDS[mode] if given.timeout is None else given.timeout,
        lock_timeout=given.lock_timeout,
        processes=given.processes or usual_processes(len(suites)),
        output_directory=_writable(given.output_dir),
        history=_history(given),
        robot_options=tuple(robot_options),
        budgets=read_budgets(),
    )


def parse_restore(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> tuple[Target, float]:
    """Return the target whose account is to be put back, and how long to wait for a run that holds it, in seconds.

    Raises:
        ConfigurationError: Something is missing or wrong.
    """
    parser = Parser(
        prog="run_tests.py restore",
        description="Put back what a crashed run left changed on an account.",
        epilog="The account is taken from E2E_EMAIL and E2E_PASSWORD.",
        allow_abbrev=False,
    )
    parser.add_argument("--url", default=environ.get("API_URL"), help="the backend's base URL (API_URL)")
    parser.add_argument("--lock-timeout", type=_seconds, default=LOCK_SECONDS, metavar="SECONDS", help=LOCK_HELP)
    given = parser.parse_args(arguments)
    if not given.url:
        raise ConfigurationError("There is no URL to restore an account at; give --url or API_URL.")
    return target_from(given.url, environ.get("E2E_EMAIL", ""), environ.get("E2E_PASSWORD", "")), given.lock_timeout


def parse_merge(arguments: Sequence[str]) -> tuple[list[Path], Path, ExitCodes, Path | None]:
    """Return the directories of the shards, the one for the whole, what its exit code says, and its history.

    Raises:
        ConfigurationError: Something is missing or wrong.
    """
    parser = Parser(
        prog="run_tests.py merge",
        description="Make one report and one verdict out of what the shards of a run have left.",
        allow_abbrev=False,
    )
    parser.add_argument("directories", nargs="+", type=Path, metavar="DIR", help="the results of each shard")
    _add_exit_codes(parser)
    _add_results(parser)
    given = parser.parse_args(arguments)
    return given.directories, _writable(given.output_dir), given.exit_codes, _history(given)


def _target(given: argparse.Namespace, environ: Mapping[str, str]) -> Target | None:
    """Return the target, None where the embedded backend is meant."""
    if given.url == "":
        raise ConfigurationError("--url is empty; give the backend's base URL, or leave the option out.")
    url = given.url or environ.get("API_URL", "")
    return target_from(url, environ.get("E2E_EMAIL", ""), environ.get("E2E_PASSWORD", "")) if url else None


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    if "--" not in arguments:
        return list(arguments), []
    position = list(arguments).index("--")
    return list(arguments[:position]), list(arguments[position + 1 :])


def _history(given: argparse.Namespace) -> Path | None:
    return None if given.history is None else checked_database(given.history)


def _writable(name: str) -> Path:
    if not name:
        raise ConfigurationError("--output-dir is empty; name a directory, or leave the option out.")
    directory = Path(name)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return directory.resolve()
    except OSError as error:
        raise ConfigurationError(f"The output directory {directory} cannot be written: {error.strerror}.") from None
