"""Backends whose responses others may keep or read: shared caches, and pages of other origins."""

from tests.faults.catalogue import fault
from tests.faults.changes import with_headers
from tests.faults.conditions import settings_are_read
from tests.faults.middleware import START, Request, Response, Upstream

CACHES = "An authenticated response is not public to caches"
cached = fault(CACHES, full={"security": 4}, smoke={}, when=settings_are_read)

settings_are_public = cached.response(with_headers(cache_control="public, max-age=60"))
settings_are_public_in_capitals = cached.response(with_headers(cache_control="max-age=0, Public"))
settings_are_for_shared_caches = cached.response(with_headers(cache_control="s-maxage=300"))
start_is_public = fault(
    CACHES,
    full={"security": 4},
    smoke={},
    when=lambda request, response: request.path == START and response.status < 400,
).response(with_headers(cache_control="public, max-age=600"))

ORIGINS = "a foreign Origin is not trusted with credentials"
origins = fault(ORIGINS, full={"security": 5}, smoke={})


@origins
async def every_origin_is_trusted(request: Request, upstream: Upstream) -> Response:
    """Each origin may read responses with credentials."""
    response = await upstream(request)
    foreign = request.headers.get("origin")
    if foreign is None:
        return response
    return response.with_headers(access_control_allow_origin=foreign, access_control_allow_credentials="true")


@origins
async def the_null_origin_is_trusted(request: Request, upstream: Upstream) -> Response:
    """Pages without an origin, such as sandboxed frames, may read responses with credentials."""
    response = await upstream(request)
    if request.headers.get("origin") != "null":
        return response
    return response.with_headers(access_control_allow_origin="null", access_control_allow_credentials="true")
