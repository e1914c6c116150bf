"""Run commands at once and print what they took, as JSON: `python -m tools.benchmarks.meter LOG COMMANDS_AS_JSON`.

It takes over what their children leave behind (Linux), so that no process is missed, however it ends.
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
    """Run, wait for all, and print."""
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
