#!/usr/bin/env python3
"""Verify a backend's API; see `run_tests.py --help`. The implementation is in `acceptance/`."""

import gc
import os
import signal
import sys

NO_VERDICT = 5

if sys.version_info < (3, 11):  # noqa: UP036
    print(f"run_tests.py: Python 3.11 or later is needed; this is {sys.version.split()[0]}.", file=sys.stderr)
    sys.exit(NO_VERDICT)
for descriptor in range(3):  # a closed one would be given to the next file that is opened
    try:
        os.fstat(descriptor)
    except OSError:
        os.open(os.devnull, os.O_RDWR)
for number in (signal.SIGINT, signal.SIGTERM):  # until the run handles them; nothing has started yet
    signal.signal(number, lambda *_: os._exit(NO_VERDICT))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - PYTHONSAFEPATH leaves it out
gc.disable()  # importing creates no garbage, and collecting none takes a tenth of the time
try:
    from acceptance.cli.main import main
except ModuleNotFoundError as error:
    advice = "run 'make setup', then '.venv/bin/python run_tests.py'"
    print(f"run_tests.py: the package '{error.name}' is not installed; {advice}.", file=sys.stderr)
    sys.exit(NO_VERDICT)

gc.freeze()
gc.enable()

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
