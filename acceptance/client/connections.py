"""Connections that skip interim responses, and that another thread can close.

Interim responses are those such as 103 Early Hints (RFC 9110 section 15.2).
"""

import socket
import threading
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPResponse, parse_headers
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class RequestThread(threading.Thread):
    """A thread that sends one request; it ends with the process.

    Attributes:
        connection: The connection that it uses, None before it has one.
    """

    connection: HTTPConnection | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, daemon=True)

    def close_connection(self) -> None:
        """Close its connection, so that it ends soon, whatever the server sends."""
        connected = getattr(self.connection, "sock", None)
        if connected is not None:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)


class Response(HTTPResponse):
    """A response of `http.client`, which by itself skips 100 alone."""

    def _read_status(self) -> Any:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not HTTPStatus.SWITCHING_PROTOCOLS < status < HTTPStatus.OK:
                return version, status, reason
            parse_headers(self.fp)


class Connection(HTTPConnection):
    """A connection that skips interim responses, and is known to the thread that uses it."""

    response_class = Response

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        """Begin a request."""
        _remember(self)
        super().putrequest(*args, **kwargs)


class TLSConnection(HTTPSConnection):
    """The same over TLS."""

    response_class = Response

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        """Begin a request."""
        _remember(self)
        super().putrequest(*args, **kwargs)


def _remember(connection: HTTPConnection) -> None:
    thread = threading.current_thread()
    if isinstance(thread, RequestThread):
        thread.connection = connection


class Pool(HTTPConnectionPool):
    """A pool of such connections."""

    ConnectionCls = Connection


class TLSPool(HTTPSConnectionPool):
    """A pool of such TLS connections."""

    ConnectionCls = TLSConnection


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": Pool, "https": TLSPool}
"""The pools by the scheme of the URL."""
