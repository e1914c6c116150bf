"""Late commits: the first update gets its response at once, and takes effect seconds later."""

import asyncio

from tests.faults.catalogue import Fault, fault
from tests.faults.changes import Change, delivered, html_response, json_response
from tests.faults.middleware import Request, Response, Upstream


def commit_late(seconds: float, change: Change) -> Fault:
    """Declare a backend that commits the first update `seconds` after it has responded to it."""

    async def commit(request: Request, upstream: Upstream) -> None:
        await asyncio.sleep(seconds)
        await upstream(request)

    async def late(request: Request, upstream: Upstream) -> Response:
        if not request.is_update or request.token is None or "task" in upstream.memory:
            return await upstream(request)
        upstream.memory["task"] = asyncio.create_task(commit(request, upstream))
        return change(Response(200))

    return fault("The account is left as found", full=None).function(late)


TIMEOUT, RESET, SUCCESS = (
    html_response(504, "Gateway Timeout"),
    delivered("reset"),
    json_response(200, {"status": "success"}),
)

update_commits_1_s_after_504 = commit_late(1, TIMEOUT)
update_commits_5_s_after_504 = commit_late(5, TIMEOUT)
update_commits_15_s_after_504 = commit_late(15, TIMEOUT)
update_commits_1_s_after_reset = commit_late(1, RESET)
update_commits_5_s_after_reset = commit_late(5, RESET)
update_commits_15_s_after_reset = commit_late(15, RESET)
update_commits_1_s_after_200 = commit_late(1, SUCCESS)
update_commits_5_s_after_200 = commit_late(5, SUCCESS)
update_commits_15_s_after_200 = commit_late(15, SUCCESS)
update_commits_25_s_after_504 = commit_late(25, TIMEOUT)

left_as_found = fault("The account is left as found", full=None)


@left_as_found
async def first_update_times_out(request: Request, upstream: Upstream) -> Response:
    """The gateway responds to the first update with 504, and the backend never gets it."""
    if request.is_update and request.token and not upstream.memory.get("seen"):
        upstream.memory["seen"] = True
        return TIMEOUT(Response(200))
    return await upstream(request)


@left_as_found
async def read_shows_recent_updates(request: Request, upstream: Upstream) -> Response:
    """A read also shows what the latest updates sent."""
    updates = upstream.memory.setdefault("updates", [])
    response = await upstream(request)
    if request.is_update and response.status == 200:
        updates.append(request.fields)
    if request.is_read and response.status == 200:
        return response.with_content(response.content | {"recent_updates": updates[-9:]})
    return response


@left_as_found
async def every_update_is_ignored(request: Request, upstream: Upstream) -> Response:
    """An update is accepted and changes nothing."""
    return await upstream(request.with_fields({}) if request.is_update and request.fields else request)
