"""The leak scan finds secrets however they are packed, within bounds of time and memory, and no ordinary words."""

import base64
import gzip
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest

from acceptance.redaction import MASK, Redactor
from acceptance.reporting.leak_scan import PART_BYTES, LeakScan
from tests.support.canaries import SPELLINGS

PASSWORD = "cañary Pass/word"
SECONDS, BYTES = 10, 50_000_000
BOMB = base64.b64encode(zlib.compress(b"\0" * 20_000_000, 9))


def scan_of(*secrets: str) -> LeakScan:
    """Return a scan for `secrets`."""
    redactor = Redactor()
    redactor.add(*secrets)
    return LeakScan(redactor)


def packed(text: str) -> bytes:
    """Return `text` as a `log.html` holds it."""
    return base64.b64encode(zlib.compress(text.encode(), 9))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_secret_is_found_and_masked_in_every_spelling(spelling: str, tmp_path: Path) -> None:
    spelled = SPELLINGS[spelling](PASSWORD)
    file = tmp_path / "output.xml"
    file.write_text(f"<msg>{spelled}</msg>")
    assert scan_of(PASSWORD).mask([file]) == [file]
    text = file.read_text()
    assert text.startswith("<msg>")
    assert text.endswith("</msg>")
    assert spelled not in text


def test_packed_secret_is_masked_and_the_file_kept(tmp_path: Path) -> None:
    file = tmp_path / "output.xml"
    harmless = packed("nothing to see")
    file.write_bytes(b"<a>" + packed(f"x {PASSWORD}") + b"</a><b>" + harmless + b"</b>")
    assert scan_of(PASSWORD).mask([file]) == [file]
    assert file.read_bytes() == b"<a>" + MASK.encode() + b"</a><b>" + harmless + b"</b>"


def test_secret_in_a_compressed_file_or_across_two_parts_is_found(tmp_path: Path) -> None:
    (tmp_path / "trace.gz").write_bytes(gzip.compress(PASSWORD.encode()))
    (tmp_path / "long").write_bytes(b"x" * (PART_BYTES - 5) + PASSWORD.encode() + b"y" * PART_BYTES)
    (tmp_path / "clean").write_bytes(b"x" * 3 * PART_BYTES)
    assert scan_of(PASSWORD).leaking_files(tmp_path, 0.0) == ["long", "trace.gz"]


@pytest.mark.parametrize("word", ["password", "Acceptance", "SETTINGS", "Everything that was checked"])
def test_ordinary_word_is_no_leak(word: str, tmp_path: Path) -> None:
    (tmp_path / "output.xml").write_text(f"<msg>{word}</msg>")
    assert scan_of(word).leaking_files(tmp_path, 0.0) == []


def test_cookie_and_beginning_of_a_secret_are_no_leak(tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.add("passage-of-time")
    redactor.add_found(["cookie-4fe1c9d07b"])
    (tmp_path / "output.xml").write_text("pass… cookie-4fe1c9d07b")
    assert LeakScan(redactor).leaking_files(tmp_path, 0.0) == []


@pytest.mark.parametrize(
    "content",
    [
        b" ".join([BOMB] * 20),
        b"eJaaaaaaaaaaaaaaaa " * 100_000,
        (packed("hello") + b" ") * 60_000,
        b"eJ" + b"a" * 2_000_000,
        b"%41" * 500_000,
    ],
    ids=["bombs", "no packed texts", "small packed texts", "one long text", "escapes"],
)
def test_hostile_file_is_scanned_within_bounds(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "output.xml"
    file.write_bytes(content)
    scan, began = scan_of(PASSWORD), time.process_time()
    assert scan.leaking_files(tmp_path, 0.0) == []
    assert time.process_time() - began < SECONDS


def test_bombs_take_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "output.xml"
    file.write_bytes(b" ".join([BOMB] * 10))
    scan = scan_of(PASSWORD)
    tracemalloc.start()
    try:
        assert scan.leaking_files(tmp_path, 0.0) == []
        assert tracemalloc.get_traced_memory()[1] < BYTES
    finally:
        tracemalloc.stop()
