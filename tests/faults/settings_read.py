"""Faults in reads: `GET /api/business/me`, its fields and their types."""

from tests.faults.catalogue import every_capability, every_suite, fault
from tests.faults.changes import (
    as_json_string,
    body,
    content,
    empty_response,
    followed_by,
    html_response,
    in_list,
    in_utf_16,
    json_response,
    nested_in,
    redirect,
    truncated,
    with_body,
    with_duplicate_field,
    with_fields,
    with_headers,
    with_status,
    without,
)
from tests.faults.conditions import settings_are_read
from tests.faults.middleware import ME, Request, Response, Upstream

READ = "GET /api/business/me"
ERROR = {"error": "failed", "message": "The settings cannot be read."}
DEEP = 200_000


# The response as a whole.
read = fault(f"{READ}: 200", full=every_suite(2), smoke=every_capability(2), when=settings_are_read)

read_returns_500_as_html = read.response(html_response(500))
read_returns_201 = read.response(with_status(201))
read_returns_202 = read.response(with_status(202))
read_returns_203 = read.response(with_status(203))
read_returns_204 = read.response(empty_response(204))
read_returns_206 = read.response(with_status(206))
read_returns_207 = read.response(with_status(207))
read_returns_226 = read.response(with_status(226))
read_returns_301 = read.response(redirect(f"{ME}/", 301))
read_redirects = read.response(redirect("/api/v2/business/me"))
read_returns_304 = read.response(empty_response(304))
read_returns_307 = read.response(redirect(f"{ME}/", 307))
read_returns_403 = read.response(json_response(403, ERROR))
read_returns_404 = read.response(json_response(404, ERROR))
read_returns_500 = read.response(json_response(500, ERROR))
read_returns_503 = read.response(json_response(503, ERROR))
read_is_compressed_with_zstd = read.response(
    lambda one: one.with_body(b"\x28\xb5\x2f\xfd" + one.body).with_headers(content_encoding="zstd")
)
settings_are_a_page = read.response(html_response(200, "Settings"))
settings_are_an_error = read.response(json_response(200, ERROR))
settings_are_a_list = read.response(content(in_list))
settings_are_a_text = read.response(as_json_string)
settings_are_null = read.response(content(lambda _: None))
settings_are_empty = read.response(with_body(""))
settings_are_an_empty_object = read.response(with_body("{}"))
settings_are_truncated = read.response(truncated(100))
settings_have_trailing_data = read.response(followed_by(b"<!-- 3 ms -->"))
settings_contain_nan = read.response(content(with_fields(rating=float("nan"))))
settings_contain_infinity = read.response(content(with_fields(rating=float("inf"))))
settings_are_in_latin_1 = read.response(body(lambda one: one.replace(b"Harbour", b"Caf\xe9")))
settings_are_in_utf_16 = read.response(in_utf_16)
settings_are_wrapped_in_data = read.response(content(nested_in("data")))
settings_are_wrapped_in_business = read.response(content(nested_in("business")))
settings_are_repeated = read.response(body(lambda one: one + b"\n" + one))
settings_have_single_quotes = read.response(lambda one: one.with_body(str(one.content)))
settings_have_a_trailing_comma = read.response(body(lambda one: one.rstrip()[:-1] + b",}"))
settings_have_an_xssi_prefix = read.response(body(lambda one: b")]}',\n" + one), "A prefix precedes the settings.")
settings_are_deeply_nested = read.response(
    body(lambda one: one.rstrip()[:-1] + b', "x": ' + b"[" * DEEP + b"]" * DEEP + b"}")
)
id_is_duplicated = read.response(with_duplicate_field("id", 4711))
phone_number_is_duplicated = read.response(with_duplicate_field("phone_number", "+12025550199"))


content_type = fault(f"{READ}: Content-Type: application/json", full={"settings": 5}, smoke={}, when=settings_are_read)

settings_are_declared_text = content_type.response(with_headers(content_type="text/plain"))
settings_are_declared_a_page = content_type.response(with_headers(content_type="text/html; charset=utf-8"))
settings_are_declared_bytes = content_type.response(with_headers(content_type="application/octet-stream"))
settings_are_not_declared = content_type.response(lambda one: Response(one.status, {}, one.body))
settings_are_declared_latin_1 = content_type.response(with_headers(content_type="application/json; charset=iso-8859-1"))
settings_are_declared_text_json = content_type.response(with_headers(content_type="text/json"))
settings_are_declared_a_problem = content_type.response(with_headers(content_type="application/problem+json"))
settings_are_declared_json_api = content_type.response(with_headers(content_type="application/vnd.api+json"))
settings_are_declared_javascript = content_type.response(with_headers(content_type="application/javascript"))
settings_are_declared_utf_16 = content_type.response(with_headers(content_type="application/json; charset=utf-16"))
settings_are_declared_a_wildcard = content_type.response(with_headers(content_type="application/*"))


# Identity.
business_id = fault(f"{READ}: id", full=every_suite(2), smoke=every_capability(2))

id_is_missing = business_id.settings(without("id"))
id_is_null = business_id.settings(with_fields(id=None))
id_is_empty = business_id.settings(with_fields(id=""))
id_is_true = business_id.settings(with_fields(id=True))
id_is_a_fraction = business_id.settings(with_fields(id=1.5))
id_is_a_list = business_id.settings(with_fields(id=[1]))
id_is_an_object = business_id.settings(with_fields(id={"$oid": "5f1d7f3a"}))


@fault(f"{READ}: id", full={"settings": 2, "calendar": 3})
async def every_read_has_another_id(request: Request, upstream: Upstream) -> Response:
    """Each read returns another business id."""
    response = await upstream(request)
    if not settings_are_read(request, response):
        return response
    upstream.memory["reads"] = upstream.memory.get("reads", 0) + 1
    return response.with_content(response.content | {"id": 1000 + upstream.memory["reads"]})


business_name = fault(f"{READ}: name", full=every_suite(2), smoke=every_capability(2))

name_is_missing = business_name.settings(without("name"))
name_is_null = business_name.settings(with_fields(name=None))
name_is_a_number = business_name.settings(with_fields(name=7))
name_is_an_object = business_name.settings(with_fields(name={"en": "Harbour Dental Care"}))


@fault(f"{READ}: name", full={"settings": 2}, left=("name",))
async def every_read_has_another_name(request: Request, upstream: Upstream) -> Response:
    """Each read returns another business name."""
    response = await upstream(request)
    if not settings_are_read(request, response):
        return response
    upstream.memory["reads"] = upstream.memory.get("reads", 0) + 1
    return response.with_content(response.content | {"name": f"Business {upstream.memory['reads']}"})


# Settings that the owner edits. Smoke reads no setting but the one that it may write, the industry.
industry = fault(f"{READ}: industry", full={"settings": 2}, smoke={"settings": 2})
description = fault(f"{READ}: description", full={"settings": 2}, smoke={"settings": 2})
business_hours = fault(f"{READ}: business_hours", full={"settings": 2}, smoke={"settings": 2})
common_services = fault(f"{READ}: common_services", full={"settings": 2}, smoke={"settings": 2})
timezone = fault(f"{READ}: timezone", full={"settings": 2}, smoke={"settings": 2})
greeting_style = fault(f"{READ}: greeting_style", full={"settings": 2}, smoke={"settings": 2})
faqs = fault(f"{READ}: faqs", full={"settings": 2}, smoke={"settings": 2})

industry_is_missing = industry.settings(without("industry"))
industry_is_a_list = industry.settings(with_fields(industry=["Dental clinic"]))
description_is_missing = description.settings(without("description"))
description_is_an_object = description.settings(with_fields(description={"en": "A family practice"}))
business_hours_are_missing = business_hours.settings(without("business_hours"))
business_hours_are_an_object = business_hours.settings(with_fields(business_hours={"monday": "08:00-17:00"}))
common_services_are_missing = common_services.settings(without("common_services"))
common_services_are_a_list = common_services.settings(with_fields(common_services=["Cleaning", "Fillings"]))
timezone_is_missing = timezone.settings(without("timezone"))
timezone_is_a_number = timezone.settings(with_fields(timezone=-5))
greeting_style_is_missing = greeting_style.settings(without("greeting_style"))
greeting_style_is_false = greeting_style.settings(with_fields(greeting_style=False))
faqs_are_missing = faqs.settings(without("faqs"))
faqs_are_null = faqs.settings(with_fields(faqs=None))
faqs_are_a_text = faqs.settings(with_fields(faqs="[]"))
faqs_are_an_object = faqs.settings(with_fields(faqs={"question": "Where?", "answer": "Here."}))
faqs_are_a_number = faqs.settings(with_fields(faqs=2))


# The state of the calendar.
CALENDAR = f"{READ}: google_calendar_connected"
calendar_state = fault(CALENDAR, full={"calendar": 4}, smoke={"calendar": 4})

calendar_state_is_missing = fault(CALENDAR, full={"calendar": 2}, smoke={"calendar": 2}).settings(
    without("google_calendar_connected")
)
calendar_state_is_null = calendar_state.settings(with_fields(google_calendar_connected=None))
calendar_state_controls_a_terminal = calendar_state.settings(
    with_fields(google_calendar_connected="\x1b[2J\u202ekcab\r::error::owned ##vso[task.complete]done\x9b31m")
)
calendar_state_is_a_text = calendar_state.settings(
    with_fields(google_calendar_connected="false"),
    "`google_calendar_connected` is the text `false`, which JavaScript takes for true.",
)
calendar_state_is_empty = calendar_state.settings(with_fields(google_calendar_connected=""))
calendar_state_is_yes = calendar_state.settings(with_fields(google_calendar_connected="yes"))
calendar_state_is_0 = calendar_state.settings(with_fields(google_calendar_connected=0))
calendar_state_is_1 = calendar_state.settings(with_fields(google_calendar_connected=1))
calendar_state_is_an_object = calendar_state.settings(with_fields(google_calendar_connected={"connected": False}))
calendar_state_is_a_list = calendar_state.settings(with_fields(google_calendar_connected=[]))
calendar_is_connected_without_configuration = fault(
    "across fields: a connected calendar means that OAuth is configured", full={"calendar": 4}, smoke={}
).settings(with_fields(google_calendar_connected=True))
