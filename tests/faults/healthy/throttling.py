"""Throttling that ends soon: the first request returns 429."""

from collections.abc import Callable
from email.utils import formatdate
from time import time

from tests.faults.catalogue import healthy
from tests.faults.middleware import CALLBACK, Function, Request, Response, Upstream


def throttle_once(when: Callable[[Request], bool], retry_after: Callable[[], str] = lambda: "1") -> Function:
    """Return the function of a backend that returns 429 for the first request for which `when` holds."""

    async def throttled(request: Request, upstream: Upstream) -> Response:
        if not when(request) or upstream.memory.get("is throttled"):
            return await upstream(request)
        upstream.memory["is throttled"] = True
        body = {"error": "too_many_requests", "message": "Try again in a second."}
        return Response.json(429, body).with_headers(retry_after=retry_after())

    return throttled


def is_login(request: Request) -> bool:
    """Return whether a request is a login."""
    return request.is_login


login = healthy("login")
login_is_throttled_once = login.function(throttle_once(is_login))
login_is_throttled_until_a_date = login.function(throttle_once(is_login, lambda: formatdate(time() + 1, usegmt=True)))

throttled = healthy("throttled")
login_is_throttled_until_a_past_date = throttled.function(
    throttle_once(is_login, lambda: formatdate(time() - 60, usegmt=True))
)
read_is_throttled_once = throttled.function(throttle_once(lambda request: request.is_read))
update_is_throttled_once = throttled.function(throttle_once(lambda request: request.is_update))
callback_is_throttled_once = throttled.function(throttle_once(lambda request: request.path == CALLBACK))
