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
from acceptance.client.identity import same_user, subject_of
from acceptance.client.json_body import json_object, json_value, strings_of
from acceptance.credentials import SHAPES, is_credential, is_placeholder, words_of

MOST_EXPOSURES = 20
LONGEST_PLACE = 100
SHORTEST_PASSWORD = 8
BY_NAME = "a credential"
PASSWORD = "the password of the account"

_OWN_PARAMETERS = frozenset(["state", "code", "code_challenge", "nonce", "request", "id_token_hint", "login_hint"]) | {
    "x-amz-credential",
    "x-amz-security-token",
    "awsaccesskeyid",
}
"""Parameters of OAuth, and of presigned URLs, that the client hands on; they are no credentials of the backend."""

_OWN_TOKEN = re.compile("(?:access|refresh|id|auth)?_?token|jwt", re.IGNORECASE)
"""The names of the caller's own tokens in the `user` of a login. Next to it, each token is the caller's."""

_OWN_IN_URL = re.compile(rf"[?&#;](?:amp;)?(?:{'|'.join(sorted(_OWN_PARAMETERS))})=[^&#\s\"'<>\\]*", re.IGNORECASE)
_PAIR = re.compile(
    r"""(?<![\w-])([A-Za-z][\w-]{1,60})['"]?\s{0,3}[=:]\s{0,3}['"]?([^\s'"<>&,;(){}\[\]]{8,200})""", re.ASCII
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
        self._passwords = [one for one in passwords if _is_distinctive(one)]
        self._sent = list(_texts_of(request))
        token = str(request.headers.get("Authorization", "")).removeprefix("Bearer ")
        if self._is_login:
            token = str((json_object(response.content) or {}).get("access_token"))
            self._sent.append(token)
        self._subject = subject_of(token)

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
        if last not in (["token"], ["authorization"]) and self._is_shown(name, value):
            yield BY_NAME, place
        if name.lower() == "location":
            for parameter, one in _parameters_of(value):
                if parameter.lower() not in _OWN_PARAMETERS:
                    yield from self._in_field(parameter, one, f"the parameter '{parameter}' of {place}", is_own=False)

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
                is_own = not path.startswith("user.") or bool(_OWN_TOKEN.fullmatch(name))
                yield from self._in_field(name, value, f"the field '{path}'", is_own=is_own)

    def _in_field(self, name: str, value: str, place: str, *, is_own: bool) -> Iterator[Found]:
        """Yield the credentials in a field; where it `is_own`, a login gives the caller a token in it."""
        is_own &= self._is_login and not self._is_error
        found = list(self._in_text(value, place, has_pairs=self._is_error, is_own=is_own))
        yield from found
        is_token = is_own and words_of(name)[-1:] in (["token"], ["tokens"], ["jwt"])
        if not found and not is_token and self._is_shown(name, value):
            yield BY_NAME, place

    def _in_text(self, text: str, place: str, *, has_pairs: bool = False, is_own: bool = False) -> Iterator[Found]:
        for found in SHAPES.finditer(_OWN_IN_URL.sub("", text)):
            shown = found.group()
            kind = str(found.lastgroup)
            secret = found["password"] or found["value"]
            is_harmless = is_placeholder(secret) if secret else kind == "a_JWT" and self._is_harmless(shown, is_own)
            if not is_harmless and not self._was_sent(shown):
                yield kind.replace("_", " "), place
        if any(password in text for password in self._passwords if not self._was_sent(password)):
            yield PASSWORD, place
        if has_pairs:
            for pair in _PAIR.finditer(text):
                if self._is_shown(pair[1], pair[2], is_error=True):
                    yield BY_NAME, f"'{pair[1]}' in {place}"

    def _is_shown(self, name: str, value: str, *, is_error: bool = False) -> bool:
        """Return whether `value` is a credential, by its `name`, that the response should not show."""
        is_one = is_credential(name, value, is_error=is_error or self._is_error)
        return is_one and not self._was_sent(value) and same_user(subject_of(value), self._subject) is not True

    def _was_sent(self, value: str) -> bool:
        return any(value in text for text in self._sent)

    def _is_harmless(self, token: str, is_own: bool) -> bool:
        """Return whether a JWT is one of the caller, such as a renewed one, or public, as Supabase's."""
        claims = subject_of(token)
        is_of_caller = same_user(claims, self._subject)
        return is_of_caller or (is_own and is_of_caller is None) or claims.get("role") == "anon"


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
        parts = urlsplit(url.replace("&amp;", "&"))
        return parse_qsl(f"{parts.query}&{parts.fragment}", max_num_fields=200)
    except ValueError:
        return []


def _is_distinctive(password: str) -> bool:
    """Return whether a text that contains `password` is not one by chance: an ordinary word, or a phone number."""
    return len(password) >= SHORTEST_PASSWORD and not password.isalpha() and not password.isdigit()
