"""Connections that skip interim responses, read a bounded number of bytes, and can be closed by another thread.

Interim responses are those such as 103 Early Hints (RFC 9110 section 15.2).
"""

import io
import socket
import ssl
import threading
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, parse_headers
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

MOST_INTERIM_RESPONSES = 100
MOST_HEADER_BYTES = 262_144
"""The characters of all headers of a response, names and values; browsers accept no more either."""

MOST_BYTES = 8_000_000
"""The bytes of a response as it is sent: interim responses, headers, sizes of chunks, body and trailer."""


class RequestThread(threading.Thread):
    """A thread that sends one request; it ends with the process.

    Attributes:
        connection: The connection that it uses, None before it has one.
        stream: The socket from which it reads the response, also when the connection has already given it up.
    """

    connection: HTTPConnection | None = None
    stream: socket.socket | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, daemon=True)

    def close_connection(self) -> None:
        """Close its connection, so that it ends soon, whatever the server sends."""
        for connected in (self.stream, getattr(self.connection, "sock", None)):
            if connected is not None:
                with suppress(OSError):
                    connected.shutdown(socket.SHUT_RDWR)


class _BoundedReader(io.RawIOBase):
    """Reads `MOST_BYTES` of `raw` at most."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self._left = MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        count: int | None = self._raw.readinto(buffer)
        self._left -= count or 0
        if self._left < 0:
            raise OSError(f"it was still incomplete after {MOST_BYTES:,} bytes")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class Response(HTTPResponse):
    """A response of `http.client`, which by itself skips 100 alone, and without end."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: Any = io.BufferedReader(_BoundedReader(self.fp.detach()))
        thread = threading.current_thread()
        if isinstance(thread, RequestThread):
            thread.stream = sock

    def _read_status(self) -> Any:
        for _ in range(MOST_INTERIM_RESPONSES + 1):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not HTTPStatus.CONTINUE <= status < HTTPStatus.OK or status == HTTPStatus.SWITCHING_PROTOCOLS:
                return version, status, reason
            parse_headers(self.fp)
        raise HTTPException(f"got more than {MOST_INTERIM_RESPONSES} interim responses")

    def begin(self) -> None:
        """Read the status and the headers."""
        super().begin()
        if sum(len(name) + len(value) for name, value in self.headers.items()) > MOST_HEADER_BYTES:
            raise HTTPException(f"got more than {MOST_HEADER_BYTES:,} bytes of headers")


class Connection(HTTPConnection):
    """A connection that makes such responses, and is known to the thread that uses it."""

    response_class = Response

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        """Begin a request."""
        _remember(self)
        super().putrequest(*args, **kwargs)


class TLSConnection(HTTPSConnection):
    """The same over TLS.

    Attributes:
        certificate_expires: When the certificate of the target expires (Unix time), None before the connection is made.
    """

    response_class = Response
    certificate_expires: float | None = None

    def connect(self) -> None:
        """Connect, and keep when the certificate expires; one of a proxy is not that of the target."""
        super().connect()
        sock: Any = self.sock
        if not self.proxy_is_forwarding:
            with suppress(KeyError, ValueError):  # one whose date cannot be read is a certificate all the same
                self.certificate_expires = ssl.cert_time_to_seconds(sock.getpeercert()["notAfter"])

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
