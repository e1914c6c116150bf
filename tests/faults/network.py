"""Faults in the connection: `it always ends`, also where a backend hangs, resets the connection or sends slowly."""

import asyncio

from tests.faults.catalogue import every_capability, every_suite, fault
from tests.faults.changes import delivered
from tests.faults.conditions import (
    Condition,
    callback_is_called,
    callback_is_called_with_any_state,
    login_succeeds,
    settings_are_read,
    settings_are_updated,
    start_is_called,
)
from tests.faults.middleware import Function, Request, Response, Upstream

CLAUSE = "it always ends"
HANGING_SECONDS = 60
LONG_HANGING_SECONDS = 120


# No response.
def hang(when: Condition) -> Function:
    """Return the function of a fault that delays a response beyond any timeout."""

    async def delayed(request: Request, upstream: Upstream) -> Response:
        response = await upstream(request)
        if when(request, response):
            await asyncio.sleep(HANGING_SECONDS)
        return response

    return delayed


login_hangs = fault(CLAUSE, full=every_suite(1), smoke=every_suite(1), slow=True).function(hang(login_succeeds))
read_hangs = fault(CLAUSE, full=every_suite(2), smoke=every_capability(2), slow=True).function(hang(settings_are_read))
update_hangs = fault(CLAUSE, full={"settings": 3}, smoke={"settings": 3}, slow=True).function(
    hang(settings_are_updated)
)
start_hangs = fault(CLAUSE, full={"calendar": 3}, smoke={"calendar": 3}, slow=True).function(hang(start_is_called))
callback_hangs = fault(CLAUSE, full={"calendar": 3}, smoke={}, slow=True).function(
    hang(callback_is_called_with_any_state)
)


@fault(CLAUSE, full=None)
async def backend_hangs_after_the_first_update(request: Request, upstream: Upstream) -> Response:
    """After the first update and the read that follows, no request gets a response."""
    if upstream.memory.get("is hanging"):
        await asyncio.sleep(LONG_HANGING_SECONDS)
    response = await upstream(request)
    if request.is_update:
        upstream.memory["is updated"] = True
    elif request.is_read and upstream.memory.get("is updated"):
        upstream.memory["is hanging"] = True
    return response


# A broken connection.
login = fault(CLAUSE, full=every_suite(1), smoke=every_suite(1), when=login_succeeds)
login_resets_the_connection = login.response(delivered("reset"))
login_closes_the_connection_halfway = login.response(delivered("truncated"))
read = fault(CLAUSE, full=every_suite(2), smoke=every_capability(2), when=settings_are_read)
read_resets_the_connection = read.response(delivered("reset"))
read_closes_the_connection_halfway = read.response(delivered("truncated"))
update = fault(CLAUSE, full={"settings": 3}, smoke={"settings": 3}, when=settings_are_updated)
update_resets_the_connection = update.response(delivered("reset"))
update_closes_the_connection_halfway = update.response(delivered("truncated"))
start = fault(CLAUSE, full={"calendar": 3}, smoke={"calendar": 3}, when=start_is_called)
start_resets_the_connection = start.response(delivered("reset"))
start_closes_the_connection_halfway = start.response(delivered("truncated"))
callback_resets_the_connection = fault(CLAUSE, full={"calendar": 3}, smoke={}, when=callback_is_called).response(
    delivered("reset")
)


# A slow connection.
login_sends_a_byte_a_second = fault(
    CLAUSE, full=every_suite(1), smoke=every_suite(1), slow=True, when=login_succeeds
).response(delivered("slow"))
read_sends_a_byte_a_second = fault(
    CLAUSE, full=every_suite(2), smoke=every_capability(2), slow=True, when=settings_are_read
).response(delivered("slow"))
every_response_sends_a_byte_a_second = fault(CLAUSE, full=None).response(delivered("slow"))
