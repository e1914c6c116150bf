"""Known issues: a failure that the team has described does not count until its entry expires; all others do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.backends import StartBackend
from tests.support.runs import Outcome, RunCommand, restore

TODAY = datetime.now(UTC).date()
LOGIN = "Malformed Login Is Rejected"
PHONE = "Phone Number Is *"
RETURNED_500 = "returned 500"
PHONE_IS_INVALID = "E.164 allows digits only"


def entry(
    suite: str = "settings", test: str = LOGIN, message: str = RETURNED_500, days: int = 7, **others: str | None
) -> str:
    """Return a `[[known_issue]]`; `others` replace further fields, None leaves one out."""
    fields = {
        "suite": suite,
        "test": test,
        "message": message,
        "link": "https://tracker.example.com/7",
        "owner": "backend team",
        "reason": "The framework is being replaced.",
        "expires": (TODAY + timedelta(days=days)).isoformat(),
    } | others
    return "\n".join(
        ["[[known_issue]]", *(f"{name} = '{value}'" for name, value in fields.items() if value is not None)]
    )


@pytest.fixture
def run_with(project: Path, backend: StartBackend, run_tests: RunCommand) -> Callable[..., Outcome]:
    """Runs the project with a team configuration against a backend with faults."""

    def run(content: str, *arguments: str, faults: tuple[str, ...] = ()) -> Outcome:
        (project / "acceptance.toml").write_text(f"{content}\n")
        return run_tests(*arguments, backend=backend(*faults), root=project)

    return run


ONE = "malformed_login_returns_500"
OTHER = "unknown_path_returns_500"
DECISIONS = [
    pytest.param(entry(), ("settings",), (ONE,), 0, 1, id="as described"),
    pytest.param(entry(test="Malformed L*"), ("settings",), (ONE,), 0, 1, id="as described, by a pattern"),
    pytest.param(entry(days=0), ("settings",), (ONE,), 0, 1, id="on the last day"),
    pytest.param(entry(days=30), ("settings",), (ONE,), 0, 1, id="thirty days ahead"),
    pytest.param(entry(message="returned 503"), ("settings",), (ONE,), 5, 0, id="fails otherwise"),
    pytest.param(entry(), ("settings",), (ONE, OTHER), 5, 1, id="another test fails, too"),
    pytest.param("", ("settings",), (ONE,), 5, 0, id="no entry"),
    pytest.param(entry(), ("settings",), (), 0, 0, id="passes"),
    pytest.param(entry(), ("--smoke",), (), 0, 0, id="does not run"),
    pytest.param(entry(), ("settings", "--", "--test", LOGIN), (ONE,), 5, 1, id="nothing else runs"),
    pytest.param(
        entry(test="Malformed Update Is Rejected", message="truncated json: PUT"),
        ("settings",),
        ("malformed_update_returns_500",),
        5,
        0,
        id="other rows of the table fail, too",
    ),
    pytest.param(
        entry(test="Malformed Update Is Rejected", message="returned 500 Internal Server Error, expected 400"),
        ("settings",),
        ("malformed_update_returns_500",),
        0,
        1,
        id="each row of the table as described",
    ),
    pytest.param(
        entry("twilio", PHONE, PHONE_IS_INVALID), ("twilio",), ("phone_number_has_letters",), 0, 2, id="phase 3"
    ),
]


@pytest.mark.parametrize(("content", "arguments", "faults", "code", "known"), DECISIONS)
def test_failure_is_known_only_where_it_is_as_described(
    content: str,
    arguments: tuple[str, ...],
    faults: tuple[str, ...],
    code: int,
    known: int,
    run_with: Callable[..., Outcome],
) -> None:
    outcome = run_with(content, *arguments, faults=faults)
    assert outcome.code == code, outcome.stdout
    assert sum(suite["known"] for suite in outcome.verdict["suites"].values()) == known
    assert outcome.verdict["restored"] is True


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (entry(days=-1), "expired on"),
        (entry(days=31), "more than 30 days ahead"),
        (entry(message="500"), "fewer than 10 characters"),
        (entry(test="*Are Kept"), "; a pattern is for 3 at most"),
        (entry(test="No Such Test"), "names no test"),
        (entry("no-such-suite"), "names the suite 'no-such-suite'"),
        (entry(test="Login Of Unknown User Is Rejected"), "of phase 1, which counts always"),
        (entry(test="Settings Can Be Read"), "of phase 2, which counts always"),
        (entry(test="Update Is Accepted"), "on which other tests build"),
        (entry("calendar", "OAuth Start Redirects To Google Or Explains Why Not"), "on which other tests build"),
        (entry("security", "*Origin*"), "what is not secure counts always"),
        (entry(test="No Response Shows Credential"), "what is not secure counts always"),
        (entry(owner=None), "has no 'owner'"),
        (entry(severity="low"), "the key 'severity' is unknown"),
        (entry(link="ask Ann"), "link is no URL"),
        (entry(expires="soon"), "expires is no date"),
        ("\n".join([entry()] * 11), "more than 10 known issues"),
        ("known_issue = 5", "begin each with [[known_issue]]"),
    ],
)
def test_entry_that_may_not_be_listed_is_one_line_and_5_before_any_request(
    content: str, words: str, project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    (project / "acceptance.toml").write_text(content)
    target = backend()
    outcome = run_tests("--smoke", backend=target, root=project)
    assert (outcome.code, target.calls(), outcome.files()) == (5, [], set()), outcome.stdout
    assert len(outcome.stderr.splitlines()) == 1
    assert words in outcome.stderr


def test_known_issue_is_named_with_the_days_left_in_each_report(run_with: Callable[..., Outcome]) -> None:
    outcome = run_with(entry(), "settings", faults=(ONE,))
    known = f"{LOGIN}: 7 days left (backend team, https://tracker.example.com/7): The framework"
    assert f"Known issue: {known}" in outcome.stdout
    assert outcome.verdict["suites"]["settings"]["known_issues"][0].startswith(known)
    assert "🟡 **settings: known.**" in (outcome.results / "summary.md").read_text(encoding="utf-8")
    test = next(test for _, test in outcome.tests() if test.name == LOGIN)
    assert (test.status, "known-issue" in test.tags) == ("SKIP", True)
    assert "healthy, exit code 0. Everything that was checked is as promised, but for 1 known issue." in outcome.stdout


def test_issue_that_is_fixed_adds_a_note(run_with: Callable[..., Outcome]) -> None:
    (note,) = run_with(entry(), "settings").verdict["notes"]
    assert f"“{LOGIN}” is fixed: delete the entry" in note


@pytest.mark.parametrize("content", [entry(days=-1), "known_issue = 5"])
def test_mistake_in_a_known_issue_keeps_no_account_from_being_restored(
    content: str, project: Path, backend: StartBackend, state_directory: Path
) -> None:
    (project / "acceptance.toml").write_text(content)
    restored = restore(backend(), state_directory, root=project)
    assert restored.returncode == 0, restored.stderr


def test_suite_whose_tests_all_failed_as_known_has_no_verdict(run_with: Callable[..., Outcome]) -> None:
    outcome = run_with(entry(), "settings", "--", "--test", LOGIN, faults=(ONE,))
    assert outcome.verdict["suites"]["settings"]["meaning"] == "Each test that was executed failed as a known issue"


def test_known_issue_of_a_shard_is_known_in_the_merged_run(
    project: Path, backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    (project / "acceptance.toml").write_text(entry())
    target = backend(ONE)
    environment = {"ACCEPTANCE_RUN": "one"}
    shards = [
        run_tests("--shard", f"{number}/2", backend=target, root=project, environment=environment) for number in (1, 2)
    ]
    directories = [str(shard.results) for shard in shards]
    merged = run_tests("merge", *directories, "--output-dir", str(tmp_path / "merged"), root=project)
    assert merged.code == 0, merged.stdout
    assert merged.verdict["suites"]["settings"]["known"] == 1
    assert "1 known issue" in merged.stdout


@pytest.mark.parametrize(
    ("days", "option", "code"),
    [(7, (), 3), (7, ("--known-issues",), 0), (-1, (), 3), (-1, ("--known-issues",), 5)],
)
def test_verification_after_a_deployment_reads_known_issues_only_where_asked_to(
    days: int, option: tuple[str, ...], code: int, run_with: Callable[..., Outcome], tmp_path: Path
) -> None:
    directories = ("--log-dir", str(tmp_path / "logs"), "--output-dir", str(tmp_path / "results"))
    content = entry("twilio", PHONE, PHONE_IS_INVALID, days)
    outcome = run_with(content, "post-deploy", *directories, *option, faults=("phone_number_has_letters",))
    assert outcome.code == code, outcome.stdout + outcome.stderr
