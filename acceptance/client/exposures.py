"""Exposures: credentials that a response shows, found by the names of fields and by known shapes.

A response may show what its own request contained, and the token of the caller.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests

from acceptance.client.endpoints import is_login
from acceptance.client.json_body import json_object, json_value, strings_of
from acceptance.client.jwt_format import claims_of
from acceptance.credentials import SHAPES, is_credential_name, is_credential_value, is_placeholder, words_of

MOST_EXPOSURES = 20
LONGEST_PLACE = 100
SHORTEST_PASSWORD = 8
BY_NAME = "a credential"
PASSWORD = "the password of the account"

_OWN_PARAMETERS = frozenset(["state", "code", "code_challenge", "nonce", "request", "id_token_hint", "login_hint"])
"""Parameters of OAuth that the client hands on; they may be tokens, and are no credentials of the backend."""

_OWN_TOKEN = re.compile("(?:access_?|refresh_?|id_|auth_)?token|jwt")
"""The names of the caller's own tokens in the response to a login."""

_OWN_IN_URL = re.compile(rf"[?&#;](?:amp;)?(?:{'|'.join(sorted(_OWN_PARAMETERS))})=[^&#\s\"'<>]*")
_PAIR = re.compile(
    r"""(?<![\w-])([A-Za-z][\w-]{1,60})['"]?\s{0,3}[=:]\s{0,3}['"]?([^\s'"<>&,;)}\]]{8,200})""", re.ASCII
)
"""A name and its value in an error message or on a page."""


Found = tuple[str, str]
"""The kind of a credential, and the place in the response where it is."""


class _Search:
    """The search for credentials in one response."""

    def __init__(self, response: requests.Response, passwords: Collection[str]) -> None:
        request = response.request
        self._response = response
        self._is_error = response.status_code >= requests.codes.bad_request
        self._is_login = is_login(str(request.method), request.path_url)
        self._passwords = [one for one in passwords if len(one) >= SHORTEST_PASSWORD and not one.isalpha()]
        self._sent = list(_texts_of(request))
        token = str(request.headers.get("Authorization", "")).removeprefix("Bearer ")
        if self._is_login:
            token = str((json_object(response.content) or {}).get("access_token"))
        self._subject = _subject(token)

    def run(self) -> Iterator[Found]:
        """Yield each credential."""
        response = self._response
        yield from self._in_text(response.reason or "", "its status line")
        for name, value in response.headers.items():
            if name.lower() != "set-cookie":
                yield from self._in_header(name, value)
        value = json_value(response.content)
        if isinstance(value, dict | list):
            yield from self._in_value(value, "")
        else:
            yield from self._in_text(response.content.decode("utf-8", "replace"), "its body", has_pairs=True)

    def _in_header(self, name: str, value: str) -> Iterator[Found]:
        place = f"its header {name}"
        yield from self._in_text(value, place)
        last = words_of(name)[-1:]
        if is_credential_name(name) and last not in (["token"], ["authorization"]) and self._is_shown(value):
            yield BY_NAME, place
        if name.lower() == "location":
            for parameter, one in _parameters_of(value):
                if parameter.lower() not in _OWN_PARAMETERS:
                    yield from self._in_field(parameter, one, f"the parameter '{parameter}' of {place}")

    def _in_value(self, value: Any, path: str, name: str = "", *, is_embedded: bool = False) -> Iterator[Found]:
        if isinstance(value, dict):
            for key, one in value.items():
                yield from self._in_text(key, "the name of a field")
                yield from self._in_value(one, f"{path}.{key}".lstrip("."), key, is_embedded=is_embedded)
        elif isinstance(value, list):
            for one in value:
                yield from self._in_value(one, path, name, is_embedded=is_embedded)
        elif isinstance(value, str) and name.lower() not in _OWN_PARAMETERS:
            parsed = json_value(value) if value[:1] in ("{", "[") and not is_embedded else None
            if isinstance(parsed, dict | list):
                yield from self._in_value(parsed, path, name, is_embedded=True)
            else:
                yield from self._in_field(name, value, f"the field '{path}'")

    def _in_field(self, name: str, value: str, place: str) -> Iterator[Found]:
        found = list(self._in_text(value, place, has_pairs=self._is_error))
        yield from found
        is_own = self._is_login and not self._is_error and bool(_OWN_TOKEN.fullmatch(name.lower()))
        if not found and not is_own and is_credential_name(name) and self._is_shown(value):
            yield BY_NAME, place

    def _in_text(self, text: str, place: str, *, has_pairs: bool = False) -> Iterator[Found]:
        for found in SHAPES.finditer(_OWN_IN_URL.sub("", text)):
            shown = found["password"] or found.group()
            kind = next(name for name, value in found.groupdict().items() if value and name != "password")
            is_harmless = kind == "a_URL_with_a_password" and is_placeholder(shown)
            is_own = kind == "a_JWT" and self._is_own(shown)
            if not is_harmless and not is_own and not self._was_sent(shown):
                yield kind.replace("_", " "), place
        if any(password in text for password in self._passwords if not self._was_sent(password)):
            yield PASSWORD, place
        if has_pairs:
            for pair in _PAIR.finditer(text):
                if is_credential_name(pair[1]) and _has_digit(pair[2]) and self._is_shown(pair[2]):
                    yield BY_NAME, f"'{pair[1]}' in {place}"

    def _is_shown(self, value: str) -> bool:
        """Return whether `value`, under the name of a credential, is one that the response should not show."""
        if self._is_error and not _has_digit(value):  # an error names its fields: `{"password": "too_short"}`
            return False
        return is_credential_value(value) and not self._was_sent(value) and not self._is_own(value)

    def _was_sent(self, value: str) -> bool:
        return any(value in text for text in self._sent)

    def _is_own(self, value: str) -> bool:
        """Return whether `value` is a token of the caller, such as a renewed one."""
        return self._subject is not None and _subject(value) == self._subject


def exposures_of(response: requests.Response, passwords: Collection[str]) -> list[str]:
    """Return the credentials that `response` shows, each as its kind and place, without its value.

    At most 20 are returned. The names of fields may hold secrets: mask them.

    Args:
        response: The response.
        passwords: The passwords of the run, which no response but one that repeats its request may show.
    """
    found: Iterable[str] = (f"{kind} in {place[:LONGEST_PLACE]}" for kind, place in _Search(response, passwords).run())
    return list(islice(dict.fromkeys(islice(found, 1_000)), MOST_EXPOSURES))


def _texts_of(request: requests.PreparedRequest) -> Iterator[str]:
    """Yield what `request` sent: its URL, headers and body, encoded and not."""
    body = request.body.decode("utf-8", "replace") if isinstance(request.body, bytes) else request.body or ""
    yield from (str(request.url), unquote(str(request.url)), body)
    yield from (str(value) for value in request.headers.values())
    yield from strings_of(json_value(body))


def _parameters_of(url: str) -> list[tuple[str, str]]:
    """Return the parameters in the query and the fragment of `url`, decoded."""
    try:
        parts = urlsplit(url)
        return parse_qsl(f"{parts.query}&{parts.fragment}", max_num_fields=200)
    except ValueError:
        return []


def _subject(token: str) -> str | None:
    """Return whom a JWT stands for (RFC 7519 section 4.1.2), None where it does not say it."""
    claims = claims_of(token)
    return next((str(claims[name]) for name in ("sub", "user_id", "uid", "email") if claims.get(name)), None)


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)
