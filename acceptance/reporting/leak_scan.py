"""The last look: whether a secret stands in any file of the results, in any form, and what is done about it.

Workers mask what they write, so nothing should be found here. What is found anyway is masked before anybody uploads
it, and a file in which that cannot be done is deleted.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

import robot

from acceptance.config import ROOT
from acceptance.redaction import Redactor, forms

_BASE64_TEXT = re.compile(rb"[A-Za-z0-9+/]{16,}={0,2}")


def leaking_files(directory: Path, own: Collection[str], since: float, redactor: Redactor) -> list[str]:
    """Return the names of the files below `directory` that hold a secret.

    Args:
        directory: The results.
        own: The names of the files that the run wrote itself; these hold no secret any more when this returns.
        since: When the run began; older files are somebody else's and not looked at (`time.time()`).
        redactor: Knows the secrets.
    """
    secrets = redactor.secrets - ordinary_words(redactor.secrets)
    spellings = [form.encode("utf-8", "surrogatepass") for secret in secrets for form in forms(secret)]
    leaking = []
    for path in sorted(one for one in directory.rglob("*") if one.is_file() and one.stat().st_mtime >= since):
        content = path.read_bytes()
        if not _holds_any(content, spellings):
            continue
        name = str(path.relative_to(directory))
        leaking.append(name)
        if name in own:
            masked = redactor.mask(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
            path.unlink()
            if not _holds_any(masked, spellings):
                path.write_bytes(masked)
    return leaking


def ordinary_words(secrets: Collection[str]) -> set[str]:
    """Return those of `secrets` that stand in every report anyway, such as a password `password`."""
    folders = (ROOT / "suites", ROOT / "resources", ROOT / "libraries", Path(robot.__file__).parent / "htmldata")
    texts = [path.read_text("utf-8", "replace") for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {secret for secret in secrets if any(secret in text for text in texts)}


def _holds_any(content: bytes, spellings: list[bytes]) -> bool:
    return any(spelling in text for text in (content, *_unpacked(content)) for spelling in spellings)


def _unpacked(content: bytes) -> Iterator[bytes]:
    """The texts that `log.html` holds compressed: zlib (RFC 1950) in Base64."""
    for match in _BASE64_TEXT.finditer(content):
        try:
            yield zlib.decompress(base64.b64decode(match.group() + b"=" * (-len(match.group()) % 4)))
        except (binascii.Error, zlib.error):
            continue
