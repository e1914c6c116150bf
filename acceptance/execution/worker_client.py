"""What pabot starts for each worker: asks the nursery to fork one, lends it its console, and ends as the worker does.

It is copied into a run's own directory and started there, in a Python without site packages: it must import little.
"""

import signal
import socket
import sys

ADDRESS = "nursery"
SEPARATOR = "\0"
WORKER_DIED = 255


def main() -> int:
    """Have the arguments run, and return the exit code."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the worker is told itself, and comes to its end first
    with socket.socket(socket.AF_UNIX) as nursery:
        nursery.connect(ADDRESS)
        socket.send_fds(nursery, [SEPARATOR.join(sys.argv[1:]).encode()], [0, 1, 2])
        answer = nursery.recv(1)
    return answer[0] if answer else WORKER_DIED


if __name__ == "__main__":
    sys.exit(main())
