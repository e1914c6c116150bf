"""Faults in the start of OAuth: `GET /oauth/google/start`, configured, not configured and without a business id."""

from collections.abc import Callable

from tests.faults.catalogue import fault
from tests.faults.changes import (
    as_json_string,
    content,
    duplicated,
    empty_response,
    html_response,
    in_list,
    json_response,
    location,
    nested_in,
    query,
    redirect,
    with_body,
    with_fields,
    with_headers,
    with_status,
    without,
)
from tests.faults.conditions import (
    business_id_is_empty,
    business_id_is_missing,
    calendar_is_unavailable,
    start_redirects,
)
from tests.faults.middleware import START, Request, Response, Upstream

CLAUSE = f"GET {START}"
GOOGLE = {"GOOGLE_CLIENT_ID": "client.apps.googleusercontent.com"}
GOOGLE_HOST = "accounts.google.com"
AUTHORIZATION_URL = f"https://{GOOGLE_HOST}/o/oauth2/v2/auth"
CALENDAR = "https://www.googleapis.com/auth/calendar"
CALLBACK_URL = "https://api.wrapped.example/oauth/google/callback"
DASHBOARD = "http://localhost:3000/dashboard/settings"
BROKEN = {"calendar": 3}
REJECTED = {"calendar": 5}
ERROR = {"error": "failed", "message": "No calendar can be connected now."}
NO_BUSINESS = {"available": False, "error": "No business", "detail": "Say which business."}
TRACE = 'Traceback (most recent call last):\n  File "/app/main.py", line 17, in start\nKeyError: 0\n'


# OAuth is configured: the redirect.
configured = fault(
    f"{CLAUSE}: configured: 302 to https://accounts.google.com/",
    full=BROKEN,
    smoke=BROKEN,
    environment=GOOGLE,
    when=start_redirects,
)

start_returns_200_with_the_url = configured.response(
    lambda one: Response.json(200, {"url": one.headers["location"]}), "The start returns the authorization URL as JSON."
)
start_returns_200_with_a_page = configured.response(html_response(200, "Go on"))
start_returns_201 = configured.response(with_status(201))
start_returns_202 = configured.response(with_status(202))
start_returns_301 = configured.response(with_status(301))
start_returns_303 = configured.response(with_status(303))
start_returns_307 = configured.response(with_status(307))
start_returns_308 = configured.response(with_status(308))
start_returns_401 = configured.response(json_response(401, ERROR))
start_returns_404 = configured.response(json_response(404, ERROR))
start_returns_500 = configured.response(json_response(500, ERROR))
start_returns_503 = configured.response(json_response(503, ERROR))
start_has_no_location = configured.response(empty_response(302))


def to_host(host: str) -> Callable[[str], str]:
    """Replace Google's host in a URL."""
    return lambda url: url.replace(GOOGLE_HOST, host)


start_redirects_to_http = configured.response(location(lambda url: url.replace("https://", "http://", 1)))
start_redirects_without_scheme = configured.response(location(lambda url: url.removeprefix("https:")))
start_redirects_to_itself = configured.response(location(lambda url: url.replace(f"https://{GOOGLE_HOST}", "")))
start_redirects_to_another_host = configured.response(location(to_host("www.google.com")))
start_redirects_to_another_port = configured.response(location(to_host(f"{GOOGLE_HOST}:8443")))
start_redirects_to_another_domain = configured.response(location(to_host("accounts.google.co")))
start_redirects_to_a_longer_host = configured.response(location(to_host(f"{GOOGLE_HOST}.evil.example")))
start_redirects_to_a_host_with_prefix = configured.response(location(to_host(f"my-{GOOGLE_HOST}")))
start_redirects_with_google_as_user_name = configured.response(location(to_host(f"{GOOGLE_HOST}@evil.example")))
start_redirects_with_google_in_path = configured.response(
    location(lambda url: url.replace("https://", "https://evil.example/https://", 1))
)
query_is_in_the_fragment = configured.response(location(lambda url: url.replace("?", "#", 1)))
query_is_escaped = configured.response(
    location(lambda url: url.replace("?", "%3F", 1)), "The query is percent-encoded as a whole."
)
query_is_html_escaped = configured.response(location(lambda url: url.replace("&", "&amp;")))

# Parameters of the authorization URL.
client_id_is_missing = configured.response(query(without("client_id")))
client_id_is_empty = configured.response(query(with_fields(client_id="")))
client_id_is_blank = configured.response(query(with_fields(client_id=" ")))
client_id_is_none = configured.response(query(with_fields(client_id="None")))
client_id_is_duplicated = configured.response(query(duplicated("client_id")))
client_id_is_duplicated_and_empty = configured.response(location(lambda url: url.replace("?", "?client_id=&", 1)))
redirect_uri_is_missing = configured.response(query(without("redirect_uri")))
redirect_uri_is_empty = configured.response(query(with_fields(redirect_uri="")))
redirect_uri_is_duplicated = configured.response(query(duplicated("redirect_uri")))
redirect_uri_is_relative = configured.response(query(with_fields(redirect_uri="/oauth/google/callback")))
redirect_uri_has_no_scheme = configured.response(query(with_fields(redirect_uri=CALLBACK_URL.removeprefix("https://"))))
redirect_uri_has_no_host = configured.response(query(with_fields(redirect_uri="https:///oauth/google/callback")))
redirect_uri_has_a_fragment = configured.response(
    query(with_fields(redirect_uri=f"{CALLBACK_URL}#x")), "`redirect_uri` has a fragment, which Google refuses."
)
redirect_uri_has_a_custom_scheme = configured.response(query(with_fields(redirect_uri="myapp://oauth/google/callback")))
redirect_uri_host_is_none = configured.response(query(with_fields(redirect_uri="https://None/oauth/google/callback")))
response_type_is_missing = configured.response(query(without("response_type")))
response_type_is_empty = configured.response(query(with_fields(response_type="")))
response_type_is_duplicated = configured.response(query(duplicated("response_type")))
response_type_is_token = configured.response(query(with_fields(response_type="token")))
response_type_is_hybrid = configured.response(query(with_fields(response_type="code token")))
response_type_is_in_capitals = configured.response(query(with_fields(response_type="CODE")))
scope_is_missing = configured.response(query(without("scope")))
scope_is_empty = configured.response(query(with_fields(scope="")))
scope_is_duplicated = configured.response(query(duplicated("scope")))
scope_is_email = configured.response(query(with_fields(scope="email")))
scope_is_contacts = configured.response(query(with_fields(scope="https://www.googleapis.com/auth/contacts.readonly")))
scope_is_a_word = configured.response(query(with_fields(scope="calendar")))
scope_has_a_suffix = configured.response(query(with_fields(scope=f"{CALENDAR}sandbox")))
scopes_are_separated_by_commas = configured.response(query(with_fields(scope=f"{CALENDAR},email")))
scope_is_a_list = configured.response(query(with_fields(scope=f"['{CALENDAR}']")))
state_is_missing = configured.response(query(without("state")))
state_is_empty = configured.response(query(with_fields(state="")))
state_is_blank = configured.response(query(with_fields(state=" ")))
state_is_undefined = configured.response(query(with_fields(state="undefined")))
state_is_duplicated = configured.response(query(duplicated("state")))
state_is_duplicated_and_empty = configured.response(location(lambda url: f"{url}&state="))


# OAuth is not configured: the explanation.
unavailable = fault(
    f"{CLAUSE}: not configured: 200 with available, error and detail",
    full=BROKEN,
    smoke=BROKEN,
    when=calendar_is_unavailable,
)


@unavailable
async def start_returns_500_as_html(request: Request, upstream: Upstream) -> Response:
    """The start returns an HTML page with a stack trace."""
    return Response.html(500, "Failed to fetch") if request.path == START else await upstream(request)


unavailable_returns_202 = unavailable.response(with_status(202))
unavailable_returns_204 = unavailable.response(empty_response(204))
unavailable_returns_404 = unavailable.response(with_status(404))
unavailable_returns_424 = unavailable.response(with_status(424))
unavailable_returns_500 = unavailable.response(json_response(500, ERROR))
unavailable_returns_501 = unavailable.response(with_status(501))
unavailable_returns_503 = unavailable.response(with_status(503))
unavailable_redirects_to_the_dashboard = unavailable.response(redirect(DASHBOARD))
unavailable_redirects_to_google = unavailable.response(redirect(f"{AUTHORIZATION_URL}?client_id=None"))
unavailable_is_a_page = unavailable.response(html_response(200, "Unavailable"))
unavailable_is_a_list = unavailable.response(content(in_list))
unavailable_is_empty = unavailable.response(with_body(""))
unavailable_is_declared_text = unavailable.response(with_headers(content_type="text/plain"))
unavailable_is_a_json_string = unavailable.response(as_json_string)
unavailable_is_wrapped_in_data = unavailable.response(content(nested_in("data")))
unavailable_is_failed_to_fetch = unavailable.response(
    content(lambda _: {"available": False, "error": "Failed to fetch", "detail": "Failed to fetch"})
)
available_is_missing = unavailable.response(content(without("available")))
available_is_true = unavailable.response(content(with_fields(available=True)))
available_is_a_text = unavailable.response(content(with_fields(available="false")))
available_is_null = unavailable.response(content(with_fields(available=None)))
available_is_0 = unavailable.response(content(with_fields(available=0)))
available_is_empty = unavailable.response(content(with_fields(available="")))
start_error_is_missing = unavailable.response(content(without("error")))
start_error_is_empty = unavailable.response(content(with_fields(error="")))
start_error_is_null = unavailable.response(content(with_fields(error=None)))
start_error_is_true = unavailable.response(content(with_fields(error=True)))
start_error_is_an_object = unavailable.response(content(with_fields(error={"code": 17})))
start_error_is_generic = unavailable.response(content(with_fields(error="Failed to fetch")))
start_error_is_generic_in_capitals = unavailable.response(content(with_fields(error="FAILED TO FETCH!")))
start_error_is_generic_with_prefix = unavailable.response(content(with_fields(error="Error: Failed to fetch")))
start_detail_is_missing = unavailable.response(content(without("detail")))
start_detail_is_blank = unavailable.response(content(with_fields(detail=" ")))
start_detail_is_null = unavailable.response(content(with_fields(detail=None)))
start_detail_is_a_list = unavailable.response(content(with_fields(detail=["GOOGLE_CLIENT_ID"])))
start_detail_is_generic = unavailable.response(content(with_fields(detail="TypeError: failed to fetch")))
start_detail_is_generic_with_advice = unavailable.response(
    content(with_fields(detail="Failed to fetch. Please try again later."))
)
start_detail_is_generic_with_an_object = unavailable.response(
    content(with_fields(detail="Failed to fetch data")), "`detail` is `Failed to fetch data`."
)
start_detail_is_a_stack_trace = unavailable.response(content(with_fields(detail=TRACE)))


# Without a business id.
NO_BUSINESS_ID = f"{CLAUSE}: without business_id: 400 or 422"
no_business_id = fault(NO_BUSINESS_ID, full=REJECTED, smoke={}, when=business_id_is_missing)

start_without_business_id_returns_200 = no_business_id.response(json_response(200, NO_BUSINESS))
start_without_business_id_redirects_to_google = no_business_id.response(
    redirect(f"{AUTHORIZATION_URL}?client_id=1&state=None")
)
start_without_business_id_returns_404 = no_business_id.response(json_response(404, ERROR))
start_without_business_id_returns_500 = no_business_id.response(json_response(500, ERROR))
start_without_business_id_is_a_page = no_business_id.response(html_response(400))
start_without_business_id_is_a_text = no_business_id.response(json_response(400, "business_id is required"))
start_without_business_id_is_unstructured = no_business_id.response(
    json_response(422, {"detail": [{"loc": ["query", "business_id"], "msg": "Field required"}]})
)


empty_business_id = fault(NO_BUSINESS_ID, full=REJECTED, smoke={}, when=business_id_is_empty)

start_with_empty_business_id_returns_500 = empty_business_id.response(json_response(500, ERROR))
start_with_empty_business_id_returns_200 = empty_business_id.response(json_response(200, NO_BUSINESS))
start_with_empty_business_id_redirects_to_google = empty_business_id.response(
    redirect(f"{AUTHORIZATION_URL}?client_id=1&state=")
)
start_with_empty_business_id_is_a_page = empty_business_id.response(html_response(422))
