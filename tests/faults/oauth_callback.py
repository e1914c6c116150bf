"""Faults in the OAuth callback: `GET /oauth/google/callback`, and the state of the calendar after a failed one."""

from tests.faults.catalogue import fault
from tests.faults.changes import (
    empty_response,
    html_response,
    json_response,
    redirect,
)
from tests.faults.conditions import (
    callback_is_called,
    callback_is_called_with,
    callback_is_called_with_valid_state,
    settings_are_read,
)
from tests.faults.middleware import CALLBACK, Request, Response, Upstream
from tests.faults.oauth_start import AUTHORIZATION_URL, BROKEN, DASHBOARD, GOOGLE

CLAUSE = "GET /oauth/google/callback: a redirect with the error, or a structured 4xx"
ERROR = {"error": "failed", "message": "The calendar could not be connected."}
START_ERROR = {"error": "failed", "message": "No calendar can be connected now."}
SUCCESS = redirect(f"{DASHBOARD}?calendar=connected")
NO_ERROR = redirect(DASHBOARD)


# One reason for failure.
denied_consent = fault(CLAUSE, full=BROKEN, smoke={}, when=callback_is_called_with(error=True))
denied_consent_returns_500 = denied_consent.response(json_response(500, ERROR))
denied_consent_succeeds = denied_consent.response(SUCCESS)
denied_consent_is_hidden = denied_consent.response(NO_ERROR)

callback_without_code = fault(CLAUSE, full=BROKEN, smoke={}, when=callback_is_called_with())
callback_without_code_returns_500 = callback_without_code.response(json_response(500, ERROR))
callback_without_code_succeeds = callback_without_code.response(SUCCESS)
callback_without_code_is_hidden = callback_without_code.response(NO_ERROR)

callback_with_invalid_code = fault(CLAUSE, full=BROKEN, smoke={}, when=callback_is_called_with(code=True))
callback_with_invalid_code_returns_500 = callback_with_invalid_code.response(json_response(500, ERROR))
callback_with_invalid_code_succeeds = callback_with_invalid_code.response(SUCCESS)
callback_with_invalid_code_is_hidden = callback_with_invalid_code.response(NO_ERROR)

callback_with_invalid_state = fault(CLAUSE, full=BROKEN, smoke={}, when=callback_is_called_with(code=True, state=True))
callback_with_invalid_state_returns_500 = callback_with_invalid_state.response(json_response(500, ERROR))
callback_with_invalid_state_succeeds = callback_with_invalid_state.response(SUCCESS)
callback_with_invalid_state_is_hidden = callback_with_invalid_state.response(NO_ERROR)

callback_with_valid_state = fault(
    CLAUSE, full=BROKEN, smoke={}, environment=GOOGLE, when=callback_is_called_with_valid_state
)
callback_with_valid_state_returns_500 = callback_with_valid_state.response(
    json_response(500, ERROR), "A callback with an invalid code and a valid state returns 500."
)
callback_with_valid_state_succeeds = callback_with_valid_state.response(
    SUCCESS, "A callback with an invalid code and a valid state reports success."
)
callback_with_valid_state_is_hidden = callback_with_valid_state.response(
    NO_ERROR, "A callback with an invalid code and a valid state reports no error."
)


# Every callback.
callback = fault(CLAUSE, full=BROKEN, smoke={}, when=callback_is_called)

callback_returns_200 = callback.response(json_response(200, ERROR))
callback_returns_202 = callback.response(json_response(202, START_ERROR))
callback_returns_204 = callback.response(empty_response(204))
callback_returns_500 = callback.response(html_response(500))
callback_returns_501 = callback.response(json_response(501, START_ERROR))
callback_returns_502 = callback.response(json_response(502, ERROR))
callback_returns_503 = callback.response(json_response(503, ERROR))
callback_returns_504 = callback.response(json_response(504, START_ERROR))
callback_has_no_location = callback.response(empty_response(302))
callback_redirects_with_301 = callback.response(redirect(f"{DASHBOARD}?calendar_error=access_denied", 301))
callback_redirects_with_303 = callback.response(redirect(f"{DASHBOARD}?calendar_error=access_denied", 303))
callback_redirects_with_307 = callback.response(redirect(f"{DASHBOARD}?calendar_error=access_denied", 307))
callback_redirects_to_google = callback.response(redirect(f"{AUTHORIZATION_URL}?client_id=1&state=2"))
callback_redirects_to_google_with_the_error = callback.response(redirect(f"{AUTHORIZATION_URL}?error=access_denied"))
callback_redirects_without_error = callback.response(redirect(f"{DASHBOARD}?from=google"))
callback_redirects_with_error_none = callback.response(redirect(f"{DASHBOARD}?calendar=connected&error=none"))
callback_redirects_with_error_false = callback.response(redirect(f"{DASHBOARD}?connected=true&error=false"))
callback_redirects_with_empty_error = callback.response(redirect(f"{DASHBOARD}?calendar_error="))
callback_redirects_with_error_in_path = callback.response(redirect("http://localhost:3000/error"))
callback_redirects_to_another_host_by_slashes = callback.response(redirect("//app.example.com/?error=access_denied"))
callback_redirects_to_another_host_by_a_backslash = callback.response(redirect("/\\app.example.com/?error=denied"))
callback_redirects_to_a_relative_path = callback.response(redirect("dashboard?error=access_denied"))
callback_redirects_to_a_script = callback.response(redirect("javascript:alert(1)?error=access_denied"))
callback_redirects_to_no_host = callback.response(redirect("https:///dashboard?error=access_denied"))
callback_redirects_to_an_undefined_host = callback.response(redirect("http://undefined/dashboard?error=access_denied"))

rejected_callback = fault(CLAUSE, full={"calendar": 5}, smoke={}, when=callback_is_called)

callback_is_a_page = rejected_callback.response(html_response(400))
callback_is_a_text = rejected_callback.response(json_response(400, "access_denied"))
callback_is_unstructured = rejected_callback.response(
    json_response(422, {"detail": [{"loc": ["query", "code"], "msg": "Field required"}]})
)
callback_is_the_fastapi_default = rejected_callback.response(json_response(400, {"detail": "Invalid state"}))


# The state of the calendar after a failed callback.
STATE = "across fields: a failed connection leaves the calendar's state alone"
calendar_state = fault(STATE, full={"calendar": 4}, smoke={}, environment=GOOGLE)


async def set_calendar_state(request: Request, upstream: Upstream, is_failed: bool, is_connected: bool) -> Response:
    """Let reads return `is_connected` once a callback has failed."""
    response = await upstream(request)
    if is_failed:
        upstream.memory["failed"] = True
    if settings_are_read(request, response) and upstream.memory.get("failed"):
        return response.with_content(response.content | {"google_calendar_connected": is_connected})
    return response


@calendar_state
async def failed_callback_connects_the_calendar(request: Request, upstream: Upstream) -> Response:
    """After a callback, with any parameters, the calendar is connected."""
    return await set_calendar_state(request, upstream, request.path == CALLBACK, is_connected=True)


@calendar_state
async def invalid_state_connects_the_calendar(request: Request, upstream: Upstream) -> Response:
    """After a callback with an invalid code and state, the calendar is connected, although it returns an error."""
    is_failed = request.path == CALLBACK and "code=" in request.query and "state=" in request.query
    return await set_calendar_state(request, upstream, is_failed, is_connected=True)


@fault(STATE, full={"calendar": 4}, smoke={}, environment=GOOGLE, account={"google_calendar_connected": True})
async def failed_callback_disconnects_the_calendar(request: Request, upstream: Upstream) -> Response:
    """After a callback, with any parameters, a connected calendar is no longer connected."""
    return await set_calendar_state(request, upstream, request.path == CALLBACK, is_connected=False)
