"""Healthy backends that sign in, save, connect or refuse in an unusual way. Clause: `variations`."""

import base64
import json
from collections.abc import Callable
from email.utils import formatdate
from time import time
from typing import Any

from tests.faults.calendar import GOOGLE, asking, led_to
from tests.faults.catalogue import answer_as, as_usual, having, telling, variation, without
from tests.faults.moments import (
    always,
    comes_back_from_google,
    is_refused,
    leads_to_google,
    no_calendar_is_offered,
    owner_signs_in,
    owner_updates,
)
from tests.faults.wrapped import Behind, Request, Response

DASHBOARD = "https://app.wrapped.example/dashboard/settings"


async def _throttled_once(request: Request, backend: Behind, retry_after: str) -> Response:
    if request.is_login and not backend.memory.get("throttled"):
        backend.memory["throttled"] = True
        error = {"error": "too_many_attempts", "message": "Try again in a second."}
        return Response.json(429, error).with_headers(retry_after=retry_after)
    return await backend(request)


@variation(of="signing in")
async def login_is_throttled_once(request: Request, backend: Behind) -> Response:
    """The first attempt to sign in comes too early, by a second."""
    return await _throttled_once(request, backend, "1")


@variation(of="signing in")
async def login_is_throttled_until_a_date(request: Request, backend: Behind) -> Response:
    """The first attempt to sign in comes too early, and a date says when to try again."""
    return await _throttled_once(request, backend, formatdate(time() + 1, usegmt=True))


variation(of="signing in", environment={"LOGIN_RATE_LIMIT": "5/minute"})(
    as_usual("five_sign_ins_a_minute", "An address may sign in five times a minute.")
)

SIGNING_IN: tuple[tuple[str, str, Callable[[dict[str, Any]], Any]], ...] = (
    ("token_type_has_a_capital", "The token's type is spelt `Bearer` (RFC 6749 section 5.1).",
     having(token_type="Bearer")),
    ("login_gives_a_refresh_token", "Signing in also gives a token to renew the first one with.",
     having(refresh_token="b3BhcXVlLXJlZnJlc2gtdG9rZW4", scope="all", expires_in=900)),
    ("user_is_empty", "Nothing is said of the user.", having(user={})),
    ("user_has_no_address", "The user has a name, but no e-mail address.", having(user={"id": 7, "name": "Zoë"})),
    ("user_has_capitals", "The user's address is spelt in capitals.", having(user={"email": "OWNER@WRAPPED.EXAMPLE"})),
    ("login_does_not_say_when_the_token_ends", "It is not said how long a token lasts.", without("expires_in")),
)  # fmt: skip
for name, sentence, content_change in SIGNING_IN:
    variation(of="signing in")(answer_as(name, sentence, telling(content_change), when=owner_signs_in))


def _packed(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def _with_other_tokens(request: Request, backend: Behind, make: Callable[[str], str]) -> Response:
    """Give out another token for each of the backend's, and take no other."""
    tokens: dict[str, str] = backend.memory.setdefault("tokens", {})
    if request.token is not None:
        request = request.with_token(tokens.get(request.token, "not.a.token"))
    response = await backend(request)
    if not owner_signs_in(request, response):
        return response
    token = make(response.content["access_token"])
    tokens[token] = response.content["access_token"]
    return response.with_content(response.content | {"access_token": token})


@variation(of="signing in")
async def token_has_a_long_signature(request: Request, backend: Behind) -> Response:
    """Tokens are signed with RSA."""

    def made(token: str) -> str:
        claims = token.split(".")[1]
        return f"{_packed({'alg': 'RS256', 'typ': 'JWT', 'kid': 'key-1'})}.{claims}.{'Zx9_-a' * 57}"

    return await _with_other_tokens(request, backend, made)


@variation(of="signing in")
async def token_does_not_say_when_it_ends(request: Request, backend: Behind) -> Response:
    """Tokens hold no more than whose they are."""

    def made(token: str) -> str:
        return f"{token.split('.')[0]}.{_packed({'sub': 'owner'})}.{token.split('.')[2]}"

    return await _with_other_tokens(request, backend, made)


SAVING: tuple[tuple[str, str, Callable[[dict[str, Any]], Any]], ...] = (
    ("every_update_is_audited", "Each update is looked through, but in force.", having(status="audit_pending")),
    ("update_has_no_status", "An update is answered without a status.", without("status")),
    ("update_answers_the_business", "An update is answered with the business alone.", lambda one: one["business"]),
    ("update_answers_a_status_alone", "An update is answered with a status alone.", without("business")),
    ("update_answers_an_empty_object", "An update is answered with an empty object.", lambda _: {}),
)
for name, sentence, content_change in SAVING:
    variation(of="saving")(answer_as(name, sentence, telling(content_change), when=owner_updates))


async def _without_post(request: Request, backend: Behind, status: int) -> Response:
    if request.is_update and request.method == "POST":
        return Response.json(status, {"error": "method_not_allowed", "message": "Use PUT."})
    return await backend(request)


@variation(of="saving")
async def update_by_post_is_not_offered(request: Request, backend: Behind) -> Response:
    """Settings can be saved by PUT alone."""
    return await _without_post(request, backend, 405)


@variation(of="saving")
async def update_by_post_is_not_there(request: Request, backend: Behind) -> Response:
    """Settings can be saved by PUT alone, and a POST finds nothing."""
    return await _without_post(request, backend, 404)


variation(of="calendar", environment=GOOGLE)(as_usual("google_is_configured", "Calendars can be connected."))
variation(of="calendar", environment=GOOGLE, account={"google_calendar_connected": True})(
    as_usual("calendar_is_connected", "A calendar is connected.")
)
CALENDAR = "https://www.googleapis.com/auth/calendar"
WAYS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("google_is_asked_for_more", "Google is also told whose account it is, and asked to protect the code.",
     asking(having(login_hint="owner@wrapped.example", include_granted_scopes="true", code_challenge="0b9e2a",
                   code_challenge_method="S256"))),
    ("google_is_asked_for_several_things", "Google is asked for the e-mail address and for calendars.",
     asking(having(scope=f"openid email {CALENDAR}.events {CALENDAR}.readonly"))),
    ("google_is_asked_for_events", "Google is asked for appointments alone.",
     asking(having(scope=f"{CALENDAR}.events"))),
    ("google_has_another_path", "Google is asked at another of its paths.",
     led_to(lambda url: url.replace("/o/oauth2/v2/auth", "/o/oauth2/auth"))),
    ("way_back_is_encrypted", "Google is told a way back over https, with a query.",
     asking(having(redirect_uri="https://api.wrapped.example/oauth/google/callback?from=google"))),
    ("spaces_in_the_way_to_google_are_escaped", "Spaces in the way to Google are written as %20.",
     lambda one: led_to(lambda url: url.replace("+", "%20"))(asking(having(scope=f"email {CALENDAR}"))(one))),
)  # fmt: skip
for name, sentence, change in WAYS:
    variation(of="calendar", environment=GOOGLE)(answer_as(name, sentence, change, when=leads_to_google))

variation(of="calendar")(
    answer_as(
        "unavailable_says_more",
        "Where no calendar can be connected, it is also said what to do.",
        telling(having(message="Contact us.", code="oauth_not_configured", docs="https://docs.wrapped.example")),
        when=no_calendar_is_offered,
    )
)

ERROR = {"error": "invalid_state", "message": "The calendar could not be connected.", "action": "Try again."}
RETURNS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("callback_answers_400", "A failed way back from Google is a structured 400.", lambda _: Response.json(400, ERROR)),
    ("callback_answers_403", "A failed way back from Google is a structured 403.", lambda _: Response.json(403, ERROR)),
    ("callback_answers_422", "A failed way back from Google is a structured 422.", lambda _: Response.json(422, ERROR)),
    ("callback_leads_to_a_path", "The way back leads to a path of the same host.",
     lambda _: Response(302, {"location": "/dashboard/settings?calendar_error=invalid_state"})),
    ("callback_tells_in_the_fragment", "The error stands behind a #, as pages that run in a browser like it.",
     lambda _: Response(302, {"location": f"{DASHBOARD}#/calendar?error=access_denied"})),
    ("callback_tells_more", "The dashboard is told the error in several words.",
     lambda _: Response(302, {"location": f"{DASHBOARD}?calendar=error&reason=access_denied&message=Try+again"})),
)  # fmt: skip
for name, sentence, change in RETURNS:
    variation(of="calendar")(answer_as(name, sentence, change, when=comes_back_from_google))

ERRORS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("errors_have_no_detail", "Errors say no more than they must.",
     telling(lambda error: {name: error[name] for name in ("error", "message")})),
    ("errors_have_null_details", "What an error does not say is null.", telling(having(detail=None, action=None))),
    ("errors_have_detailed_details", "The detail of an error is a list of fields.",
     telling(having(detail=[{"loc": ["body", "email"], "msg": "Field required"}]))),
    ("errors_have_more_fields", "Errors also have a number, a time and a link.",
     telling(having(status=422, timestamp="2025-01-01T00:00:00Z", docs="https://docs.wrapped.example", trace_id="5f"))),
    ("errors_are_in_german", "Errors are told in another language.", telling(having(message="Das ging nicht."))),
    ("refusals_do_not_say_how_to_sign_in", "A 401 has no WWW-Authenticate.",
     lambda one: Response(one.status, {"content-type": "application/json"}, one.body)),
)  # fmt: skip
for name, sentence, change in ERRORS:
    variation(of="errors")(answer_as(name, sentence, change, when=is_refused))

variation(of="errors")(
    answer_as(
        "malformed_answers_400",
        "What is malformed is answered with 400.",
        lambda one: one.with_status(400) if one.status == 422 else one,
        when=always,
    )
)
