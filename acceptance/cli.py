"""The command: a mistake of the user's is one line and exit code 5, everything else is a run."""

import os
import sys
import traceback
from collections.abc import Sequence

from acceptance import annotations, console
from acceptance.configuration import ConfigurationError
from acceptance.options import parse, parse_restore
from acceptance.phases import UNEXPECTED
from acceptance.post_deploy import verify
from acceptance.redaction import Redactor
from acceptance.restore_command import restore_account
from acceptance.runner import Run


def main(arguments: Sequence[str]) -> int:
    """Run what `arguments` say and return the exit code."""
    try:
        if arguments[:1] == ["restore"]:
            return restore_account(*parse_restore(arguments[1:]))
        if arguments[:1] == ["post-deploy"]:
            return verify(arguments[1:])
        return Run(parse(arguments)).execute()
    except ConfigurationError as error:
        sentence = " ".join(str(error).split())
        print(f"run_tests.py: {sentence}", file=sys.stderr)
        if annotations.is_wanted():
            console.show(annotations.error("The run cannot begin", sentence))
    except Exception:  # noqa: BLE001 - an error of our own must not pass for a verdict on the API
        redactor = Redactor()
        redactor.add(os.environ.get("E2E_PASSWORD"))
        print(annotations.harmless(redactor.mask(traceback.format_exc())), file=sys.stderr)
    return UNEXPECTED
