"""Checks of OAuth start and callback as keywords (RFC 6749 section 4.1)."""

from ipaddress import ip_address
from typing import Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests
from robot.api.deco import keyword, library

import project_root  # noqa: F401
from acceptance.config import is_loopback
from Responses import outcome, shown
from run_state import failure, run_state

NULL_TEXTS = ("none", "null", "undefined")
"""What a URL contains where a program inserted a missing value."""

CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar"
ERROR_WORDS = ("error", "denied", "fail", "invalid", "missing", "cancel", "expired")
PRIVATE_DOMAINS = (".local", ".internal", ".localhost")
NO_ERROR_VALUES = ("", "false", "no", "0", *NULL_TEXTS)
"""Values of an error parameter that mean that there is no error."""


class Location(str):  # noqa: SLOT000 - it has an attribute
    """Where a response redirects to.

    Attributes:
        response: The response.
    """

    response: requests.Response

    def __new__(cls, url: str, response: requests.Response) -> Self:
        """Return the URL, which keeps its response."""
        location = super().__new__(cls, url)
        location.response = response
        return location


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


def is_ip_address(host: str) -> bool:
    """Return whether `host` is an IP address, without the brackets of IPv6."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def redirect_uri_problem(uri: str, *, on_loopback: bool) -> str | None:
    """Return what is wrong with a redirect URI (RFC 6749 section 3.1.2), None where it is usable.

    Google redirects browsers to it, so it must be https and have a public host name.

    Args:
        uri: The redirect URI.
        on_loopback: Whether the backend is on this machine, so that the URI may be `http` and of any host.
    """
    if "#" in uri:
        return "it has a fragment"
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        return "it is malformed"
    if parts.scheme not in ("http", "https") or host in ("", *NULL_TEXTS):
        return "it is no absolute URL"
    if parts.username is not None or parts.password is not None:
        return "it contains a user name or password"
    if on_loopback:
        return None
    if parts.scheme != "https":
        return "it is not https"
    if is_ip_address(host) or "." not in host.strip(".") or host.rstrip(".").endswith(PRIVATE_DOMAINS):
        return f"'{host}' is no public host name"
    return None


def callback_location_problem(location: str, *, on_loopback: bool) -> str | None:
    """Return what is wrong with where the OAuth callback redirects to, None where a browser can follow it.

    Args:
        location: The `Location` of the redirect: a path, or an URL of any host.
        on_loopback: Whether the backend is on this machine, so that the redirect may lead to this machine, too.
    """
    if location.startswith("/"):
        return "it is no path of the same host" if location[1:2] in ("/", "\\") else None
    try:
        parts = urlsplit(location)
        host = parts.hostname or ""
    except ValueError:
        return "it is malformed"
    if parts.scheme not in ("http", "https") or not host:
        return "it is neither a path that begins with / nor an http(s) URL"
    if is_loopback(host):
        return None if on_loopback else f"'{host}' is the server's own machine"
    return None if "." in host.strip(".") or is_ip_address(host) else f"'{host}' is no host name"


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
            raise failure(f"{outcome(response)}{flaw}, expected a redirect (302 Found).", response)
        return Location(location, response)

    @keyword
    def get_query_parameter(self, url: str, name: str) -> str:
        """Return the value of the query parameter `name` of `url`.

        Fails unless the URL has it once, with a value.
        """
        values = parse_qs(urlsplit(url).query, keep_blank_values=True).get(name, [])
        if len(values) != 1 or values[0].strip().lower() in ("", *NULL_TEXTS):
            raise failure(f"The authorization URL has {name}={shown(values)}, expected one value.", url)
        return values[0]

    @keyword("Authorization URL Should Have Parameter")
    def authorization_url_should_have_parameter(self, url: str, name: str, expected: str = "") -> None:
        """Fails unless `url` has the query parameter `name` once, with a value.

        With `expected`, it must be that value.
        """
        value = self.get_query_parameter(url, name)
        if expected and value != expected:
            raise failure(f"The authorization URL has {name}={shown(value)}, expected {shown(expected)}.", url)

    @keyword("Authorization URL Should Request Calendar Scope")
    def authorization_url_should_request_calendar_scope(self, url: str) -> None:
        """Fails unless one of the scopes of `url`, which spaces separate, is one of Google Calendar."""
        scope = self.get_query_parameter(url, "scope")
        if not any(one == CALENDAR_SCOPE or one.startswith(f"{CALENDAR_SCOPE}.") for one in scope.split()):
            raise failure(
                f"The authorization URL requests the scope {shown(scope)}, expected one of Google Calendar.", url
            )

    @keyword("Authorization URL Should Contain Redirect URI")
    def authorization_url_should_contain_redirect_uri(self, url: str) -> None:
        """Fails unless the redirect URI of `url` is https with a public host name.

        For a backend on this machine, it may be http and of any host (RFC 6749 section 3.1.2).
        """
        uri = self.get_query_parameter(url, "redirect_uri")
        problem = redirect_uri_problem(uri, on_loopback=run_state().is_loopback)
        if problem:
            raise failure(f"The redirect URI is {shown(uri)}, but {problem}.", url)

    @keyword("URL Should Have Origin")
    def url_should_have_origin(self, url: str, expected: str) -> None:
        """Fails unless scheme, host and port of `url` are the `expected` ones."""
        if origin(url) != expected:
            raise failure(f"The redirect leads to {origin(url)}, expected {expected}.", url)

    @keyword("URL Should Not Have Origin")
    def url_should_not_have_origin(self, url: str, unexpected: str) -> None:
        """Fails where scheme, host and port of `url` are the `unexpected` ones."""
        if origin(url) == unexpected:
            raise failure(f"The redirect leads to {unexpected}, expected the dashboard.", url)

    @keyword
    def callback_location_should_be_usable(self, location: str) -> None:
        """Fails unless a browser can follow `location`; see `callback_location_problem`."""
        problem = callback_location_problem(location, on_loopback=run_state().is_loopback)
        if problem:
            raise failure(f"The callback redirects to {shown(str(location))}, but {problem}.", location)

    @keyword
    def redirect_should_contain_error(self, location: str) -> None:
        """Fails unless the query or the fragment of `location` reports an error."""
        parts = urlsplit(location)
        if not contains_error(location):
            raise failure(f"The redirect to {parts.netloc}{parts.path} contains no error, expected one.", location)
