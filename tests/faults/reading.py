"""Faults in reading that concern every suite. Clauses: `GET /api/business/me` as a whole, its id and its name."""

from collections.abc import Callable
from typing import Any

from tests.faults.catalogue import answer_as, answered, every_suite, fault, having, read_as, without
from tests.faults.moments import owner_reads
from tests.faults.wrapped import Behind, Request, Response

READ = "GET /api/business/me"


@fault(clause=f"{READ}: 200", full=every_suite(2), smoke=every_suite(2))
@answered(lambda _: Response.html(500), when=owner_reads)
def read_answers_500_as_html() -> None:
    """Reading ends in a page with a stack trace."""


ERROR = {"error": "failed", "message": "The settings cannot be read."}
STATUSES: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("read_answers_201", "Reading is answered as if something had been created.", lambda one: one.with_status(201)),
    ("read_answers_204", "Reading is answered with 204: nothing to show.", lambda _: Response(204)),
    ("read_answers_206", "Reading is answered with 206: a part only.", lambda one: one.with_status(206)),
    ("read_redirects", "Reading leads somewhere else.", lambda _: Response(302, {"location": "/api/v2/business/me"})),
    ("read_answers_403", "The owner is forbidden to read the settings.", lambda _: Response.json(403, ERROR)),
    ("read_answers_404", "The owner's settings are not found.", lambda _: Response.json(404, ERROR)),
    ("read_answers_500", "Reading is an error of the server, in due form.", lambda _: Response.json(500, ERROR)),
    ("read_answers_503", "Reading fails because something behind is down.", lambda _: Response.json(503, ERROR)),
)
BODIES: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("settings_are_a_page", "Reading is answered with 200 and a page.", lambda _: Response.html(200, "Settings")),
    ("settings_are_an_error", "Reading is answered with 200 and an error.", lambda _: Response.json(200, ERROR)),
    ("settings_are_a_list", "The settings are a list of one.", lambda one: one.with_content([one.content])),
    ("settings_are_a_text", "The settings are JSON in a text.", lambda one: one.with_content(one.body.decode())),
    ("settings_are_null", "The settings are null.", lambda one: one.with_content(None)),
    ("settings_are_empty", "Reading is answered with 200 and an empty body.", lambda one: one.with_body("")),
    ("settings_are_an_empty_object", "The settings are an object with nothing in it.", lambda one: one.with_body("{}")),
    ("settings_are_truncated", "The settings stop halfway.", lambda one: one.with_body(one.body[:100])),
    ("settings_have_a_tail", "Something follows the settings.", lambda one: one.with_body(one.body + b"<!-- 3 ms -->")),
    ("settings_hold_nan", "The settings hold NaN, which no JSON has.",
     lambda one: one.with_content(one.content | {"rating": float("nan")})),
    ("settings_are_not_utf_8", "The settings are in Latin-1.",
     lambda one: one.with_body(one.body.replace(b"Harbour", b"Caf\xe9"))),
    ("settings_are_wrapped_in_data", "The settings are one level deeper than promised.",
     lambda one: one.with_content({"data": one.content})),
    ("settings_are_wrapped_in_business", "The settings are in a field `business`.",
     lambda one: one.with_content({"business": one.content})),
)  # fmt: skip
for name, sentence, change in STATUSES + BODIES:
    fault(clause=f"{READ}: 200", full=every_suite(2), smoke=every_suite(2))(
        answer_as(name, sentence, change, when=owner_reads)
    )

IDENTITY: tuple[tuple[str, str, Callable[[dict[str, Any]], Any]], ...] = (
    ("id_is_missing", "It is not said which business it is.", without("id")),
    ("id_is_null", "The id of the business is null.", having(id=None)),
    ("id_is_empty", "The id of the business is an empty text.", having(id="")),
    ("id_is_true", "The id of the business is `true`.", having(id=True)),
    ("id_is_a_fraction", "The id of the business is 1.5.", having(id=1.5)),
    ("id_is_a_list", "The id of the business is a list.", having(id=[1])),
    ("id_is_an_object", "The id of the business is an object.", having(id={"$oid": "5f1d7f3a"})),
    ("name_is_missing", "It is not said what the business is called.", without("name")),
    ("name_is_null", "The business has no name.", having(name=None)),
    ("name_is_a_number", "The name of the business is a number.", having(name=7)),
    ("name_is_an_object", "The name of the business is an object.", having(name={"en": "Harbour Dental Care"})),
)
for name, sentence, field_change in IDENTITY:
    fault(clause=f"{READ}: {name.partition('_')[0]}", full=every_suite(2), smoke=every_suite(2))(
        read_as(name, sentence, field_change)
    )


@fault(clause=f"{READ}: id", full=every_suite(2))
async def every_read_has_another_id(request: Request, backend: Behind) -> Response:
    """Each read gives another business."""
    response = await backend(request)
    if not owner_reads(request, response):
        return response
    backend.memory["reads"] = backend.memory.get("reads", 0) + 1
    return response.with_content(response.content | {"id": 1000 + backend.memory["reads"]})


@fault(clause=f"{READ}: name", full=every_suite(2))
async def every_read_has_another_name(request: Request, backend: Behind) -> Response:
    """Each read gives the business another name."""
    response = await backend(request)
    if not owner_reads(request, response):
        return response
    backend.memory["reads"] = backend.memory.get("reads", 0) + 1
    return response.with_content(response.content | {"name": f"Business {backend.memory['reads']}"})


TYPES: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("settings_are_declared_text", "The settings are JSON, but are declared plain text.",
     lambda one: one.with_headers(content_type="text/plain")),
    ("settings_are_declared_a_page", "The settings are JSON, but are declared a page.",
     lambda one: one.with_headers(content_type="text/html; charset=utf-8")),
    ("settings_are_declared_bytes", "The settings are JSON, but are declared a download.",
     lambda one: one.with_headers(content_type="application/octet-stream")),
    ("settings_are_not_declared", "It is not said that the settings are JSON.",
     lambda one: Response(one.status, {}, one.body)),
    ("settings_are_declared_latin_1", "The settings are UTF-8, but are declared Latin-1.",
     lambda one: one.with_headers(content_type="application/json; charset=iso-8859-1")),
)  # fmt: skip
for name, sentence, change in TYPES:
    fault(clause=f"{READ}: Content-Type: application/json", full={"settings": 5}, smoke={})(
        answer_as(name, sentence, change, when=owner_reads)
    )
