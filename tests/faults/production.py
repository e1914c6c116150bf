"""Backends as production meets them: hanging, trickling, shared with another run, with tokens that do not last."""

import asyncio
import time

import jwt

from tests.faults.catalogue import fault, variation
from tests.faults.wrapped import Behind, Request, Response

HANGING_SECONDS = 120
JWT_SECRET = "the-secret-of-this-backend-is-32-bytes"
TOKEN_SECONDS = 3


@fault(clause="it always ends", full=None)
async def every_answer_trickles(request: Request, backend: Behind) -> Response:
    """Each answer comes a byte a second."""
    response = await backend(request)
    return Response(response.status, response.headers, response.body, ending="trickle")


@fault(clause="it always ends", full=None)
async def nothing_is_answered_after_the_first_update(request: Request, backend: Behind) -> Response:
    """After the first update and the read that follows it, the backend hangs."""
    if backend.memory.get("reads after", 0) >= 1:
        await asyncio.sleep(HANGING_SECONDS)
    response = await backend(request)
    if request.is_update:
        backend.memory["updated"] = True
    elif request.is_read and backend.memory.get("updated"):
        backend.memory["reads after"] = 1
    return response


@fault(clause="PUT /api/business/me: another run on the same account", full=None)
async def another_run_writes_the_same_field(request: Request, backend: Behind) -> Response:
    """Between an update and the next read, another run saves its own value."""
    response = await backend(request)
    if request.is_update and request.fields:
        theirs = dict.fromkeys(request.fields, "Theirs [acceptance run 00000000]")
        await backend(request.with_fields(theirs))
    return response


@variation(of="signing in", modes=("smoke",), environment={"JWT_SECRET": JWT_SECRET})
async def first_token_expires_soon(request: Request, backend: Behind) -> Response:
    """The first token lives for a few seconds."""
    response = await backend(request)
    if not request.is_login or response.status != 200 or backend.memory.setdefault("given", request) is not request:
        return response
    claims = jwt.decode(response.content["access_token"], options={"verify_signature": False})
    token = jwt.encode(claims | {"exp": int(time.time()) + TOKEN_SECONDS}, JWT_SECRET, algorithm="HS256")
    return response.with_content({**response.content, "access_token": token})
