"""What a run is asked to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from acceptance.config import Target
from acceptance.execution.sharding import Shard
from acceptance.exit_codes import ExitCodes
from acceptance.reporting.run_result import Mode
from acceptance.suites import Suite


@dataclass(frozen=True)
class RunOptions:
    """What a run is asked to do, validated.

    Attributes:
        target: The backend and the account; None for the embedded backend.
        mode: Which tests run.
        suites: The suites with the tests that run; empty in a shard that has nothing to run.
        shard: Which part of a run on several machines this is, None where it is the whole.
        exit_codes: What the exit code means.
        read_only: Whether every update is blocked.
        allow_destructive: Whether tests that may break the account run.
        wait: How long to wait for the backend, in seconds.
        expect_build: The build that must answer, empty for any.
        timeout: How long the run may take before the account is restored, in seconds.
        lock_timeout: How long to wait for another run on the same account, in seconds.
        processes: How many suites run at the same time.
        output_directory: Where the results go.
        history: The database that the run is added to, None for none.
        baseline: The results of a run before the deployment, which this one is compared with; None for none.
        known_issues: Whether the known issues of the team configuration are read.
        robot_options: Options for Robot Framework.
    """

    target: Target | None
    mode: Mode
    suites: Sequence[Suite]
    shard: Shard | None
    exit_codes: ExitCodes
    read_only: bool
    allow_destructive: bool
    wait: float
    expect_build: str
    timeout: float
    lock_timeout: float
    processes: int
    output_directory: Path
    history: Path | None
    baseline: Path | None
    known_issues: bool
    robot_options: Sequence[str]
