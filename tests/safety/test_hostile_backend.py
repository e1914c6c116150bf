"""Hostile responses: a run ends in time, in little memory, with a verdict and a report.

The account is restored as soon as the backend is healthy again.
"""

import base64
import gzip
import itertools
import json
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.backends import StartBackend
from tests.support.hostile import Change, HostileServer, RawResponse
from tests.support.running import Running, StartRun
from tests.support.runs import Outcome, restore

GRACE_SECONDS = 10
MOST_MEGABYTES = 400
LOGIN, READ, UPDATE = "POST /api/auth/login", "GET /api/business/me", "PUT /api/business/me"
START, HEALTH = "GET /oauth/google/start", "GET /health"
LONGEST_HEADER = 60_000
"""Servers may send 100 headers of this length, of which clients accept some."""


def base64url(content: bytes) -> str:
    """Return `content` in Base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def with_claims(claims: bytes) -> Change:
    """Return what replaces the claims of the access token."""

    def change(response: RawResponse) -> RawResponse:
        content = json.loads(response.body)
        header, _, signature = content["access_token"].split(".")
        content["access_token"] = ".".join((header, base64url(claims), signature))
        return replace(response, body=json.dumps(content).encode())

    return change


def with_fields(**fields: Any) -> Change:
    """Return what replaces fields of a JSON object; a text that begins with `raw:` is JSON as it is."""

    def change(response: RawResponse) -> RawResponse:
        body = json.dumps(json.loads(response.body) | fields)
        for value in fields.values():
            if isinstance(value, str) and value.startswith("raw:"):
                body = body.replace(json.dumps(value), value.removeprefix("raw:"))
        return replace(response, body=body.encode())

    return change


def with_headers(*headers: tuple[str, str | bytes]) -> Change:
    """Return what adds headers."""
    return lambda response: response.with_headers(*headers)


def instead(status: int, body: bytes, content_type: str = "application/json", **parts: Any) -> Change:
    """Return what sends another response."""
    return lambda _: replace(RawResponse(status, body, (("Content-Type", content_type),)), **parts)


def behind(body: bytes) -> Change:
    """Return what sends more behind the body."""
    return lambda response: replace(response, body=response.body + body)


def bomb(*encodings: str) -> Change:
    """Return what sends 200 MB of spaces, and compresses it once or more."""
    pack: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}

    @cache
    def packed() -> bytes:
        body = b" " * 200_000_000
        for encoding in encodings:
            body = pack[encoding](body)
        return body

    return lambda response: replace(response, body=packed()).with_headers(("Content-Encoding", ", ".join(encodings)))


def endless(part: bytes, *, behind_body: bool = False) -> Change:
    """Return what sends `part` again and again, before the response or behind it."""

    def change(response: RawResponse) -> RawResponse:
        parts = itertools.repeat(part * 100)
        return replace(response, after=parts) if behind_body else replace(response, before=parts)

    return change


def slowly(response: RawResponse) -> RawResponse:
    """Send a trailer ten times a second, without end."""

    def trailers() -> Iterator[bytes]:
        while True:
            time.sleep(0.1)
            yield b"X: y\r\n"

    return replace(response, after=trailers())


def throttled(retry_after: str) -> Change:
    """Return what sends a 429."""
    return lambda response: replace(response, status=429).with_headers(("Retry-After", retry_after))


def after_an_update(change: Change) -> Change:
    """Return what makes the change as soon as a mark of a run can be read."""
    return lambda response: change(response) if b"acceptance run" in response.body else response


def since_an_update(change: Change) -> Change:
    """Return what makes the change from then on, also when the mark is taken off."""
    seen = []

    def sticky(response: RawResponse) -> RawResponse:
        if b"acceptance run" in response.body:
            seen.append(True)
        return change(response) if seen else response

    return sticky


def together(*changes: Change) -> Change:
    """Return what makes one change after the other."""

    def change(response: RawResponse) -> RawResponse:
        for one in changes:
            response = one(response)
        return response

    return change


def packed_text(size: int) -> str:
    """Return so many characters of Base64 that unpack to a thousand times as much."""
    return base64.b64encode(zlib.compress(bytes(size * 700), 9)).decode()[:size]


def numbered(count: int) -> dict[str, int]:
    """Return fields of odd names."""
    return {f"field {number} " * 3: number for number in range(count)}


def redirect(location: str) -> Change:
    """Return what redirects to `location`."""
    return instead(302, b"", headers=(("Location", location),))


def cookies(*values: str) -> Change:
    """Return what sets cookies."""
    return with_headers(*(("Set-Cookie", f"c{number}={value}; Path=/") for number, value in enumerate(values)))


SENTENCES = ("Everything that was checked is as promised.", "All that was checked is as promised", "Robot Framework")
TEXTS = ("description", "industry", "business_hours", "greeting_style")
DEEP = "raw:" + "[" * 900 + "]" * 900
DIGITS = "&#" + "9" * 5_000 + ";"
PAGE = f"<!doctype html><title>{DIGITS}</title><h1>{DIGITS * 20}</h1>".encode()
REPEATED = with_headers(
    ("X-Dots", "..." * (LONGEST_HEADER // 3)),
    ("X-Tokens", "eyJ" * (LONGEST_HEADER // 3)),
    ("X-Parts", "eyJaaaaa." * (LONGEST_HEADER // 9)),
)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
PUNYCODE_TYPE = "application/json; charset=punycode"
PUNYCODE = ("a" * 500_000 + "-" + "b9" * 250_000).encode()


@dataclass(frozen=True)
class Case:
    """A hostile response.

    Attributes:
        changes: What is done to the response of which call.
        arguments: The arguments of the run.
        seconds: The time limit of the run.
        is_wrong: Whether it breaks the contract, so that no run may be healthy.
    """

    changes: dict[str, Change]
    arguments: tuple[str, ...] = ("--smoke",)
    seconds: int = 40
    is_wrong: bool = True


CASES = {
    "login: claims nested 100,000 deep": Case({LOGIN: with_claims(b"[" * 100_000 + b"]" * 100_000)}),
    "login: claims nested 3,000 deep": Case({LOGIN: with_claims(b'{"a":' * 2_000 + b"1" + b"}" * 2_000)}),
    "login: exp of 400 digits": Case({LOGIN: with_claims(b'{"sub":"1","exp":' + b"9" * 400 + b"}")}),
    "login: a token of 2 MB": Case({LOGIN: with_fields(access_token="eyJ" * 700_000)}),
    "login: 20 cookies of 60 KB": Case({LOGIN: cookies(*("c" * LONGEST_HEADER for _ in range(20)))}),
    "login: 4 cookies of 60 KB": Case({LOGIN: cookies(*(one * LONGEST_HEADER for one in "abcd"))}, is_wrong=False),
    "login: cookies that read like sentences": Case({LOGIN: cookies(*SENTENCES)}, is_wrong=False),
    "login: headers of dots and tokens": Case({LOGIN: REPEATED}, is_wrong=False),
    "login: bombs in headers": Case(
        {LOGIN: with_headers(*((f"X-{number}", packed_text(LONGEST_HEADER)) for number in range(4)))}, is_wrong=False
    ),
    "login: 1 MB of punycode": Case({LOGIN: instead(401, PUNYCODE, PUNYCODE_TYPE)}),
    "login: a page with a character reference": Case({LOGIN: instead(502, PAGE, "text/html; charset=idna")}),
    "login: endless 100 Continue": Case({LOGIN: endless(CONTINUE)}),
    "login: an endless trailer": Case({LOGIN: endless(b"X: y\r\n", behind_body=True)}),
    "login: an endless trailer, slowly": Case({LOGIN: slowly}, seconds=6),
    "login: a bomb": Case({LOGIN: bomb("gzip")}),
    "login: bombs in bombs": Case({LOGIN: bomb("gzip", "gzip", "deflate", "gzip")}),
    "login: 1,200,000 objects": Case({LOGIN: with_fields(more="raw:[" + "{}," * 1_200_000 + "{}]")}),
    "login: a reason of 60 KB": Case({LOGIN: instead(500, b"\n" * 200_000, reason=b"eyJ..." * 10_000)}),
    "login: throttled for longer than the run lasts": Case({LOGIN: throttled("60")}, seconds=6),
    "login: a Retry-After of 5,000 digits": Case({LOGIN: throttled("9" * 5_000)}, seconds=6),
    "read: a list nested 900 deep": Case({READ: with_fields(faqs=DEEP)}),
    "read: 20,000 fields": Case({READ: with_fields(**numbered(20_000))}, is_wrong=False),
    "read: 100,000 fields": Case({READ: with_fields(**numbered(100_000))}),
    "read: 200 KB of line breaks and 1 MB of punycode": Case(
        {
            READ: together(behind(b"\n" * 200_000), with_headers(("Content-Type", PUNYCODE_TYPE))),
            START: instead(500, PUNYCODE + b"\n" * 200_000 + b"  at " * 10_000, PUNYCODE_TYPE),
        },
        ("--full",),
    ),
    "read: character references in all texts": Case(
        {READ: with_fields(**dict.fromkeys(TEXTS, DIGITS))}, ("--smoke", "--read-only"), is_wrong=False
    ),
    "read: headers of dots and tokens": Case({READ: REPEATED, UPDATE: REPEATED}, is_wrong=False),
    "read: texts of 1 MB": Case(
        {READ: with_fields(description="x\n" * 500_000, extra="eyJ." * 250_000)},
        ("--smoke", "--read-only"),
        is_wrong=False,
    ),
    "update: endless 100 Continue": Case({UPDATE: endless(CONTINUE)}),
    "update: an endless trailer": Case({UPDATE: endless(b"X: y\r\n", behind_body=True)}),
    "update: a bomb": Case({UPDATE: bomb("gzip")}),
    "update: a page with a character reference": Case({UPDATE: instead(500, PAGE, "text/html; charset=punycode")}),
    "restoring: a list nested 900 deep": Case({READ: since_an_update(with_fields(faqs=DEEP, name=DEEP))}),
    "restoring: odd types": Case(
        {
            READ: after_an_update(
                with_fields(
                    **dict.fromkeys(("faqs", "name"), "raw:" + "9" * 900),
                    description=["x"] * 1_000,
                    timezone="raw:1e308",
                    industry={"\ud800": DIGITS},
                    Description=DIGITS,
                    **{"greeting_style ": "x" * 100_000, "\ud800": "\ud800"},
                )
            )
        }
    ),
    "restoring: numbers that are none": Case({READ: after_an_update(with_fields(name="raw:NaN", faqs="raw:1e999"))}),
    "restoring: character references": Case({READ: after_an_update(with_fields(**dict.fromkeys(TEXTS, DIGITS)))}),
    "restoring: 20,000 new fields": Case({READ: after_an_update(with_fields(**numbered(20_000)))}, is_wrong=False),
    "start: a Location of 1 MB": Case({START: redirect("https://a.example/" * 60_000)}),
    "start: a Location of 60 KB": Case({START: redirect("https://accounts.google.com/?" + "state=eyJ&" * 6_000)}),
    "health: endless, while a run waits for a build": Case(
        {HEALTH: slowly}, ("--smoke", "--wait", "30", "--expect-build", "abc"), seconds=6
    ),
    "health: 3 MB of brackets": Case(
        {HEALTH: instead(200, b"[" * 3_000_000)}, ("--smoke", "--wait", "5"), is_wrong=False
    ),
}


def megabytes_of(processes: list[psutil.Process]) -> float:
    """Return the resident memory of processes, in which a page that several of them share counts once."""
    sizes = []
    for process in processes:
        try:
            sizes.append(process.memory_full_info().pss)
        except psutil.Error:  # it has ended meanwhile
            continue
    return sum(sizes) / 2**20


def end_of(running: Running) -> tuple[Outcome, float, float]:
    """Return the outcome of a run, how long it took, and its highest memory in megabytes."""
    began, most = time.monotonic(), 0.0
    process = psutil.Process(running.process.pid)
    while running.process.poll() is None:
        try:
            most = max(most, megabytes_of([process, *process.children(recursive=True)]))
        except psutil.NoSuchProcess:
            break
        time.sleep(0.05)
    return running.end(), time.monotonic() - began, most


@pytest.mark.parametrize("name", CASES)
def test_hostile_response_neither_stops_a_run_nor_harms_the_account(
    name: str, backend: StartBackend, start_run: StartRun, state_directory: Path
) -> None:
    target, case = backend(), CASES[name]
    found = target.account()
    with HostileServer(target).listening() as server:
        server.changes = case.changes
        running = start_run(server.backend, *case.arguments, "--timeout", str(case.seconds))
        outcome, seconds, megabytes = end_of(running)
        assert "Traceback" not in outcome.stdout + outcome.stderr
        assert outcome.stderr == ""
        assert outcome.code != 0 or not case.is_wrong, outcome.stdout
        assert outcome.verdict["exit_code"] == outcome.code
        assert {"report.html", "log.html", "output.xml"} <= outcome.files()
        assert seconds < case.seconds + GRACE_SECONDS
        assert megabytes < MOST_MEGABYTES
        assert outcome.survivors() == []
        server.changes = {}
        restored = restore(server.backend, state_directory, "--lock-timeout", "0")
        assert (restored.returncode, restored.stderr) == (0, ""), restored.stdout
    assert target.account() == found
