"""Errors: each is `{error, message, detail?, action?}`, without parts of the request and without a stack trace."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

logger = logging.getLogger(__name__)

MOST_PROBLEMS = 5


class ErrorBody(BaseModel):
    """The body of each error: a code for programs, texts for people."""

    error: str
    message: str
    detail: str | None = None
    action: str | None = None


class ApiError(Exception):
    """An error response that is part of the contract."""

    def __init__(self, status: HTTPStatus, body: ErrorBody, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(body.message)
        self.status = status
        self.body = body
        self.headers = headers


def unauthorized(error: str, message: str) -> ApiError:
    """Return a 401 with `WWW-Authenticate` (RFC 9110 section 11.6.1)."""
    body = ErrorBody(error=error, message=message, action="Log in with POST /api/auth/login.")
    return ApiError(HTTPStatus.UNAUTHORIZED, body, {"WWW-Authenticate": "Bearer"})


def error_responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of these statuses, each with the error body."""
    return {int(status): {"model": ErrorBody, "description": status.phrase} for status in statuses}


def error_response(status: int, body: ErrorBody, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the response with an error body."""
    return JSONResponse(body.model_dump(exclude_none=True), status, headers)


def install_error_handlers(app: FastAPI) -> None:
    """Let the app return an error body for each exception."""

    @app.exception_handler(ApiError)
    async def refused(request: Request, error: ApiError) -> JSONResponse:
        return error_response(error.status, error.body, error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        problems = [f"{_place(problem)}: {problem['msg']}" for problem in error.errors()[:MOST_PROBLEMS]]
        body = ErrorBody(
            error="validation_error",
            message="The request is malformed or incomplete.",
            detail="; ".join(problems),
            action="Compare the request with /openapi.json.",
        )
        return error_response(HTTPStatus.UNPROCESSABLE_ENTITY, body)

    @app.exception_handler(HTTPException)
    async def not_served(request: Request, error: HTTPException) -> JSONResponse:
        phrase = HTTPStatus(error.status_code).phrase
        body = ErrorBody(error=phrase.lower().replace(" ", "_"), message=f"{error.detail or phrase}.")
        methods = app.openapi()["paths"].get(request.scope["path"])
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and methods:
            # Starlette names the methods of one route; RFC 9110 section 15.5.6 requires all.
            return error_response(error.status_code, body, {"Allow": ", ".join(methods).upper()})
        return error_response(error.status_code, body, error.headers)

    @app.exception_handler(DBAPIError)
    async def database_down(request: Request, error: DBAPIError) -> JSONResponse:
        logger.error("Request %s: the database failed: %s", request.state.request_id, error.orig)
        body = ErrorBody(
            error="database_unavailable", message="The database cannot be used.", action="Try again in a moment."
        )
        return error_response(HTTPStatus.SERVICE_UNAVAILABLE, body)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        # The server logs the exception itself. This response bypasses the middleware, which sets the header otherwise.
        request_id = request.state.request_id
        body = ErrorBody(
            error="internal_error",
            message="Something went wrong on the server.",
            action=f"Report request {request_id} to the operator.",
        )
        return error_response(HTTPStatus.INTERNAL_SERVER_ERROR, body, {"X-Request-ID": request_id})


def _place(problem: Mapping[str, Any]) -> str:
    """Return the field with the problem, but never an unknown field of the client."""
    place = problem["loc"][:-1] if problem["type"] == "extra_forbidden" else problem["loc"]
    return ".".join(map(str, place))
