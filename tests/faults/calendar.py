"""Faults in the way to Google. Clauses: `GET /oauth/google/start`, `GET /api/business/me` google_calendar_connected."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.faults.catalogue import answer_as, answered, fault, having, read_as, telling, without
from tests.faults.moments import business_is_missing, leads_to_google, no_calendar_is_offered
from tests.faults.wrapped import START, Behind, Request, Response

START_CLAUSE = "GET /oauth/google/start"
CONFIGURED = f"{START_CLAUSE}: configured: 302 to https://accounts.google.com/"
NOT_CONFIGURED = f"{START_CLAUSE}: not configured: 200 with available, error and detail"
NO_BUSINESS = f"{START_CLAUSE}: without business_id: 400 or 422"
STATE = "GET /api/business/me: google_calendar_connected"
GOOGLE = {"GOOGLE_CLIENT_ID": "client.apps.googleusercontent.com"}
ERROR = {"error": "failed", "message": "No calendar can be connected now."}
BROKEN = {"calendar": 3}

fault(clause=STATE, full={"calendar": 2}, smoke={"calendar": 2})(
    read_as(
        "calendar_state_is_missing",
        "It is not said whether a calendar is connected.",
        without("google_calendar_connected"),
    )
)
STATES: tuple[tuple[str, str, Any], ...] = (
    ("calendar_state_is_null", "Whether a calendar is connected is null.", None),
    ("calendar_state_is_a_text", "Whether one is connected is the text `false`, which is true to JavaScript.", "false"),
    ("calendar_state_is_empty", "Whether a calendar is connected is an empty text.", ""),
    ("calendar_state_is_0", "Whether a calendar is connected is the number 0.", 0),
    ("calendar_state_is_1", "Whether a calendar is connected is the number 1.", 1),
    ("calendar_state_is_an_object", "Whether a calendar is connected is an object.", {"connected": False}),
)
for name, sentence, value in STATES:
    fault(clause=STATE, full={"calendar": 4}, smoke={"calendar": 4})(
        read_as(name, sentence, having(google_calendar_connected=value))
    )


def led_to(change: Callable[[str], str]) -> Callable[[Response], Response]:
    """Change where a redirect leads."""
    return lambda one: one.with_headers(location=change(one.headers["location"]))


def asking(change: Callable[[dict[str, str]], dict[str, Any]]) -> Callable[[Response], Response]:
    """Change what Google is asked: its query, in which a list stands for a parameter that is there more than once."""

    def changed(url: str) -> str:
        query = change(dict(parse_qsl(urlsplit(url).query)))
        return f"{url.partition('?')[0]}?{urlencode(query, doseq=True)}"

    return led_to(changed)


WAYS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("start_answers_301", "The way to Google is declared as moved for ever.", lambda one: one.with_status(301)),
    ("start_answers_303", "The way to Google is a 303.", lambda one: one.with_status(303)),
    ("start_answers_307", "The way to Google is a 307.", lambda one: one.with_status(307)),
    ("start_answers_200_with_the_url", "The way to Google is given as JSON, which no browser follows.",
     lambda one: Response.json(200, {"url": one.headers["location"]})),
    ("start_answers_a_page_that_leads_on", "The way to Google is a page.", lambda _: Response.html(200, "Go on")),
    ("start_answers_401", "The owner is not let in to connect a calendar.", lambda _: Response.json(401, ERROR)),
    ("start_answers_404", "There is no way to Google.", lambda _: Response.json(404, ERROR)),
    ("start_answers_500", "The way to Google is an error of the server.", lambda _: Response.json(500, ERROR)),
    ("start_answers_503", "The way to Google is closed.", lambda _: Response.json(503, ERROR)),
    ("start_leads_nowhere", "It is not said where the way to Google leads.", lambda _: Response(302)),
    ("start_leads_over_http", "The way to Google is not encrypted.",
     led_to(lambda url: url.replace("https://", "http://", 1))),
    ("start_leads_to_another_host", "The way leads to another host of Google.",
     led_to(lambda url: url.replace("accounts.google.com", "www.google.com"))),
    ("start_leads_to_a_longer_host", "The way leads to a host whose name only begins like Google's.",
     led_to(lambda url: url.replace("accounts.google.com", "accounts.google.com.evil.example"))),
    ("start_leads_past_google", "Google is only the user name in the address.",
     led_to(lambda url: url.replace("accounts.google.com", "accounts.google.com@evil.example"))),
    ("start_leads_back_to_itself", "The way to Google is a path of this backend.",
     led_to(lambda url: url.replace("https://accounts.google.com", ""))),
    ("start_asks_for_a_token", "Google is asked for a token instead of a code.", asking(having(response_type="token"))),
    ("start_asks_for_no_calendar", "Google is asked for the e-mail address alone.", asking(having(scope="email"))),
    ("start_tells_a_relative_way_back", "Google is told a way back without a host.",
     asking(having(redirect_uri="/oauth/google/callback"))),
    ("start_tells_a_way_back_without_scheme", "Google is told a way back without https.",
     asking(having(redirect_uri="api.wrapped.example/oauth/google/callback"))),
    ("start_asks_in_the_fragment", "What Google is asked stands behind a #, where no server sees it.",
     led_to(lambda url: url.replace("?", "#", 1))),
)  # fmt: skip
for name, sentence, change in WAYS:
    fault(clause=CONFIGURED, full=BROKEN, smoke=BROKEN, environment=GOOGLE)(
        answer_as(name, sentence, change, when=leads_to_google)
    )

WORDS = {
    "client_id": "who asks",
    "redirect_uri": "where to return",
    "response_type": "what to answer with",
    "scope": "for what",
    "state": "whose request it is",
}


def emptied(parameter: str) -> Callable[[dict[str, str]], dict[str, Any]]:
    """Let a parameter have no value."""
    return lambda query: query | {parameter: ""}


def doubled(parameter: str) -> Callable[[dict[str, str]], dict[str, Any]]:
    """Let a parameter be there twice."""
    return lambda query: query | {parameter: [query[parameter], query[parameter]]}


for parameter, words in WORDS.items():
    for kind, sentence, query_change in (
        ("missing", f"Google is not told {words}: there is no `{parameter}`.", without(parameter)),
        ("empty", f"Google is told {words} by an empty `{parameter}`.", emptied(parameter)),
        ("there_twice", f"Google is told {words} twice: `{parameter}` is there two times.", doubled(parameter)),
    ):
        fault(clause=CONFIGURED, full=BROKEN, smoke=BROKEN, environment=GOOGLE)(
            answer_as(f"{parameter}_is_{kind}", sentence, asking(query_change), when=leads_to_google)
        )


@fault(clause=NOT_CONFIGURED, full=BROKEN, smoke=BROKEN)
async def start_answers_500_as_html(request: Request, backend: Behind) -> Response:
    """Connecting a calendar ends in a page with a stack trace."""
    return Response.html(500, "Failed to fetch") if request.path == START else await backend(request)


@fault(clause=NOT_CONFIGURED, full=BROKEN, smoke=BROKEN)
@answered(
    lambda one: one.with_content({"available": False, "error": "Failed to fetch", "detail": "Failed to fetch"}),
    when=no_calendar_is_offered,
)
def start_says_failed_to_fetch() -> None:
    """It is not said why no calendar can be connected."""


UNAVAILABLE: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("unavailable_answers_503", "That no calendar is offered is called a breakdown.", lambda one: one.with_status(503)),
    ("unavailable_answers_500", "That no calendar is offered is an error.", lambda _: Response.json(500, ERROR)),
    ("unavailable_answers_404", "That no calendar is offered is not found.", lambda one: one.with_status(404)),
    ("unavailable_leads_to_the_dashboard", "That no calendar is offered leads back to the dashboard.",
     lambda _: Response(302, {"location": "http://localhost:3000/dashboard/settings"})),
    ("unavailable_leads_to_google", "The owner is sent to Google, for a client that is not there.",
     lambda _: Response(302, {"location": "https://accounts.google.com/o/oauth2/v2/auth?client_id=None"})),
    ("unavailable_is_a_page", "That no calendar is offered is a page.", lambda _: Response.html(200, "Unavailable")),
    ("unavailable_is_a_list", "That no calendar is offered is a list.", lambda one: one.with_content([one.content])),
    ("unavailable_is_empty", "That no calendar is offered is an empty body.", lambda one: one.with_body("")),
    ("unavailable_is_declared_text", "That no calendar is offered is declared plain text.",
     lambda one: one.with_headers(content_type="text/plain")),
)  # fmt: skip
TELLING: tuple[tuple[str, str, Callable[[dict[str, Any]], Any]], ...] = (
    ("available_is_missing", "It is not said that no calendar can be connected.", without("available")),
    ("available_is_true", "A calendar is said to be available, and is not.", having(available=True)),
    ("available_is_a_text", "Whether a calendar is available is the text `false`.", having(available="false")),
    ("available_is_null", "Whether a calendar is available is null.", having(available=None)),
    ("error_of_start_is_missing", "It is not said what is wrong.", without("error")),
    ("error_of_start_is_empty", "What is wrong is an empty text.", having(error="")),
    ("error_of_start_is_null", "What is wrong is null.", having(error=None)),
    ("error_of_start_is_an_object", "What is wrong is an object.", having(error={"code": 17})),
    ("error_of_start_is_generic", "What is wrong is `Failed to fetch`.", having(error="Failed to fetch")),
    ("detail_of_start_is_missing", "It is not said why.", without("detail")),
    ("detail_of_start_is_empty", "Why is an empty text.", having(detail=" ")),
    ("detail_of_start_is_null", "Why is null.", having(detail=None)),
    ("detail_of_start_is_a_list", "Why is a list.", having(detail=["GOOGLE_CLIENT_ID"])),
    ("detail_of_start_is_generic", "Why is `TypeError: failed to fetch`.", having(detail="TypeError: failed to fetch")),
)


for name, sentence, change in (
    *UNAVAILABLE,
    *((name, sentence, telling(change)) for name, sentence, change in TELLING),
):
    fault(clause=NOT_CONFIGURED, full=BROKEN, smoke=BROKEN)(
        answer_as(name, sentence, change, when=no_calendar_is_offered)
    )

NOBODYS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("start_for_nobody_answers_200", "A calendar for no business is answered with 200.",
     lambda _: Response.json(200, {"available": False, "error": "No business", "detail": "Say which business."})),
    ("start_for_nobody_leads_to_google", "Google is asked for a calendar for no business.",
     lambda _: Response(302, {"location": "https://accounts.google.com/o/oauth2/v2/auth?client_id=1&state=None"})),
    ("start_for_nobody_answers_404", "A calendar for no business is not found.", lambda _: Response.json(404, ERROR)),
    ("start_for_nobody_answers_500", "A calendar for no business is an error.", lambda _: Response.json(500, ERROR)),
    ("start_for_nobody_is_a_page", "A calendar for no business is refused by a page.", lambda _: Response.html(400)),
    ("start_for_nobody_is_a_text", "A calendar for no business is refused by a text.",
     lambda _: Response.json(400, "business_id is required")),
    ("start_for_nobody_is_unstructured", "A calendar for no business is refused as FastAPI does by itself.",
     lambda _: Response.json(422, {"detail": [{"loc": ["query", "business_id"], "msg": "Field required"}]})),
)  # fmt: skip
for name, sentence, change in NOBODYS:
    fault(clause=NO_BUSINESS, full=BROKEN, smoke={})(answer_as(name, sentence, change, when=business_is_missing))
