"""The HTTP adapter: an idle connection, which the server may have closed, is not reused."""

import http.server
import threading
from collections.abc import Iterator

import pytest
import requests

from acceptance.client import http_adapter
from acceptance.redaction import Redactor


class OneResponsePerConnection(http.server.BaseHTTPRequestHandler):
    """Sends one response on each connection and closes it at the next request."""

    protocol_version = "HTTP/1.1"
    responded = False

    def do_GET(self) -> None:
        """Respond, or close the connection."""
        if self.responded:
            self.close_connection = True
            return
        self.responded = True
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    """The URL of a server that sends one response on each connection."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), OneResponsePerConnection) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_request_after_a_pause_uses_a_new_connection(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_adapter, "LONGEST_IDLE_SECONDS", -1.0)
    with requests.Session() as session:
        _configure(session)
        assert [session.get(url).status_code for _ in range(3)] == [200, 200, 200]


def test_request_without_a_pause_reuses_the_connection(url: str) -> None:
    with requests.Session() as session:
        _configure(session)
        assert session.get(url).status_code == 200
        with pytest.raises(http_adapter.NoResponse):
            session.get(url)


def _configure(session: requests.Session) -> None:
    http_adapter.RequestPolicy(Redactor(), on_exchange=lambda _: None).configure_session(session, None)
