"""The command: a mistake of the user's is one line and exit code 5, everything else is a run."""

import os
import sys
import traceback
from collections.abc import Callable, Sequence

from acceptance.cli import console
from acceptance.cli.arguments import parse, parse_merge, parse_restore
from acceptance.cli.post_deploy import verify
from acceptance.cli.restore import restore_account
from acceptance.config import ConfigurationError
from acceptance.execution.merge import leave_empty_shard, merge
from acceptance.execution.run import Run
from acceptance.exit_codes import UNEXPECTED
from acceptance.redaction import Redactor
from acceptance.reporting import annotations


def main(arguments: Sequence[str]) -> int:
    """Run what `arguments` say and return the exit code."""
    return _guarded(lambda: _execute(arguments), os.environ.get("E2E_PASSWORD"))


def _execute(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["restore"]:
        return restore_account(*parse_restore(arguments[1:]))
    if arguments[:1] == ["merge"]:
        return merge(*parse_merge(arguments[1:]))
    if arguments[:1] == ["post-deploy"]:
        return verify(arguments[1:])
    options = parse(arguments)
    if options.shard and not options.suites:
        target = options.target.url if options.target else None
        return leave_empty_shard(options.shard, options.mode, target, options.output_directory)
    return Run(options).execute()


def _guarded(command: Callable[[], int], password: str | None) -> int:
    try:
        return command()
    except ConfigurationError as error:
        sentence = " ".join(str(error).split())
        print(f"run_tests.py: {sentence}", file=sys.stderr)
        if annotations.is_wanted():
            console.show(annotations.error("The run cannot begin", sentence))
    except Exception:  # noqa: BLE001 - an error of our own must not pass for a verdict on the API
        redactor = Redactor()
        redactor.add(password)
        print(annotations.harmless(redactor.mask(traceback.format_exc())), file=sys.stderr)
    return UNEXPECTED
