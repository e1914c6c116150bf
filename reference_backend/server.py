"""Serves an app on one socket until a signal or the end of stdin."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

STDIN = 0
SHUTDOWN_TIMEOUT = 1
"""Seconds for requests in progress to finish."""


class CannotListenError(Exception):
    """The address is in use, not permitted or unknown."""


class _Server(uvicorn.Server):
    """Prints its URL as soon as it serves."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"Listening on {self._url}", flush=True)


def serve(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0, until_stdin_closes: bool = False) -> None:
    """Serve an app until SIGTERM, SIGINT or, optionally, the end of stdin. Call it in the main thread.

    Args:
        app: The backend, with or without middleware.
        host: Address or name of the interface to listen on.
        port: 0 picks a free one; stdout gets the line `Listening on http://host:port`.
        until_stdin_closes: Also stop when stdin is closed, so that the server ends with its parent.

    Raises:
        CannotListenError: It cannot listen on the address.
    """
    exit_on_signals()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        raise CannotListenError(f"cannot listen on {host}, port {port}: {error}") from error
    # asyncio sets it for its own sockets alone; without it, each response waits 40 ms for a delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        log_level=logging.WARNING,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)
    shown_host = f"[{host}]" if family == socket.AF_INET6 else host
    server = _Server(config, f"http://{shown_host}:{listener.getsockname()[1]}")
    if until_stdin_closes:
        threading.Thread(target=_stop_at_end_of_stdin, args=(server,), daemon=True).start()
    server.run(sockets=[listener])


def exit_on_signals() -> None:
    """Let SIGTERM and SIGINT end the process with 0 before, while and after it serves."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit)


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def _stop_at_end_of_stdin(server: uvicorn.Server) -> None:
    # Not sys.stdin: a thread that reads it holds a lock that the interpreter needs at exit.
    with contextlib.suppress(OSError):
        while os.read(STDIN, 4096):
            pass
    server.should_exit = True


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """Suppress the stack traces of requests that the shutdown cancels."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))
