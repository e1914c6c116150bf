"""Backends that reveal a secret where a report might show it: the token, the password and a cookie."""

import base64
import json
from urllib.parse import quote

from tests.faults.catalogue import fault, healthy
from tests.faults.changes import with_headers
from tests.faults.middleware import START, Request, Response, Upstream

COOKIE = "canary-cookie-5b1d9e"

every_response_sets_a_cookie = healthy("more headers").response(
    with_headers(set_cookie=f"session={COOKIE}; Path=/; HttpOnly")
)


@healthy("more headers")
async def every_response_repeats_the_request_in_headers(request: Request, upstream: Upstream) -> Response:
    """Each response repeats the credentials of its request in headers."""
    response = await upstream(request)
    authorization = request.headers.get("authorization", "none")
    encoded = base64.b64encode(request.body[:500]).decode()
    return response.with_headers(
        x_echo_authorization=authorization, x_echo_token=authorization[7:], x_echo_body=encoded
    )


@healthy("more headers")
async def every_response_repeats_its_trace_id(request: Request, upstream: Upstream) -> Response:
    """Each response repeats the trace id of its request in a header and a cookie, and that to a login in a field."""
    response = await upstream(request)
    trace_id = "".join(request.headers.get("traceparent", "").split("-")[1:2])
    if request.is_login and isinstance(response.content, dict):
        response = response.with_content({**response.content, "trace_id": trace_id})
    return response.with_headers(x_trace_id=trace_id, set_cookie=f"trace={trace_id}; Path=/")


@healthy("more fields")
async def every_response_repeats_the_request(request: Request, upstream: Upstream) -> Response:
    """Each response repeats its request, with the credentials, in an additional field."""
    response = await upstream(request)
    if not isinstance(response.content, dict):
        return response
    repeated = {"headers": request.headers, "body": request.body.decode("utf-8", "replace")}
    return response.with_content({**response.content, "request": repeated})


@fault("GET /api/business/me: 200", full=None)
async def read_returns_a_page_with_the_token(request: Request, upstream: Upstream) -> Response:
    """A read returns an error page that contains the token."""
    if request.is_read:
        return Response.html(500, f"Cannot verify {request.token} of {request.headers.get('authorization')}")
    return await upstream(request)


@fault("PUT /api/business/me: what was sent is what the next read gives back", full=None)
async def settings_contain_the_token(request: Request, upstream: Upstream) -> Response:
    """The industry contains the token of the caller, so that a comparison shows it."""
    response = await upstream(request)
    if request.is_read and response.status == 200:
        return response.with_content({**response.content, "industry": f"Token {request.token} is yours"})
    return response


@fault("POST /api/auth/login: 200", full=None)
async def login_returns_a_page_with_the_password(request: Request, upstream: Upstream) -> Response:
    """A login returns an error page that contains the request."""
    if request.is_login:
        return Response.html(500, f"Bad row: {request.body.decode('utf-8', 'replace')} {request.fields}")
    return await upstream(request)


@fault("POST /api/auth/login: 200", full=None)
async def login_redirects_with_the_password(request: Request, upstream: Upstream) -> Response:
    """A login redirects to a page whose URL contains the credentials."""
    if request.is_login:
        fields = request.fields or {}
        query = f"user={quote(str(fields.get('email')))}&password={quote(str(fields.get('password')), safe='')}"
        return Response(302, {"location": f"/login?{query}"})
    return await upstream(request)


@fault("GET /oauth/google/start: configured: 302 to https://accounts.google.com/", full=None)
async def start_redirects_with_the_token(request: Request, upstream: Upstream) -> Response:
    """The start of OAuth redirects to another host, with the token in the URL."""
    if request.path == START:
        token = quote(request.headers.get("authorization", ""))
        return Response(302, {"location": f"https://{request.token or 'none'}.example/auth?authorization={token}"})
    return await upstream(request)


@fault("every error: error and message, as JSON", full=None)
async def errors_repeat_the_request(request: Request, upstream: Upstream) -> Response:
    """Each error repeats its request as JSON in a string and in base64."""
    response = await upstream(request)
    if response.status < 400:
        return response
    text = json.dumps({"headers": request.headers, "body": request.body.decode("utf-8", "replace")})
    return response.with_content({"detail": text, "packed": base64.b64encode(text.encode()).decode()})


@fault("PUT /api/business/me: 200", full=None)
async def update_returns_a_status_with_the_token(request: Request, upstream: Upstream) -> Response:
    """An update returns a status that contains the token, and is not saved."""
    if request.is_update:
        return Response.json(200, {"status": f"token {request.token} may not write"})
    return await upstream(request)
