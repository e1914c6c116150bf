"""The comparison of an OpenAPI document with what a run relied on."""

import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

import pytest

from acceptance.client.exchanges import Call, FieldsRead
from acceptance.reporting.openapi import MOST_LINES, Document
from tests.support.project import ROOT

URL = "https://api.example.com"
SECONDS = 10
THING: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "price": {"type": "number"},
        "anything": {},
    },
}


def document(
    responses: Mapping[str, Any] | None = None,
    path: str = "/things",
    version: str = "3.1.0",
    thing: Mapping[str, Any] = THING,
    **others: Any,
) -> Document:
    """Return a document that declares GET and PUT of one path."""
    reference = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    declared = {"200": {"description": "ok", **reference}} if responses is None else responses
    return Document(
        {
            "openapi": version,
            "info": {"title": "x", "version": "1"},
            "paths": {path: {"get": {"responses": declared}, "put": {"requestBody": reference, "responses": declared}}},
            "components": {"schemas": {"Thing": thing}},
            **others,
        }
    )


def call(status: int | None = 200, method: str = "GET", path: str = "/things", sent: tuple[str, ...] = ()) -> Call:
    """Return a call of a run."""
    return Call(method, path, status, 1.0, authorized=True, at=0.0, sent=sent)


def read(status: int = 200, path: str = "/things", **types: list[str]) -> FieldsRead:
    """Return the fields that a run read from a response."""
    return FieldsRead("GET", path, status, types)


def found(given: Document, *calls: Call, fields: tuple[FieldsRead, ...] = (), url: str = URL) -> list[str]:
    """Return the differences."""
    return given.differences(calls, fields, url)


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_declared_paths_methods_statuses_and_fields_are_no_difference(version: str) -> None:
    fields = read(id=["string", "integer"], name=["string"], price=["integer"], anything=["object"])
    thing = THING | {"properties": THING["properties"] | {"name": {"type": "string"}}}
    given = document(version=version, thing=thing)
    assert found(given, call(), call(method="PUT", sent=("id", "name")), fields=(fields,)) == []


def test_undeclared_path_method_and_status_are_named() -> None:
    calls = [call(path="/others"), call(method="POST"), call(401, "POST"), call(401), call(302), call(401)]
    assert found(document(), *calls) == [
        "GET /others: the path is not declared.",
        "GET /things: statuses 302, 401 are not declared.",
        "POST /things: the method is not declared.",
    ]


@pytest.mark.parametrize("declared", ["401", "4XX", "4xx", "default"])
def test_status_may_be_declared_by_a_range_or_a_default(declared: str) -> None:
    assert found(document({"200": {"description": "ok"}, declared: {"description": "no"}}), call(401)) == []


@pytest.mark.parametrize("status", [None, 404, 405, 429, 500, 503])
def test_status_that_no_suite_relies_on_is_not_compared(status: int | None) -> None:
    assert found(document(), call(status), call(status, path="/unknown"), call(status, method="DELETE")) == []


def test_path_or_method_that_only_refuses_requests_need_not_be_declared() -> None:
    assert found(document(), call(401, path="/unknown"), call(400, "POST"), call(422, "DELETE")) == []


def test_undeclared_fields_are_named_with_their_place() -> None:
    fields = (read(id=["integer"], color=["string"], size=["string"]),)
    assert found(document(), call(method="PUT", sent=("id", "faqs")), fields=fields) == [
        "GET /things: fields color, size of the response 200 are not declared.",
        "PUT /things: field faqs of the request is not declared.",
    ]


def test_field_of_another_type_is_named_with_both_types() -> None:
    fields = (read(id=["string", "null"], price=["boolean"], name=["null"]),)
    (line,) = found(document(), fields=fields)
    assert line == (
        "GET /things: field id of the response 200 is declared as integer, read as null or string; "
        "field price of the response 200 is declared as number, read as boolean."
    )


@pytest.mark.parametrize(
    ("declared", "types"),
    [
        ({"anyOf": [{}, {"type": "null"}]}, ["string"]),
        ({"anyOf": [{"type": "object"}, {"$ref": "https://api.example.com/other.json"}]}, ["string"]),
        ({"allOf": [{"$ref": "#/components/schemas/Color"}], "nullable": True}, ["null"]),
        ({"$ref": "#/components/schemas/Color", "title": "Color", "examples": ["red"]}, ["string"]),
        ({"type": ["object", "null"]}, ["null", "string"]),
        ({"enum": ["red"]}, ["string"]),
    ],
    ids=["anything or null", "another file", "nullable", "reference beside keywords", "two types", "enum"],
)
def test_type_that_may_be_what_was_read_is_no_difference(declared: Mapping[str, Any], types: list[str]) -> None:
    schemas = {"Thing": {"properties": {"color": declared}}, "Color": {"type": "string"}}
    assert found(document(components={"schemas": schemas}), fields=(read(color=types),)) == []


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "application/problem+json", "*/*"])
def test_json_has_several_media_types(media_type: str) -> None:
    given = document({"200": {"description": "ok", "content": {media_type: {"schema": THING}}}})
    assert found(given, fields=(read(id=["integer"]),)) == []


@pytest.mark.parametrize(
    "thing",
    [
        {"$ref": "#/components/schemas/A~1B%5B0%5D", "title": "Thing", "default": {}, "examples": []},
        {"allOf": [THING, {"properties": {"color": {"type": "string"}}}]},
        {"anyOf": [{"properties": {"color": {"type": "string"}}}, {"type": "null"}]},
        {"oneOf": [{"$ref": "#/components/schemas/Thing"}, {"properties": {"color": {"type": ["string", "null"]}}}]},
    ],
    ids=["reference beside keywords", "all of", "any of", "one of, and itself"],
)
def test_fields_of_all_alternatives_are_declared(thing: Mapping[str, Any]) -> None:
    schemas = {"Thing": thing, "A/B[0]": {"properties": {"color": {"type": "string"}}}}
    assert found(document(components={"schemas": schemas}), fields=(read(color=["string"]),)) == []


def test_request_without_declared_fields_is_one_sentence() -> None:
    given = document(path="/others")
    calls = [call(method="PUT", path="/others", sent=("id", "faqs"))]
    assert found(given, *calls) == ["PUT /others: field faqs of the request is not declared."]
    assert found(document(thing={"type": "object"}), call(method="PUT", sent=("id", "faqs"))) == [
        "PUT /things: no field of the request is declared."
    ]


def test_schemas_that_refer_to_each_other_are_compared_quickly() -> None:
    names = [f"T{number}" for number in range(30)]
    every = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    thing = {"allOf": every, "properties": {f"field{number}": {"anyOf": every} for number in range(10)}}
    given = document(components={"schemas": dict.fromkeys(["Thing", *names], thing)})
    fields = FieldsRead("GET", "/things", 200, {f"field{number}": ["string"] for number in range(10)})
    began = time.process_time()
    assert found(given, fields=(fields,)) == []
    assert time.process_time() - began < SECONDS


def test_response_without_declared_fields_is_one_sentence() -> None:
    given = document({"200": {"description": "ok", "content": {"application/json": {"schema": {}}}}})
    assert found(given, fields=(read(id=["integer"], name=["string"]),)) == [
        "GET /things: no field of the response 200 is declared."
    ]


def test_path_may_have_parameters_and_a_prefix_of_the_target_or_of_a_server() -> None:
    assert found(document(path="/{kind}"), call(path="/things")) == []
    assert found(document(path="/{kind}/x"), call(path="/things")) == ["GET /things: the path is not declared."]
    calls = [call(401, path=f"/things/{number}") for number in range(3)]
    assert found(document(path="/things/{id}"), *calls) == ["GET /things/{id}: status 401 is not declared."]
    assert found(document(), call(path="/base/things"), url=f"{URL}/base") == []
    assert found(document(servers=[{"url": "/api/"}, {"url": "{x}"}]), call(path="/api/things")) == []


def test_many_differences_are_shortened() -> None:
    lines = found(document(), *(call(path=f"/{number}") for number in range(MOST_LINES + 5)))
    assert (len(lines), lines[-1]) == (MOST_LINES + 1, "And 5 more endpoints.")


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"openapi": "2.0"},
        {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": []},
        {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {"/x": {"get": {"responses": 1}}}},
        {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "servers": [{"url": "http://["}]},
    ],
    ids=["nothing", "version 2", "paths are a list", "responses are a number", "a server without a host"],
)
def test_document_that_is_none_is_a_value_error(content: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Document(content)


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://evil.example/schema.json"},
        {"$ref": "file:///etc/passwd"},
        {"$ref": "#/components/nothing/Thing"},
        {"$ref": "#/components/copy/Thing"},
        {"$ref": "#/components/responses/Thing"},
        {"$ref": "#/components/schemas/Nothing", "title": "x", "examples": []},
        {"$ref": ""},
        {"allOf": [{"type": "object"}] * 500},
    ],
    ids=["host", "file", "unknown kind", "method of the model", "response", "beside keywords", "nothing", "too many"],
)
def test_schema_that_is_not_known_is_not_compared(schema: Mapping[str, Any]) -> None:
    fields = (read(id=["integer"]), read(200, id=["string"]))
    assert found(document(thing=schema), call(method="PUT", sent=("id",)), fields=fields) == []
    assert found(document(thing={"properties": {"id": schema}}), fields=fields) == []


def test_response_that_is_not_known_is_not_compared() -> None:
    given = document({"200": {"$ref": "#/components/copy/Thing"}})
    assert found(given, call(), call(422), fields=(read(id=["integer"]),)) == [
        "GET /things: status 422 is not declared."
    ]


def test_schema_that_refers_to_itself_ends() -> None:
    itself = {"$ref": "#/components/schemas/Thing"}
    assert found(document(thing={"allOf": [itself, THING]}), fields=(read(id=["integer"]),)) == []
    assert found(document(thing=itself), fields=(read(id=["integer"]),)) == [
        "GET /things: no field of the response 200 is declared."
    ]


def test_hostile_document_is_compared_at_once() -> None:
    thing = {"properties": {f"f{number}": {"$ref": "#/components/schemas/Part"} for number in range(1_000)}}
    schemas = {"Part": {"allOf": [{"properties": {}}] * 150}, "Thing": thing}
    response = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}, "description": ""}
    given = document({str(status): response for status in range(200, 600)}, components={"schemas": schemas})
    began = time.process_time()
    assert found(given, call(), fields=tuple(read(f7=["string"]) for _ in range(50))) == []
    assert time.process_time() - began < SECONDS


def test_command_does_not_import_the_library_before_it_has_a_document() -> None:
    code = "import sys, acceptance.cli.main; sys.exit('openapi_pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False).returncode == 0
