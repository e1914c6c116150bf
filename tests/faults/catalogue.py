"""What the catalogue records of a fault: the clause of the contract that it breaks, and how the suites must end.

An expectation registers the functions that it decorates, and declares faults that differ in one change alone:

    not_saved = fault("PUT /api/business/me: 200", full={"settings": 3}, smoke={"settings": 3})

    update_returns_201 = not_saved.response(with_status(201))

    @not_saved
    async def update_returns_500(request: Request, upstream: Upstream) -> Response: ...
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from types import ModuleType
from typing import Any, Literal

from tests.faults.changes import Change, FieldsChange, content
from tests.faults.conditions import Condition, always, settings_are_read
from tests.faults.middleware import Function, Request, Response, Upstream

Mode = Literal["full", "smoke"]

CAPABILITIES = ("settings", "calendar", "twilio")
SUITES = (*CAPABILITIES, "security")
SECOND_ACCOUNT = {"E2E_OTHER_EMAIL": "second@wrapped.example", "E2E_OTHER_PASSWORD": "incorrect-horse-battery"}


@dataclass(frozen=True)
class Expectation:
    """How the suites must end on a backend that breaks a clause; a decorator of the functions that break it.

    Attributes:
        clause: The clause of the contract, or what is unusual about a healthy backend.
        full, smoke: The exit code of each suite that must fail, by mode. None: the mode need not notice the fault, and
            is not tried.
        verdict: The verdict of the run.
        restored: Whether the account can be restored.
        left: The settings that the run leaves changed and names, because they may be somebody's edit.
        environment: Environment variables of the backend.
        account: Settings of the account.
        options: Options of the run.
        slow: Whether a run takes long.
        when: Which responses `response` changes.
    """

    clause: str
    _: KW_ONLY
    full: Mapping[str, int] | None
    smoke: Mapping[str, int] | None = None
    verdict: str = "broken"
    restored: bool = True
    left: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    slow: bool = False
    when: Condition = always

    def codes(self, mode: Mode) -> Mapping[str, int] | None:
        """Return the exit code of each suite in `mode`, None where it is not tried."""
        expected = self.full if mode == "full" else self.smoke
        return None if expected is None else {name: expected.get(name, 0) for name in SUITES}

    def __call__(self, function: Function) -> "Fault":
        """Declare the fault that `function` is, described by its docstring."""
        return self.function(function, function.__doc__ or "")

    def function(self, function: Function, description: str = "") -> "Fault":
        """Declare the fault that `function` is."""
        return Fault(self, function, description)

    def response(self, change: Change, description: str = "") -> "Fault":
        """Declare a fault that changes responses."""

        async def changed(request: Request, upstream: Upstream) -> Response:
            response = await upstream(request)
            return change(response) if self.when(request, response) else response

        return Fault(self, changed, description)

    def settings(self, change: FieldsChange, description: str = "") -> "Fault":
        """Declare a fault that changes the settings that the owner reads."""

        async def changed(request: Request, upstream: Upstream) -> Response:
            response = await upstream(request)
            return content(change)(response) if settings_are_read(request, response) else response

        return Fault(self, changed, description)

    def update(self, change: FieldsChange, description: str = "") -> "Fault":
        """Declare a fault that stores other settings than the client sent."""

        async def changed(request: Request, upstream: Upstream) -> Response:
            fields = request.fields
            return await upstream(request.with_fields(change(fields)) if request.is_update and fields else request)

        return Fault(self, changed, description)


fault = Expectation


@dataclass(eq=False)
class Fault:
    """A backend that breaks the contract, or, where no suite may fail, is unusual.

    Attributes:
        expected: How the suites must end.
        function: What it does to a request and its response.
        description: A sentence on what the backend does; the name where it says enough.
        name: The variable that holds it; set by `collect`.
    """

    expected: Expectation
    function: Function
    description: str
    name: str = ""

    def __post_init__(self) -> None:
        _DECLARED.append(self)


_DECLARED: list[Fault] = []


def healthy(
    variation: str,
    *,
    modes: tuple[Mode, ...] = ("full", "smoke"),
    environment: Mapping[str, str] | None = None,
    account: Mapping[str, Any] | None = None,
    left: tuple[str, ...] = (),
    options: tuple[str, ...] = (),
    slow: bool = False,
    when: Condition = always,
) -> Expectation:
    """Return the expectation that no suite fails; `variation` says what is unusual about the backend."""
    return Expectation(
        f"healthy: {variation}",
        full={} if "full" in modes else None,
        smoke={} if "smoke" in modes else None,
        verdict="healthy",
        environment=environment or {},
        account=account or {},
        left=left,
        options=options,
        slow=slow,
        when=when,
    )


def every_suite(code: int) -> dict[str, int]:
    """Return the same exit code for each suite: the login concerns all of them."""
    return dict.fromkeys(SUITES, code)


def every_capability(code: int) -> dict[str, int]:
    """Return the same exit code for each suite but security, which reads nothing in a smoke run."""
    return dict.fromkeys(CAPABILITIES, code)


def collect(modules: Iterable[ModuleType]) -> dict[str, Fault]:
    """Return the faults of `modules` by the names of the variables that hold them.

    Raises:
        ValueError: Two faults have the same name.
    """
    found = [(name, value) for module in modules for name, value in vars(module).items() if isinstance(value, Fault)]
    names = Counter(name for name, _ in found)
    for name, value in found:
        value.name = name
        value.description = value.description or f"{name.replace('_', ' ').capitalize()}."
    repeated = [name for name, count in names.items() if count > 1]
    overwritten = [one for one in _DECLARED if not one.name]
    if repeated or overwritten:
        raise ValueError(f"Several faults have the same name: {repeated or overwritten}")
    return dict(found)
