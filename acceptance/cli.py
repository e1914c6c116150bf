"""The command: a mistake of the user's is one line and exit code 5, everything else is a run."""

import os
import sys
import traceback
from collections.abc import Sequence

from acceptance.configuration import ConfigurationError
from acceptance.merge_command import leave_empty_shard, merge
from acceptance.options import parse, parse_merge, parse_restore
from acceptance.phases import UNEXPECTED
from acceptance.redaction import Redactor
from acceptance.restore_command import restore_account
from acceptance.runner import Run


def main(arguments: Sequence[str]) -> int:
    """Run what `arguments` say and return the exit code."""
    try:
        if arguments[:1] == ["restore"]:
            return restore_account(*parse_restore(arguments[1:]))
        if arguments[:1] == ["merge"]:
            return merge(*parse_merge(arguments[1:]))
        options = parse(arguments)
        if options.shard and not options.suites:
            target = options.target.url if options.target else None
            return leave_empty_shard(options.shard, options.mode, target, options.output_directory)
        return Run(options).execute()
    except ConfigurationError as error:
        print(f"run_tests.py: {' '.join(str(error).split())}", file=sys.stderr)
    except Exception:  # noqa: BLE001 - an error of our own must not pass for a verdict on the API
        redactor = Redactor()
        redactor.add(os.environ.get("E2E_PASSWORD"))
        print(redactor.mask(traceback.format_exc()), file=sys.stderr)
    return UNEXPECTED
