"""Unusual responses to updates."""

from tests.faults.catalogue import healthy
from tests.faults.changes import content, with_fields, without
from tests.faults.conditions import settings_are_updated
from tests.faults.middleware import Function, Request, Response, Upstream

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


update_by_post_returns_405 = saving.function(without_post(405))
update_by_post_returns_404 = saving.function(without_post(404))
