"""Healthy backends that are unusual: each must be called healthy in both modes."""

import asyncio
import gzip
from dataclasses import replace
from typing import Any

from tests.faults.calendar import GOOGLE
from tests.faults.catalogue import answered, variation, what_is_read
from tests.faults.wrapped import Behind, Request, Response


def is_json(request: Request, response: Response) -> bool:
    """Whether an answer has a JSON body."""
    return response.headers.get("content-type") == "application/json"


def is_object(request: Request, response: Response) -> bool:
    """Whether an answer is a JSON object."""
    return isinstance(response.content, dict)


@variation(of="nothing")
async def nothing_is_unusual(request: Request, backend: Behind) -> Response:
    """The reference backend as it is."""
    return await backend(request)


@variation(of="fields that are not named are allowed everywhere")
@answered(lambda one: one.with_content(one.content | {"x": {"new": [None, 1.5]}, "version": 2}), when=is_object)
def every_answer_has_more_fields() -> None:
    """Each answer has fields that nobody knows."""


@variation(of="GET /api/business/me: id is a string or an integer")
@what_is_read
def id_is_a_text(settings: dict[str, Any]) -> Any:
    """The id of the business is a text."""
    return settings | {"id": str(settings["id"])}


@variation(
    of="a new account without a phone and with the receptionist off is healthy",
    account={"phone_number": None, "receptionist_enabled": False},
)
async def account_has_no_phone(request: Request, backend: Behind) -> Response:
    """The account is new: there is no phone number, and the receptionist is off."""
    return await backend(request)


@variation(of="text settings are a string or null", account={"industry": None, "timezone": None, "faqs": []})
async def account_has_empty_settings(request: Request, backend: Behind) -> Response:
    """Some settings were never filled in."""
    return await backend(request)


@variation(of="foreign numbers are healthy", account={"phone_number": "+493022730027"})
async def phone_number_is_foreign(request: Request, backend: Behind) -> Response:
    """The business is in Berlin."""
    return await backend(request)


@variation(of="slow is healthy", modes=("smoke",), slow=True)
async def every_answer_takes_a_second(request: Request, backend: Behind) -> Response:
    """Each answer takes a second."""
    await asyncio.sleep(1)
    return await backend(request)


@variation(of="slow is healthy", modes=("full",), slow=True)
async def every_answer_takes_a_moment(request: Request, backend: Behind) -> Response:
    """Each answer takes a fifth of a second: the settings suite asks a hundred times."""
    await asyncio.sleep(0.2)
    return await backend(request)


@variation(of="slow (6 s an answer) is healthy", slow=True)
async def signing_in_takes_six_seconds(request: Request, backend: Behind) -> Response:
    """The first answer after a deployment takes its time."""
    if request.is_login and not backend.memory.get("woken"):
        backend.memory["woken"] = True
        await asyncio.sleep(6)
    return await backend(request)


@variation(of="gzip is healthy")
@answered(
    lambda one: replace(one.with_headers(content_encoding="gzip"), body=gzip.compress(one.body)),
    when=lambda request, one: "gzip" in request.headers.get("accept-encoding", "") and bool(one.body),
)
def every_answer_is_compressed() -> None:
    """Each answer comes as gzip."""


@variation(of="no keep-alive is healthy")
@answered(lambda one: one.with_headers(connection="close"), when=lambda *_: True)
def every_answer_closes_the_connection() -> None:
    """Each answer ends the connection."""


@variation(of="Content-Type: application/json (a charset may follow)")
@answered(lambda one: one.with_headers(content_type="application/json; charset=utf-8"), when=is_json)
def every_answer_names_its_charset() -> None:
    """Each answer says that it is UTF-8."""


@variation(of="throttled once is healthy")
async def login_is_throttled_once(request: Request, backend: Behind) -> Response:
    """The first attempt to sign in comes too early, by a second."""
    if request.is_login and not backend.memory.get("throttled"):
        backend.memory["throttled"] = True
        error = {"error": "too_many_attempts", "message": "Try again in a second."}
        return Response.json(429, error).with_headers(retry_after="1")
    return await backend(request)


@variation(of="GET /oauth/google/start: configured", environment=GOOGLE)
async def google_is_configured(request: Request, backend: Behind) -> Response:
    """Calendars can be connected."""
    return await backend(request)


@variation(of="POST /api/auth/login: token_type (RFC 6749 section 5.1: case insensitive)")
@answered(
    lambda one: one.with_content(one.content | {"token_type": "Bearer"}),
    when=lambda request, one: request.is_login and one.status == 200,
)
def token_type_has_a_capital() -> None:
    """The token's type is spelt `Bearer`."""


@variation(of="every error is {error, message, detail?, action?}")
@answered(
    lambda one: one.with_content({name: one.content[name] for name in ("error", "message")}),
    when=lambda _, one: one.status >= 400,
)
def errors_have_no_detail() -> None:
    """Errors say no more than they must."""


@variation(of="POST is an alias where the server offers it")
async def update_by_post_is_not_offered(request: Request, backend: Behind) -> Response:
    """Settings can be saved by PUT alone."""
    if request.is_update and request.method == "POST":
        return Response.json(405, {"error": "method_not_allowed", "message": "Use PUT."})
    return await backend(request)
