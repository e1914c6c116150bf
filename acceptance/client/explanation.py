"""What explains an unexpected response: a redirect, a page, an encoding, or the reason that it gives."""

import html
import re
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from urllib3.response import HTTPResponse

from acceptance.client.json_body import reason_of
from acceptance.texts import cut

LONGEST_LOCATION = 200
LONGEST_TITLE = 80
LONGEST_HEAD = 10_000
HTML_TYPES = ("text/html", "application/xhtml+xml")
DECODED = {*HTTPResponse.CONTENT_DECODERS, "identity", ""}
_HTML = re.compile(r"\s*<(!doctype html|html|head|body)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,100}>([^<]{1,300})", re.IGNORECASE)
_LOGIN_PAGE = re.compile(r"(?:^|[/_.-])(?:log[-_]?in|sign[-_]?in|sso|saml|oauth2?|auth)(?![a-z])", re.IGNORECASE)


def explanation_of(response: requests.Response) -> str:
    """Return what explains that the status of `response` is not the expected one, as a clause; empty if nothing does.

    It may hold a secret: mask it.
    """
    if response.is_redirect:
        return _redirect(response)
    reason = reason_of(response)
    return page_of(response) or (f"'{reason}'" if reason else "")


def why_not_readable(response: requests.Response) -> str:
    """Return what explains that the body of `response` is not JSON, as a clause; empty if nothing does.

    It may hold a secret: mask it.
    """
    encodings = [one.strip().lower() for one in response.headers.get("Content-Encoding", "").split(",")]
    unknown = [one for one in encodings if one not in DECODED]
    if unknown:
        return f"the Content-Encoding '{cut(unknown[0])}', for which the request did not ask"
    return page_of(response)


def page_of(response: requests.Response) -> str:
    """Return that the body of `response` is an HTML page, and its title, as a clause; empty where it is none."""
    head = response.content[:LONGEST_HEAD].decode("utf-8", "replace")
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type not in HTML_TYPES and not _HTML.match(head):
        return ""
    title = _TITLE.search(head)
    words = cut(" ".join(html.unescape(title.group(1)).split()), LONGEST_TITLE) if title else ""
    return f"an HTML page{f' ({words!r})' if words else ''}, perhaps of a firewall or gateway"


def _redirect(response: requests.Response) -> str:
    location = response.headers["Location"]
    shown = cut(re.split("[;?#]", location)[0], LONGEST_LOCATION)
    try:
        asked, target = urlsplit(str(response.request.url)), urlsplit(urljoin(str(response.request.url), location))
    except ValueError:
        return f"a redirect to '{shown}'"
    return f"a redirect to '{shown}'{_hint(asked, target)}"


def _hint(asked: SplitResult, target: SplitResult) -> str:
    """Return what may be wrong with the URL of the run where a request for `asked` is redirected to `target`."""
    is_same_host = asked.hostname == target.hostname
    if is_same_host and (asked.scheme, target.scheme) == ("http", "https"):
        return "; the URL must begin with https"
    if is_same_host and asked.path != target.path and asked.path.rstrip("/") == target.path.rstrip("/"):
        return "; the paths differ in the slash at the end"
    if asked.path != target.path and _LOGIN_PAGE.search(f"{target.hostname or ''}{target.path}"):
        return "; perhaps a login page stands before the API"
    return "" if is_same_host else "; perhaps the URL is not that of the backend"
