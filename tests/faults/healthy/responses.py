"""Unusual responses: slow ones, their headers, their encoding, their JSON and additional fields."""

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from time import time
from typing import Any

from tests.faults.catalogue import healthy
from tests.faults.changes import Change, content, delivered, with_fields, with_headers
from tests.faults.conditions import Condition, settings_are_read
from tests.faults.middleware import Request, Response, Upstream


@healthy("nothing")
async def nothing_is_unusual(request: Request, upstream: Upstream) -> Response:
    """The reference backend as it is."""
    return await upstream(request)


# Time.
@healthy("slow", modes=("smoke",), slow=True)
async def every_response_takes_six_seconds(request: Request, upstream: Upstream) -> Response:
    """Each response takes six seconds."""
    await asyncio.sleep(6)
    return await upstream(request)


@healthy("slow", modes=("smoke",), slow=True)
async def every_response_takes_a_second(request: Request, upstream: Upstream) -> Response:
    """Each response takes a second."""
    await asyncio.sleep(1)
    return await upstream(request)


@healthy("slow", modes=("full",), slow=True)
async def every_response_takes_a_fifth_of_a_second(request: Request, upstream: Upstream) -> Response:
    """Each response takes a fifth of a second; the settings suite sends a hundred requests."""
    await asyncio.sleep(0.2)
    return await upstream(request)


@healthy("slow", slow=True)
async def login_takes_six_seconds(request: Request, upstream: Upstream) -> Response:
    """The first login takes six seconds, as after a deployment."""
    if request.is_login and not upstream.memory.get("is warm"):
        upstream.memory["is warm"] = True
        await asyncio.sleep(6)
    return await upstream(request)


# Encoding and connection.
def is_accepted(coding: str) -> Condition:
    """Return the condition that the client accepts a content coding."""
    return lambda request, one: coding in request.headers.get("accept-encoding", "") and bool(one.body)


every_response_is_compressed = healthy("HTTP", when=is_accepted("gzip")).response(
    lambda one: replace(one.with_headers(content_encoding="gzip"), body=gzip.compress(one.body))
)
every_response_is_deflated = healthy("HTTP", when=is_accepted("deflate")).response(
    lambda one: replace(one.with_headers(content_encoding="deflate"), body=zlib.compress(one.body))
)
every_response_is_chunked = healthy("HTTP", when=lambda _, one: bool(one.body)).response(delivered("chunked"))
every_response_follows_early_hints = healthy("HTTP").response(
    delivered("hinted"), "Two interim responses, 103 Early Hints, precede each response."
)
every_response_closes_the_connection = healthy("HTTP").response(with_headers(connection="close"))
header_names_are_in_capitals = healthy("HTTP").response(
    lambda one: replace(
        one, headers={name.upper(): value for name, value in one.headers.items() if name != "content-length"}
    )
)


# Headers.
headers = healthy("more headers")

every_response_has_a_date = headers.response(
    with_headers(server="uvicorn", date="Mon, 01 Jan 2001 00:00:00 GMT", content_language="de")
)
every_response_has_server_timing = headers.response(with_headers(server_timing="db;dur=3, app;dur=5"))
every_response_has_a_rate_limit = headers.response(
    with_headers(x_ratelimit_limit="100", x_ratelimit_remaining="3", x_ratelimit_reset="60")
)
every_response_has_security_headers = headers.response(
    with_headers(
        strict_transport_security="max-age=63072000",
        x_content_type_options="nosniff",
        x_frame_options="DENY",
        content_security_policy="default-src 'none'",
        referrer_policy="no-referrer",
    )
)
every_response_has_an_etag = headers.response(with_headers(etag='W/"5f1d"', cache_control="no-store"))
every_response_has_cors_headers = headers.response(
    with_headers(access_control_allow_origin="*", vary="Origin, Accept-Encoding")
)
every_response_has_proxy_headers = headers.response(
    with_headers(via="1.1 cloud-proxy", x_cache="Miss", alt_svc='h3=":443"; ma=86400', server="nginx")
)


def is_json(request: Request, response: Response) -> bool:
    """Return whether a response is JSON."""
    return response.headers.get("content-type") == "application/json"


content_type = healthy("Content-Type", when=is_json)

content_type_has_a_charset = content_type.response(with_headers(content_type="application/json; charset=utf-8"))
charset_is_in_capitals = content_type.response(with_headers(content_type="application/json; charset=UTF-8"))
charset_is_in_quotes = content_type.response(with_headers(content_type='application/json;charset="utf-8"'))
content_type_has_capitals = content_type.response(with_headers(content_type="Application/JSON; Charset=UTF-8"))


# JSON.
def written(write: Callable[[Any], str]) -> Change:
    """Write the JSON of a response in another way."""
    return lambda one: one.with_body(write(one.content))


def reversed_fields(value: Any) -> Any:
    """Reverse the order of an object's fields."""
    return dict(reversed(value.items())) if isinstance(value, dict) else value


json_body = healthy(
    "JSON", account={"name": "Café Zoë 🦷", "description": "Prophylaxe / Zahnreinigung ab 7 Uhr"}, when=is_json
)

json_is_in_another_order = json_body.response(content(reversed_fields))
json_is_indented = json_body.response(written(lambda value: json.dumps(value, indent=4) + "\n"))
json_is_escaped = json_body.response(written(json.dumps))
json_is_not_escaped = json_body.response(
    written(lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")))
)
json_escapes_slashes = json_body.response(
    written(lambda value: json.dumps(value).replace("/", "\\/")), "Slashes are escaped in JSON, as PHP does."
)
json_is_surrounded_by_line_breaks = json_body.response(written(lambda value: f"\r\n{json.dumps(value)}\r\n"))


def escaped(text: str) -> str:
    """Return a JSON string in which each character is escaped."""
    units = text.encode("utf-16-be").hex(" ", 2).split()
    return '"' + "".join(rf"\u{unit}" for unit in units) + '"'


def escaped_object(fields: dict[str, Any]) -> str:
    """Return a JSON object in which each character of each text is escaped."""
    values = {name: escaped(value) if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    return "{" + ", ".join(f"{escaped(name)}: {value}" for name, value in values.items()) + "}"


json_is_escaped_entirely = healthy("JSON", when=settings_are_read).response(written(escaped_object))


# Additional fields.
def is_object(request: Request, response: Response) -> bool:
    """Return whether a response is a JSON object."""
    return isinstance(response.content, dict)


every_response_has_more_fields = healthy("more fields", when=is_object).response(
    content(with_fields(x={"new": [None, 1.5]}, version=2))
)
more_settings = healthy("more fields", when=settings_are_read)
settings_have_timestamps = more_settings.response(
    content(with_fields(updated_at="2025-01-01T00:00:00Z", created_at=1735689600.5))
)
settings_have_other_integrations = more_settings.response(
    content(with_fields(outlook_calendar_connected=None, twilio_sid=None, phone="(555) 123-4567", status="draft"))
)
settings_have_links = more_settings.response(
    content(with_fields(_links={"self": {"href": "/api/business/me"}}, error=None, errors=[], meta={"id": None}))
)


@more_settings
async def every_read_has_another_time(request: Request, upstream: Upstream) -> Response:
    """Each read has its number and its time."""
    response = await upstream(request)
    if not settings_are_read(request, response):
        return response
    upstream.memory["reads"] = upstream.memory.get("reads", 0) + 1
    return response.with_content(response.content | {"read_at": time(), "reads": upstream.memory["reads"]})
