"""Canaries: texts that a backend shows, and the secret in each, which no artifact may hold."""

import base64
import html
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus


def _each(text: str, form: str) -> str:
    return "".join(form.format(ord(char)) for char in text)


def _each_byte(text: str, form: str) -> str:
    return "".join(form.format(byte) for byte in text.encode())


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "swapped case": str.swapcase,
    "hex": lambda text: text.encode().hex(),
    "hex, upper case": lambda text: text.encode().hex().upper(),
    "hex with colons": lambda text: text.encode().hex(":"),
    "hex with spaces": lambda text: text.encode().hex(" ").upper(),
    "bytes of a language": lambda text: _each_byte(text, "\\x{:02x}"),
    "Base32": lambda text: base64.b32encode(text.encode()).decode(),
    "Base32, lower case": lambda text: base64.b32encode(text.encode()).decode().lower(),
    "Base64": lambda text: base64.b64encode(text.encode()).decode(),
    "Base64 in a longer text": lambda text: base64.b64encode(f"a{text}b".encode()).decode(),
    "Base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "Base64 of JSON": lambda text: base64.b64encode(json.dumps({"a": text}).encode()).decode(),
    "percent": lambda text: quote(text, safe=""),
    "percent, a form": quote_plus,
    "percent of each character": lambda text: _each_byte(text, "%{:02X}"),
    "percent of each character, lower case": lambda text: _each_byte(text, "%{:02x}"),
    "percent of percent": lambda text: quote(quote(text, safe=""), safe=""),
    "\\u of each character": lambda text: _each(text, "\\u{:04x}"),
    "\\u of each character, upper case": lambda text: _each(text, "\\u{:04X}"),
    "\\u in JSON": lambda text: json.dumps(_each(text, "\\u{:04x}")),
    "decimal entities": lambda text: _each(text, "&#{};"),
    "hex entities": lambda text: _each(text, "&#x{:x};"),
    "hex entities, upper case": lambda text: _each(text, "&#X{:X};"),
    "HTML": html.escape,
    "JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON in HTML": lambda text: html.escape(json.dumps(text)),
    "Python": repr,
    "UTF-8 that was read as Latin-1": lambda text: text.encode().decode("latin-1"),
}
"""How a backend may spell a text."""


@dataclass(frozen=True)
class Canary:
    """A text that a backend shows.

    Attributes:
        text: The text.
        secrets: What must not be in an artifact.
    """

    text: str
    secrets: tuple[str, ...]


def shapes() -> Iterator[Canary]:
    """Yield a credential of each known shape."""
    for shape in (
        "$2b$12${0}{0:.21}",
        "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ${0}",
        "scrypt:32768:8:1$c2FsdHNhbHQ${0}",
        "-----BEGIN RSA PRIVATE KEY-----\\nMIIE{0}\\n-----END RSA PRIVATE KEY-----",
        "eyJhbGciOiJIUzI1NiJ9.eyJz{0}.c2ln{0}",
        "sk_live_{0}",
        "AKIA{1:.16}",
        "1//0{0}",
        "ya29.{0}",
        "ghp_{0}",
        "xoxb-{0}",
        "GOCSPX-{0}",
        "postgresql://app:{0}@db.internal/app",
    ):
        secret = uuid.uuid5(uuid.NAMESPACE_URL, shape).hex
        yield Canary(shape.format(secret, secret.upper()), (secret[:16], secret[:16].upper()))


def fields() -> Iterator[Canary]:
    """Yield values in fields, parameters, headers and tables that are credentials by their names."""
    for field in (
        '{{"password_hash": "{0}"}}',
        '{{"oauth": {{"client_secret": "{0}", "name": "x"}}}}',
        '{{"api_keys": ["{0}"]}}',
        "{{'refreshToken': '{0}'}}",
        "grant=x&secret_key={0}&y=z",
        "https://example.com/?page=1&access_token={0}",
        "https%3A%2F%2Fexample.com%2F%3Faccess_token%3D{0}",
        "Invalid api_key: {0}.",
        "Authorization: Basic {0}",
        "<td>DB_PASSWORD</td><td>{0}</td>",
        '{{\\"private_key\\": \\"{0}\\"}}',
    ):
        secret = f"canary9{uuid.uuid5(uuid.NAMESPACE_URL, field).hex[:12]}"
        yield Canary(field.format(secret), (secret,))


def spelled(secret: str) -> Iterator[Canary]:
    """Yield `secret` in each spelling."""
    for spell in SPELLINGS.values():
        text = spell(secret)
        yield Canary(f"[{text}]", (text,))
