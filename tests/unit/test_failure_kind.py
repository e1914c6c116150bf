"""The kind of a failure follows from the type of the exception, and decides what counts as a verdict on the API."""

from dataclasses import dataclass, field

import pytest
from robot.errors import DataError, ExecutionFailed, VariableError

from acceptance.config import ConfigurationError
from acceptance.exit_codes import (
    ApiFailure,
    FailureKind,
    FailureSignature,
    failed_phase,
    failure_kind,
    failure_signature,
    failure_tags,
    is_api_failure,
    suite_exit_code,
)


@dataclass
class Result:
    """The result of a failed test."""

    tags: list[str] = field(default_factory=list)
    name: str = "Opening Hours"
    message: str = "Invalid opening hours"
    passed: bool = False
    failed: bool = True


def raised_from(error: Exception, cause: Exception) -> Exception:
    """`error`, as it is raised while `cause` is handled."""
    try:
        try:
            raise cause
        except type(cause):
            raise error  # noqa: B904 - the implicit context is what is tested
    except type(error) as found:
        return found


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (AssertionError("Invalid opening hours"), "api"),
        (ApiFailure("closed"), "api"),
        (ValueError("not a time"), "api"),
        (raised_from(VariableError("Dictionary '${hours}' has no key 'monday'."), KeyError("monday")), "api"),
        (VariableError("Variable '${hours}' not found."), "suite"),
        (DataError("Keyword 'Log' expected 1 argument, got 2."), "suite"),
        (raised_from(RuntimeError("Evaluating expression failed"), DataError("no such name")), "suite"),
        (TypeError("unsupported operand"), "api"),
        (NameError("name 'hours' is not defined"), "suite"),
        (ConfigurationError("The account is in use."), "environment"),
        (ExecutionFailed("Execution terminated by signal", exit=True), "stopped"),
        (raised_from(AssertionError("wrong"), DataError("caught")), "api"),
    ],
)
def test_kind_follows_from_the_type_of_the_exception(error: BaseException, kind: FailureKind) -> None:
    assert failure_kind(error) == kind


@pytest.mark.parametrize(
    ("kind", "phase"), [("api", 4), ("transport", 4), ("environment", 5), ("suite", 5), ("stopped", 5)]
)
def test_only_a_failure_of_the_api_counts_in_the_phase_of_its_test(kind: FailureKind, phase: int) -> None:
    result = Result(["exit:4", *failure_tags(kind)])
    assert (failed_phase(result), suite_exit_code([result])) == (phase, phase)
    assert is_api_failure(result) is (phase == 4)


def test_failure_may_belong_to_another_phase_than_its_test() -> None:
    assert failed_phase(Result(["exit:4", *failure_tags("api", phase=3)])) == 3


@pytest.mark.parametrize(
    ("tags", "signature"),
    [
        (failure_tags("api", status=422), FailureSignature(4, "api", 422)),
        (failure_tags("api", status=503), FailureSignature(4, "transport", None)),
        (failure_tags("api", phase=1, status=401), FailureSignature(1, "api", 401)),
        (failure_tags("transport"), FailureSignature(4, "transport", None)),
        (failure_tags("environment"), FailureSignature(5, "environment", None)),
        (["failure:status-many"], FailureSignature(5, None, None)),
    ],
)
def test_signature_is_phase_kind_and_status(tags: list[str], signature: FailureSignature) -> None:
    assert failure_signature(Result(["exit:4", *tags])) == signature


def test_failure_that_no_listener_has_classified_is_no_verdict_on_the_api() -> None:
    assert suite_exit_code([Result(["exit:2"])]) == 5
