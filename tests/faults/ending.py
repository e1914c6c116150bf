"""Faults in the connection. Clause: `it always ends`; a backend that hangs or breaks off gets a verdict, in time."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from tests.faults.catalogue import Function, answer_as, every_suite, fault, titled
from tests.faults.moments import comes_back_from_google, owner_reads, owner_signs_in, owner_updates
from tests.faults.wrapped import START, Behind, Request, Response

CLAUSE = "it always ends"
LONGER_THAN_ANYBODY_WAITS = 60

Moment = Callable[[Request, Response], bool]


def start_is_asked(request: Request, response: Response) -> bool:
    """Where an owner wants to connect a calendar."""
    return request.path == START and "business_id" in request.query


def made_up_state_is_refused(request: Request, response: Response) -> bool:
    """Where somebody comes back from Google with a state that was not given out."""
    return comes_back_from_google(request, response) and "state=" in request.query


def hanging(name: str, sentence: str, when: Moment) -> Function:
    """A fault that never answers where `when` holds."""

    async def function(request: Request, backend: Behind) -> Response:
        response = await backend(request)
        if when(request, response):
            await asyncio.sleep(LONGER_THAN_ANYBODY_WAITS)
        return response

    return titled(function, name, sentence)


HANGING: tuple[tuple[str, str, Moment, dict[str, int], dict[str, int]], ...] = (
    ("login_hangs", "Signing in never gets an answer.", owner_signs_in, every_suite(1), every_suite(1)),
    ("read_hangs", "The owner's read never gets an answer.", owner_reads, every_suite(2), every_suite(2)),
    ("update_hangs", "An update never gets an answer.", owner_updates, {"settings": 3}, {"settings": 3}),
    ("start_hangs", "Connecting a calendar never gets an answer.", start_is_asked, {"calendar": 3}, {"calendar": 3}),
    ("callback_hangs", "Coming back from Google never gets an answer.", made_up_state_is_refused, {"calendar": 3}, {}),
)
for name, sentence, moment, full, smoke in HANGING:
    fault(clause=CLAUSE, full=full, smoke=smoke, slow=True)(hanging(name, sentence, moment))

Ending = Literal["half", "reset", "trickle"]


def ending_in(ending: Ending) -> Callable[[Response], Response]:
    """End the connection in some way."""
    return lambda one: replace(one, ending=ending)


BROKEN: tuple[tuple[str, str, Ending, Moment, dict[str, int]], ...] = (
    ("login_resets_the_connection", "The connection is reset instead of a token.", "reset", owner_signs_in,
     every_suite(1)),
    ("login_breaks_off", "The connection breaks in the middle of the token.", "half", owner_signs_in, every_suite(1)),
    ("login_trickles", "The token comes a byte a second.", "trickle", owner_signs_in, every_suite(1)),
    ("read_resets_the_connection", "The connection is reset instead of an answer.", "reset", owner_reads,
     every_suite(2)),
    ("read_breaks_off", "The connection breaks in the middle of the settings.", "half", owner_reads, every_suite(2)),
    ("read_trickles", "The settings come a byte a second.", "trickle", owner_reads, every_suite(2)),
    ("update_resets_the_connection", "An update is saved, and the connection reset.", "reset", owner_updates,
     {"settings": 3}),
    ("update_breaks_off", "The connection breaks in the middle of the answer to an update.", "half", owner_updates,
     {"settings": 3}),
    ("start_resets_the_connection", "The connection is reset when a calendar is to be connected.", "reset",
     start_is_asked, {"calendar": 3}),
    ("start_breaks_off", "It is said only halfway why no calendar can be connected.", "half", start_is_asked,
     {"calendar": 3}),
)  # fmt: skip
for name, sentence, ending, moment, codes in BROKEN:
    fault(clause=CLAUSE, full=codes, smoke=codes, slow=ending == "trickle")(
        answer_as(name, sentence, ending_in(ending), when=moment)
    )

fault(clause=CLAUSE, full={"calendar": 3}, smoke={})(
    answer_as(
        "callback_resets_the_connection",
        "The connection is reset when Google sends somebody back.",
        ending_in("reset"),
        when=comes_back_from_google,
    )
)
