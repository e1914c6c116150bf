"""When a fault strikes: the requests and answers that it changes, and whose they are."""

from tests.faults.wrapped import CALLBACK, START, Behind, Request, Response


def always(request: Request, response: Response) -> bool:
    """At every answer."""
    return True


def owner_signs_in(request: Request, response: Response) -> bool:
    """Where the right credentials were sent."""
    return request.is_login and response.status == 200


def wrong_sign_in_is_refused(request: Request, response: Response) -> bool:
    """Where the credentials were wrong."""
    return request.is_login and response.status == 401


def malformed_sign_in_is_refused(request: Request, response: Response) -> bool:
    """Where a sign-in could not be read."""
    return request.is_login and response.status in (400, 422)


def owner_reads(request: Request, response: Response) -> bool:
    """Where the settings are read with a good token."""
    return request.is_read and response.status == 200


def visitor_is_refused(request: Request, response: Response) -> bool:
    """Where the settings are read without a token."""
    return request.is_read and response.status == 401 and request.token is None


def forged_token_is_refused(request: Request, response: Response) -> bool:
    """Where the settings are read with a token that was not given out."""
    return request.is_read and response.status == 401 and request.token is not None


def owner_updates(request: Request, response: Response) -> bool:
    """Where settings were saved."""
    return request.is_update and response.status == 200


def malformed_update_is_refused(request: Request, response: Response) -> bool:
    """Where an update could not be read."""
    return request.is_update and response.status in (400, 422) and not request.fields


def visitors_update_is_refused(request: Request, response: Response) -> bool:
    """Where an update came without a token."""
    return request.is_update and response.status == 401 and request.token is None


def forged_update_is_refused(request: Request, response: Response) -> bool:
    """Where an update came with a token that was not given out."""
    return request.is_update and response.status == 401 and request.token is not None


def leads_to_google(request: Request, response: Response) -> bool:
    """Where an owner is sent to Google."""
    return request.path == START and response.status == 302


def no_calendar_is_offered(request: Request, response: Response) -> bool:
    """Where an owner is told that no calendar can be connected."""
    return request.path == START and response.status == 200


def business_is_missing(request: Request, response: Response) -> bool:
    """Where it is not said whose calendar to connect."""
    return request.path == START and "business_id" not in request.query


def comes_back_from_google(request: Request, response: Response) -> bool:
    """Where Google sends somebody back."""
    return request.path == CALLBACK


def nothing_is_there(request: Request, response: Response) -> bool:
    """Where something was asked for that the API does not have."""
    return response.status == 404


def is_refused(request: Request, response: Response) -> bool:
    """Where anything was refused."""
    return response.status >= 400


async def remembering_the_owner(request: Request, backend: Behind) -> Response:
    """Answer as the backend does, and remember the owner's token."""
    response = await backend(request)
    if owner_signs_in(request, response):
        backend.memory["token"] = response.content["access_token"]
    return response


def is_owners(request: Request, backend: Behind) -> bool:
    """Whether the owner sends a request, as far as is remembered."""
    return request.token is not None and request.token == backend.memory.get("token")


async def as_owner(request: Request, backend: Behind) -> Response | None:
    """Answer as if the owner had sent a request; None where nobody has signed in yet."""
    token = backend.memory.get("token")
    return await backend(request.with_token(token)) if token else None
