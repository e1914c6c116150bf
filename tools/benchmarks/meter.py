"""Runs commands in parallel and prints their cost as JSON: `python -m tools.benchmarks.meter LOG COMMANDS_AS_JSON`.

On Linux it adopts orphaned children, so that it counts every process.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Run the commands, wait for all processes, and print the cost."""
    log, commands = Path(sys.argv[1]), json.loads(sys.argv[2])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    with log.open("ab") as file:
        started = time.monotonic()
        processes = [
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file) for command in commands
        ]
        codes = [process.wait() for process in processes]
        seconds = time.monotonic() - started
    with suppress(ChildProcessError):
        while True:
            os.wait()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    kilobyte = 1 if sys.platform == "darwin" else 1024
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu": usage.ru_utime + usage.ru_stime,
                "largest": usage.ru_maxrss * kilobyte / 1e6,
                "codes": codes,
            }
        )
    )


if __name__ == "__main__":
    main()
