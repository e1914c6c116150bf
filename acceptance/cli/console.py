"""The console, which nobody needs to read for a run to go on."""

import os
import sys


def show(text: str) -> None:
    """Print `text`; from when nobody reads any more, or there is no room, it goes nowhere."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
