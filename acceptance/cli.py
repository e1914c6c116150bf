"""The command: a mistake of the user's is one line and exit code 5, everything else is a run."""

import os
import sys
import traceback
from collections.abc import Callable, Sequence

from acceptance import annotations, console
from acceptance.configuration import ConfigurationError
from acceptance.merge_command import leave_empty_shard, merge
from acceptance.options import Options, parse, parse_merge, parse_restore
from acceptance.phases import UNEXPECTED
from acceptance.post_deploy import verify
from acceptance.redaction import Redactor
from acceptance.restore_command import restore_account
from acceptance.runner import Run
from acceptance.side_by_side import SideBySide


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
    if options.targets:
        return SideBySide(options, _run_one).execute()
    if options.shard and not options.suites:
        target = options.target.url if options.target else None
        return leave_empty_shard(options.shard, options.mode, target, options.output_directory)
    return Run(options).execute()


def _run_one(options: Options) -> int:
    return _guarded(Run(options).execute, options.target.password if options.target else None)


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
