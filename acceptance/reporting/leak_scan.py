"""The last check before results are written: whether a secret of the run is in what they are made of.

Workers mask what they write, so a finding is an error. It is masked before the results are written, and a file in which
that is not possible is deleted.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import robot

from acceptance.config import ROOT
from acceptance.redaction import Redactor, forms

_BASE64_TEXT = re.compile(rb"[A-Za-z0-9+/]{16,}={0,2}")


class LeakScan:
    """Finds the secrets of a run in files, in every encoding that `acceptance.redaction.forms` knows.

    Args:
        redactor: Knows the secrets; those that are in every report anyway, such as a password `password`, are ignored.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        secrets = redactor.secrets - ordinary_words(redactor.secrets)
        self._spellings = [form.encode("utf-8", "surrogatepass") for secret in secrets for form in forms(secret)]

    def mask(self, paths: Sequence[Path]) -> list[Path]:
        """Mask the secrets in the files `paths`, and return those that held any."""
        leaking = [path for path in paths if self._leaks(path.read_bytes())]
        for path in leaking:
            text = self._redactor.mask(path.read_bytes().decode("utf-8", "surrogateescape"))
            masked = text.encode("utf-8", "surrogateescape")
            path.unlink()
            if not self._leaks(masked):
                path.write_bytes(masked)
        return leaking

    def leaking_files(self, directory: Path, since: float) -> list[str]:
        """Return the names of the files below `directory` that hold a secret and are newer than `since` (Unix time)."""
        files = (path for path in directory.rglob("*") if path.is_file() and path.stat().st_mtime >= since)
        return sorted(str(path.relative_to(directory)) for path in files if self._leaks(path.read_bytes()))

    def _leaks(self, content: bytes) -> bool:
        return any(spelling in text for text in (content, *_unpacked(content)) for spelling in self._spellings)


def ordinary_words(secrets: Collection[str]) -> set[str]:
    """Return those of `secrets` that are in every report anyway: in the suites, or in Robot Framework's templates."""
    folders = (ROOT / "suites", ROOT / "resources", ROOT / "libraries", Path(robot.__file__).parent / "htmldata")
    texts = [path.read_text("utf-8", "replace") for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {secret for secret in secrets if any(secret in text for text in texts)}


def _unpacked(content: bytes) -> Iterator[bytes]:
    """The texts that a `log.html` holds compressed: zlib (RFC 1950) in Base64."""
    for match in _BASE64_TEXT.finditer(content):
        try:
            yield zlib.decompress(base64.b64decode(match.group() + b"=" * (-len(match.group()) % 4)))
        except (binascii.Error, zlib.error):
            continue
