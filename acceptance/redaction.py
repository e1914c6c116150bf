"""Redaction: the secrets of a process, and their masking in texts, so that no artifact holds one.

It masks more than `acceptance.credentials` finds: a harmless value that is masked costs little.
"""

import importlib.util
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from functools import cache, lru_cache
from itertools import chain, islice
from pathlib import Path

from acceptance.credentials import SHAPES, is_credential_name, is_credential_value, words_of
from acceptance.spellings import Span, View, encodings, fold, spellings, views

MASK = "•••"
SHORTEST_SECRET = 4
SHORTEST_FOUND, LONGEST_FOUND, MOST_FOUND = 13, 16_384, 60
"""The limits of the secrets that a response brings: cookies, and what a login returns."""

MOST_FOUND_CHARACTERS = 200_000
SHORTEST_NUMBER = 6
HEAD = 16
_ELLIPSIS = re.compile(r"\.{3,}|…")

_JWT = re.compile(r"(?<![\w-])(?>[\w-]*?eyJ[\w-]{5,}+)\.[\w-]{5,}+(?:\.[\w-]*+){0,3}", re.ASCII)
"""Unsigned and encrypted tokens as well, and those with a part cut off (RFC 7519)."""

_KEY_END = "-----END"
_FIELD = re.compile(
    r"(?<![\w.$-])(?P<name>(?:[A-Za-z]{1,20}[ ])?[A-Za-z_$][\w.$-]{0,99}+)"
    r"(?:(?P<end>['\"]?)[\]})]{0,2}\s{0,3}(?P<is>=>|:=|[:=])[ \t]{0,3}"
    r"|(?:\s{0,5}<[^<>]{0,200}+>){1,6}\s{0,5})"  # the cells of a table in HTML
)
"""A name and what stands between it and its value: JSON, a header, a parameter, a dictionary, a table."""

_COOKIE_WORDS = frozenset({"cookie", "cookies", "session", "sessionid", "sid", "sess", "auth", "csrf", "xsrf", "nonce"})
_PASS_WORDS = frozenset({"pass", "passcode", "pw", "pin", "otp"})
_LINES = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_LINE_START = re.compile(r"(?:^|\n)[ \t]*\Z|['\"]\Z")
LONGEST_INDENT = 20
_BRACKETS = frozenset("{[")
_QUOTED = {quote: re.compile(rf"(?:[^{quote}\\\n]|\\.)*+", re.DOTALL) for quote in ('"', "'")}
_LINE = {quote: re.compile(rf"[^\r\n<{quote}]*+") for quote in ("", *_QUOTED)}
_CELL = re.compile("[^<]*+")
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_WORD = re.compile(r"(?P<scheme>(?:Bearer|Basic|Digest|Negotiate|Token|ApiKey)\s{1,3})?[^\s\"'<>&,;)\]}|]+")
_PLAIN = re.compile("[A-Za-z_]{1,20}")
"""A word of a sentence, such as `no usable token: access_token is missing`."""

_VARIABLE = re.compile(r"""['"]{0,4}(?:Bearer )?\$\{?[A-Z][A-Z0-9_]*\}?(?:['"\s]|$)""")
"""A shell variable, which stands in place of a secret of the run."""

_NO_VALUE = re.compile(rf"(?i:null|none|true|false|{MASK}|[0-9]{{1,{SHORTEST_NUMBER - 1}}})?")


class Secrets:
    """Finds secrets in texts, however they are spelled.

    Args:
        encoded: Secrets that are looked for in every encoding.
    """

    def __init__(self, encoded: Collection[str] = ()) -> None:
        self._spellings: set[str] = set()
        for secret in encoded:
            self.add(secret, encoded=True)

    def add(self, secret: str, *, encoded: bool) -> None:
        """Look for `secret`, as it is and escaped, in any letter case; where `encoded`, also in other encodings."""
        found = spellings(secret) | (encodings(secret) if encoded else set())
        self._spellings |= {one for one in found if len(one) >= SHORTEST_SECRET}

    @property
    def longest(self) -> int:
        """The number of characters of the longest spelling."""
        return max(map(len, self._spellings), default=0)

    def spans(self, view: View) -> Iterator[Span]:
        """Yield the places of secrets in `view`."""
        text = view.folded
        for spelling in self._spellings:
            start = text.find(spelling)
            while start >= 0:
                yield start, start + len(spelling)
                start = text.find(spelling, start + len(spelling))

    def cuts(self, view: View) -> Iterator[Span]:
        """Yield the places of the beginnings of secrets that are left before an ellipsis in `view`."""
        ellipses = [found.start() for found in _ELLIPSIS.finditer(view.text)]
        for spelling in self._spellings if ellipses else ():
            yield from _cuts(view.folded, ellipses, spelling)

    def are_in(self, text: str) -> bool:
        """Return whether `text` holds a secret."""
        return any(True for view in views(text) for _ in self.spans(view))

    def mask(self, text: str) -> str:
        """Return `text` with every secret replaced by `MASK`."""
        return _masked(text, [view.source(span) for view in views(text) for span in self.spans(view)])


def _cuts(text: str, ellipses: list[int], spelling: str) -> Iterator[Span]:
    """Yield the places of the beginnings of `spelling` that are left before one of the `ellipses`."""
    head = spelling[:HEAD]
    start = text.find(spelling[:SHORTEST_SECRET])
    while start >= 0:
        number = bisect_left(ellipses, start + SHORTEST_SECRET)
        if number == len(ellipses):
            return
        end = ellipses[number]
        length, after = end - start, start + 1
        if length >= len(spelling):
            after = max(after, end - len(spelling) + 1)
        elif text.startswith(head[:length], start) and (length <= HEAD or text[start:end] == spelling[:length]):
            yield start, end
            after = end
        start = text.find(spelling[:SHORTEST_SECRET], after)


class Redactor:
    """Masks secrets in texts: those of a process, and credentials that a backend shows.

    The credentials of a backend are recognised by the names of their fields, headers and parameters, and by their
    shapes, so that those which were never registered are masked, too.
    """

    def __init__(self) -> None:
        self._own: set[str] = set()
        self._found: set[str] = set()
        self._found_characters = 0
        self._secrets = Secrets()

    def add(self, *secrets: str | None) -> None:
        """Register secrets of the run; those too short to distinguish from ordinary text are ignored."""
        for secret in secrets:
            if secret and len(secret) >= SHORTEST_SECRET and secret not in self._own:
                self._own.add(secret)
                self._secrets.add(secret, encoded=True)

    def add_token(self, token: str | None) -> None:
        """Register a token, and its claims and signature, which may appear apart."""
        self.add(token)
        self.add_found((token or "").split(".")[1:])

    def add_found(self, values: Iterable[str | None]) -> None:
        """Register secrets that a response brought, such as cookies, within limits."""
        for value in found_secrets(value for value in values if value and value not in self._found):
            self._found_characters += len(value)
            if len(self._found) < MOST_FOUND and self._found_characters <= MOST_FOUND_CHARACTERS:
                self._found.add(value)
                self._secrets.add(value, encoded=False)

    def is_credential(self, text: str) -> bool:
        """Return whether `text` contains a secret of the run as it is."""
        return any(secret in text for secret in self._own)

    @property
    def secrets(self) -> frozenset[str]:
        """The secrets of the run, without those that responses brought."""
        return frozenset(self._own)

    def mask(self, text: str) -> str:
        """Return `text` with every secret replaced by `MASK`."""
        spans = []
        for view in views(text):
            found = (self._secrets.spans(view), self._secrets.cuts(view), _shapes(view.text), _fields(view.text))
            spans += [view.source(span) for span in chain.from_iterable(found)]
        return _masked(text, spans)


_ORDINARY = re.compile(r".*\s|\d{4}-\d\d-\d\d|[A-Za-z][A-Za-z0-9+.-]{0,20}:?//|/", re.DOTALL)
"""What is no secret that a response brought: a text with a space, a date, a URL, a path."""


def found_secrets(values: Iterable[str]) -> Iterator[str]:
    """Yield those of `values` that may be secrets which a response brought, `MOST_FOUND` at most.

    No secret is a short one, a sentence, a date, a URL, or what the texts of the suite contain: with these a hostile
    backend could make the reports unreadable.
    """
    in_limits = (value for value in values if SHORTEST_FOUND <= len(value) <= LONGEST_FOUND)
    secrets = (value for value in in_limits if not _ORDINARY.match(value) and fold(value) not in own_texts())
    return islice(secrets, MOST_FOUND)


@cache
def own_texts() -> str:
    """Return, folded, the texts that are in every report anyway: the suite's, and Robot Framework's templates."""
    root = Path(__file__).resolve().parents[1]
    robot = importlib.util.find_spec("robot")
    folders = [root / name for name in ("suites", "resources", "libraries", "acceptance")]
    folders += [Path(place) / "htmldata" for place in (robot and robot.submodule_search_locations) or ()]
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return fold("\n".join(path.read_text("utf-8", "replace") for path in files))


def _masked(text: str, spans: Collection[Span]) -> str:
    """Return `text` with `MASK` in place of `spans`, one for those that touch."""
    parts: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if not parts or start > done:
            parts += [text[done:start], MASK]
        done = max(done, end)
    return "".join([*parts, text[done:]])


def _shapes(text: str) -> Iterator[Span]:
    """Yield the places of credentials of known shapes; a private key reaches to its end."""
    position = 0
    while found := SHAPES.search(text, position):
        position = found.end()
        if found["a_private_key"]:
            end = text.find(_KEY_END, position)
            position = end if end >= 0 else len(text)
        yield found.start(), position
    yield from (found.span() for found in _JWT.finditer(text))


@lru_cache(10_000)
def is_masked_name(name: str) -> bool:
    """Return whether the value of a field, header or parameter called `name` is masked; cookies and sessions, too."""
    words = words_of(name)
    last = words[-2:][0] if words[-1:] in (["id"], ["key"], ["value"]) else (words or [""])[-1]
    return is_credential_name(name) or last in _COOKIE_WORDS or last in _PASS_WORDS


def _fields(text: str) -> Iterator[Span]:
    """Yield the places of the values of fields, headers and parameters that are credentials by their names."""
    position = 0
    for field in _FIELD.finditer(text):
        is_masked = field.start() >= position and is_masked_name(field["name"])
        span = _value(text, field) if is_masked else None
        if span and span[0] < span[1]:
            yield span
            position = span[1]


def _value(text: str, field: re.Match[str]) -> Span | None:
    """Return the place of the value of `field`, None where it needs no mask."""
    start, opening = field.end(), text[field.end() : field.end() + 1]
    if _VARIABLE.match(text, start):
        return None
    if opening in _BRACKETS:
        end = _closing(text, start)
        return None if end == start + len("{}") else (start, end)
    if opening in _QUOTED:
        end = _end(_QUOTED[opening], text, start + 1)
        return None if _NO_VALUE.fullmatch(text, start + 1, end) else (start + 1, end)
    if not field["is"]:
        return start, _end(_CELL, text, start)
    is_header = field["is"] == ":" and not field["end"]
    name = field["name"].rpartition(" ")[2]
    end_of_before = field.end("name") - len(name)
    before = text[max(0, end_of_before - LONGEST_INDENT) : end_of_before]
    if is_header and (name.lower() in _LINES or ("-" in name and _LINE_START.search(before))):
        return start, _end(_LINE[before[-1:] if before[-1:] in _QUOTED else ""], text, start)
    word = _WORD.match(text, start)
    if word is None or _NO_VALUE.fullmatch(word.group()):
        return None
    is_prose = is_header and (_PLAIN.fullmatch(word.group()) or not is_credential_value(word.group()))
    return None if is_prose and not word["scheme"] else word.span()


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


def _closing(text: str, start: int) -> int:
    """Return the end of the list or object that begins at `start`; that of the text where it is not closed."""
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text, start):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found.group(), 0)
        if depth == 0:
            return found.end()
    return len(text)
