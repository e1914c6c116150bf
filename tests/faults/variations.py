"""Healthy backends that speak HTTP or write JSON in an unusual way. Clause: `variations`."""

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.faults.catalogue import answer_as, answered, variation, with_headers
from tests.faults.moments import always
from tests.faults.wrapped import Behind, Request, Response


def is_json(request: Request, response: Response) -> bool:
    """Whether an answer has a JSON body."""
    return response.headers.get("content-type") == "application/json"


def is_object(request: Request, response: Response) -> bool:
    """Whether an answer is a JSON object."""
    return isinstance(response.content, dict)


def packs(coding: str) -> Callable[[Request, Response], bool]:
    """When a caller takes bodies that are compressed in a certain way."""
    return lambda request, one: coding in request.headers.get("accept-encoding", "") and bool(one.body)


@variation(of="nothing")
async def nothing_is_unusual(request: Request, backend: Behind) -> Response:
    """The reference backend as it is."""
    return await backend(request)


@variation(of="slow", modes=("smoke",), slow=True)
async def every_answer_takes_a_second(request: Request, backend: Behind) -> Response:
    """Each answer takes a second."""
    await asyncio.sleep(1)
    return await backend(request)


@variation(of="slow", modes=("full",), slow=True)
async def every_answer_takes_a_moment(request: Request, backend: Behind) -> Response:
    """Each answer takes a fifth of a second: the settings suite asks a hundred times."""
    await asyncio.sleep(0.2)
    return await backend(request)


@variation(of="slow", slow=True)
async def signing_in_takes_six_seconds(request: Request, backend: Behind) -> Response:
    """The first answer after a deployment takes its time."""
    if request.is_login and not backend.memory.get("woken"):
        backend.memory["woken"] = True
        await asyncio.sleep(6)
    return await backend(request)


HTTP: tuple[tuple[str, str, Callable[[Response], Response], Callable[[Request, Response], bool]], ...] = (
    ("every_answer_is_compressed", "Each answer comes as gzip.",
     lambda one: replace(one.with_headers(content_encoding="gzip"), body=gzip.compress(one.body)), packs("gzip")),
    ("every_answer_is_deflated", "Each answer comes as deflate.",
     lambda one: replace(one.with_headers(content_encoding="deflate"), body=zlib.compress(one.body)),
     packs("deflate")),
    ("every_answer_is_chunked", "Each answer comes in pieces, and does not say how long it is.",
     lambda one: replace(one, ending="chunked") if one.body else one, always),
    ("every_answer_closes_the_connection", "Each answer ends the connection.",
     lambda one: one.with_headers(connection="close"), always),
    ("headers_are_in_capitals", "The names of headers are in capitals.",
     lambda one: replace(one, headers={name.upper(): value for name, value in one.headers.items()
                                       if name != "content-length"}), always),
)  # fmt: skip
for name, sentence, change, moment in HTTP:
    variation(of="HTTP")(answer_as(name, sentence, change, when=moment))

HEADERS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("every_answer_tells_its_timing", "Each answer says how long it took.", {"server-timing": "db;dur=3, app;dur=5"}),
    ("every_answer_tells_the_rate_limit", "Each answer says how many requests are left.",
     {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "3", "x-ratelimit-reset": "60"}),
    ("every_answer_is_hardened", "Each answer has the headers of a careful server.",
     {"strict-transport-security": "max-age=63072000", "x-content-type-options": "nosniff", "x-frame-options": "DENY",
      "content-security-policy": "default-src 'none'", "referrer-policy": "no-referrer"}),
    ("every_answer_has_an_etag", "Each answer names its version.", {"etag": 'W/"5f1d"', "cache-control": "no-store"}),
    ("every_answer_is_open_to_other_origins", "Each answer may be read by any page.",
     {"access-control-allow-origin": "*", "vary": "Origin, Accept-Encoding"}),
    ("every_answer_came_through_a_proxy", "Each answer names the proxy that it came through.",
     {"via": "1.1 cloud-proxy", "x-cache": "Miss", "alt-svc": 'h3=":443"; ma=86400', "server": "nginx"}),
)  # fmt: skip
for name, sentence, headers in HEADERS:
    variation(of="more headers")(answer_as(name, sentence, with_headers(**headers), when=always))

TYPES = (
    ("every_answer_names_its_charset", "Each answer says that it is UTF-8.", "application/json; charset=utf-8"),
    ("charset_is_in_capitals", "Each answer says that it is UTF-8, in capitals.", "application/json; charset=UTF-8"),
    ("charset_is_in_quotes", "Each answer says that it is UTF-8, in quotes.", 'application/json;charset="utf-8"'),
    ("content_type_has_capitals", "The content type is spelt in capitals.", "Application/JSON; Charset=UTF-8"),
)
for name, sentence, content_type in TYPES:
    variation(of="Content-Type")(answer_as(name, sentence, with_headers(content_type=content_type), when=is_json))


def written(write: Callable[[Any], str]) -> Callable[[Response], Response]:
    """Write the JSON of an answer in another way."""
    return lambda one: one.with_body(write(one.content))


def reversed_keys(value: Any) -> Any:
    """Turn the order of an object's fields around."""
    return dict(reversed(value.items())) if isinstance(value, dict) else value


WRITING: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("json_is_in_another_order", "The fields of each answer come in another order.",
     lambda value: json.dumps(reversed_keys(value))),
    ("json_is_pretty", "Each answer is indented.", lambda value: json.dumps(value, indent=4) + "\n"),
    ("json_is_escaped", "All that is not ASCII is escaped.", json.dumps),
    ("json_is_not_escaped", "Nothing is escaped that need not be.",
     lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))),
    ("json_escapes_slashes", "Slashes are escaped, as PHP does.", lambda value: json.dumps(value).replace("/", "\\/")),
    ("json_is_between_blanks", "Line breaks precede and follow each answer.",
     lambda value: f"\r\n{json.dumps(value)}\r\n"),
)  # fmt: skip
for name, sentence, write in WRITING:
    variation(of="JSON", account={"name": "Café Zoë 🦷", "description": "Prophylaxe / Zahnreinigung ab 7 Uhr"})(
        answer_as(name, sentence, written(write), when=is_json)
    )


@variation(of="more fields")
@answered(lambda one: one.with_content(one.content | {"x": {"new": [None, 1.5]}, "version": 2}), when=is_object)
def every_answer_has_more_fields() -> None:
    """Each answer has fields that nobody knows."""
