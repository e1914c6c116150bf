"""Unusual authorization URLs, explanations and OAuth callbacks."""

from tests.faults.catalogue import healthy
from tests.faults.changes import content, json_response, location, query, redirect, with_fields, with_headers
from tests.faults.conditions import calendar_is_unavailable, callback_is_called, start_redirects
from tests.faults.healthy.accounts import forward
from tests.faults.middleware import Response
from tests.faults.oauth_start import CALENDAR, GOOGLE

DASHBOARD = "https://app.wrapped.example/dashboard"
ERROR = {"error": "E-4711", "message": "That did not work."}
STATE_ERROR = {"error": "invalid_state", "message": "The calendar could not be connected.", "action": "Try again."}

oauth_is_configured = healthy("calendar", environment=GOOGLE).function(forward)
calendar_is_connected = healthy("calendar", environment=GOOGLE, account={"google_calendar_connected": True}).function(
    forward
)


# The authorization URL.
start = healthy("calendar", environment=GOOGLE, when=start_redirects)

authorization_url_has_more_parameters = start.response(
    query(
        with_fields(
            login_hint="owner@wrapped.example",
            include_granted_scopes="true",
            code_challenge="0b9e2a",
            code_challenge_method="S256",
        )
    )
)
authorization_url_has_another_order = start.response(query(lambda one: dict(reversed(one.items()))))
authorization_url_has_another_path = start.response(
    location(lambda url: url.replace("/o/oauth2/v2/auth", "/o/oauth2/auth"))
)
authorization_url_has_a_fragment = start.response(location(lambda url: f"{url}#"))
authorization_url_has_percent_encoded_spaces = start.response(
    lambda one: location(lambda url: url.replace("+", "%20"))(query(with_fields(scope=f"email {CALENDAR}"))(one))
)
start_has_a_json_body = start.response(
    lambda one: Response.json(302, {"redirect": True}).with_headers(location=one.headers["location"])
)
start_has_a_page = start.response(
    lambda one: Response.html(302, "Found").with_headers(location=one.headers["location"])
)
start_sets_a_cookie = start.response(
    with_headers(set_cookie="oauth_state=5f1d; Path=/oauth; HttpOnly; Secure; SameSite=Lax")
)
scope_has_several = start.response(query(with_fields(scope=f"openid email {CALENDAR}.events {CALENDAR}.readonly")))
scope_is_events = start.response(query(with_fields(scope=f"{CALENDAR}.events")))
scope_has_calendar_last = start.response(
    query(with_fields(scope=f"openid https://www.googleapis.com/auth/userinfo.email {CALENDAR}.events.owned"))
)
redirect_uri_is_https_with_query = start.response(
    query(with_fields(redirect_uri="https://api.wrapped.example/oauth/google/callback?from=google"))
)
redirect_uri_has_a_port = start.response(query(with_fields(redirect_uri="http://localhost:8000/oauth/google/callback")))
state_is_long = start.response(query(lambda fields: fields | {"state": fields["state"] + "a.b-_" * 200}))


# The explanation.
unavailable = healthy("calendar", when=calendar_is_unavailable)

unavailable_has_more_fields = unavailable.response(
    content(with_fields(message="Contact us.", code="oauth_not_configured", docs="https://docs.wrapped.example"))
)
unavailable_is_in_german = unavailable.response(
    content(
        with_fields(
            error="Der Kalender ist auf diesem Server nicht eingerichtet", detail="Bitte wenden Sie sich an uns."
        )
    )
)
unavailable_has_a_code = unavailable.response(
    content(with_fields(error="oauth_not_configured", detail="GOOGLE_CLIENT_ID is not set.", message=None))
)
unavailable_names_what_failed = unavailable.response(
    content(
        with_fields(
            error="Google Calendar is not configured", detail="Failed to fetch GOOGLE_CLIENT_SECRET: no such secret"
        )
    )
)


# The callback.
callback = healthy("calendar", when=callback_is_called)

callback_returns_400 = callback.response(json_response(400, STATE_ERROR))
callback_returns_401 = callback.response(json_response(401, ERROR))
callback_returns_403 = callback.response(json_response(403, STATE_ERROR))
callback_returns_409 = callback.response(json_response(409, ERROR))
callback_returns_422 = callback.response(json_response(422, STATE_ERROR))
callback_redirects_to_a_path = callback.response(redirect("/dashboard/settings?calendar_error=invalid_state"))
callback_redirects_to_an_ip_address = callback.response(redirect("http://192.0.2.7/dashboard?error=access_denied"))
callback_redirects_to_this_machine = callback.response(redirect("http://localhost:3000/dashboard?error=access_denied"))
callback_redirects_to_another_page = callback.response(redirect(f"{DASHBOARD}/calendar?status=failed"))
callback_redirects_with_error_in_fragment = callback.response(
    redirect(f"{DASHBOARD}/settings#/calendar?error=access_denied")
)
callback_redirects_with_more_parameters = callback.response(
    redirect(f"{DASHBOARD}/settings?calendar=error&reason=access_denied&message=Try+again")
)
callback_redirects_with_error_description = callback.response(
    redirect(f"{DASHBOARD}?error=access_denied&error_description=The+user+said+no")
)
callback_redirects_with_unknown_code = callback.response(redirect(f"{DASHBOARD}?calendar_error=oauth_17"))
callback_redirects_with_success_false = callback.response(redirect(f"{DASHBOARD}?success=false&error=oauth_failed"))
callback_redirects_with_a_page = callback.response(
    lambda _: Response.html(302).with_headers(location=f"{DASHBOARD}?error=access_denied")
)
