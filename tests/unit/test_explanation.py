"""What explains an unexpected response: where it redirects to, that it is a page, or its encoding."""

import pytest
import requests

from acceptance.client.explanation import LONGEST_LOCATION, explanation_of, page_of, why_not_readable

URL = "http://api.example.com/api/business/me"
PAGE = "an HTML page, perhaps of a firewall or gateway"


def response(status: int, body: bytes = b"", url: str = URL, **headers: str) -> requests.Response:
    """Return a response to a request for `url`; an underscore in the name of a header stands for a hyphen."""
    found = requests.Response()
    found.status_code, found._content = status, body
    found.headers.update({name.replace("_", "-"): text for name, text in headers.items()})
    found.request = requests.Request("GET", url).prepare()
    return found


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://api.example.com/api/business/me", "'; the URL must begin with https"),
        ("/api/business/me/", "'; the paths differ in the slash at the end"),
        ("/login?next=/api", "'; perhaps a login page stands before the API"),
        ("https://login.idp.example/x", "'; perhaps a login page stands before the API"),
        (
            "https://shop.cloudflareaccess.example/cdn-cgi/access/login/x",
            "'; perhaps a login page stands before the API",
        ),
        ("https://www.example.com/", "'; perhaps the URL is not that of the backend"),
        ("/api/v2/lessons", "'"),
        ("http://[", "'"),
    ],
)
def test_redirect_names_where_it_leads_and_what_may_be_wrong(location: str, shown: str) -> None:
    assert explanation_of(response(302, Location=location)) == f"a redirect to '{location.split('?')[0]}{shown}"


@pytest.mark.parametrize("end", ["?token=abc", "#token=abc", ";jsessionid=abc", "/" * 1_000])
def test_location_is_shown_without_query_and_shortened(end: str) -> None:
    shown = explanation_of(response(307, Location=f"/api/v2{end}"))
    assert "token" not in shown
    assert len(shown) < LONGEST_LOCATION + 100


@pytest.mark.parametrize(
    ("body", "content_type", "shown"),
    [
        (b"<html><body>no</body></html>", "text/html; charset=utf-8", PAGE),
        (b"  <!DOCTYPE html>\n<html>", "application/json", PAGE),
        (b"", "text/html", PAGE),
        (
            b"<!doctype html><title>Attention   Required! | Cloud&amp;Flare</title>",
            "text/html",
            "an HTML page ('Attention Required! | Cloud&Flare'), perhaps of a firewall or gateway",
        ),
        (b'{"message": "<b>No.</b>"}', "application/json", "'<b>No.</b>'"),
        (b"\xff\xfe", "application/octet-stream", ""),
    ],
)
def test_page_is_called_a_page(body: bytes, content_type: str, shown: str) -> None:
    assert explanation_of(response(403, body, Content_Type=content_type)) == shown


@pytest.mark.parametrize("start", [b"<title", b"<html" + b" " * 500_000, b"<title>" * 100_000, b"<" * 500_000])
def test_page_of_any_size_is_looked_at_in_no_time(start: bytes) -> None:
    assert page_of(response(200, start, Content_Type="text/html")).startswith("an HTML page")


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("zstd", "the Content-Encoding 'zstd', for which the request did not ask"),
        ("gzip, BR", "the Content-Encoding 'br', for which the request did not ask"),
        ("gzip", ""),
        ("identity", ""),
        ("", ""),
    ],
)
def test_encoding_that_is_not_decoded_is_named(encoding: str, shown: str) -> None:
    assert why_not_readable(response(200, b"\x28\xb5\x2f\xfd", Content_Encoding=encoding)) == shown
