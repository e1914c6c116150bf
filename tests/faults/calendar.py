"""Faults in connecting a calendar."""

import re
from typing import Any

from tests.faults.catalogue import answered, fault, what_is_read
from tests.faults.wrapped import CALLBACK, START, Behind, Request, Response

START_CLAUSE = "GET /oauth/google/start"
STATE = "GET /api/business/me: google_calendar_connected"
GOOGLE = {"GOOGLE_CLIENT_ID": "client.apps.googleusercontent.com"}


@fault(clause=STATE, full={"calendar": 2}, smoke={"calendar": 2})
@what_is_read
def calendar_state_is_missing(settings: dict[str, Any]) -> Any:
    """It is not said whether a calendar is connected."""
    del settings["google_calendar_connected"]
    return settings


@fault(clause=START_CLAUSE, full={"calendar": 3}, smoke={"calendar": 3})
async def start_answers_500_as_html(request: Request, backend: Behind) -> Response:
    """Connecting a calendar ends in a page with a stack trace."""
    return Response.html(500, "Failed to fetch") if request.path == START else await backend(request)


@fault(clause=f"{START_CLAUSE}: never a generic 'Failed to fetch'", full={"calendar": 3}, smoke={"calendar": 3})
@answered(
    lambda one: one.with_content({"available": False, "error": "Failed to fetch", "detail": "Failed to fetch"}),
    when=lambda request, one: request.path == START and one.status == 200,
)
def start_says_failed_to_fetch() -> None:
    """It is not said why no calendar can be connected."""


@fault(clause=f"{START_CLAUSE}: state", full={"calendar": 3}, smoke={"calendar": 3}, environment=GOOGLE)
@answered(
    lambda one: one.with_headers(location=re.sub(r"&state=[^&]*", "", one.headers["location"])),
    when=lambda request, one: request.path == START and one.status == 302,
)
def way_to_google_has_no_state() -> None:
    """The way to Google is not protected against forgery."""


@fault(clause="GET /oauth/google/callback: never a 5xx", full={"calendar": 3})
async def callback_answers_500(request: Request, backend: Behind) -> Response:
    """Coming back from Google without a code is an error of the server."""
    return Response.html(500) if request.path == CALLBACK else await backend(request)


@fault(clause="GET /oauth/google/callback: a 302 that carries the error", full={"calendar": 3})
@answered(
    lambda one: one.with_headers(location="http://localhost:3000/dashboard/settings"),
    when=lambda request, _: request.path == CALLBACK,
)
def callback_hides_the_error() -> None:
    """The dashboard does not learn that the calendar could not be connected."""


@fault(clause=STATE, full={"calendar": 4}, smoke={"calendar": 4})
@what_is_read
def calendar_state_is_a_text(settings: dict[str, Any]) -> Any:
    """Whether a calendar is connected is the text `false`, which is true to JavaScript."""
    return settings | {"google_calendar_connected": "false"}


@fault(clause="A connected calendar means that OAuth is configured", full={"calendar": 4})
@what_is_read
def calendar_is_connected_without_configuration(settings: dict[str, Any]) -> Any:
    """A calendar is shown as connected, though none can be."""
    return settings | {"google_calendar_connected": True}
