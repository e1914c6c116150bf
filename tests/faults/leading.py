"""Faults in the way to Google and back that a quick look misses. Clauses: `/oauth/google/start` and `/callback`."""

from collections.abc import Callable
from typing import Any

from tests.faults.calendar import BROKEN, CONFIGURED, ERROR, GOOGLE, NO_BUSINESS, NOT_CONFIGURED, asking, led_to
from tests.faults.catalogue import answer_as, fault, having, telling
from tests.faults.moments import comes_back_from_google, leads_to_google, no_calendar_is_offered
from tests.faults.wrapped import START, Request, Response

CALLBACK = "GET /oauth/google/callback: a redirect with the error, or a structured 4xx"
DASHBOARD = "http://localhost:3000/dashboard/settings"
CALENDAR = "https://www.googleapis.com/auth/calendar"


def business_is_empty(request: Request, response: Response) -> bool:
    """Where the business whose calendar to connect is an empty text."""
    return request.path == START and request.query.endswith("business_id=")


WAYS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("start_answers_308", "The way to Google is a 308.", lambda one: one.with_status(308)),
    ("start_answers_202", "The way to Google is put off.", lambda one: one.with_status(202)),
    ("start_answers_201", "The way to Google is answered as if something had been created.",
     lambda one: one.with_status(201)),
    ("start_leads_without_scheme", "The way to Google has the scheme of the page.",
     led_to(lambda url: url.removeprefix("https:"))),
    ("start_leads_to_another_port", "The way leads to another port of Google.",
     led_to(lambda url: url.replace("accounts.google.com", "accounts.google.com:8443"))),
    ("start_leads_to_another_ending", "The way leads to a host that ends like Google's.",
     led_to(lambda url: url.replace("accounts.google.com", "my-accounts.google.com"))),
    ("start_leads_to_a_host_in_the_path", "Google is only in the path of the address.",
     led_to(lambda url: url.replace("https://", "https://evil.example/https://", 1))),
    ("start_leads_to_another_country", "The way leads to a host of Google's in another domain.",
     led_to(lambda url: url.replace("accounts.google.com", "accounts.google.co"))),
    ("start_escapes_the_query_twice", "What Google is asked is escaped twice.",
     led_to(lambda url: url.replace("?", "%3F", 1))),
    ("start_escapes_the_ampersands", "What Google is asked went through HTML.",
     led_to(lambda url: url.replace("&", "&amp;"))),
    ("response_type_is_a_hybrid", "Google is asked for a code and a token.",
     asking(having(response_type="code token"))),
    ("response_type_is_in_capitals", "Google is asked for a `CODE`.", asking(having(response_type="CODE"))),
    ("scope_is_of_contacts", "Google is asked for contacts.",
     asking(having(scope="https://www.googleapis.com/auth/contacts.readonly"))),
    ("scope_is_a_word", "Google is asked for `calendar`, which is no scope of Google's.",
     asking(having(scope="calendar"))),
    ("scope_only_begins_like_a_calendar", "Google is asked for a scope that only begins like the calendar's.",
     asking(having(scope=f"{CALENDAR}sandbox"))),
    ("scopes_are_parted_by_commas", "Google is asked for several things, with commas between them.",
     asking(having(scope=f"{CALENDAR},email"))),
    ("scope_is_a_list", "Google is asked for a list as Python writes it.",
     asking(having(scope=f"['{CALENDAR}']"))),
    ("client_id_is_blank", "Google is told by a space who asks.", asking(having(client_id=" "))),
    ("client_id_is_none", "Google is told by `None` who asks.", asking(having(client_id="None"))),
    ("state_is_blank", "The state is a space.", asking(having(state=" "))),
    ("state_is_undefined", "The state is `undefined`.", asking(having(state="undefined"))),
    ("state_is_there_twice_once_empty", "The state is there twice, the second time empty.",
     led_to(lambda url: f"{url}&state=")),
    ("client_id_is_there_twice_once_empty", "The client is there twice, the first time empty.",
     led_to(lambda url: url.replace("?", "?client_id=&", 1))),
    ("redirect_uri_has_no_host", "Google is told a way back without a name in it.",
     asking(having(redirect_uri="https:///oauth/google/callback"))),
    ("redirect_uri_has_a_fragment", "Google is told a way back with a #, which Google refuses.",
     asking(having(redirect_uri="https://api.wrapped.example/oauth/google/callback#x"))),
    ("redirect_uri_is_of_an_app", "Google is told a way back into an app on a phone.",
     asking(having(redirect_uri="myapp://oauth/google/callback"))),
    ("redirect_uri_is_of_nobody", "Google is told a way back to a host called `None`.",
     asking(having(redirect_uri="https://None/oauth/google/callback"))),
)  # fmt: skip
for name, sentence, change in WAYS:
    fault(clause=CONFIGURED, full=BROKEN, smoke=BROKEN, environment=GOOGLE)(
        answer_as(name, sentence, change, when=leads_to_google)
    )

TELLING: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("available_is_0", "Whether a calendar is available is the number 0.", {"available": 0}),
    ("available_is_empty", "Whether a calendar is available is an empty text.", {"available": ""}),
    ("error_of_start_is_true", "What is wrong is `true`.", {"error": True}),
    ("error_of_start_is_generic_in_capitals", "What is wrong is `FAILED TO FETCH!`.", {"error": "FAILED TO FETCH!"}),
    ("error_of_start_is_generic_with_a_class", "What is wrong is `Error: Failed to fetch`.",
     {"error": "Error: Failed to fetch"}),
    ("detail_of_start_is_generic_with_advice", "Why is `Failed to fetch. Please try again later.`.",
     {"detail": "Failed to fetch. Please try again later."}),
    ("detail_of_start_is_generic_with_a_thing", "Why is `Failed to fetch data`.", {"detail": "Failed to fetch data"}),
    ("detail_of_start_is_a_stack_trace", "Why is a stack trace.",
     {"detail": 'Traceback (most recent call last):\n  File "/app/main.py", line 17, in start\nKeyError: 0\n'}),
)  # fmt: skip
for name, sentence, values in TELLING:
    fault(clause=NOT_CONFIGURED, full=BROKEN, smoke=BROKEN)(
        answer_as(name, sentence, telling(having(**values)), when=no_calendar_is_offered)
    )
UNAVAILABLE: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("unavailable_answers_202", "That no calendar is offered is put off.", lambda one: one.with_status(202)),
    ("unavailable_answers_204", "That no calendar is offered is not said.", lambda _: Response(204)),
    ("unavailable_answers_501", "That no calendar is offered is not implemented.", lambda one: one.with_status(501)),
    ("unavailable_answers_424", "That no calendar is offered is blamed on another call.",
     lambda one: one.with_status(424)),
    ("unavailable_is_json_in_a_text", "That no calendar is offered is JSON in a text.",
     lambda one: one.with_content(one.body.decode())),
    ("unavailable_is_wrapped_in_data", "That no calendar is offered is one level deeper than promised.",
     lambda one: one.with_content({"data": one.content})),
)  # fmt: skip
for name, sentence, change in UNAVAILABLE:
    fault(clause=NOT_CONFIGURED, full=BROKEN, smoke=BROKEN)(
        answer_as(name, sentence, change, when=no_calendar_is_offered)
    )

EMPTY: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("start_for_an_empty_business_answers_500", "A calendar for an empty business is an error of the server.",
     lambda _: Response.json(500, ERROR)),
    ("start_for_an_empty_business_answers_200", "A calendar for an empty business is answered with 200.",
     lambda _: Response.json(200, {"available": False, "error": "No business", "detail": "Say which business."})),
    ("start_for_an_empty_business_leads_to_google", "Google is asked for a calendar for an empty business.",
     lambda _: Response(302, {"location": "https://accounts.google.com/o/oauth2/v2/auth?client_id=1&state="})),
    ("start_for_an_empty_business_is_a_page", "A calendar for an empty business is refused by a page.",
     lambda _: Response.html(422)),
)  # fmt: skip
for name, sentence, change in EMPTY:
    fault(clause=NO_BUSINESS, full=BROKEN, smoke={})(answer_as(name, sentence, change, when=business_is_empty))

RETURNS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("callback_leads_to_google_again", "Whoever comes back from Google is sent there once more.",
     lambda _: Response(302, {"location": "https://accounts.google.com/o/oauth2/v2/auth?client_id=1&state=2"})),
    ("callback_leads_to_google_with_the_error", "The error is told to Google instead of the dashboard.",
     lambda _: Response(302, {"location": "https://accounts.google.com/o/oauth2/v2/auth?error=access_denied"})),
    ("callback_says_no_error", "The dashboard is told that the error is `none`.",
     lambda _: Response(302, {"location": f"{DASHBOARD}?calendar=connected&error=none"})),
    ("callback_says_error_false", "The dashboard is told that an error is `false`.",
     lambda _: Response(302, {"location": f"{DASHBOARD}?connected=true&error=false"})),
    ("callback_tells_an_empty_error", "The dashboard is told an empty error.",
     lambda _: Response(302, {"location": f"{DASHBOARD}?calendar_error="})),
    ("callback_says_error_in_the_path", "The error is in the name of the page alone.",
     lambda _: Response(302, {"location": "http://localhost:3000/error"})),
    ("callback_answers_303", "A failed way back from Google is a 303.",
     lambda _: Response(303, {"location": f"{DASHBOARD}?calendar_error=access_denied"})),
    ("callback_answers_307", "A failed way back from Google is a 307.",
     lambda _: Response(307, {"location": f"{DASHBOARD}?calendar_error=access_denied"})),
    ("callback_answers_301", "A failed way back from Google is declared as moved for ever.",
     lambda _: Response(301, {"location": f"{DASHBOARD}?calendar_error=access_denied"})),
    ("callback_answers_501", "Coming back from Google is not implemented.", lambda _: Response.json(501, ERROR)),
    ("callback_answers_504", "Google does not answer in time, in due form.", lambda _: Response.json(504, ERROR)),
    ("callback_answers_202", "Coming back from Google is put off.", lambda _: Response.json(202, ERROR)),
)  # fmt: skip
for name, sentence, change in RETURNS:
    fault(clause=CALLBACK, full=BROKEN, smoke={})(answer_as(name, sentence, change, when=comes_back_from_google))
