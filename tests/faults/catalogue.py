"""What is written down of each fault: the promise that it breaks, and how the suites must end."""

import functools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.faults.wrapped import Behind, Request, Response

Function = Callable[[Request, Behind], Awaitable[Response]]
Mode = Literal["full", "smoke"]

CAPABILITIES = ("settings", "calendar", "twilio")


@dataclass(frozen=True)
class Fault:
    """A way in which a backend is broken, or, where no suite may fail, unusual.

    Attributes:
        function: What it does to a request and its answer.
        clause: The clause of the contract that it breaks; what is unusual where it breaks none.
        full, smoke: The exit code of each suite that must fail, by mode. None: the mode need not notice, and is not
            tried.
        verdict: The word that the run must end with.
        restored: Whether the account can be put back.
        environment: What the backend must find in its environment.
        account: Settings that the account must have.
        slow: Whether a run takes long because it has to wait.
    """

    function: Function
    clause: str
    full: Mapping[str, int] | None
    smoke: Mapping[str, int] | None
    verdict: str
    restored: bool
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Mapping[str, Any] = field(default_factory=dict)
    slow: bool = False

    @property
    def name(self) -> str:
        """The name of its function."""
        return self.function.__name__

    def codes(self, mode: Mode) -> Mapping[str, int] | None:
        """The exit code of each suite in `mode`, None where it is not tried."""
        expected = self.full if mode == "full" else self.smoke
        return None if expected is None else {name: expected.get(name, 0) for name in CAPABILITIES}


CATALOGUE: dict[str, Fault] = {}


def every_suite(code: int) -> dict[str, int]:
    """The same exit code for each suite: sign-in and reading concern them all."""
    return dict.fromkeys(CAPABILITIES, code)


def fault(
    *,
    clause: str,
    full: Mapping[str, int] | None,
    smoke: Mapping[str, int] | None = None,
    verdict: str = "broken",
    restored: bool = True,
    environment: Mapping[str, str] | None = None,
    account: Mapping[str, Any] | None = None,
    slow: bool = False,
) -> Callable[[Function], Function]:
    """Write a fault into the catalogue; see `Fault`."""

    def register(function: Function) -> Function:
        assert function.__doc__, function
        assert function.__name__ not in CATALOGUE, function
        CATALOGUE[function.__name__] = Fault(
            function, clause, full, smoke, verdict, restored, environment or {}, account or {}, slow
        )
        return function

    return register


def variation(
    *,
    of: str,
    modes: tuple[Mode, ...] = ("full", "smoke"),
    environment: Mapping[str, str] | None = None,
    account: Mapping[str, Any] | None = None,
    slow: bool = False,
) -> Callable[[Function], Function]:
    """Write a healthy backend that is unusual into the catalogue: no suite may fail."""
    return fault(
        clause=of,
        full={} if "full" in modes else None,
        smoke={} if "smoke" in modes else None,
        verdict="healthy",
        environment=environment,
        account=account,
        slow=slow,
    )


def what_is_read(change: Callable[[dict[str, Any]], Any]) -> Function:
    """A fault that changes the settings which the owner reads."""

    @functools.wraps(change)
    async def function(request: Request, backend: Behind) -> Response:
        response = await backend(request)
        if request.is_read and response.status == 200:
            return response.with_content(change(response.content))
        return response

    return function


def what_is_saved(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Function:
    """A fault that saves something else than the owner sent."""

    @functools.wraps(change)
    async def function(request: Request, backend: Behind) -> Response:
        fields = request.fields
        return await backend(request.with_fields(change(fields)) if request.is_update and fields else request)

    return function


def each_text(change: Callable[[str], str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Change the texts among settings."""
    return lambda fields: {name: change(one) if isinstance(one, str) else one for name, one in fields.items()}


def answered(
    change: Callable[[Response], Response], *, when: Callable[[Request, Response], bool]
) -> Callable[[Callable[[], None]], Function]:
    """A fault that changes the answers for which `when` holds; the function that it decorates gives name and doc."""

    def make(named: Callable[[], None]) -> Function:
        async def function(request: Request, backend: Behind) -> Response:
            response = await backend(request)
            return change(response) if when(request, response) else response

        function.__name__, function.__doc__ = named.__name__, named.__doc__
        return function

    return make
