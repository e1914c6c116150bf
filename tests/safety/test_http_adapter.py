"""Every request of a run: a connection that may be closed by now is not trusted with one."""

import http.server
import threading
from collections.abc import Iterator

import pytest
import requests

from acceptance.client import http_adapter
from acceptance.redaction import Redactor


class OneAnswerAConnection(http.server.BaseHTTPRequestHandler):
    """Keeps a connection open, but answers once on it, as a server does that closes just when a request comes."""

    protocol_version = "HTTP/1.1"
    answered = False

    def do_GET(self) -> None:
        """Answer, or close the connection."""
        if self.answered:
            self.close_connection = True
            return
        self.answered = True
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep quiet."""


@pytest.fixture
def url() -> Iterator[str]:
    """Where a server listens that answers once on each connection."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), OneAnswerAConnection) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_request_after_a_pause_goes_over_a_new_connection(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_adapter, "LONGEST_IDLE_SECONDS", -1.0)
    with requests.Session() as session:
        _configure(session)
        assert [session.get(url).status_code for _ in range(3)] == [200, 200, 200]


def test_request_without_a_pause_goes_over_the_same_connection(url: str) -> None:
    with requests.Session() as session:
        _configure(session)
        assert session.get(url).status_code == 200
        with pytest.raises(http_adapter.NoResponse):
            session.get(url)


def _configure(session: requests.Session) -> None:
    http_adapter.RequestPolicy(Redactor(), on_exchange=lambda _: None).configure_session(session, None)
