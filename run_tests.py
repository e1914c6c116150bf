#!/usr/bin/env python3
"""Verify a backend's API: `run_tests.py --help` says how. All there is to it is in `acceptance/`."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    print(f"run_tests.py: Python 3.11 or later is needed; this is {sys.version.split()[0]}.", file=sys.stderr)
    sys.exit(5)
try:
    from acceptance.cli import main
except ModuleNotFoundError as error:
    print(f"run_tests.py: the package '{error.name}' is not installed; run 'make setup'.", file=sys.stderr)
    sys.exit(5)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
