"""Faults in the owner's settings: what is saved, what is refused, and how."""

import html
from dataclasses import replace
from typing import Any

from tests.faults.catalogue import answered, each_text, fault, what_is_read, what_is_saved
from tests.faults.sign_in import is_owners, remembering_the_owner
from tests.faults.wrapped import Behind, Request, Response

READ = "GET /api/business/me"
UPDATE = "PUT /api/business/me"
KEPT = f"{UPDATE}: what was sent is what the next read gives back, and what was not sent is untouched"
ERRORS = "every error is {error, message}"


@fault(clause=f"{READ}: faqs", full={"settings": 2})
@what_is_read
def faqs_are_missing(settings: dict[str, Any]) -> Any:
    """There are no FAQs among the settings."""
    del settings["faqs"]
    return settings


@fault(clause=UPDATE, full={"settings": 3}, smoke={"settings": 3})
async def update_answers_500(request: Request, backend: Behind) -> Response:
    """Nothing can be saved."""
    return Response.html(500) if request.is_update and request.fields else await backend(request)


@fault(clause=f"{UPDATE}: status", full={"settings": 3}, smoke={"settings": 3})
@answered(
    lambda one: one.with_content(one.content | {"status": "error"}),
    when=lambda request, one: request.is_update and one.status == 200,
)
def update_declares_an_error() -> None:
    """An update is answered 200, with `status: error` in it."""


@fault(clause=f"{UPDATE}: malformed body: 400 or 422", full={"settings": 3})
@answered(
    lambda _: Response.json(500, {"error": "internal_error", "message": "Unexpected end of input."}),
    when=lambda request, one: request.is_update and one.status == 422,
)
def malformed_update_answers_500() -> None:
    """A body that cannot be read is an error of the server."""


@fault(clause=f"{UPDATE}: no token: 401", full={"settings": 3})
async def strangers_can_save(request: Request, backend: Behind) -> Response:
    """An update without a token is saved."""
    response = await remembering_the_owner(request, backend)
    if request.is_update and request.token is None and "token" in backend.memory:
        return await backend(request.with_token(backend.memory["token"]))
    return response


@fault(clause=KEPT, full={"settings": 4}, smoke={"settings": 4})
async def update_is_swallowed(request: Request, backend: Behind) -> Response:
    """An update is answered 200 and forgotten."""
    if request.is_update and is_owners(request, backend) and request.fields:
        return Response.json(200, {"status": "success"})
    return await remembering_the_owner(request, backend)


@fault(clause=KEPT, full={"settings": 4})
@what_is_saved
def update_is_partly_saved(fields: dict[str, Any]) -> dict[str, Any]:
    """The time zone and the greeting are not saved."""
    return {name: one for name, one in fields.items() if name not in ("timezone", "greeting_style")}


@fault(clause=KEPT, full={"settings": 4})
@what_is_saved
def text_is_cut_at_100_characters(fields: dict[str, Any]) -> dict[str, Any]:
    """Texts end after a hundred characters."""
    return each_text(lambda text: text[:100])(fields)


@fault(clause=KEPT, full={"settings": 4})
@what_is_saved
def text_is_escaped(fields: dict[str, Any]) -> dict[str, Any]:
    """Texts are saved as HTML."""
    return each_text(html.escape)(fields)


@fault(clause=KEPT, full={"settings": 4})
@what_is_saved
def text_is_trimmed(fields: dict[str, Any]) -> dict[str, Any]:
    """Spaces around a text are lost."""
    return each_text(str.strip)(fields)


@fault(clause=KEPT, full={"settings": 4})
@what_is_saved
def update_wipes_the_rest(fields: dict[str, Any]) -> dict[str, Any]:
    """Texts that were not sent are emptied."""
    texts = ("industry", "description", "business_hours", "common_services", "greeting_style")
    return dict.fromkeys(texts) | fields


@fault(clause=KEPT, full={"settings": 4})
async def update_is_gone_at_the_second_read(request: Request, backend: Behind) -> Response:
    """What was saved shows once, and is not there any more at the next read."""
    if request.is_update and is_owners(request, backend) and request.fields:
        backend.memory.setdefault("saved", {}).update(request.fields)
        return Response.json(200, {"status": "success"})
    response = await remembering_the_owner(request, backend)
    if request.is_read and response.status == 200:
        return response.with_content(response.content | backend.memory.pop("saved", {}))
    return response


@fault(clause=KEPT, full={"settings": 3}, smoke={}, verdict="not-restored", restored=False, slow=True)
async def only_the_first_update_is_accepted(request: Request, backend: Behind) -> Response:
    """After one update nothing can be saved any more, so that nobody can put the account back."""
    if not request.is_update or not request.fields:
        return await backend(request)
    if backend.memory.get("updated"):
        return Response.json(503, {"error": "database_unavailable", "message": "The database is read-only."})
    response = await backend(request)
    backend.memory["updated"] = response.status == 200
    return response


@fault(clause=ERRORS, full={"settings": 5})
@answered(
    lambda one: Response.html(one.status), when=lambda request, one: request.is_update and one.status in (400, 422)
)
def refused_update_is_a_page() -> None:
    """A refused update is explained by a page."""


@fault(clause=ERRORS, full={"settings": 5, "calendar": 3})
@answered(lambda one: Response.html(one.status), when=lambda _, one: one.status >= 400)
def every_error_is_a_page() -> None:
    """Each error has the right status, and a page for a body."""


@fault(clause="Content-Type: application/json", full={"settings": 5})
@answered(
    lambda one: replace(one, headers=one.headers | {"content-type": "text/plain"}),
    when=lambda request, one: request.is_read and one.status == 200,
)
def settings_are_declared_text() -> None:
    """The settings are JSON, but are declared plain text."""
