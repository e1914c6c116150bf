"""The backend of the benchmarks: the reference backend without a rate limit."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tools.benchmarks.candidates import EMAIL, PASSWORD, ROOT


@contextmanager
def serving() -> Iterator[str]:
    """Serve on a free port, and yield the URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "reference_backend", "--port", "0", "--until-stdin-closes"],
        cwd=ROOT,
        env=os.environ | {"E2E_EMAIL": EMAIL, "E2E_PASSWORD": PASSWORD, "LOGIN_RATE_LIMIT": "999999/minute"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    yield process.stdout.readline().removeprefix("Listening on ").strip()
    process.stdin.close()
    process.wait()
