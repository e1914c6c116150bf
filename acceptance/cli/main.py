"""The command line: it parses the arguments, executes the subcommand, and turns every outcome into an exit code."""

import argparse
import os
import traceback
from collections.abc import Mapping, Sequence

from acceptance.cli import merge, post_deploy, restore, run
from acceptance.cli.arguments import Parser
from acceptance.cli.console import log_to_console, show_annotation, show_error
from acceptance.config import ConfigurationError
from acceptance.exit_codes import UNEXPECTED
from acceptance.redaction import Redactor
from acceptance.reporting import annotations

DEFAULT_COMMAND = "run"
PRIVATE = 0o077
"""The mask of file modes: results hold the settings of an account, and are for the user alone."""


def main(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Execute the command that `arguments` name, and return its exit code.

    A mistake of the user's is one line on stderr and exit code 5, an error of the program's own a traceback and 5.
    """
    os.umask(PRIVATE)
    redactor = Redactor()
    redactor.add(environ.get("E2E_PASSWORD"), environ.get("E2E_OTHER_PASSWORD"))
    log_to_console(redactor)
    try:
        given = _parse(arguments)
        return int(given.execute(given, environ, redactor))
    except ConfigurationError as error:
        sentence = redactor.mask(" ".join(str(error).split()))
        show_error(f"run_tests.py: {sentence}")
        if annotations.are_wanted():
            show_annotation(annotations.annotation("The run cannot begin", sentence))
    except Exception:  # noqa: BLE001 - an error of our own must not pass for a verdict on the API
        show_error(redactor.mask(traceback.format_exc()))
    return UNEXPECTED


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the arguments with their subcommand, which is `run` where none is named.

    Suites may stand anywhere among the options of `run`, and what follows `--` are options for Robot Framework.
    """
    parser = Parser(prog="run_tests.py", allow_abbrev=False)
    commands = parser.add_subparsers(required=True)
    for command in (run, restore, merge, post_deploy):
        command.add_parser(commands)
    name, rest, robot_options = DEFAULT_COMMAND, list(arguments), []
    if arguments and arguments[0] in commands.choices:
        name, *rest = arguments
    if name == DEFAULT_COMMAND and "--" in rest:
        end = rest.index("--")
        rest, robot_options = rest[:end], rest[end + 1 :]
    given, others = parser.parse_known_args([name, *rest])
    unknown = [one for one in others if name != DEFAULT_COMMAND or one.startswith("-")]
    if unknown:
        commands.choices[name].error(f"unrecognized arguments: {' '.join(unknown)}")
    given.suites, given.robot_options = others, robot_options
    return given
