"""A backend with a fault: each request is read to its end, given to the fault, and answered as the fault says."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOGIN = "/api/auth/login"
ME = "/api/business/me"
START = "/oauth/google/start"
CALLBACK = "/oauth/google/callback"


@dataclass(frozen=True)
class Request:
    """A request as it came; the names of its headers are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    scope: Scope = field(repr=False)

    @property
    def is_read(self) -> bool:
        """Whether the settings are read."""
        return self.method == "GET" and self.path == ME

    @property
    def is_update(self) -> bool:
        """Whether settings are changed."""
        return self.method in ("PUT", "POST") and self.path == ME

    @property
    def is_login(self) -> bool:
        """Whether somebody signs in."""
        return self.path == LOGIN

    @property
    def fields(self) -> dict[str, Any] | None:
        """The JSON object of the body, None where it holds none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    @property
    def token(self) -> str | None:
        """What the caller shows itself with."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind == "Bearer" else None

    def with_token(self, token: str) -> Self:
        """This request, sent by whoever has `token`."""
        return replace(self, headers=self.headers | {"authorization": f"Bearer {token}"})

    def with_fields(self, fields: dict[str, Any]) -> Self:
        """This request with another JSON body."""
        return replace(self, body=json.dumps(fields).encode())


@dataclass(frozen=True)
class Response:
    """An answer; `content-length` is that of the body, whatever the headers say.

    Attributes:
        ending: `half` breaks off in the middle of the body; `reset` closes the connection without an answer;
            `trickle` sends a byte a second; `chunked` sends the body in pieces, without saying how long it is.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    ending: Literal["complete", "half", "reset", "trickle", "chunked"] = "complete"

    @classmethod
    def html(cls, status: int, text: str = "Something broke") -> Self:
        """A page instead of JSON."""
        page = f"<!doctype html><title>{status}</title><h1>{text}</h1><pre>Traceback (most recent call last)…</pre>"
        return cls(status, {"content-type": "text/html; charset=utf-8"}, page.encode())

    @classmethod
    def json(cls, status: int, value: object) -> Self:
        """A JSON body."""
        return cls(status, {"content-type": "application/json"}, json.dumps(value).encode())

    @property
    def content(self) -> Any:
        """What the JSON body holds, None where it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def with_content(self, value: object) -> Self:
        """This answer with another JSON body."""
        return replace(self, body=json.dumps(value).encode())

    def with_status(self, status: int) -> Self:
        """This answer with another status."""
        return replace(self, status=status)

    def with_body(self, body: str | bytes) -> Self:
        """This answer with another body, whatever it is declared as."""
        return replace(self, body=body.encode() if isinstance(body, str) else body)

    def with_headers(self, **headers: str) -> Self:
        """This answer with more headers; an underscore stands for a dash."""
        return replace(self, headers=self.headers | {name.replace("_", "-"): text for name, text in headers.items()})


Handler = Callable[[Request], Awaitable[Response]]


class Behind:
    """What is behind a fault: the healthy backend, or the next fault.

    Attributes:
        memory: What the fault remembers from request to request.
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.memory: dict[str, Any] = {}

    async def __call__(self, request: Request) -> Response:
        return await self._handler(request)


class Wrapped:
    """An ASGI app with faults.

    Args:
        app: The healthy backend.
        faults: What is broken; the first one meets a request last.
        calls: A file in which each request that came is written down, `METHOD path status` a line, and `with a token`
            where one was sent.
    """

    def __init__(
        self,
        app: ASGIApp,
        faults: Sequence[Callable[[Request, Behind], Awaitable[Response]]] = (),
        calls: Path | None = None,
    ) -> None:
        self._app = app
        self._calls = calls
        self._handler: Handler = self._healthy
        for one in faults:
            self._handler = _broken(one, Behind(self._handler))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await _body(receive)
        query = scope["query_string"].decode("latin-1")
        request = Request(scope["method"], scope["path"], query, headers, body, scope)
        response = await self._handler(request)
        if self._calls:
            with self._calls.open("a") as file:
                token = " with a token" if "authorization" in headers else ""
                file.write(f"{request.method} {request.path} {response.status}{token}\n")
        if response.ending == "reset":
            await _reset(send, receive)
            return
        names = dict(response.headers)
        names.pop("content-length", None)
        if response.ending != "chunked":
            names["content-length"] = str(len(response.body))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in names.items()]
        await send({"type": "http.response.start", "status": response.status, "headers": raw})
        if response.ending == "half":
            await send({"type": "http.response.body", "body": response.body[: len(response.body) // 2],
                        "more_body": True})  # fmt: skip
            await _reset(send, receive)
            return
        if response.ending == "trickle":
            for byte in response.body:
                await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
                await asyncio.sleep(1)
        if response.ending == "chunked":
            for start in range(0, len(response.body), 50):
                await send({"type": "http.response.body", "body": response.body[start : start + 50], "more_body": True})
        is_sent = response.ending in ("trickle", "chunked")
        await send({"type": "http.response.body", "body": b"" if is_sent else response.body})

    async def _healthy(self, request: Request) -> Response:
        """Ask the app."""
        headers = request.headers | {"content-length": str(len(request.body))}
        scope = {
            **request.scope,
            "method": request.method,
            "path": request.path,
            "raw_path": request.path.encode(),
            "query_string": request.query.encode("latin-1"),
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
            "state": {},
        }
        answer: dict[str, Any] = {"body": b""}

        async def receive() -> Message:
            if "asked" in answer:
                await asyncio.Event().wait()
            answer["asked"] = True
            return {"type": "http.request", "body": request.body}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
                answer["headers"] = {name.decode("latin-1").lower(): value.decode("latin-1")
                                     for name, value in message["headers"]}  # fmt: skip
            else:
                answer["body"] += message.get("body", b"")

        await self._app(scope, receive, send)
        return Response(answer["status"], answer["headers"], answer["body"])


def _broken(fault: Callable[[Request, Behind], Awaitable[Response]], behind: Behind) -> Handler:
    async def handle(request: Request) -> Response:
        return await fault(request, behind)

    return handle


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _reset(send: Send, receive: Receive) -> None:
    """Close the connection with an RST, which ASGI has no message for."""
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]
    await asyncio.sleep(0)
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
