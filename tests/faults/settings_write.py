"""Faults in the responses to updates: `PUT /api/business/me`, accepted, malformed and refused ones."""

import json
from collections.abc import Callable

from tests.faults.catalogue import fault
from tests.faults.changes import (
    content,
    empty_response,
    html_response,
    in_list,
    in_utf_16,
    json_response,
    redirect,
    texts,
    truncated,
    twice,
    with_body,
    with_fields,
    with_headers,
    with_status,
)
from tests.faults.conditions import (
    has_owner_token,
    malformed_update_is_rejected,
    receptionist_update_is_rejected,
    remember_token,
    settings_are_updated,
)
from tests.faults.middleware import ME, Function, Request, Response, Upstream

UPDATE = "PUT /api/business/me"
ERROR = {"error": "failed", "message": "The settings cannot be saved."}
NEW_ACCOUNT = {"phone_number": None, "receptionist_enabled": False}


# A valid update.
update = fault(f"{UPDATE}: 200", full={"settings": 3}, smoke={"settings": 3}, when=settings_are_updated)


@update
async def update_returns_500(request: Request, upstream: Upstream) -> Response:
    """No update of the owner is saved; each returns an HTML page with a stack trace."""
    if request.is_update and has_owner_token(request, upstream) and request.fields:
        return Response.html(500)
    return await remember_token(request, upstream)


update_returns_201 = update.response(with_status(201))
update_returns_202 = update.response(with_status(202))
update_returns_204 = update.response(empty_response(204))
update_returns_205 = update.response(empty_response(205))
update_returns_206 = update.response(with_status(206))
update_returns_207 = update.response(with_status(207))
update_redirects = update.response(redirect("/dashboard"))
update_returns_303 = update.response(redirect(ME, 303))
update_returns_308 = update.response(redirect(f"{ME}/", 308))
update_returns_400 = update.response(json_response(400, ERROR))
update_returns_403 = update.response(json_response(403, ERROR))
update_returns_404 = update.response(json_response(404, ERROR))
update_returns_409 = update.response(json_response(409, {"error": "conflict", "message": "Somebody else edited it."}))
update_returns_422 = update.response(json_response(422, ERROR))
update_returns_503 = update.response(json_response(503, ERROR))
update_status_is_error = update.response(content(with_fields(status="error")))
update_status_is_failed = update.response(
    content(lambda _: {"status": "failed"}), "An update returns 200 and `status: failed`."
)
update_status_is_pending = update.response(content(with_fields(status="pending")))
update_status_is_null = update.response(content(with_fields(status=None)))
update_status_is_true = update.response(content(with_fields(status=True)))
update_returns_an_error_with_200 = update.response(
    json_response(200, {"error": "database_unavailable", "message": "Nothing was saved."})
)


@fault(f"{UPDATE}: 200", full={"settings": 3}, smoke={}, verdict="not-restored", restored=False, slow=True)
async def only_the_first_update_is_accepted(request: Request, upstream: Upstream) -> Response:
    """Each update after the first returns 503, so that the account cannot be restored."""
    if not request.is_update or not request.fields:
        return await upstream(request)
    if upstream.memory.get("updated"):
        return Response.json(503, {"error": "database_unavailable", "message": "The database is read-only."})
    response = await upstream(request)
    upstream.memory["updated"] = response.status == 200
    return response


value = fault(f"{UPDATE}: 200", full={"settings": 3}, smoke={})


@value
async def empty_text_is_rejected(request: Request, upstream: Upstream) -> Response:
    """An empty text returns 422."""
    if request.is_update and "" in (request.fields or {}).values():
        return Response.json(422, {"error": "validation_error", "message": "Must not be empty."})
    return await upstream(request)


@update
async def form_returns_500_after_saving(request: Request, upstream: Upstream) -> Response:
    """An update of description or FAQs is saved, and returns 500 because its audit cannot be started."""
    response = await upstream(request)
    is_audited = {"description", "faqs"} & (request.fields or {}).keys()
    return Response.json(500, ERROR) if is_audited and settings_are_updated(request, response) else response


# A value that is too long or of the wrong type.
TOO_LONG = f"{UPDATE}: too long: kept whole or refused"
INVALID = f"{UPDATE}: wrong type: 400 or 422"
LONGEST = 255
SHORT_SETTINGS = ("industry", "business_hours", "common_services", "greeting_style")
SQL = "(psycopg2.errors.StringDataRightTruncation) value too long for type character varying(255) [SQL: UPDATE ...]"


def is_too_long(request: Request) -> bool:
    """Return whether a request saves a long text in a short setting."""
    fields = (request.fields or {}) if request.is_update else {}
    return any(len(str(fields.get(name))) > LONGEST for name in SHORT_SETTINGS)


def is_of_wrong_type(request: Request) -> bool:
    """Return whether a request saves an object, or null where none may be."""
    fields = (request.fields or {}) if request.is_update else {}
    nulls = [name for name in ("name", "receptionist_enabled") if fields.get(name, 0) is None]
    return bool(nulls) or fields.get("phone_number") == "abc" or any(isinstance(one, dict) for one in fields.values())


def rejected_with(when: Callable[[Request], bool], response: Response) -> Function:
    """Return the function of a backend that returns `response` to updates for which `when` holds."""

    async def rejected(request: Request, upstream: Upstream) -> Response:
        return response if when(request) and request.token else await upstream(request)

    return rejected


too_long = fault(TOO_LONG, full={"settings": 5}, smoke={})

overlong_text_returns_500 = too_long.function(rejected_with(is_too_long, Response.json(500, ERROR)))
overlong_text_returns_500_with_sql = too_long.function(rejected_with(is_too_long, Response.html(500, SQL)))
overlong_text_returns_the_fastapi_default = too_long.function(
    rejected_with(is_too_long, Response.json(422, {"detail": "Too long"}))
)
overlong_text_returns_404 = too_long.function(rejected_with(is_too_long, Response.json(404, ERROR)))
overlong_text_is_swallowed = fault(TOO_LONG, full={"settings": 4}, smoke={}).function(
    rejected_with(is_too_long, Response.json(200, {"status": "success"}))
)
short_settings_are_cut_at_255_characters = fault(TOO_LONG, full={"settings": 4}, smoke={}).update(
    lambda fields: {
        name: one[:LONGEST] if name in SHORT_SETTINGS and isinstance(one, str) else one for name, one in fields.items()
    }
)

invalid = fault(INVALID, full={"settings": 5}, smoke={})

wrong_type_returns_500 = invalid.function(rejected_with(is_of_wrong_type, Response.json(500, ERROR)))
wrong_type_returns_the_fastapi_default = invalid.function(
    rejected_with(is_of_wrong_type, Response.json(422, {"detail": [{"msg": "Input should be a valid string"}]}))
)
wrong_type_returns_404 = invalid.function(rejected_with(is_of_wrong_type, Response.json(404, ERROR)))
wrong_type_is_stored_as_text = invalid.update(
    lambda fields: {name: json.dumps(one) if isinstance(one, dict) else one for name, one in fields.items()},
    "An object in place of a text is stored as JSON.",
)
wrong_type_empties_the_text = invalid.update(
    lambda fields: {name: None if isinstance(one, dict) else one for name, one in fields.items()}
)

vital = fault(INVALID, full={"settings": 5}, smoke={}, options=("--allow-destructive",))

null_name_returns_500 = vital.function(
    rejected_with(lambda request: (request.fields or {}).get("name", 0) is None, Response.json(500, ERROR))
)
null_receptionist_status_disables_it = vital.update(
    lambda fields: (
        fields | {"receptionist_enabled": bool(fields["receptionist_enabled"])}
        if "receptionist_enabled" in fields
        else fields
    )
)
faqs_of_the_wrong_type_are_emptied = vital.update(
    lambda fields: fields | {"faqs": []} if isinstance(fields.get("faqs"), dict) else fields
)
invalid_phone_number_removes_it = vital.update(
    lambda fields: (
        {"phone_number": None, "receptionist_enabled": False} if fields.get("phone_number") == "abc" else fields
    )
)


THROTTLED = Response.json(429, {"error": "too_many_requests", "message": "Come back in an hour."})
update_is_throttled_for_an_hour = fault(
    "too many: 429", full={"settings": 5}, smoke={"settings": 5}, verdict="throttled"
).function(
    rejected_with(lambda request: request.is_update, THROTTLED.with_headers(retry_after="3600")),
    "Each update returns 429, and asks to wait for an hour.",
)


# The body of the response.
update_body = fault(f"{UPDATE}: an object, as JSON", full={"settings": 5}, when=settings_are_updated)

update_returns_a_list = update_body.response(content(in_list))
update_returns_a_text = update_body.response(content(lambda _: "success"))
update_returns_null = update_body.response(content(lambda _: None))
update_returns_true = update_body.response(content(lambda _: True))
update_returns_an_empty_body = update_body.response(with_body(""))
update_returns_a_page = update_body.response(html_response(200, "Saved"))
update_returns_the_object_twice = update_body.response(twice)
update_returns_utf_16 = update_body.response(in_utf_16)
update_is_declared_text = update_body.response(with_headers(content_type="text/plain"))
update_is_truncated = update_body.response(truncated(40))


# POST, where the backend offers it.
POST = f"{UPDATE}: POST is an alias where offered"
update_by_post = fault(POST, full={"settings": 3}, smoke={})


@update_by_post
async def update_by_post_returns_500(request: Request, upstream: Upstream) -> Response:
    """An update by POST returns 500."""
    if request.is_update and request.method == "POST" and has_owner_token(request, upstream):
        return Response.json(500, ERROR)
    return await remember_token(request, upstream)


@update_by_post
async def update_by_post_returns_201(request: Request, upstream: Upstream) -> Response:
    """An update by POST returns 201."""
    response = await upstream(request)
    is_by_post = settings_are_updated(request, response) and request.method == "POST"
    return with_status(201)(response) if is_by_post else response


@fault(POST, full={"settings": 4}, smoke={})
async def update_by_post_is_swallowed(request: Request, upstream: Upstream) -> Response:
    """An update by POST returns 200 and is not saved."""
    if request.is_update and request.method == "POST" and has_owner_token(request, upstream):
        return Response.json(200, {"status": "success"})
    return await remember_token(request, upstream)


@fault(POST, full={"settings": 4}, smoke={})
async def update_by_post_is_truncated(request: Request, upstream: Upstream) -> Response:
    """An update by POST saves the first ten characters of a text."""
    if request.is_update and request.method == "POST" and request.fields:
        return await upstream(request.with_fields(texts(lambda text: text[:10])(request.fields)))
    return await upstream(request)


# A malformed update.
MALFORMED = f"{UPDATE}: malformed body: 400 or 422"
malformed_update = fault(MALFORMED, full={"settings": 5}, smoke={}, when=malformed_update_is_rejected)

malformed_update_returns_200 = malformed_update.response(json_response(200, {"status": "success"}))
malformed_update_returns_500 = malformed_update.response(json_response(500, ERROR))
malformed_update_returns_401 = malformed_update.response(json_response(401, ERROR))


@fault(MALFORMED, full={"settings": 4}, smoke={})
async def malformed_update_is_partly_saved(request: Request, upstream: Upstream) -> Response:
    """What a truncated update contains is saved, although the update is rejected."""
    response = await upstream(request)
    start = '{"industry": "'
    text = request.body.decode("utf-8", "replace")
    if malformed_update_is_rejected(request, response) and text.startswith(start):
        await upstream(request.with_fields({"industry": text.removeprefix(start)}))
    return response


# The receptionist on an account without a phone number.
receptionist = fault(
    f"{UPDATE}: enabling the receptionist without a phone number: 400",
    full={"settings": 5},
    smoke={},
    account=NEW_ACCOUNT,
    when=receptionist_update_is_rejected,
)

receptionist_can_be_enabled_without_a_phone = receptionist.response(json_response(200, {"status": "success"}))
receptionist_without_a_phone_returns_500 = receptionist.response(json_response(500, ERROR))
receptionist_without_a_phone_returns_422 = receptionist.response(with_status(422))
