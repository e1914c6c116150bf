"""Healthy backends with habits of their own: when they answer, what they call things, whom they refuse how."""

import asyncio
import json
from collections.abc import Callable
from email.utils import formatdate
from time import time
from typing import Any

from tests.faults.calendar import GOOGLE, asking, led_to
from tests.faults.catalogue import Function, answer_as, as_usual, having, telling, titled, variation, with_headers
from tests.faults.moments import (
    always,
    comes_back_from_google,
    is_refused,
    leads_to_google,
    malformed_update_is_refused,
    no_calendar_is_offered,
    owner_reads,
    owner_signs_in,
    owner_updates,
)
from tests.faults.refusing import method_is_refused
from tests.faults.wrapped import CALLBACK, LOGIN, Behind, Request, Response

CALENDAR = "https://www.googleapis.com/auth/calendar"
DASHBOARD = "https://app.wrapped.example/dashboard"
ERROR = {"error": "E-4711", "message": "That did not work."}
Moment = Callable[[Request], bool]


@variation(of="slow", modes=("smoke",), slow=True)
async def every_answer_takes_six_seconds(request: Request, backend: Behind) -> Response:
    """Each answer takes six seconds."""
    await asyncio.sleep(6)
    return await backend(request)


def throttled_once(name: str, sentence: str, when: Moment, retry_after: str | None = "1") -> Function:
    """A backend that answers the first request for which `when` holds with 429."""

    async def function(request: Request, backend: Behind) -> Response:
        if not when(request) or backend.memory.get("throttled"):
            return await backend(request)
        backend.memory["throttled"] = True
        answer = Response.json(429, {"error": "too_many_requests", "message": "Try again in a second."})
        return answer.with_headers(retry_after=retry_after) if retry_after else answer

    return titled(function, name, sentence)


for name, sentence, moment in (
    ("read_is_throttled_once", "The first read comes too early, by a second.", lambda request: request.is_read),
    ("update_is_throttled_once", "The first update comes too early, by a second.", lambda request: request.is_update),
    ("callback_is_throttled_once", "The first way back from Google comes too early, by a second.",
     lambda request: request.path == CALLBACK),
):  # fmt: skip
    variation(of="throttled")(throttled_once(name, sentence, moment))
variation(of="throttled")(
    throttled_once(
        "login_is_throttled_until_a_date_that_is_past",
        "The first sign-in comes too early, until a date that has passed.",
        lambda request: request.path == LOGIN,
        formatdate(time() - 60, usegmt=True),
    )
)

SIGNING_IN: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("token_type_is_in_capitals", "The token's type is spelt `BEARER`.", {"token_type": "BEARER"}),
    ("login_repeats_the_settings", "Signing in also gives the settings.", {"business": {"id": 1, "name": "Harbour"}}),
    ("login_gives_more_nulls", "Signing in also gives what there is none of.",
     {"refresh_token": None, "mfa": None, "error": None}),
)  # fmt: skip
for name, sentence, values in SIGNING_IN:
    variation(of="signing in")(answer_as(name, sentence, telling(having(**values)), when=owner_signs_in))

SAVING: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("update_says_there_is_no_error", "An update is answered with an error of null.", {"error": None}),
    ("update_says_what_happened", "An update is answered with a message.", {"message": "Saved.", "updated": 1}),
    ("update_has_warnings", "An update is answered with warnings.", {"warnings": ["The text is long."], "errors": []}),
)
for name, sentence, values in SAVING:
    variation(of="saving")(answer_as(name, sentence, telling(having(**values)), when=owner_updates))

READING: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("settings_tell_when_they_changed", "The settings also tell when they were last read.",
     {"updated_at": "2025-01-01T00:00:00Z", "created_at": 1735689600.5}),
    ("settings_tell_of_other_integrations", "The settings also tell of other integrations.",
     {"outlook_calendar_connected": None, "twilio_sid": None, "phone": "(555) 123-4567", "status": "draft"}),
    ("settings_have_links", "The settings also have links, errors and metadata.",
     {"_links": {"self": {"href": "/api/business/me"}}, "error": None, "errors": [], "meta": {"id": None}}),
)  # fmt: skip
for name, sentence, values in READING:
    variation(of="more fields")(answer_as(name, sentence, telling(having(**values)), when=owner_reads))


@variation(of="more fields")
async def every_read_has_another_time(request: Request, backend: Behind) -> Response:
    """Each read tells its number and its time."""
    response = await backend(request)
    if not owner_reads(request, response):
        return response
    backend.memory["reads"] = backend.memory.get("reads", 0) + 1
    return response.with_content(response.content | {"read_at": time(), "reads": backend.memory["reads"]})


WAYS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("state_is_the_business", "The state is the id of the business.", asking(having(state="1"))),
    ("state_is_long", "The state is a signed text of many characters.", asking(having(state="a.b-_" * 200))),
    ("scopes_are_in_another_order", "Google is asked for other things first.",
     asking(having(scope=f"openid https://www.googleapis.com/auth/userinfo.email {CALENDAR}.events.owned"))),
    ("google_is_asked_in_another_order", "What Google is asked comes in another order.",
     asking(lambda query: dict(reversed(query.items())))),
    ("way_to_google_has_a_fragment", "The way to Google ends in a #.", led_to(lambda url: f"{url}#")),
    ("way_back_has_a_port", "Google is told a way back to a port.",
     asking(having(redirect_uri="http://localhost:8000/oauth/google/callback"))),
    ("way_to_google_has_a_body", "The way to Google is also told in JSON.",
     lambda one: Response.json(302, {"redirect": True}).with_headers(location=one.headers["location"])),
    ("way_to_google_has_a_page", "The way to Google is also told in a page.",
     lambda one: Response.html(302, "Found").with_headers(location=one.headers["location"])),
    ("way_to_google_sets_a_cookie", "The state is kept in a cookie, too.",
     with_headers(set_cookie="oauth_state=5f1d; Path=/oauth; HttpOnly; Secure; SameSite=Lax")),
)  # fmt: skip
for name, sentence, change in WAYS:
    variation(of="calendar", environment=GOOGLE)(answer_as(name, sentence, change, when=leads_to_google))

RETURNS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("callback_leads_to_another_page", "The dashboard has a page for what went wrong.",
     lambda _: Response(302, {"location": f"{DASHBOARD}/calendar?status=failed"})),
    ("callback_tells_what_it_was_told", "The dashboard is told what Google said, with a description.",
     lambda _: Response(302, {"location": f"{DASHBOARD}?error=access_denied&error_description=The+user+said+no"})),
    ("callback_tells_an_unknown_code", "The dashboard is told a code of the backend's own.",
     lambda _: Response(302, {"location": f"{DASHBOARD}?calendar_error=oauth_17"})),
    ("callback_tells_success_is_false", "The dashboard is told that it was no success, and why.",
     lambda _: Response(302, {"location": f"{DASHBOARD}?success=false&error=oauth_failed"})),
    ("callback_answers_401", "A failed way back from Google is a structured 401.", lambda _: Response.json(401, ERROR)),
    ("callback_answers_409", "A failed way back from Google is a structured 409.", lambda _: Response.json(409, ERROR)),
    ("callback_has_a_page_too", "The way back to the dashboard has a page, too.",
     lambda _: Response.html(302).with_headers(location=f"{DASHBOARD}?error=access_denied")),
)  # fmt: skip
for name, sentence, change in RETURNS:
    variation(of="calendar")(answer_as(name, sentence, change, when=comes_back_from_google))

for name, sentence, values in (
    ("unavailable_is_told_in_german", "Why no calendar can be connected is told in another language.",
     {"error": "Der Kalender ist auf diesem Server nicht eingerichtet", "detail": "Bitte wenden Sie sich an uns."}),
    ("unavailable_is_told_by_a_code", "Why no calendar can be connected is a code, and a sentence.",
     {"error": "oauth_not_configured", "detail": "GOOGLE_CLIENT_ID is not set.", "message": None}),
    ("unavailable_names_what_failed", "It is said which part of the configuration could not be fetched.",
     {"error": "Google Calendar is not configured", "detail": "Failed to fetch GOOGLE_CLIENT_SECRET: no such secret"}),
):  # fmt: skip
    variation(of="calendar")(answer_as(name, sentence, telling(having(**values)), when=no_calendar_is_offered))

REFUSALS: tuple[tuple[str, str, Callable[[Request, Response], bool], Callable[[Response], Response]], ...] = (
    ("wrong_method_answers_401", "A wrong method is met by the question who asks.", method_is_refused,
     lambda _: Response.json(401, ERROR)),
    ("wrong_method_answers_400", "A wrong method counts as malformed.", method_is_refused,
     lambda _: Response.json(400, ERROR)),
    ("wrong_method_answers_404", "A wrong method finds nothing.", method_is_refused,
     lambda _: Response.json(404, ERROR)),
    ("malformed_update_answers_400", "An update that cannot be read is a 400.", malformed_update_is_refused,
     lambda one: one.with_status(400)),
    ("errors_have_unknown_codes", "Errors have codes that nobody knows.", is_refused, telling(having(error="E-4711"))),
    ("errors_have_long_actions", "Errors say at length what to do.", is_refused,
     telling(having(action={"label": "Sign in", "href": "/login"}, detail=["one", {"two": 2}]))),
    ("errors_compare_with_signs", "Errors hold signs that a page would use.", is_refused,
     telling(having(detail="1 < 2 && 3 > 2; use <email>"))),
    ("errors_name_a_file", "Errors name a line of what was sent.", is_refused,
     telling(having(detail="Expecting value: line 1 column 2 (char 1)"))),
    ("errors_are_not_to_be_stored", "No error may be stored, and each names what it asks for.", is_refused,
     with_headers(cache_control="no-store", www_authenticate='Bearer realm="api", error="invalid_token"')),
)  # fmt: skip
for name, sentence, refused, change in REFUSALS:
    variation(of="errors")(answer_as(name, sentence, change, when=refused))

for name, sentence, account in (
    ("account_has_robot_syntax", "Texts look like variables and escapes.",
     {"industry": "${HOME} %{PATH} @{x} &{y} $x \\n", "description": "a=b  c    d | e\\", "name": "# ${EMPTY} ..."}),
    ("account_has_control_characters", "Texts hold signs that no page shows.",
     {"industry": "a\x0bb\x1b[31mc\x7f\u2028d\ufffe", "description": "\u202etext\u2066"}),
    ("account_has_texts_like_json", "Texts look like something else.",
     {"industry": "null", "description": "{}", "business_hours": "[]", "common_services": "0", "timezone": "true"}),
    ("account_has_quotes", "Texts are full of quotes and markup.",
     {"industry": "\"'`<!-- ]]> & &amp;", "description": "</script><b>'; DROP TABLE business; --"}),
    ("account_has_one_letter", "Texts are one letter long.", {"industry": "x", "description": " ", "name": "x"}),
):  # fmt: skip
    variation(of="accounts", account=account)(as_usual(name, sentence))


@variation(of="accounts", account={"faqs": [{"question": "Do you take new patients?", "answer": ""}]})
async def faqs_are_texts(request: Request, backend: Behind) -> Response:
    """FAQs are texts, not objects."""
    fields = request.fields
    if request.is_update and fields and isinstance(fields.get("faqs"), list):
        request = request.with_fields(fields | {"faqs": [{"question": one, "answer": ""} for one in fields["faqs"]]})
    response = await backend(request)
    if not owner_reads(request, response):
        return response
    return response.with_content(response.content | {"faqs": [one["question"] for one in response.content["faqs"]]})


@variation(of="accounts")
async def faqs_have_more_fields(request: Request, backend: Behind) -> Response:
    """Each FAQ has a number, a switch and a null beside its texts."""
    extra: dict[str, Any] = {"position": 1, "enabled": True, "category": None, "tags": []}
    fields = request.fields
    if request.is_update and fields and isinstance(fields.get("faqs"), list):
        bare = [{name: one.get(name, "") for name in ("question", "answer")} for one in fields["faqs"]]
        request = request.with_fields(fields | {"faqs": bare})
    response = await backend(request)
    if not owner_reads(request, response):
        return response
    return response.with_content(response.content | {"faqs": [one | extra for one in response.content["faqs"]]})


@variation(of="signing in")
async def sign_in_ends_earlier_sessions(request: Request, backend: Behind) -> Response:
    """Only the newest token of an owner is good."""
    if request.token is not None and request.token != backend.memory.get("newest"):
        request = request.with_token("not.a.token")
    response = await backend(request)
    if owner_signs_in(request, response):
        backend.memory["newest"] = response.content["access_token"]
    return response


@variation(of="JSON")
async def json_is_escaped_entirely(request: Request, backend: Behind) -> Response:
    """Each letter of each text is escaped."""

    def escaped(text: str) -> str:
        units = text.encode("utf-16-be").hex(" ", 2).split()
        return '"' + "".join(rf"\u{unit}" for unit in units) + '"'

    response = await backend(request)
    if not owner_reads(request, response):
        return response
    pairs = (f"{escaped(name)}: {escaped(value) if isinstance(value, str) else json.dumps(value)}"
             for name, value in response.content.items())  # fmt: skip
    return response.with_body("{" + ", ".join(pairs) + "}")


variation(of="more headers")(
    answer_as("every_answer_has_a_date_and_a_length", "Each answer names its server, its date and its language.",
              with_headers(server="uvicorn", date="Mon, 01 Jan 2001 00:00:00 GMT", content_language="de"), when=always)
)  # fmt: skip
