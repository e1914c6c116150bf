"""Faults in phone and receptionist."""

from typing import Any

from tests.faults.catalogue import fault, what_is_read
from tests.faults.wrapped import Behind, Request, Response

PHONE = "GET /api/business/me: phone_number"
RECEPTIONIST = "GET /api/business/me: receptionist_enabled"


@fault(
    clause=PHONE,
    full={"twilio": 2},
    smoke={"twilio": 2},
)
@what_is_read
def phone_number_is_missing(settings: dict[str, Any]) -> Any:
    """There is no phone number among the settings, not even null."""
    del settings["phone_number"]
    return settings


@fault(clause=f"{PHONE} is E.164", full={"twilio": 3}, smoke={"twilio": 3})
@what_is_read
def phone_number_is_national(settings: dict[str, Any]) -> Any:
    """The phone number is written as people in its country do."""
    return settings | {"phone_number": "(555) 123-4567"}


@fault(clause=f"{PHONE} is one that its country knows", full={"twilio": 3})
@what_is_read
def phone_number_is_too_short_for_its_country(settings: dict[str, Any]) -> Any:
    """The phone number has the right form, but nobody can have it."""
    return settings | {"phone_number": "+12025"}


@fault(clause=RECEPTIONIST, full={"twilio": 4}, smoke={"twilio": 4})
@what_is_read
def receptionist_state_is_a_text(settings: dict[str, Any]) -> Any:
    """Whether the receptionist answers is the text `true`."""
    return settings | {"receptionist_enabled": "true"}


@fault(
    clause="An enabled receptionist means a phone number",
    full={"twilio": 4},
    account={"phone_number": None, "receptionist_enabled": False},
)
async def receptionist_is_enabled_without_a_phone(request: Request, backend: Behind) -> Response:
    """The receptionist answers calls, on no number."""
    response = await backend(request)
    if request.is_read and response.status == 200:
        return response.with_content(response.content | {"receptionist_enabled": True})
    return response
