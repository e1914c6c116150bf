"""Redaction: the secrets of a process, and their masking in texts, so that no artifact holds one."""

import base64
import html
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "•••"
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?")
_HEADER = re.compile(
    r"""(?P<name>(?:proxy-)?authorization|set-cookie|cookie)(?P<between>['"]?\s*[:=]\s*+)"""
    r"""(?!Bearer \$[A-Z_]*TOKEN\b)"""  # the variable that replaces a token in a command line
    r"""(?P<value>'[^'\n]*'|"[^"\n]*"|[^\n,}]+)""",
    re.IGNORECASE,
)
_SHAPES = re.compile(
    r"""(?<=://)[^\s/:@'"]*:[^\s/@'"]+(?=@)"""  # a URL with a password
    r"""|\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$argon2[a-z]*\$[^\s'"]+"""  # password hashes
    r"""|\b(?:sk|rk)_live_\w{8,}|\bAKIA[0-9A-Z]{16}\b|\bya29\.[\w-]{8,}|\bgh[opsu]_\w{20,}"""  # API keys
    r"""|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END|\Z)""",
    re.DOTALL,
)
"""Credentials of a backend, by their shape."""

_ESCAPE = re.compile("%[0-9A-F]{2}")
_HTML_SAFE_JSON = re.compile("[<>&']")
_ELLIPSIS = re.compile(r"…|\.\.\.")
SHORTEST_SECRET = 4
SHORTEST_COOKIE = 16


def _base64_forms(secret: str) -> Iterable[str]:
    """The characters that `secret` contributes to a Base64 text which contains it, at each of the three alignments."""
    raw = secret.encode("utf-8", "surrogatepass")
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        clear_of_neighbours = encoded[(before * 8 + 5) // 6 : len(encoded) - (1 if (before + len(raw)) % 3 else 0)]
        if len(clear_of_neighbours) >= 8:
            yield clear_of_neighbours
            yield clear_of_neighbours.replace("+", "-").replace("/", "_")


def forms(secret: str) -> set[str]:
    """Return the encodings in which an artifact may contain `secret`: raw, URL, JSON, HTML and Base64."""
    spellings = {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        quote(quote(secret, safe=""), safe=""),
        _ESCAPE.sub(lambda found: found.group().lower(), quote(secret, safe="")),
        json.dumps(secret)[1:-1].replace("/", "\\/"),
        _HTML_SAFE_JSON.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(secret)[1:-1]),
        html.escape(secret).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        html.escape(secret),
        html.escape(secret, quote=False),
        *_base64_forms(secret),
    }
    spellings |= {json.dumps(spelling, ensure_ascii=False)[1:-1] for spelling in tuple(spellings)}
    return spellings


def _overlap(text: str, secret: str) -> int:
    """The length of the longest beginning of `secret` with which `text` ends, 0 where it is too short to matter."""
    lengths = range(min(len(secret), len(text)), SHORTEST_SECRET - 1, -1)
    return next((length for length in lengths if text.endswith(secret[:length])), 0)


class Redactor:
    """Masks the secrets of a process in texts.

    Tokens and credential headers are also recognised by their form (RFC 7519, RFC 9110 section 11.6, RFC 6265), so that
    those which were never registered are masked, too.
    """

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._spellings: list[str] = []
        self._longest = 0
        self._pattern: re.Pattern[str] | None = None

    def add(self, *secrets: str | None) -> None:
        """Register secrets; empty ones, and those too short to distinguish from ordinary text, are ignored."""
        new = {secret for secret in secrets if secret and len(secret) >= SHORTEST_SECRET} - self._secrets
        if new:
            self._secrets |= new
            spellings = {form for secret in self._secrets for form in forms(secret)}
            self._spellings = sorted(spellings, key=len, reverse=True)
            self._longest = len(self._spellings[0])
            self._pattern = re.compile("|".join(map(re.escape, self._spellings)))

    def add_token(self, token: str | None) -> None:
        """Register a token, and its claims and signature, which may appear apart."""
        parts = (token or "").split(".")[1:]
        self.add(token, *(part for part in parts if len(part) >= SHORTEST_COOKIE))

    def add_cookies(self, values: Iterable[str | None]) -> None:
        """Register the values of cookies; a short value is not a session id, and may appear anywhere."""
        self.add(*(value for value in values if value and len(value) >= SHORTEST_COOKIE))

    def is_credential(self, text: str) -> bool:
        """Return whether `text` contains a registered secret as it is."""
        return any(secret in text for secret in self._secrets)

    @property
    def secrets(self) -> frozenset[str]:
        """The registered secrets."""
        return frozenset(self._secrets)

    def _mask_cuts(self, text: str) -> str:
        """Return `text` without the beginnings of secrets that are left before an ellipsis."""
        parts, done = [], 0
        for ellipsis in _ELLIPSIS.finditer(text):
            before = text[max(done, ellipsis.start() - self._longest) : ellipsis.start()]
            cut = max((_overlap(before, spelling) for spelling in self._spellings), default=0)
            if cut:
                parts += [text[done : ellipsis.start() - cut], MASK]
                done = ellipsis.start()
        return "".join([*parts, text[done:]])

    def mask(self, text: str) -> str:
        """Return `text` with every secret replaced by `MASK`."""
        if self._pattern:
            text = self._pattern.sub(MASK, text)
            text = self._mask_cuts(text)
        text = _SHAPES.sub(MASK, _JWT.sub(MASK, text))
        return _HEADER.sub(rf"\g<name>\g<between>{MASK}", text)
