"""A server that behaves as the backend behind it, but for its hostile responses, which it writes byte by byte."""

import http.client
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from tests.support.backends import Backend

NOT_FORWARDED = ("connection", "content-length", "host", "transfer-encoding", "accept-encoding")
LONGEST_SECONDS = 60


@dataclass(frozen=True)
class RawResponse:
    """A response.

    Attributes:
        status: Its status code.
        body: Its body.
        headers: Its headers, in order; `Content-Length` is added.
        reason: The reason phrase; that of the status where it is None.
        before: What is sent before it; without an end where it has none.
        after: What is sent behind it, in the same way; the body is chunked where there is something.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str | bytes], ...] = ()
    reason: bytes | None = None
    before: Iterable[bytes] = field(default=(), repr=False)
    after: Iterable[bytes] | None = field(default=None, repr=False)

    def with_headers(self, *headers: tuple[str, str | bytes]) -> "RawResponse":
        """Return this response with other headers in place of those of the same names, and added to them."""
        names = {name.lower() for name, _ in headers}
        kept = (header for header in self.headers if header[0].lower() not in names)
        return replace(self, headers=(*kept, *headers))

    def parts(self) -> Iterator[bytes]:
        """Yield what is sent."""
        yield from self.before
        reason = HTTPStatus(self.status).phrase.encode() if self.reason is None else self.reason
        yield b"HTTP/1.1 %d %s\r\n" % (self.status, reason)
        length = ("Content-Length", str(len(self.body))) if self.after is None else ("Transfer-Encoding", "chunked")
        for name, value in (*self.headers, length, ("Connection", "close")):
            yield name.encode() + b": " + (value.encode() if isinstance(value, str) else value) + b"\r\n"
        yield b"\r\n"
        if self.after is None:
            yield self.body
        else:
            yield b"%x\r\n%s\r\n0\r\n" % (len(self.body), self.body)
            yield from self.after


Change = Callable[[RawResponse], RawResponse]
"""Makes a hostile response of the one that the backend sent."""


class HostileServer:
    """Forwards each request, and changes the responses to those calls for which it has a change.

    Attributes:
        changes: The change for each call, such as `GET /health`; without any, the backend is healthy.
    """

    def __init__(self, target: Backend) -> None:
        self._target = target
        self.changes: dict[str, Change] = {}
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with suppress(OSError, http.client.HTTPException):
                    server._respond(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        _, port = self._server.server_address[:2]
        self.backend = replace(target, url=f"http://127.0.0.1:{port}")

    def _respond(self, handler: socketserver.StreamRequestHandler) -> None:
        line = handler.rfile.readline().decode("latin-1").split()
        if not line:
            return
        method, path, _ = line
        headers = http.client.parse_headers(handler.rfile)
        body = handler.rfile.read(int(headers.get("Content-Length", 0)))
        response = self._forward(method, path, headers, body)
        change = self.changes.get(f"{method} {urlsplit(path).path}")
        for part in (change(response) if change else response).parts():
            handler.wfile.write(part)

    def _forward(self, method: str, path: str, headers: Any, body: bytes) -> RawResponse:
        connection = http.client.HTTPConnection(str(urlsplit(self._target.url).netloc), timeout=LONGEST_SECONDS)
        try:
            sent = {name: value for name, value in headers.items() if name.lower() not in NOT_FORWARDED}
            connection.request(method, path, body or None, sent)
            response = connection.getresponse()
            kept = [(name, one) for name, one in response.getheaders() if name.lower() not in NOT_FORWARDED]
            return RawResponse(response.status, response.read(), tuple(kept))
        finally:
            connection.close()

    @contextmanager
    def listening(self) -> Iterator["HostileServer"]:
        """Serve in this block."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()
