"""An ASGI middleware that lets faults change requests and responses between a client and the reference backend."""

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
CHUNK_BYTES = 50
EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n" * 2


@dataclass(frozen=True)
class Request:
    """A request; its header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    scope: Scope = field(repr=False)

    @property
    def is_read(self) -> bool:
        """Whether it reads the settings."""
        return self.method == "GET" and self.path == ME

    @property
    def is_update(self) -> bool:
        """Whether it updates settings."""
        return self.method in ("PUT", "POST") and self.path == ME

    @property
    def is_login(self) -> bool:
        """Whether it is a login."""
        return self.path == LOGIN

    @property
    def fields(self) -> dict[str, Any] | None:
        """The JSON object in the body, None where the body is no JSON object."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    @property
    def token(self) -> str | None:
        """The bearer token."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind == "Bearer" else None

    def with_token(self, token: str) -> Self:
        """Return this request with another bearer token."""
        return replace(self, headers=self.headers | {"authorization": f"Bearer {token}"})

    def with_fields(self, fields: dict[str, Any]) -> Self:
        """Return this request with another JSON object as body."""
        return replace(self, body=json.dumps(fields).encode())


@dataclass(frozen=True)
class Response:
    """A response; its `content-length` is always that of the body.

    Attributes:
        delivery: `truncated` closes the connection in the middle of the body; `reset` closes it without a response;
            `slow` sends one byte a second; `chunked` sends the body in chunks, without `content-length`; `hinted` sends
            interim responses before it.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delivery: Literal["complete", "truncated", "reset", "slow", "chunked", "hinted"] = "complete"

    @classmethod
    def html(cls, status: int, text: str = "Something broke") -> Self:
        """Return an HTML page with a stack trace."""
        page = f"<!doctype html><title>{status}</title><h1>{text}</h1><pre>Traceback (most recent call last)…</pre>"
        return cls(status, {"content-type": "text/html; charset=utf-8"}, page.encode())

    @classmethod
    def json(cls, status: int, value: object) -> Self:
        """Return a JSON response."""
        return cls(status, {"content-type": "application/json"}, json.dumps(value).encode())

    @property
    def content(self) -> Any:
        """The value of the JSON body, None where the body is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def with_content(self, value: object) -> Self:
        """Return this response with another JSON body."""
        return replace(self, body=json.dumps(value).encode())

    def with_body(self, body: str | bytes) -> Self:
        """Return this response with another body and the same headers."""
        return replace(self, body=body.encode() if isinstance(body, str) else body)

    def with_headers(self, **headers: str) -> Self:
        """Return this response with more headers; an underscore stands for a hyphen."""
        return replace(self, headers=self.headers | {name.replace("_", "-"): text for name, text in headers.items()})


Handler = Callable[[Request], Awaitable[Response]]


class Upstream:
    """What a fault forwards requests to: the reference backend, or the next fault.

    Attributes:
        memory: The fault's own state between requests.
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.memory: dict[str, Any] = {}

    async def __call__(self, request: Request) -> Response:
        return await self._handler(request)


Function = Callable[[Request, Upstream], Awaitable[Response]]


def senders_file(calls: Path) -> Path:
    """Return the file that gets a line of JSON for each request: the call, `traceparent` and `User-Agent`."""
    return calls.with_name(f"{calls.name}-senders.jsonl")


class FaultMiddleware:
    """An ASGI app with faults.

    Args:
        app: The reference backend.
        faults: The functions of the faults; a request passes the first one last.
        calls: A file that gets a line for each request: `METHOD path status`, and `with a token` where one was sent.
            The file beside it, `senders_file`, gets its `traceparent` and `User-Agent`.
    """

    def __init__(self, app: ASGIApp, faults: Sequence[Function] = (), calls: Path | None = None) -> None:
        self._app = app
        self._calls = calls
        self._handler: Handler = self._forward
        for fault in faults:
            self._handler = _apply(fault, Upstream(self._handler))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        request = Request(scope["method"], scope["path"], query, headers, await _read_body(receive), scope)
        response = await self._handler(request)
        if self._calls:
            token = " with a token" if "authorization" in headers else ""
            call = f"{request.method} {request.path} {response.status}{token}"
            sender = json.dumps([call, headers.get("traceparent"), headers.get("user-agent")])
            for path, line in ((self._calls, call), (senders_file(self._calls), sender)):
                with path.open("a") as file:
                    file.write(f"{line}\n")
        if response.delivery == "reset":
            await _reset(send, receive)
        else:
            await _send(response, send, receive)

    async def _forward(self, request: Request) -> Response:
        """Send a request to the app."""
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
        response = Response(0)
        is_received = False

        async def receive() -> Message:
            nonlocal is_received
            if is_received:
                await asyncio.Event().wait()
            is_received = True
            return {"type": "http.request", "body": request.body}

        async def send(message: Message) -> None:
            nonlocal response
            if message["type"] == "http.response.start":
                pairs = message["headers"]
                names = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in pairs}
                response = Response(message["status"], names)
            else:
                response = response.with_body(response.body + message.get("body", b""))

        await self._app(scope, receive, send)
        return response


def _apply(fault: Function, upstream: Upstream) -> Handler:
    async def handle(request: Request) -> Response:
        return await fault(request, upstream)

    return handle


async def _read_body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _send(response: Response, send: Send, receive: Receive) -> None:
    headers = dict(response.headers)
    headers.pop("content-length", None)
    if response.delivery != "chunked":
        headers["content-length"] = str(len(response.body))
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    if response.delivery == "hinted":
        _transport(send).write(EARLY_HINTS)
    await send({"type": "http.response.start", "status": response.status, "headers": pairs})
    if response.delivery == "truncated":
        half = response.body[: len(response.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await _reset(send, receive)
        return
    last = response.body
    if response.delivery in ("slow", "chunked"):
        size, seconds = (1, 1) if response.delivery == "slow" else (CHUNK_BYTES, 0)
        for start in range(0, len(response.body), size):
            await send({"type": "http.response.body", "body": response.body[start : start + size], "more_body": True})
            await asyncio.sleep(seconds)
        last = b""
    await send({"type": "http.response.body", "body": last})


def _transport(send: Send) -> asyncio.Transport:
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]
    return transport


async def _reset(send: Send, receive: Receive) -> None:
    """Close the connection with an RST, which ASGI has no message for."""
    transport = _transport(send)
    await asyncio.sleep(0)
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
