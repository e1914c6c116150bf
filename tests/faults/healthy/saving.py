"""Unusual responses to updates."""

from tests.faults.catalogue import healthy
from tests.faults.changes import content, with_fields, without
from tests.faults.conditions import settings_are_updated
from tests.faults.middleware import Function, Request, Response, Upstream

LONGEST_COLUMN = 10_000

saving = healthy("saving", when=settings_are_updated)

every_update_is_audited = saving.response(
    content(with_fields(status="audit_pending")), "An update is in force, and its status is `audit_pending`."
)
update_has_no_status = saving.response(content(without("status")))
update_returns_the_business = saving.response(content(lambda one: one["business"]))
update_returns_a_status_alone = saving.response(content(without("business")))
update_returns_an_empty_object = saving.response(content(lambda _: {}))
update_returns_error_null = saving.response(content(with_fields(error=None)))
update_returns_a_message = saving.response(content(with_fields(message="Saved.", updated=1)))
update_returns_warnings = saving.response(content(with_fields(warnings=["The text is long."], errors=[])))


def without_post(status: int) -> Function:
    """Return the function of a backend that returns `status` for an update by POST."""

    async def refused(request: Request, upstream: Upstream) -> Response:
        if request.is_update and request.method == "POST":
            return Response.json(status, {"error": "method_not_allowed", "message": "Use PUT."})
        return await upstream(request)

    return refused


def with_columns(status: int, **lengths: int) -> Function:
    """Return the function of a backend that returns `status` for a text that is longer than its column."""
    error = {"error": "validation_error", "message": "The text is too long.", "action": "Shorten it."}

    async def checked(request: Request, upstream: Upstream) -> Response:
        texts = {name: str(one) for name, one in (request.fields or {}).items()}
        is_long = any(len(text) > lengths.get(name, LONGEST_COLUMN) for name, text in texts.items())
        return Response.json(status, error) if request.is_update and is_long else await upstream(request)

    return checked


columns = healthy("columns", account={"industry": "i" * 250, "greeting_style": "g" * 50})

columns_are_short = columns.function(with_columns(422, industry=255, business_hours=255, greeting_style=50))
long_texts_are_too_large = columns.function(
    with_columns(413, industry=255, business_hours=255, greeting_style=50, description=1000)
)


@healthy("saving")
async def wrong_types_are_ignored(request: Request, upstream: Upstream) -> Response:
    """A value of a wrong type returns 200 and changes nothing."""
    if request.is_update and any(isinstance(one, dict) for one in (request.fields or {}).values()) and request.token:
        return Response.json(200, {"status": "success"})
    return await upstream(request)


@healthy("saving", left=("timezone",))
async def owner_edits_a_setting_after_the_form(request: Request, upstream: Upstream) -> Response:
    """Right after the first update, the owner changes the time zone."""
    response = await upstream(request)
    if settings_are_updated(request, response) and not upstream.memory.get("edited"):
        upstream.memory["edited"] = True
        await upstream(request.with_fields({"timezone": "Europe/Lisbon"}))
    return response


@healthy("saving")
async def phone_number_cannot_be_removed(request: Request, upstream: Upstream) -> Response:
    """An update without phone number is rejected."""
    if request.is_update and (request.fields or {}).get("phone_number", "+") is None:
        return Response.json(400, {"error": "phone_number_required", "message": "Buy another number first."})
    return await upstream(request)


update_by_post_returns_405 = saving.function(without_post(405))
update_by_post_returns_404 = saving.function(without_post(404))
