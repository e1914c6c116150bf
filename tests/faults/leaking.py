"""Backends that put what is secret where a report would show it: token, password and cookie, in answers and headers."""

import base64
import json
from urllib.parse import quote

from tests.faults.catalogue import fault, variation
from tests.faults.wrapped import Behind, Request, Response

COOKIE = "canary-cookie-5b1d9e"


@variation(of="more headers")
async def every_answer_sets_a_cookie(request: Request, backend: Behind) -> Response:
    """Each answer sets a session cookie."""
    response = await backend(request)
    return response.with_headers(set_cookie=f"session={COOKIE}; Path=/; HttpOnly")


@variation(of="more headers")
async def every_answer_repeats_the_request_in_headers(request: Request, backend: Behind) -> Response:
    """Each answer repeats the credentials of its request in headers."""
    response = await backend(request)
    shown = request.headers.get("authorization", "none")
    packed = base64.b64encode(request.body[:500]).decode()
    return response.with_headers(x_echo_authorization=shown, x_echo_token=shown[7:], x_echo_body=packed)


@variation(of="more fields")
async def every_answer_repeats_the_request(request: Request, backend: Behind) -> Response:
    """Each answer repeats, beside its own fields, the request with its credentials."""
    response = await backend(request)
    if not isinstance(response.content, dict):
        return response
    request_shown = {"headers": request.headers, "body": request.body.decode("utf-8", "replace")}
    return response.with_content({**response.content, "request": request_shown})


@fault(clause="GET /api/business/me: 200", full=None)
async def read_answers_a_page_with_the_token(request: Request, backend: Behind) -> Response:
    """Reads are answered with an error page that shows the token."""
    if request.is_read:
        return Response.html(500, f"Cannot verify {request.token} of {request.headers.get('authorization')}")
    return await backend(request)


@fault(clause="PUT /api/business/me: what was sent is what the next read gives back", full=None)
async def settings_read_as_the_token(request: Request, backend: Behind) -> Response:
    """The industry reads as the token of whoever reads, so that a comparison shows it."""
    response = await backend(request)
    if request.is_read and response.status == 200:
        return response.with_content({**response.content, "industry": f"Token {request.token} is yours"})
    return response


@fault(clause="POST /api/auth/login: 200", full=None)
async def login_answers_a_page_with_the_password(request: Request, backend: Behind) -> Response:
    """Signing in is answered with an error page that shows what was sent."""
    if request.is_login:
        return Response.html(500, f"Bad row: {request.body.decode('utf-8', 'replace')} {request.fields}")
    return await backend(request)


@fault(clause="POST /api/auth/login: 200", full=None)
async def login_redirects_with_the_password(request: Request, backend: Behind) -> Response:
    """Signing in redirects to a login page whose URL holds the credentials."""
    if request.is_login:
        fields = request.fields or {}
        query = f"user={quote(str(fields.get('email')))}&password={quote(str(fields.get('password')), safe='')}"
        return Response(302, {"location": f"/login?{query}"})
    return await backend(request)


@fault(clause="GET /oauth/google/start: configured: 302 to https://accounts.google.com/", full=None)
async def way_to_google_holds_the_token(request: Request, backend: Behind) -> Response:
    """The start of the way to Google redirects elsewhere, with the token in the URL."""
    if request.path == "/oauth/google/start":
        token = quote(request.headers.get("authorization", ""))
        return Response(302, {"location": f"https://{request.token or 'none'}.example/auth?authorization={token}"})
    return await backend(request)


@fault(clause="every error: error and message, as JSON", full=None)
async def refusals_repeat_the_request(request: Request, backend: Behind) -> Response:
    """Refusals are JSON that repeats the request as text, packed and nested."""
    response = await backend(request)
    if response.status < 400:
        return response
    text = json.dumps({"headers": request.headers, "body": request.body.decode("utf-8", "replace")})
    return response.with_content({"detail": text, "packed": base64.b64encode(text.encode()).decode()})


@fault(clause="PUT /api/business/me: 200", full=None)
async def update_is_refused_with_the_token(request: Request, backend: Behind) -> Response:
    """Updates are refused with a status that shows the token."""
    if request.is_update:
        return Response.json(200, {"status": f"token {request.token} may not write"})
    return await backend(request)


LEAKING = (
    every_answer_sets_a_cookie,
    every_answer_repeats_the_request_in_headers,
    every_answer_repeats_the_request,
    read_answers_a_page_with_the_token,
    settings_read_as_the_token,
    login_answers_a_page_with_the_password,
    login_redirects_with_the_password,
    way_to_google_holds_the_token,
    refusals_repeat_the_request,
    update_is_refused_with_the_token,
)
