"""Passing trouble of the network: one request of a run meets it, and the next one does not."""

from tests.faults.catalogue import Fault, healthy
from tests.faults.changes import Change, delivered, html_response, json_response
from tests.faults.conditions import (
    Condition,
    callback_is_called,
    login_succeeds,
    read_with_invalid_token_is_rejected,
    settings_are_read,
    settings_are_updated,
    start_is_called,
    update_without_token_is_rejected,
)
from tests.faults.middleware import Request, Response, Upstream

UNAVAILABLE = {"error": "unavailable", "message": "The backend is restarting."}
RESET, CUT = delivered("reset"), delivered("truncated")
BAD_GATEWAY, UNAVAILABLE_ONCE = html_response(502, "Bad Gateway"), json_response(503, UNAVAILABLE)
GATEWAY_TIMEOUT, NO_ORIGIN = html_response(504, "Gateway Timeout"), html_response(521, "Web server is down")


def once(when: Condition, change: Change, number: int = 1) -> Fault:
    """Declare a backend that changes one of the responses for which `when` holds, the first unless told otherwise."""

    async def changed(request: Request, upstream: Upstream) -> Response:
        response = await upstream(request)
        if not when(request, response):
            return response
        upstream.memory["seen"] = upstream.memory.get("seen", 0) + 1
        return change(response) if upstream.memory["seen"] == number else response

    return healthy("passing trouble").function(changed)


login_is_reset_once = once(login_succeeds, RESET)
login_is_cut_once = once(login_succeeds, CUT)
login_returns_502_once = once(login_succeeds, BAD_GATEWAY)
login_returns_503_once = once(login_succeeds, UNAVAILABLE_ONCE)
login_returns_504_once = once(login_succeeds, GATEWAY_TIMEOUT)
read_is_reset_once = once(settings_are_read, RESET)
read_is_cut_once = once(settings_are_read, CUT)
read_returns_502_once = once(settings_are_read, BAD_GATEWAY)
read_returns_503_once = once(settings_are_read, UNAVAILABLE_ONCE)
read_returns_521_once = once(settings_are_read, NO_ORIGIN)
last_read_of_smoke_is_reset = once(settings_are_read, RESET, number=5)
last_read_of_smoke_returns_504 = once(settings_are_read, GATEWAY_TIMEOUT, number=5)
start_is_reset_once = once(start_is_called, RESET)
start_is_cut_once = once(start_is_called, CUT)
start_returns_503_once = once(start_is_called, UNAVAILABLE_ONCE)
update_is_reset_once = once(settings_are_updated, RESET)
update_is_cut_once = once(settings_are_updated, CUT)
update_returns_502_once = once(settings_are_updated, BAD_GATEWAY)
update_returns_503_once = once(settings_are_updated, UNAVAILABLE_ONCE)
update_returns_504_once = once(settings_are_updated, GATEWAY_TIMEOUT)
second_update_is_reset = once(settings_are_updated, RESET, number=2)
second_update_returns_502 = once(settings_are_updated, BAD_GATEWAY, number=2)
rejected_read_is_reset_once = once(read_with_invalid_token_is_rejected, RESET)
rejected_update_returns_502_once = once(update_without_token_is_rejected, BAD_GATEWAY)
callback_is_cut_once = once(callback_is_called, CUT)
