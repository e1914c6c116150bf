"""The HTTP adapter: reuse of connections, throttling, and the token that a request carries."""

import http.server
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import requests

from acceptance import __version__
from acceptance.client import http_adapter
from acceptance.client.bearer_token import TokenProvider
from acceptance.client.connections import RequestThread
from acceptance.client.exchanges import Exchange
from acceptance.client.http_adapter import RequestPolicy, retry_after_seconds
from acceptance.client.login import log_in
from acceptance.client.trace import trace_id_of
from acceptance.client.warm_up import WarmUp
from acceptance.config import Target
from acceptance.redaction import MASK, Redactor

RUN = "0123abcd"


class OneResponsePerConnection(http.server.BaseHTTPRequestHandler):
    """Keeps a connection open, but responds only once on it, like a server that closes it just as a request comes."""

    protocol_version = "HTTP/1.1"
    has_responded = False

    def do_GET(self) -> None:
        """Respond, or close the connection."""
        if self.has_responded:
            self.close_connection = True
            return
        self.has_responded = True
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing."""


class ProtectedResource(OneResponsePerConnection):
    """Accepts the token `second` only."""

    def do_GET(self) -> None:
        """Respond with 200 or 401."""
        self.send_response(200 if self.headers["Authorization"] == "Bearer second" else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Tokens:
    """A `TokenProvider` of one token after another."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)

    def get(self) -> str:
        """Return the current token."""
        return self._tokens[0]

    def refresh(self, rejected: str) -> str:
        """Return the next token if there is one."""
        assert rejected == self._tokens[0]
        if len(self._tokens) > 1:
            del self._tokens[0]
        return self._tokens[0]


@contextmanager
def server(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    """Start a server that handles requests with `handler`, and give its URL."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()
        thread.join()


@contextmanager
def configured_session(
    token: TokenProvider | None = None,
    on_exchange: Callable[[Exchange], None] = lambda _: None,
    warm_up: WarmUp | None = None,
) -> Iterator[requests.Session]:
    """Give a session under the policy; one of the owner where there is a `warm_up`."""
    with requests.Session() as session:
        policy = RequestPolicy(RUN, Redactor(), on_exchange, warm_up=warm_up or WarmUp())
        policy.configure_session(session, token, sends_again=warm_up is not None)
        yield session


def test_request_after_a_pause_uses_a_new_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_adapter, "LONGEST_IDLE_SECONDS", -1.0)
    with server(OneResponsePerConnection) as url, configured_session() as session:
        assert [session.get(url).status_code for _ in range(3)] == [200, 200, 200]


def test_request_without_a_pause_uses_the_same_connection() -> None:
    with server(OneResponsePerConnection) as url, configured_session() as session:
        assert session.get(url).status_code == 200
        with pytest.raises(http_adapter.NoResponse, match="GET / got no complete response"):
            session.get(url)


@pytest.mark.parametrize(
    ("provider", "tokens", "status"),
    [
        (None, [None], 401),
        (Tokens("first"), ["Bearer first"], 401),
        (Tokens("first", "second"), ["Bearer first", "Bearer second"], 200),
    ],
    ids=["no token", "no other token", "refreshed token"],
)
def test_rejected_request_is_sent_once_more_if_the_token_can_be_refreshed(
    provider: TokenProvider | None, tokens: list[str | None], status: int
) -> None:
    exchanges: list[Exchange] = []
    with server(ProtectedResource) as url, configured_session(provider, exchanges.append) as session:
        assert session.get(url).status_code == status
    assert [exchange.request.headers.get("Authorization") for exchange in exchanges] == tokens


def test_second_request_with_another_token_stays_in_the_trace_and_the_first_exchange_keeps_its_span() -> None:
    exchanges: list[Exchange] = []
    with server(ProtectedResource) as url, configured_session(Tokens("first", "second"), exchanges.append) as session:
        session.get(url)
    first, second = (str(one.request.headers["traceparent"]) for one in exchanges)
    assert trace_id_of(exchanges[0].request) == trace_id_of(exchanges[1].request)
    assert first != second


def test_headers_of_the_session_do_not_replace_the_trace_and_the_sender() -> None:
    exchanges: list[Exchange] = []
    with server(ProtectedResource) as url, configured_session(on_exchange=exchanges.append) as session:
        session.headers.update({"User-Agent": "another", "Traceparent": f"00-{'0' * 32}-{'1' * 16}-00"})
        session.get(url)
        session.get(url)
    assert {one.request.headers["User-Agent"] for one in exchanges} == {
        f"receptionist-acceptance/{__version__} (run {RUN})"
    }
    assert len({trace_id_of(one.request) for one in exchanges} - {None}) == 2


class SettingCookie(OneResponsePerConnection):
    """Sets a cookie, and responds with 200 to a request that has one."""

    def do_GET(self) -> None:
        """Respond."""
        self.send_response(200 if "Cookie" in self.headers else 401)
        self.send_header("Set-Cookie", "session=0123456789abcdef; Path=/")
        self.send_header("Content-Length", "0")
        self.end_headers()


def test_session_with_a_token_keeps_no_cookie_and_the_redactor_knows_it() -> None:
    redactor = Redactor()
    with server(SettingCookie) as url, requests.Session() as session:
        RequestPolicy(RUN, redactor, lambda _: None).configure_session(session, Tokens("first"))
        assert [session.get(url).status_code for _ in range(2)] == [401, 401]
        assert not session.cookies
    assert redactor.mask("0123456789abcdef") == MASK


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        *((value, None) for value in ("", "soon", "-3", "Wed, 21 Oct 99999 07:28:00 GMT")),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(value: str, seconds: float | None) -> None:
    response = requests.Response()
    response.headers["Retry-After"] = value
    assert retry_after_seconds(response) == seconds


def test_wait_that_is_longer_than_any_run_is_never_waited() -> None:
    response = requests.Response()
    response.headers["Retry-After"] = "9" * 400
    seconds = retry_after_seconds(response)
    assert seconds is not None
    assert seconds > http_adapter.THROTTLE_SECONDS


class EchoingLogin(OneResponsePerConnection):
    """Rejects each login with a message that repeats it."""

    def do_POST(self) -> None:
        """Respond with 401."""
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps({"message": f"No user {sent['email']} has the password {sent['password']}."}).encode()
        self.send_response(401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def test_problem_of_a_rejected_login_quotes_the_reason_without_the_credentials() -> None:
    redactor = Redactor()
    redactor.add("correct-horse-battery")
    with server(EchoingLogin) as url, configured_session() as session:
        result = log_in(Target(url, "owner@shop.example", "correct-horse-battery"), session, redactor)
    assert result.problem == (
        "POST /api/auth/login returned 401 Unauthorized, expected 200 OK: 'No user o…@shop.example has the password "
        f"{MASK}.'. Are E2E_EMAIL and E2E_PASSWORD those of an account on this backend?"
    )


class Starting(OneResponsePerConnection):
    """Returns 503 to the first three requests."""

    seen = 0

    def do_GET(self) -> None:
        """Respond with 503 or 200."""
        type(self).seen += 1
        self.send_response(503 if self.seen <= 3 else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_PUT(self) -> None:
        """Respond with 503 or 200."""
        self.do_GET()


def test_read_is_sent_until_the_backend_serves_and_the_first_trouble_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Starting, "seen", 0)
    notes: list[str] = []
    with server(Starting) as url, configured_session(warm_up=WarmUp(30, notes.append)) as session:
        assert session.get(url).status_code == 200
    assert notes == ["Waiting up to 30 s for the backend: GET / returned 503 Service Unavailable."]


def test_refused_connection_is_waited_out_and_then_reported() -> None:
    with server(Starting) as url:
        pass
    exchanges: list[Exchange] = []
    with (
        configured_session(on_exchange=exchanges.append, warm_up=WarmUp(0.5)) as session,
        pytest.raises(http_adapter.Unreachable, match="no connection to the server"),
    ):
        session.get(url)
    assert len(exchanges) > 2


def test_request_that_is_refused_once_is_sent_again() -> None:
    address = ("127.0.0.1", 0)
    with http.server.ThreadingHTTPServer(address, ProtectedResource, bind_and_activate=False) as backend:
        backend.server_bind()  # listens from the end of the first request on
        thread = threading.Thread(target=backend.serve_forever, daemon=True)
        exchanges: list[Exchange] = []

        def listen(exchange: Exchange) -> None:
            exchanges.append(exchange)
            if len(exchanges) == 1:
                backend.server_activate()
                thread.start()

        with configured_session(Tokens("second"), listen, WarmUp(0)) as session:
            assert session.get(f"http://127.0.0.1:{backend.server_address[1]}").status_code == 200
        backend.shutdown()
        thread.join()
    assert [one.response is not None for one in exchanges] == [False, True]


def test_update_is_not_part_of_the_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Starting, "seen", 0)
    with server(Starting) as url, configured_session(warm_up=WarmUp(30)) as session:
        assert session.put(url, json={}).status_code == 503
    assert Starting.seen == 3


class Throttled(OneResponsePerConnection):
    """Returns 429 to each request, with a `Retry-After` that its path names."""

    def do_GET(self) -> None:
        """Respond with 429."""
        self.send_response(429)
        if self.path != "/":
            self.send_header("Retry-After", self.path[1:])
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.mark.parametrize(
    ("path", "retry_after", "waited"),
    [
        ("/", None, [0.2, 0.2, None]),
        ("/0", 0.0, [0.0, 0.0, 0.0, None]),
        ("/3600", 3600.0, [None]),
    ],
)
def test_exchange_tells_what_a_429_asked_for_and_how_long_the_session_waits(
    path: str, retry_after: float | None, waited: list[float | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_adapter, "PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(http_adapter, "THROTTLE_SECONDS", 2.1)
    exchanges: list[Exchange] = []
    with server(Throttled) as url, configured_session(on_exchange=exchanges.append) as session:
        assert session.get(url + path).status_code == 429
        assert http_adapter.waited_seconds(session, url) == pytest.approx(sum(one or 0 for one in waited))
    assert [one.waited for one in exchanges] == waited
    assert {one.retry_after for one in exchanges} == {retry_after}
    assert len({trace_id_of(one.request) for one in exchanges}) == 1
    assert len({one.request.headers["traceparent"] for one in exchanges}) == len(exchanges)


class ProxyAuthentication(OneResponsePerConnection):
    """A proxy that asks for a password."""

    def do_GET(self) -> None:
        """Respond with 407."""
        self.send_response(407)
        self.send_header("Content-Length", "0")
        self.end_headers()


def test_proxy_that_asks_for_a_password_is_no_verdict_on_the_backend() -> None:
    with server(ProxyAuthentication) as url:
        session = requests.Session()
        RequestPolicy(RUN, Redactor(), lambda _: None).configure_session(session, None)
        with pytest.raises(http_adapter.LocalTrouble, match=r"407 .*Check HTTP_PROXY and HTTPS_PROXY"):
            session.get(url)


def test_name_that_is_resolved_at_the_second_attempt_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, calls = socket.getaddrinfo, []

    def resolve_later(*arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 1:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return resolve(*arguments, **options)

    with server(OneResponsePerConnection) as url:
        session, policy = requests.Session(), RequestPolicy(RUN, Redactor(), lambda _: None)
        policy.configure_session(session, None, sends_again=True)
        monkeypatch.setattr(socket, "getaddrinfo", resolve_later)
        assert session.get(url).status_code == 200
    assert len(policy.retries.all()) == 1


class EndlessHeaders(OneResponsePerConnection):
    """Sends a header ten times a second, without end."""

    def do_GET(self) -> None:
        """Send headers until the connection is closed."""
        self.send_response(200)
        with suppress(OSError):
            for number in itertools.count():
                self.send_header(f"X-{number}", "more")
                self.flush_headers()
                time.sleep(0.1)


class EndlessBody(OneResponsePerConnection):
    """Announces that it closes the connection, and sends a byte ten times a second, without end."""

    def do_GET(self) -> None:
        """Send bytes until the connection is closed."""
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(b" ")
                time.sleep(0.1)


@pytest.mark.parametrize("handler", [EndlessHeaders, EndlessBody])
def test_thread_of_a_request_ends_with_its_time_limit(handler: type[http.server.BaseHTTPRequestHandler]) -> None:
    before = set(threading.enumerate())
    with server(handler) as url, requests.Session() as session:
        RequestPolicy(RUN, Redactor(), lambda _: None).configure_session(session, None, seconds=0.5)
        with pytest.raises(http_adapter.Stalled):
            session.get(url)
        senders = [one for one in set(threading.enumerate()) - before if isinstance(one, RequestThread)]
        for sender in senders:
            sender.join(5)
        assert not [one for one in senders if one.is_alive()]
