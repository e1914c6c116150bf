"""The end of workers that still run."""

import time
from contextlib import suppress

import psutil

GRACE_SECONDS = 5.0
POLL_SECONDS = 0.05


def terminate_workers(pid: int) -> None:
    """Suspend pabot, the process `pid`; let its workers finish their output within `GRACE_SECONDS`, or kill them."""
    with suppress(psutil.NoSuchProcess):
        pabot = psutil.Process(pid)
        pabot.suspend()
        workers = pabot.children(recursive=True)
        for worker in workers:
            with suppress(psutil.NoSuchProcess):
                worker.terminate()
        end = time.monotonic() + GRACE_SECONDS
        while any(map(_runs, workers)) and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        for worker in filter(_runs, workers):
            worker.kill()


def _runs(process: psutil.Process) -> bool:
    """Return whether `process` still runs; it stays a zombie while pabot, its parent, is suspended."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
