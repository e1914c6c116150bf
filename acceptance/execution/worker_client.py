"""What pabot starts for each worker: it asks the prefork server for a worker, and ends with the exit code of that.

It is copied into the directory of the run and started there, in a Python without site packages: it must import little.
"""

import signal
import socket
import sys

ADDRESS = "prefork"
SEPARATOR = "\0"
WORKER_DIED = 255


def main() -> int:
    """Have a worker run the arguments on this console, and return its exit code."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the worker gets the signal itself, and ends first
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(ADDRESS)
        socket.send_fds(server, [SEPARATOR.join(sys.argv[1:]).encode()], [0, 1, 2])
        exit_code = server.recv(1)
    return exit_code[0] if exit_code else WORKER_DIED


if __name__ == "__main__":
    sys.exit(main())
