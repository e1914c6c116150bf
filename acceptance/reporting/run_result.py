"""Everything that a run found out, in one immutable object; each report, file and exit code is a view of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Literal

from acceptance.client.endpoints import is_login
from acceptance.client.exchanges import Call
from acceptance.client.retries import Retried
from acceptance.exit_codes import ExitCodes
from acceptance.reporting.baseline import Comparison
from acceptance.reporting.robot_output import RobotOutput
from acceptance.reporting.timing import Timing
from acceptance.reporting.verdict import SuiteVerdict, Verdict, known_issues_in_words

Mode = Literal["smoke", "full"]


@dataclass(frozen=True)
class RunResult:
    """What a run found out.

    Attributes:
        verdict: What the run means.
        suites: What each suite means, in order.
        output: The results of the tests.
        scope: What was run against, as the title of a report has it: `run against api.example.com`.
        target: The target as reports show it, with the masked account.
        url: The target's base URL; None where the summary must not name it.
        mode: Which tests ran.
        exit_codes: What the exit code means.
        seconds: How long the run took.
        started: When it began, None for a merged run.
        calls: The requests, in the order of their responses.
        timings: The figures of each endpoint, the slowest first.
        restored: Whether the account was seen to be restored.
        restore_problem: Why it was not, empty where it was.
        side_effects: The fields of the business that changed during the run and were not written by it.
        pending: The settings that an update of the run may still change.
        build: What the backend named as its build, None where nothing was named or nobody looked.
        expected_build: The build that the run expected, None where it expected none.
        notes: What else the reader must know, a sentence each.
        retried: The requests that were sent again after passing trouble of the network.
        account: The masked account, None where it is not known.
        account_id: What identifies it; see `Target.account_id`.
        read_only: Whether updates were blocked.
        interrupted: Whether a signal ended the run.
        baseline: How the run compares with a run before the deployment, None where none was given.
        trace_url: The URL of a trace, with a place for the trace id; empty where the team has not decided on one.
        shard: Which part of a run this is (`2/4`), None where it is the whole.
        run: The id that the parts of a run share.
        certificate_expires: When the certificate of the target expires (Unix time), None where it was not seen.
        openapi: What the run relied on that the target's OpenAPI document does not declare, or declares otherwise.
        shards: How many parts a merged run has, None where nothing was merged.
    """

    verdict: Verdict
    suites: Sequence[SuiteVerdict]
    output: RobotOutput
    scope: str
    target: str
    url: str | None
    mode: Mode
    exit_codes: ExitCodes
    seconds: float
    started: datetime | None
    calls: Sequence[Call]
    timings: Sequence[Timing]
    restored: bool
    restore_problem: str = ""
    side_effects: Sequence[str] = ()
    retried: Sequence[Retried] = ()
    pending: Sequence[str] = ()
    build: str | None = None
    expected_build: str | None = None
    notes: Sequence[str] = ()
    account: str | None = None
    account_id: str | None = None
    read_only: bool = False
    interrupted: bool = False
    baseline: Comparison | None = None
    trace_url: str = ""
    shard: str | None = None
    run: str | None = None
    shards: int | None = None
    certificate_expires: float | None = None
    openapi: Sequence[str] = ()

    @property
    def exit_code(self) -> int:
        """What the process ends with."""
        return self.verdict.exit_code

    @property
    def title(self) -> str:
        """The headline of the report: verdict, mode and target."""
        return f"{self.headline} {self.scope}"

    @property
    def headline(self) -> str:
        """The verdict and the mode, in a few words."""
        known = f" but for {known_issues_in_words(self.verdict.known)}" if self.verdict.known else ""
        return f"{self.verdict.status.capitalize()}{known}: {self.mode}"

    @property
    def logins(self) -> int:
        """How many logins succeeded."""
        return sum(call.status == HTTPStatus.OK for call in self.calls if is_login(call.method, call.path))

    @property
    def refused_logins(self) -> int:
        """How many logins got another response than 200."""
        return sum(call.status not in (HTTPStatus.OK, None) for call in self.calls if is_login(call.method, call.path))

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return len(self.calls)
