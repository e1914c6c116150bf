"""Checks of OAuth start and callback as keywords (RFC 6749 section 4.1)."""

from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests
from robot.api.deco import keyword, library

import project_root  # noqa: F401
from acceptance.exit_codes import ApiFailure
from Responses import outcome, shown

NULL_TEXTS = ("none", "null", "undefined")
"""What a URL contains where a program inserted a missing value."""

CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar"
ERROR_WORDS = ("error", "denied", "fail", "invalid", "missing", "cancel", "expired")
NO_ERROR_VALUES = ("", "false", "no", "0", *NULL_TEXTS)
"""Values of an error parameter that mean that there is no error."""


def origin(url: str) -> str:
    """Return scheme, host and port of `url`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def contains_error(url: str) -> bool:
    """Return whether a parameter in the query or the fragment of `url` reports an error."""
    parts = urlsplit(url.lower())
    parameters = [*parse_qsl(parts.query), *parse_qsl(parts.fragment)]
    texts = [f"{name}={value}" for name, value in parameters if value.strip() not in NO_ERROR_VALUES]
    return any(word in text for text in texts for word in ERROR_WORDS)


@library(scope="GLOBAL", version="1.0", doc_format="MARKDOWN")
class OAuth:
    """Checks redirects to and from Google, and the authorization URL."""

    @keyword
    def get_redirect_location(self, response: requests.Response) -> str:
        """Return the URL that `response` redirects to.

        Fails unless it is a 302 with a `Location` (RFC 9110 section 10.2.2).
        """
        location = response.headers.get("Location", "")
        if response.status_code != requests.codes.found or not location:
            flaw = "" if location else " without a Location header"
            raise ApiFailure(f"{outcome(response)}{flaw}, expected a redirect (302 Found).")
        return location

    @keyword
    def get_query_parameter(self, url: str, name: str) -> str:
        """Return the value of the query parameter `name` of `url`.

        Fails unless the URL has it once, with a value.
        """
        values = parse_qs(urlsplit(url).query, keep_blank_values=True).get(name, [])
        if len(values) != 1 or values[0].strip().lower() in ("", *NULL_TEXTS):
            raise ApiFailure(f"The authorization URL has {name}={shown(values)}, expected one value.")
        return values[0]

    @keyword("Authorization URL Should Have Parameter")
    def authorization_url_should_have_parameter(self, url: str, name: str, expected: str = "") -> None:
        """Fails unless `url` has the query parameter `name` once, with a value.

        With `expected`, it must be that value.
        """
        value = self.get_query_parameter(url, name)
        if expected and value != expected:
            raise ApiFailure(f"The authorization URL has {name}={shown(value)}, expected {shown(expected)}.")

    @keyword
    def scope_should_include_calendar(self, scope: str) -> None:
        """Fails unless one of the scopes in `scope`, which spaces separate, is one of Google Calendar."""
        if not any(one == CALENDAR_SCOPE or one.startswith(f"{CALENDAR_SCOPE}.") for one in scope.split()):
            raise ApiFailure(
                f"The authorization URL requests the scope {shown(scope)}, expected one of Google Calendar."
            )

    @keyword("Redirect URI Should Be Absolute")
    def redirect_uri_should_be_absolute(self, url: str) -> None:
        """Fails unless `url` has the scheme http or https, a host, and no fragment (RFC 6749 section 3.1.2)."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or (parts.hostname or "none") in NULL_TEXTS or "#" in url:
            raise ApiFailure(f"The redirect URI is {shown(url)}, expected an absolute URL without a fragment.")

    @keyword("URL Should Have Origin")
    def url_should_have_origin(self, url: str, expected: str) -> None:
        """Fails unless scheme, host and port of `url` are the `expected` ones."""
        if origin(url) != expected:
            raise ApiFailure(f"The redirect leads to {origin(url)}, expected {expected}.")

    @keyword("URL Should Not Have Origin")
    def url_should_not_have_origin(self, url: str, unexpected: str) -> None:
        """Fails where scheme, host and port of `url` are the `unexpected` ones."""
        if origin(url) == unexpected:
            raise ApiFailure(f"The redirect leads to {unexpected}, expected the dashboard.")

    @keyword
    def redirect_should_contain_error(self, location: str) -> None:
        """Fails unless the query or the fragment of `location` reports an error."""
        parts = urlsplit(location)
        if not contains_error(location):
            raise ApiFailure(f"The redirect to {parts.netloc}{parts.path} contains no error, expected one.")
