"""The rate limit of logins, per address."""

import math
import time
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from reference_backend.errors import ApiError, ErrorBody


class LoginLimiter:
    """Counts the logins of each address in a moving window."""

    def __init__(self, limit: RateLimitItem) -> None:
        self._limit = limit
        self._attempts = MovingWindowRateLimiter(MemoryStorage())

    def count(self, address: str) -> None:
        """Count a login.

        Raises:
            ApiError: 429, with the seconds until the next login is allowed.
        """
        if self._attempts.hit(self._limit, address):
            return
        reset = self._attempts.get_window_stats(self._limit, address).reset_time
        seconds = max(1, math.ceil(reset - time.time()))
        body = ErrorBody(
            error="too_many_attempts",
            message="Too many login attempts from this address.",
            detail=f"Allowed: {self._limit}.",
            action=f"Wait {seconds} s and try again.",
        )
        raise ApiError(HTTPStatus.TOO_MANY_REQUESTS, body, {"Retry-After": str(seconds)})


class LimitedRoute(APIRoute):
    """A route that counts a request before it parses it, so that malformed ones count too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler behind the limit."""
        handler = super().get_route_handler()

        async def limited(request: Request) -> Response:
            limiter: LoginLimiter = request.app.state.login_limiter
            limiter.count(request.client.host if request.client else "unknown")
            return await handler(request)

        return limited
