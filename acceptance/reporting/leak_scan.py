"""The last check before results are written: whether a secret of the run is in what they are made of.

Workers mask what they write, so a finding is an error. It is masked before the results are written, and a file in which
that is not possible is deleted.
"""

import base64
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from acceptance.redaction import MASK, Redactor, Secrets, own_texts
from acceptance.spellings import fold

PART_BYTES = 1_000_000
"""A file is read in parts of this size, each of which overlaps the one before."""

LONGEST_UNPACKED, MOST_UNPACKED = 1_000_000, 50_000_000
"""The bytes that are read of one packed text, and of all in a scan: a few of them may unpack to any size."""

LEAST_COUNTED = 1_000
"""What each text counts at least: to begin is most of the work."""

LONGEST_ESCAPE = 8
_PACKED = re.compile(rb"(?<![A-Za-z0-9+/_-])(?:eJ|eN|eA|eF|H4sI)[A-Za-z0-9+/_-]{14,}+={0,2}")
"""zlib or gzip (RFC 1950, RFC 1952) in Base64, as in the strings of a `log.html`."""

_STANDARD = bytes.maketrans(b"-_", b"+/")
_GZIP = b"\x1f\x8b"
_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32


class LeakScan:
    """Finds the secrets of a run in files, however they are spelled, also packed.

    Args:
        redactor: Knows the secrets; those that are in every report anyway, such as a password `password`, are ignored.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._secrets = Secrets([one for one in redactor.secrets if fold(one) not in own_texts()])
        self._left = MOST_UNPACKED

    def mask(self, paths: Sequence[Path]) -> list[Path]:
        """Mask the secrets in the files `paths`, and return those that held any."""
        leaking = [path for path in paths if self._leaks(path)]
        for path in leaking:
            content = _PACKED.sub(self._masked_packed, path.read_bytes())
            text = self._secrets.mask(content.decode("utf-8", "surrogateescape"))
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
            if self._leaks(path):
                path.unlink()
        return leaking

    def leaking_files(self, directory: Path, since: float) -> list[str]:
        """Return the names of the files below `directory` that hold a secret and are newer than `since` (Unix time)."""
        files = (path for path in directory.rglob("*") if path.is_file() and path.stat().st_mtime >= since)
        return sorted(str(path.relative_to(directory)) for path in files if self._leaks(path))

    def _leaks(self, path: Path) -> bool:
        return any(self._holds_secret(part) for part in self._parts(path))

    def _parts(self, path: Path) -> Iterator[bytes]:
        """Yield the content of a file in parts, the packed texts in it, and the beginning of a packed file."""
        overlap = min(self._secrets.longest * LONGEST_ESCAPE, PART_BYTES // 2)
        with path.open("rb") as file:
            part = file.read(PART_BYTES)
            if part.startswith(_GZIP):
                yield self._unpacked(part)
            while part:
                yield part
                yield from (self._unpacked(_decoded(packed.group())) for packed in _PACKED.finditer(part))
                following = file.read(PART_BYTES)
                part = following and part[-overlap:] + following

    def _holds_secret(self, content: bytes) -> bool:
        return self._secrets.are_in(content.decode("utf-8", "replace"))

    def _masked_packed(self, packed: re.Match[bytes]) -> bytes:
        leaks = self._holds_secret(self._unpacked(_decoded(packed.group())))
        return MASK.encode() if leaks else packed.group()

    def _unpacked(self, packed: bytes) -> bytes:
        if self._left <= 0:
            return b""
        try:
            text = zlib.decompressobj(_ZLIB_OR_GZIP).decompress(packed, min(LONGEST_UNPACKED, self._left))
        except zlib.error:
            text = b""
        self._left -= max(len(text), LEAST_COUNTED)
        return text


def _decoded(text: bytes) -> bytes:
    digits = text.rstrip(b"=").translate(_STANDARD)
    whole = digits[:-1] if len(digits) % 4 == 1 else digits
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))
