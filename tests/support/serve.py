"""Serves the reference backend with faults: `python -m tests.support.serve [--fault NAME]… [--calls FILE]`.

It listens on a free port, logs `Listening on http://…`, and stops when its standard input is closed.
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import update

from reference_backend import Settings, create_app, security, serve
from reference_backend.models import Business
from tests.faults import CATALOGUE
from tests.faults.middleware import FaultMiddleware

security.BCRYPT_COST = 4  # the lowest: the tests start hundreds of backends, and log in more often


def serve_with_faults(names: Sequence[str], calls: Path | None) -> None:
    """Serve with the faults `names` until standard input is closed; write each request into the file `calls`."""
    faults = [CATALOGUE[name] for name in names]
    app = create_app(Settings.model_validate({}))
    for fault in faults:
        if fault.expected.account:
            with app.state.database.engine.begin() as connection:
                connection.execute(update(Business).values(**fault.expected.account))
    serve(FaultMiddleware(app, [fault.function for fault in faults], calls), until_stdin_closes=True)


def serve_in_fork(names: Sequence[str], calls: Path, environment: Mapping[str, str], console: Connection) -> None:
    """Serve in a forked process with `console` as standard input and output."""
    os.dup2(console.fileno(), 0)
    os.dup2(console.fileno(), 1)
    console.close()
    os.environ.clear()
    os.environ.update(environment)
    serve_with_faults(names, calls)


def main() -> None:
    """Parse the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.serve", description=__doc__)
    parser.add_argument("--fault", action="append", default=[], choices=CATALOGUE, dest="faults")
    parser.add_argument("--calls", type=Path, help="write each request into this file")
    arguments = parser.parse_args()
    serve_with_faults(arguments.faults, arguments.calls)


if __name__ == "__main__":
    main()
