"""The command: `python -m reference_backend --port N [--host ADDRESS] [--until-stdin-closes]`.

If it cannot serve, it prints one line to stderr and exits with 5.
"""

import argparse
import sys
from typing import NoReturn

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from reference_backend.app import create_app
from reference_backend.server import CannotListenError, exit_on_signals, serve
from reference_backend.settings import Settings

CANNOT_SERVE = 5


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _fail(message)


def main() -> None:
    """Parse the arguments and serve with the settings in the environment."""
    exit_on_signals()
    arguments = _parse_arguments()
    try:
        app = create_app(Settings.model_validate({}))
        serve(app, host=arguments.host, port=arguments.port, until_stdin_closes=arguments.until_stdin_closes)
    except ValidationError as error:
        _fail("; ".join(f"{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()))
    except DBAPIError as error:
        _fail(f"DATABASE_URL: {error.orig}")
    except CannotListenError as error:
        _fail(str(error))


def _parse_arguments() -> argparse.Namespace:
    parser = _Parser(prog="python -m reference_backend", description=__doc__, allow_abbrev=False)
    parser.add_argument("--port", type=_port, required=True, help="port to listen on; 0 picks a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--until-stdin-closes", action="store_true", help="also stop when stdin is closed")
    return parser.parse_args()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise argparse.ArgumentTypeError("must be a number from 0 to 65535")
    return int(text)


def _fail(reason: str) -> NoReturn:
    print("reference_backend:", " ".join(reason.split()), file=sys.stderr)
    sys.exit(CANNOT_SERVE)


if __name__ == "__main__":
    main()
