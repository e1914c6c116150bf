"""Spellings: the escapes that a text may hold, decoded, and the encodings in which a secret is looked for."""

import base64
import html
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Self
from urllib.parse import quote

MOST_DECODINGS = 3
"""How often a text is decoded: escapes may be escaped again, such as JSON in a string of JSON in a URL."""

SHORTEST_PIECE = 8
"""The least characters of an encoded secret that are looked for; shorter ones may be in any text."""

_ESCAPES = re.compile(
    r"(?:%[0-9A-Fa-f]{2})+"
    r"|(?:\\(?:u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,6}\}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[0-3][0-7]{2}|[\\/\"'bfnrt]))+"
    r"|(?:&(?:#[0-9]{1,10};?|#[xX][0-9A-Fa-f]{1,8};?|[A-Za-z][A-Za-z0-9]{1,31};))+"
)
"""Runs of escapes: of URLs (RFC 3986 section 2.1), of JSON and programming languages, and of HTML."""

_BACKSLASH = re.compile(r"((?:\\(?:x..|[0-3][0-7]{2}))+)|\\[uU]\{?([0-9A-Fa-f]+)\}?|\\(.)", re.DOTALL)
_BYTE = re.compile(r"\\x(..)|\\([0-7]{3})")
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LARGEST_CHARACTER = 0x10FFFF
Span = tuple[int, int]


def fold(text: str) -> str:
    """Return `text` without letter case, each character in its place; `+` is a space, as in forms."""
    return text.replace("\u0130", "i").replace("+", " ").lower().replace("\u03c2", "\u03c3")


class View:
    """A text after some decodings.

    Attributes:
        text: The text.
    """

    def __init__(self, text: str, before: "View | None" = None) -> None:
        self.text = text
        self._before = before
        self._decoded: list[Span] = []
        self._escaped: list[Span] = []
        self._starts: list[int] = []

    @cached_property
    def folded(self) -> str:
        """The text without letter case."""
        return fold(self.text)

    def decoded(self) -> "Self | None":
        """Return the view in which the escapes of this text are decoded, None where it holds none."""
        view = type(self)("", self)
        parts, end, length = [], 0, 0
        for run in _ESCAPES.finditer(self.text):
            plain = _plain(run.group())
            parts += [self.text[end : run.start()], plain]
            length += run.start() - end
            view._starts.append(length)
            view._decoded.append((length, length + len(plain)))
            view._escaped.append(run.span())
            length, end = length + len(plain), run.end()
        view.text = "".join([*parts, self.text[end:]])
        return view if parts and view.text != self.text else None

    def source(self, span: Span) -> Span:
        """Return where the characters at `span` were before any decoding; a run of escapes counts as a whole."""
        if self._before is None:
            return span
        start, last = self._place(span[0]), self._place(span[1] - 1)
        return self._before.source((start[0], last[1]))

    def _place(self, position: int) -> Span:
        """Return the place of the character at `position` in the text before the decoding."""
        number = bisect_right(self._starts, position) - 1
        if number < 0:
            return position, position + 1
        (_, end), escaped = self._decoded[number], self._escaped[number]
        moved = escaped[1] + position - end
        return escaped if position < end else (moved, moved + 1)


def views(text: str) -> Iterator[View]:
    """Yield `text` as it is, and after each decoding."""
    view: View | None = View(text)
    for _ in range(MOST_DECODINGS + 1):
        if view is None:
            return
        yield view
        view = view.decoded()


def spellings(secret: str) -> set[str]:
    """Return, folded, what a view of a text contains where the text contains `secret` as it is or escaped."""
    found = {view.text for view in views(secret)}
    found.add(_bytes(secret).decode("latin-1"))  # UTF-8 that was read as another charset, as in headers
    return {fold(one) for one in found if one}


def encodings(secret: str) -> set[str]:
    """Return, folded, the encodings of `secret`, also within a longer text: hexadecimal, Base32 and Base64.

    Its escapes of JSON and URLs are encoded as well: a whole body or URL may be.
    """
    quoted = json.dumps(secret)[1:-1]
    escaped = {secret, quoted, json.dumps(quoted)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret)}
    found: set[str] = set()
    for raw in map(_bytes, escaped):
        found |= {raw.hex(), *(raw.hex(separator) for separator in ":- ")}
        found |= {_piece(base64.b32encode, raw, before, 5) for before in range(5)}
        found |= {_piece(base64.b64encode, raw, before, 6) for before in range(3)}
        found |= {_piece(base64.urlsafe_b64encode, raw, before, 6) for before in range(3)}
    return {fold(one) for one in found if len(one) >= SHORTEST_PIECE}


def _piece(encode: Callable[[bytes], bytes], raw: bytes, before: int, bits: int) -> str:
    """Return the characters, of `bits` each, that `raw` alone decides in an encoding with `before` bytes before it."""
    encoded = encode(b"\0" * before + raw).decode().rstrip("=")
    is_whole = (before + len(raw)) * 8 % bits == 0
    return encoded[-(-before * 8 // bits) : len(encoded) - (not is_whole)]


def _plain(run: str) -> str:
    """Return what a run of escapes means."""
    if run[0] == "%":
        return _text(bytes.fromhex(run.replace("%", "")))
    if run[0] == "&":
        return html.unescape(run)
    text = _BACKSLASH.sub(_unescaped, run)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return _text(bytes(int(one[1], 16) if one[1] else int(one[2], 8) for one in _BYTE.finditer(escape[1])))
    if escape[2]:
        number = int(escape[2], 16)
        return chr(number) if number <= _LARGEST_CHARACTER else escape.group()
    return _CONTROLS.get(escape[3], escape[3])


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
