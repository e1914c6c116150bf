"""The command `run_tests.py merge`: one report and one verdict out of the results of the shards of a run."""

import argparse
import logging
from collections.abc import Mapping
from pathlib import Path

from acceptance.cli.arguments import Subparsers, add_exit_codes, add_results, history, output_directory
from acceptance.cli.console import show_annotations, show_result
from acceptance.execution.merge import merge
from acceptance.redaction import Redactor

log = logging.getLogger(__name__)


def add_parser(commands: "Subparsers[argparse.ArgumentParser]") -> None:
    """Add the parser of this command."""
    parser = commands.add_parser(
        "merge",
        prog="run_tests.py merge",
        description="Merge the results of the shards of a run into one report and one verdict.",
        allow_abbrev=False,
    )
    parser.set_defaults(execute=execute)
    parser.add_argument("directories", nargs="+", type=Path, metavar="DIR", help="the results of each shard")
    add_exit_codes(parser)
    add_results(parser)


def execute(given: argparse.Namespace, environ: Mapping[str, str], redactor: Redactor) -> int:
    """Merge the shards that are `given`, show the verdict, and return the exit code.

    Raises:
        ConfigurationError: Something is missing or wrong.
    """
    directory = output_directory(given)
    result = merge(given.directories, directory, given.exit_codes, history(given))
    for note in result.notes:
        log.info("%s", note)
    show_result(result, str(directory / "report.html"))
    show_annotations(result, redactor)
    return result.exit_code
