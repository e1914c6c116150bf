"""The reference backend, broken on purpose: `python -m tests.support.serve [--fault NAME]… [--calls FILE]`.

It listens on a free port, which the line `Listening on http://…` names, and ends when its input does.
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import update

from reference_backend import Settings, create_app, serve
from reference_backend.models import Business
from tests.faults import CATALOGUE
from tests.faults.wrapped import Wrapped


def serve_with_faults(names: Sequence[str], calls: Path | None) -> None:
    """Serve with the faults `names` until the input ends; each request is written into the file `calls`."""
    faults = [CATALOGUE[name] for name in names]
    app = create_app(Settings.model_validate({}))
    for fault in faults:
        if fault.account:
            with app.state.database.engine.begin() as connection:
                connection.execute(update(Business).values(**fault.account))
    serve(Wrapped(app, [fault.function for fault in faults], calls), until_stdin_closes=True)


def serve_as_child(names: Sequence[str], calls: Path, environment: Mapping[str, str], console: Connection) -> None:
    """Serve in a process forked for it; `console` is its input and its output, and it ends when that is closed."""
    os.dup2(console.fileno(), 0)
    os.dup2(console.fileno(), 1)
    console.close()
    os.environ.clear()
    os.environ.update(environment)
    serve_with_faults(names, calls)


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.serve", description=__doc__)
    parser.add_argument("--fault", action="append", default=[], choices=CATALOGUE, dest="faults")
    parser.add_argument("--calls", type=Path, help="write each request into this file")
    given = parser.parse_args()
    serve_with_faults(given.faults, given.calls)


if __name__ == "__main__":
    main()
