"""What a developer needs to look into a failed call: request, response, time, and a shell command that repeats it."""

import json
import shlex
from collections.abc import Mapping
from itertools import islice
from typing import Any

import requests

from acceptance.client.endpoints import is_login
from acceptance.client.exchanges import Exchange, status_of
from acceptance.client.json_body import json_value
from acceptance.redaction import MASK, SHORTEST_FOUND, is_masked_name
from acceptance.texts import cut

LONGEST_BODY = 4_000
LONGEST_HEADER, MOST_HEADERS = 500, 50
LONGEST_PARSED = 100_000
"""The bytes of the response to a login beyond which it is not shown."""


class Evidence:
    """Shows exchanges without the secrets of the run: the shell variable that holds a secret stands in its place.

    Args:
        variables: The names of the variables, by the secrets that they hold. Any other token is the owner's, `TOKEN`.
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = {value: name for value, name in (variables or {}).items() if value}

    def add_variable(self, name: str, value: str) -> None:
        """Show `value` as the shell variable `name` from now on."""
        self._variables[value] = name

    def of(self, exchange: Exchange) -> str:
        """Return the request, the response and the command that repeats the call, in several lines."""
        request = exchange.request
        sent = [f"{request.method} {request.url}", *self._headers(request), *self._body(_text(request.body))]
        return "\n".join(
            [
                f"{exchange.headline}.",
                *("", "Request:", *_indented(sent)),
                *("", "Response:", *_indented(self._response(exchange.response))),
                *("", "To repeat it:", f"  {self.curl(request)}"),
            ]
        )

    def _response(self, response: requests.Response | None) -> list[str]:
        if response is None:
            return ["none"]
        headers = [
            f"{cut(name)}: {MASK if is_masked_name(name) else self._plain(cut(value, LONGEST_HEADER))}"
            for name, value in islice(response.headers.items(), MOST_HEADERS)
        ]
        return [status_of(response), *headers, *self._body(_shown_body(response))]

    def curl(self, request: requests.PreparedRequest) -> str:
        """Return the shell command that sends `request` again."""
        words = ["curl", "-i", "-X", str(request.method)]
        for header in self._headers(request):
            words += ["-H", f'"{header}"' if "$" in header else shlex.quote(header)]
        if request.body:
            words += ["--data-raw", self._quoted(_text(request.body))]
        return " ".join([*words, self._quoted(str(request.url))])

    def _headers(self, request: requests.PreparedRequest) -> list[str]:
        headers = []
        token = _text(request.headers.get("Authorization")).removeprefix("Bearer ")
        if token:
            headers.append(f"Authorization: Bearer ${self._variables.get(token, 'TOKEN')}")
        if "Content-Type" in request.headers:
            headers.append(f"Content-Type: {_text(request.headers['Content-Type'])}")
        return headers

    def _plain(self, text: str) -> str:
        for literal, name in self._spellings():
            text = text.replace(literal, f"${name}")
        return text

    def _body(self, text: str) -> list[str]:
        if not text:
            return []
        shown = self._plain(cut(text, LONGEST_BODY))
        return ["", *(f"{shown} ({len(text):,} characters)" if len(text) > LONGEST_BODY else shown).splitlines()]

    def _quoted(self, text: str) -> str:
        """Return `text` as one word of a shell command, with variables in place of secrets."""
        parts: list[tuple[str, bool]] = [(text, False)]
        for literal, name in self._spellings():
            parts = [piece for part in parts for piece in _split(part, literal, name)]
        return "".join(f'"{part}"' if is_variable else shlex.quote(part) for part, is_variable in parts)

    def _spellings(self) -> list[tuple[str, str]]:
        """Return each secret as headers and JSON bodies spell it, the longest first, and the name of its variable."""
        pairs = {(form, name) for value, name in self._variables.items() for form in (value, json.dumps(value)[1:-1])}
        return sorted(pairs, key=lambda pair: len(pair[0]), reverse=True)


def _shown_body(response: requests.Response) -> str:
    """Return the body of `response`; the body of a login without strings that may be a token not known yet."""
    request = response.request
    if not is_login(str(request.method), request.path_url):
        return _text(response.content)
    is_long = len(response.content) > LONGEST_PARSED
    value = None if is_long else json_value(response.content)
    if value is None and response.ok:
        return f"({len(response.content):,} bytes that are {'not shown' if is_long else 'not JSON'})"
    if value is None:
        return _text(response.content)
    return json.dumps(_without_tokens(value, is_token=response.ok), ensure_ascii=False)


def _without_tokens(value: Any, *, is_token: bool) -> Any:
    if isinstance(value, dict):
        return {name: _without_tokens(one, is_token=is_token or is_masked_name(name)) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_tokens(one, is_token=is_token) for one in value]
    return MASK if is_token and isinstance(value, str) and len(value) >= SHORTEST_FOUND else value


def _split(part: tuple[str, bool], literal: str, name: str) -> list[tuple[str, bool]]:
    text, is_variable = part
    if is_variable or literal not in text:
        return [part]
    first, *others = text.split(literal)
    pieces = [(first, False)] if first else []
    for other in others:
        pieces += [(f"${name}", True), *([(other, False)] if other else [])]
    return pieces


def _text(content: str | bytes | None) -> str:
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else content or ""


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}".rstrip() for line in lines]
