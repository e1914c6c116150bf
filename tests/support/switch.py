"""One port in front of several backends, in plain text or over TLS, or as the port of a proxy."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit


class Forwarder(socketserver.BaseRequestHandler):
    """Forwards a connection to the backend in the switch's file."""

    server: "Switch"

    def handle(self) -> None:
        """Forward both directions until both are closed."""
        live = urlsplit(self.server.file.read_text().strip())
        if self.server.is_proxy:
            self.request.recv(65_536)
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            context = self.server.context
            client = context.wrap_socket(self.request, server_side=True) if context else self.request
        except OSError:  # the client does not trust the certificate
            return
        with client, socket.create_connection((str(live.hostname), live.port or 0)) as backend:
            back = threading.Thread(target=_forward, args=(backend, client))
            back.start()
            _forward(client, backend)
            back.join()


def _forward(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class Switch(socketserver.ThreadingTCPServer):
    """One port in front of backends; `file` contains the URL of the live one."""

    def __init__(self, file: Path, context: ssl.SSLContext | None = None, is_proxy: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Forwarder)
        self.file, self.context, self.is_proxy = file, context, is_proxy
        self.url = f"{'https' if context and not is_proxy else 'http'}://127.0.0.1:{self.server_address[1]}"


@contextmanager
def switching(file: Path, context: ssl.SSLContext | None = None, *, is_proxy: bool = False) -> Iterator[Switch]:
    """Serve a switch: over TLS with a `context`, and as a proxy that connects to the live backend on request."""
    with Switch(file, context, is_proxy) as switch:
        thread = threading.Thread(target=switch.serve_forever)
        thread.start()
        yield switch
        switch.shutdown()
        thread.join()
