"""OpenAPI documents that are missing, unreadable, hostile, or declare something else: no suite looks at them."""

import asyncio
from typing import Any

from tests.faults.catalogue import healthy
from tests.faults.changes import content, html_response, json_response, with_body
from tests.faults.conditions import document_is_read
from tests.faults.middleware import LOGIN, ME, START, Request, Response, Upstream

unusual = healthy("its OpenAPI document", modes=("full",), when=document_is_read)

document_is_missing = unusual.response(json_response(404, {"error": "not_found", "message": "There is nothing here."}))
document_is_a_page = unusual.response(html_response(200))
document_is_no_json = unusual.response(with_body("openapi: 3.1.0"))
document_is_a_list = unusual.response(json_response(200, []))
document_is_nested_deeply = unusual.response(with_body('{"paths": ' * 20_000))
document_is_throttled = unusual.response(json_response(429, {"error": "throttled", "message": "Too many requests."}))
document_returns_500 = unusual.response(json_response(500, {"error": "broken", "message": "It failed."}))

document_is_huge = unusual.response(with_body('{"openapi": "' + "3" * 5_000_000 + '"}'))


def _has_examples(document: dict[str, Any]) -> dict[str, Any]:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm90aGVyQG93bmVyLmV4YW1wbGUifQ.c2lnbmF0dXJlLW9mLXRoZS1leGFtcGxl"
    example = {"access_token": token, "password_hash": f"$2b$12${'a' * 53}"}
    document["components"]["schemas"]["BusinessOut"]["examples"] = [example]
    return document


document_has_credentials_as_examples = unusual.response(content(_has_examples))


def _refers_to_nothing(document: dict[str, Any]) -> dict[str, Any]:
    for item in document["paths"].values():
        for operation in item.values():
            operation["responses"] = {"default": {"$ref": "#/components/copy/Response"}}
    return document


document_refers_to_nothing = unusual.response(content(_refers_to_nothing))


def _declares_otherwise(document: dict[str, Any]) -> dict[str, Any]:
    paths, schemas = document["paths"], document["components"]["schemas"]
    del paths[START]
    del paths[ME]["post"]
    del paths[LOGIN]["post"]["responses"]["401"]
    del schemas["BusinessOut"]["properties"]["timezone"]
    return document


document_declares_something_else = unusual.response(content(_declares_otherwise))


@unusual
async def document_hangs(request: Request, upstream: Upstream) -> Response:
    """The request for the document gets no response."""
    if request.path == "/openapi.json":
        await asyncio.sleep(3_600)
    return await upstream(request)
