"""The build of the backend: where it is found, and what the processes of a run saw of it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import requests

from acceptance.client.endpoints import HEALTH_PATH
from acceptance.client.exchanges import CALLS_DIRECTORY_VARIABLE, Exchange, call_of, status_of
from acceptance.client.http_adapter import TOTAL_SECONDS, RequestPolicy
from acceptance.client.json_body import json_object
from acceptance.client.shared_lines import append_lines, read_lines
from acceptance.config import BUILD_HEADER, LONGEST_BUILD
from acceptance.redaction import Redactor

LOCATION_VARIABLE = "ACCEPTANCE_BUILD_AT"
EXPECTED_VARIABLE = "EXPECT_BUILD"
DEFAULT_FIELDS = ("build", "commit", "version")
"""The fields of `/health` that may hold the build, where the team has not decided on one."""

CHECKS_IN_A_ROW = 3
"""How often a run asks `/health` at a time, so that a build which only some instances have is hardly ever missed."""

MOST_SHOWN = 5
MOST_BYTES = 65_536
"""A longer body of `/health` is not read for a build."""

COMMIT_DIGITS = 40
"""The digits of a whole commit (SHA-1)."""

_COMMIT = re.compile("[0-9a-f]{7,}", re.IGNORECASE)


def is_same_build(one: str, other: str) -> bool:
    """Return whether two builds are equal, or one is the commit that the other one abbreviates to 7 digits or more."""
    if not (_COMMIT.fullmatch(one) and _COMMIT.fullmatch(other)):
        return one == other
    short, long = sorted((one.lower(), other.lower()), key=len)
    is_number = long.isdecimal() and len(long) < COMMIT_DIGITS  # a date or a count, which nobody abbreviates
    return one == other if is_number else long.startswith(short)


@dataclass(frozen=True)
class HealthCheck:
    """What one response said about the build.

    Attributes:
        build: The build that it named, None where it named none.
        failure: Why there was no healthy response, empty where there was one.
        is_down: Whether the backend does not serve: no response, a 5xx, or throttling beyond patience.
    """

    build: str | None = None
    failure: str = ""
    is_down: bool = False

    @property
    def shown(self) -> str:
        """What was seen, as a part of a sentence."""
        return self.build or (f"nothing, because {self.failure}" if self.failure else "no build")


class Builds:
    """The builds that the processes of a run see.

    Args:
        directory: A private directory that the processes share.
        location: Where a response names its build: a JSONPath in the body of `/health`, or `header:NAME`; empty for the
            first of the default fields.
        expected: The build that the run expects, empty where it expects none.
        redactor: Masks what a backend calls its build.
    """

    def __init__(self, directory: Path, location: str, expected: str, redactor: Redactor) -> None:
        self._file = directory / "builds.jsonl"
        self._location = location
        self._expected = expected
        self._header = location.removeprefix(BUILD_HEADER) if location.startswith(BUILD_HEADER) else ""
        self._redactor = redactor

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], redactor: Redactor) -> "Builds | None":
        """Return the builds of the run that this process belongs to, None where it belongs to none."""
        directory = environ.get(CALLS_DIRECTORY_VARIABLE)
        if not directory:
            return None
        return cls(Path(directory), environ.get(LOCATION_VARIABLE, ""), environ.get(EXPECTED_VARIABLE, ""), redactor)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables from which a process of the run makes its own."""
        return {LOCATION_VARIABLE: self._location, EXPECTED_VARIABLE: self._expected}

    @property
    def are_expected(self) -> bool:
        """Whether the run expects a build."""
        return bool(self._expected)

    def is_expected(self, check: HealthCheck) -> bool:
        """Return whether `check` saw the expected build."""
        return check.build is not None and is_same_build(self._expected, check.build)

    def are_disproved(self, checks: Sequence[HealthCheck]) -> bool:
        """Return whether one of `checks` met a backend that serves and is not the expected build."""
        return any(not check.is_down and not self.is_expected(check) for check in checks)

    def check(
        self, policy: RequestPolicy, url: str, *, sends_again: bool = False, seconds: float = TOTAL_SECONDS
    ) -> HealthCheck:
        """Return what `/health` says, on a new connection and past caches.

        Args:
            policy: The rules for the request.
            url: The base URL of the backend.
            sends_again: Whether it is sent again after passing trouble.
            seconds: The limit of the request.
        """
        with requests.Session() as session:
            policy.configure_session(session, None, seconds=seconds, sends_again=sends_again)
            try:
                response = session.get(url + HEALTH_PATH, headers={"Cache-Control": "no-cache"})
            except requests.RequestException as error:
                return HealthCheck(failure=str(error).rstrip("."), is_down=True)
        if response.status_code != requests.codes.ok:
            failure = f"{call_of(response.request)} returned {status_of(response)}"
            is_throttled = response.status_code == requests.codes.too_many_requests
            is_error = response.status_code >= requests.codes.server_error
            return HealthCheck(failure=failure, is_down=is_error or is_throttled)
        return HealthCheck(self._build_in(response))

    def record(self, *checks: HealthCheck) -> None:
        """Record what was seen, for the process that owns the run."""
        append_lines(self._file, *map(asdict, checks))

    def observe(self, exchange: Exchange) -> None:
        """Record the build in the header of a response to another request than `/health`."""
        response = exchange.response
        if response is not None and self._header and not response.request.path_url.endswith(HEALTH_PATH):
            build = self._build_in(response)
            if build:
                self.record(HealthCheck(build))

    def forget(self) -> None:
        """Delete what was recorded."""
        self._file.unlink(missing_ok=True)

    def recorded(self) -> list[HealthCheck]:
        """Return what all processes have recorded."""
        return [HealthCheck(**line) for line in read_lines(self._file)]

    def problem(self, checks: Sequence[HealthCheck]) -> str | None:
        """Return how `checks` differ from what the run expects, as a sentence; None where they do not."""
        if not self._expected or (checks and all(map(self.is_expected, checks))):
            return None
        return f"Expected build {self._expected}, but {self._source} named {_counted(checks)}."

    def several_builds_note(self, checks: Sequence[HealthCheck], url: str) -> str | None:
        """Return a sentence where `checks` saw several builds, None where they did not."""
        named = [check for check in checks if check.build]
        if len({check.build for check in named}) < 2:
            return None
        return f"More than one version may be answering at {url}: {self._source} named {_counted(named)}."

    @property
    def _source(self) -> str:
        return f"the header {self._header}" if self._header else HEALTH_PATH

    def _build_in(self, response: requests.Response) -> str | None:
        """Return the build that `response` names, masked and in one line, None where it names none."""
        if self._header:
            value: object = response.headers.get(self._header)
        elif len(response.content) > MOST_BYTES:
            value = None
        else:
            value = value_at(self._location, json_object(response.content) or {})
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        text = self._redactor.mask(str(value))
        line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
        return f"{line[:LONGEST_BUILD]}…" if len(line) > LONGEST_BUILD else line or None


def are_down(checks: Sequence[HealthCheck]) -> bool:
    """Return whether the backend did not serve at any of `checks`."""
    return bool(checks) and all(check.is_down for check in checks)


def shown_builds(checks: Sequence[HealthCheck]) -> str | None:
    """Return the builds that were named, the first ones where there are many; None where there are none."""
    builds = list(dict.fromkeys(check.build for check in checks if check.build))
    return _joined(builds) if builds else None


def _counted(checks: Sequence[HealthCheck]) -> str:
    counts = Counter(check.shown for check in checks)
    return _joined([f"{shown} ({_times(count)})" for shown, count in counts.most_common()] or ["nothing"])


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _joined(parts: Sequence[str]) -> str:
    *others, last = [*parts[:MOST_SHOWN], *([f"{len(parts) - MOST_SHOWN} others"] if len(parts) > MOST_SHOWN else [])]
    return f"{', '.join(others)} and {last}" if others else last


def value_at(location: str, health: dict[str, object]) -> object:
    """Return what `health` holds at `location`; the first value where there are several."""
    if not location:
        return next((health[name] for name in DEFAULT_FIELDS if health.get(name)), None)
    from jsonpath_ng.parser import parse  # few teams need it

    try:
        return next((found.value for found in parse(location).find(health)), None)
    except (ArithmeticError, AssertionError, LookupError, RuntimeError, TypeError, ValueError):  # it does not suit it
        return None
