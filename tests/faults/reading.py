"""Faults in reading the settings, which concern every suite."""

import asyncio
from dataclasses import replace
from typing import Any

from tests.faults.catalogue import answered, every_suite, fault, what_is_read
from tests.faults.sign_in import LONGER_THAN_ANYBODY_WAITS
from tests.faults.wrapped import Behind, Request, Response

READ = "GET /api/business/me"


def owner_reads(request: Request, response: Response) -> bool:
    """Whether the settings are read with a good token."""
    return request.is_read and response.status == 200


@fault(clause=READ, full=every_suite(2), smoke=every_suite(2))
@answered(lambda _: Response.html(500), when=owner_reads)
def read_answers_500_as_html() -> None:
    """Reading ends in a page with a stack trace."""


@fault(clause=READ, full=every_suite(2), smoke=every_suite(2))
@answered(lambda one: replace(one, ending="half"), when=owner_reads)
def read_breaks_off() -> None:
    """The connection breaks in the middle of the settings."""


@fault(clause=READ, full=every_suite(2), smoke=every_suite(2))
@answered(lambda one: replace(one, ending="reset"), when=owner_reads)
def read_resets_the_connection() -> None:
    """The connection is reset instead of an answer."""


@fault(clause=READ, full=every_suite(2), smoke=every_suite(2), slow=True)
async def read_hangs(request: Request, backend: Behind) -> Response:
    """The owner's read never gets an answer."""
    response = await backend(request)
    if owner_reads(request, response):
        await asyncio.sleep(LONGER_THAN_ANYBODY_WAITS)
    return response


@fault(clause=READ, full=every_suite(2), smoke=every_suite(2))
@what_is_read
def settings_are_wrapped_in_data(settings: dict[str, Any]) -> Any:
    """The settings are one level deeper than promised."""
    return {"data": settings}


@fault(clause=f"{READ}: name", full=every_suite(2), smoke=every_suite(2))
@what_is_read
def name_is_missing(settings: dict[str, Any]) -> Any:
    """It is not said what the business is called."""
    del settings["name"]
    return settings
