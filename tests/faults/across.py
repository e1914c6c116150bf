"""Faults in what fields say together, each of them good by itself. Clause: `across fields`."""

from tests.faults.calendar import GOOGLE
from tests.faults.catalogue import fault, having, read_as
from tests.faults.moments import comes_back_from_google, owner_reads
from tests.faults.wrapped import Behind, Request, Response

CALENDAR = "across fields: a connected calendar means that OAuth is configured"
RECEPTIONIST = "across fields: an enabled receptionist means a phone number"
CALLBACK = "across fields: a failed connection leaves the calendar's state alone"
NEW_ACCOUNT = {"phone_number": None, "receptionist_enabled": False}

fault(clause=CALENDAR, full={"calendar": 4}, smoke={})(
    read_as(
        "calendar_is_connected_without_configuration",
        "A calendar is shown as connected, though none can be.",
        having(google_calendar_connected=True),
    )
)
fault(clause=RECEPTIONIST, full={"twilio": 4}, smoke={}, account=NEW_ACCOUNT)(
    read_as(
        "receptionist_is_enabled_without_a_phone",
        "The receptionist answers calls, on no number.",
        having(receptionist_enabled=True),
    )
)


@fault(clause=CALLBACK, full={"calendar": 4}, smoke={}, environment=GOOGLE)
async def failed_return_connects_the_calendar(request: Request, backend: Behind) -> Response:
    """After anybody came back from Google, with whatever, a calendar is shown as connected."""
    response = await backend(request)
    if comes_back_from_google(request, response):
        backend.memory["returned"] = True
    if owner_reads(request, response) and backend.memory.get("returned"):
        return response.with_content(response.content | {"google_calendar_connected": True})
    return response


@fault(
    clause=CALLBACK,
    full={"calendar": 4},
    smoke={},
    environment=GOOGLE,
    account={"google_calendar_connected": True},
)
async def failed_return_disconnects_the_calendar(request: Request, backend: Behind) -> Response:
    """After anybody came back from Google, with whatever, a connected calendar is shown as not connected."""
    response = await backend(request)
    if comes_back_from_google(request, response):
        backend.memory["returned"] = True
    if owner_reads(request, response) and backend.memory.get("returned"):
        return response.with_content(response.content | {"google_calendar_connected": False})
    return response


@fault(clause=CALLBACK, full={"calendar": 4}, smoke={}, environment=GOOGLE)
async def made_up_state_connects_the_calendar(request: Request, backend: Behind) -> Response:
    """A code and a state that nobody gave out connect a calendar, though the answer is an error."""
    response = await backend(request)
    if comes_back_from_google(request, response) and "code=" in request.query and "state=" in request.query:
        backend.memory["returned"] = True
    if owner_reads(request, response) and backend.memory.get("returned"):
        return response.with_content(response.content | {"google_calendar_connected": True})
    return response
