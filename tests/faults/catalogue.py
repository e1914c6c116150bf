"""What is written down of each fault: the promise that it breaks, and how the suites must end."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.faults.moments import owner_reads
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
        clause=f"variations: {of}",
        full={} if "full" in modes else None,
        smoke={} if "smoke" in modes else None,
        verdict="healthy",
        environment=environment,
        account=account,
        slow=slow,
    )


def titled(function: Function, name: str, sentence: str) -> Function:
    """Give a fault that a table holds its name and its sentence."""
    function.__name__, function.__doc__ = name, sentence
    return function


def as_usual(name: str, sentence: str) -> Function:
    """A backend of a table that answers as usual, for an account or with settings that are not."""

    async def function(request: Request, backend: Behind) -> Response:
        return await backend(request)

    return titled(function, name, sentence)


def answer_as(
    name: str, sentence: str, change: Callable[[Response], Response], *, when: Callable[[Request, Response], bool]
) -> Function:
    """A fault of a table that changes the answers for which `when` holds."""

    async def function(request: Request, backend: Behind) -> Response:
        response = await backend(request)
        return change(response) if when(request, response) else response

    return titled(function, name, sentence)


def read_as(name: str, sentence: str, change: Callable[[dict[str, Any]], Any]) -> Function:
    """A fault of a table that changes the settings which the owner reads."""
    return answer_as(name, sentence, lambda one: one.with_content(change(one.content)), when=owner_reads)


def save_as(name: str, sentence: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Function:
    """A fault of a table that saves something else than the owner sent."""

    async def function(request: Request, backend: Behind) -> Response:
        fields = request.fields
        return await backend(request.with_fields(change(fields)) if request.is_update and fields else request)

    return titled(function, name, sentence)


def what_is_read(change: Callable[[dict[str, Any]], Any]) -> Function:
    """A fault that changes the settings which the owner reads."""
    return read_as(change.__name__, change.__doc__ or "", change)


def what_is_saved(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Function:
    """A fault that saves something else than the owner sent."""
    return save_as(change.__name__, change.__doc__ or "", change)


def answered(
    change: Callable[[Response], Response], *, when: Callable[[Request, Response], bool]
) -> Callable[[Callable[[], None]], Function]:
    """A fault that changes the answers for which `when` holds; the function that it decorates gives name and doc."""
    return lambda named: answer_as(named.__name__, named.__doc__ or "", change, when=when)


def each_text(change: Callable[[str], Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Change the texts among settings."""
    return lambda fields: {name: change(one) if isinstance(one, str) else one for name, one in fields.items()}


def telling(change: Callable[[dict[str, Any]], Any]) -> Callable[[Response], Response]:
    """Change what an answer holds."""
    return lambda one: one.with_content(change(one.content))


def with_headers(**headers: str) -> Callable[[Response], Response]:
    """Give an answer more headers; an underscore stands for a dash."""
    return lambda one: one.with_headers(**headers)


def with_status(status: int) -> Callable[[Response], Response]:
    """Give an answer another status."""
    return lambda one: one.with_status(status)


def without(*names: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Take fields out of an object."""
    return lambda fields: {name: value for name, value in fields.items() if name not in names}


def having(**values: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Give fields of an object other values."""
    return lambda fields: fields | values
