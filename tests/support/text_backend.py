"""A small backend that shows given texts in everything that it controls, also in the reason of its status."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jwt

from tests.support.backends import EMAIL, Backend

PASSWORD = 'cañary Pass/word+&<7>"x'
REFRESH = "opaque-refresh-4fe1c9d07b"
COOKIE = "cookie-of-session-77ad01"
TEXTS_AT_ONCE = 6
SETTINGS: dict[str, Any] = {
    "id": "7f3c",
    "name": "Dental clinic",
    "phone_number": None,
    "receptionist_enabled": False,
    "google_calendar_connected": False,
    "industry": "Dentist",
    "description": "We care",
    "business_hours": "Mon-Fri",
    "common_services": "Checks",
    "timezone": "Europe/Berlin",
    "greeting_style": "warm",
    "faqs": [],
}


@dataclass
class TextBackend:
    """The state of the backend.

    Attributes:
        texts: The texts that it shows, some in each response.
        is_broken: Whether it fails: updates, unauthenticated reads and OAuth return pages of HTML.
        shown: How many texts it has shown.
    """

    texts: Sequence[str]
    is_broken: bool
    token: str
    settings: dict[str, Any] = field(default_factory=lambda: dict(SETTINGS))
    shown: Iterator[int] = field(default_factory=count)

    def next_texts(self) -> list[str]:
        """Return the texts for a response."""
        return [self.texts[next(self.shown) % len(self.texts)] for _ in range(TEXTS_AT_ONCE)]


class _Handler(BaseHTTPRequestHandler):
    backend: TextBackend
    protocol_version = "HTTP/1.1"

    def respond(self, status: int, value: object, content_type: str = "application/json", **headers: str) -> None:
        texts = self.backend.next_texts()
        if isinstance(value, dict):
            value = value | {"notes": texts, "packed": json.dumps(texts)}
            value |= {f"note {number}": _parsed(text) for number, text in enumerate(texts)}
        body = (value if isinstance(value, str) else json.dumps(value)).encode()
        self.send_response(status, _latin(texts[0]))
        for number, text in enumerate(texts):
            self.send_header(f"X-Note-{number}", _latin(text))
        for name, text in headers.items():
            self.send_header(name, _latin(text))
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page(self) -> None:
        texts = self.backend.next_texts()
        lines = "".join(f"<p>{text}</p>" for text in texts)
        self.respond(500, f"<!doctype html><title>{texts[0]}</title><h1>{texts[1]}</h1>{lines}", "text/html")

    def error(self, status: int) -> None:
        texts = self.backend.next_texts()
        self.respond(status, {"error": texts[0], "message": texts[1], "detail": texts[2]})

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        is_owner = self.headers["Authorization"] == f"Bearer {self.backend.token}"
        if path == "/health":
            self.respond(200, {"status": "ok", "build": self.backend.next_texts()[0]})
        elif path == "/api/business/me" and is_owner:
            self.respond(200, self.backend.settings)
        elif self.backend.is_broken:
            self.page()
        elif path == "/oauth/google/start" and "business_id=7" in query:
            self.respond(302, {}, location=f"https://accounts.google.com/x?a={quote(self.backend.next_texts()[0])}")
        elif path == "/oauth/google/callback":
            self.respond(302, {}, location=f"/cb?error=denied&b={self.backend.next_texts()[0]}")
        else:
            self.error(401 if path == "/api/business/me" else 422)

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        fields = _parsed(body.decode("utf-8", "replace"))
        if self.path == "/api/auth/login":
            self.log_in(fields)
        elif self.headers["Authorization"] != f"Bearer {self.backend.token}":
            self.page() if self.backend.is_broken else self.error(401)
        elif not isinstance(fields, dict) or (
            not all(type(one) is str for one in fields.values()) and not (fields.keys() > {"faqs"})
        ):
            self.error(422)
        elif self.backend.is_broken:
            self.page()
        else:
            self.backend.settings |= fields
            self.respond(200, self.backend.settings)

    do_POST = do_PUT  # noqa: N815

    def log_in(self, fields: Any) -> None:
        if not isinstance(fields, dict):
            self.error(422)
        elif fields.get("email") != EMAIL or fields.get("password") != PASSWORD:
            self.error(401)
        else:
            token = {"access_token": self.backend.token, "token_type": "bearer", "refresh": REFRESH}
            self.respond(200, token | {"user": {"email": EMAIL}}, **{"Set-Cookie": f"sid={COOKIE}; Path=/"})

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _latin(text: str) -> str:
    """Return `text` as a line of HTTP, its UTF-8 read as Latin-1."""
    return " ".join(text.encode().decode("latin-1").splitlines())


@contextmanager
def text_backend(
    texts: Callable[[str, str], Sequence[str]], folder: Path, *, is_broken: bool = False
) -> Iterator[tuple[Backend, TextBackend]]:
    """Serve a backend that shows the texts that are made from its password and its token."""
    claims = {"sub": EMAIL, "email": EMAIL, "exp": int(time.time()) + 3600}
    token = jwt.encode(claims, "k" * 32, algorithm="HS256")
    state = TextBackend(texts(PASSWORD, token), is_broken, token)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"backend": state}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        yield Backend(url, EMAIL, PASSWORD, folder / "none.db", folder / "calls"), state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
