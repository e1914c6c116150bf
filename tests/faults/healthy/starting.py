"""A backend that is still starting: `/health` returns 200 at once, the rest of the API has trouble for a while."""

from time import monotonic

from tests.faults.catalogue import Fault, healthy
from tests.faults.changes import Change
from tests.faults.healthy.passing import BAD_GATEWAY, CUT, RESET, UNAVAILABLE_ONCE
from tests.faults.middleware import Request, Response, Upstream

STARTING_SECONDS = 2.0
WAIT_SECONDS = "9"


def starting(change: Change) -> Fault:
    """Declare a backend that changes the responses to logins, and to reads, in the seconds after the first of them."""

    async def changed(request: Request, upstream: Upstream) -> Response:
        response = await upstream(request)
        if not (request.is_login or request.is_read):
            return response
        began = upstream.memory.setdefault(request.path, monotonic())
        return change(response) if monotonic() - began < STARTING_SECONDS else response

    return healthy("starting", options=("--wait", WAIT_SECONDS)).function(changed)


login_and_read_are_reset_at_first = starting(RESET)
login_and_read_are_cut_at_first = starting(CUT)
login_and_read_return_502_at_first = starting(BAD_GATEWAY)
login_and_read_return_503_at_first = starting(UNAVAILABLE_ONCE)
