"""A run from start to end: take the account, run the suites, restore the account, write the results."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

from acceptance.account.account import OwnedAccount
from acceptance.account.lock import AccountInUse
from acceptance.account.marks import new_run_id
from acceptance.account.restore import LONGEST_RESTORE_SECONDS, Restoration
from acceptance.client.build import Builds, shown_builds
from acceptance.client.exchanges import (
    CALLS_DIRECTORY_VARIABLE,
    RUNNER,
    Call,
    Exchange,
    call_records,
    calls_of_api,
    record_call,
    recorded_calls,
    recorded_fields,
)
from acceptance.client.http_adapter import RequestPolicy
from acceptance.client.login import LoginOutcome, LoginResult
from acceptance.client.login_rate_limiter import LoginRateLimiter
from acceptance.client.logins import Logins
from acceptance.client.retries import Retried, Retries
from acceptance.client.shared_login import LoginServer
from acceptance.client.warm_up import WarmUp
from acceptance.config import (
    STATE_VARIABLE,
    ConfigurationError,
    Target,
    TeamConfig,
    read_team_config,
    refuse_plain_http,
    state_directory,
)
from acceptance.execution.embedded import EmbeddedBackend
from acceptance.execution.openapi_reader import OpenAPIReader
from acceptance.execution.options import RunOptions
from acceptance.execution.readiness import wait_for_build, wait_for_first_read, wait_until_ready
from acceptance.execution.signals import Interrupted, SignalHandler, TimeIsOver, time_limit
from acceptance.execution.workers import Workers
from acceptance.execution.workspace import workspace
from acceptance.exit_codes import problem_of
from acceptance.redaction import Redactor
from acceptance.reporting.baseline import Baseline, Comparison, read_baseline
from acceptance.reporting.history import RETRIED_TAG, add_to_history
from acceptance.reporting.known_issues import accept_known_issues, check_known_issues, today
from acceptance.reporting.leak_scan import LeakScan
from acceptance.reporting.provenance import base_branch
from acceptance.reporting.result_files import remove_old_results, write_results
from acceptance.reporting.robot_output import RobotOutput
from acceptance.reporting.run_result import RunResult
from acceptance.reporting.since_when import with_since
from acceptance.reporting.throttling import throttling_notes
from acceptance.reporting.timing import exceeded_budget, timings
from acceptance.reporting.verdict import LEAK_VERDICT, SuiteVerdict, run_verdict, suite_verdict
from acceptance.reporting.versions import several_versions_note
from acceptance.texts import cut

PROGRESS_SECONDS = 10.0
MOST_NAMED = 100
LONGEST_DIFFERENCE = 500
log = logging.getLogger(__name__)


class Run:
    """One run.

    Args:
        options: What it is asked to do.
        redactor: Masks what the process prints; it learns the secrets of the run.
    """

    def __init__(self, options: RunOptions, redactor: Redactor) -> None:
        self._options = options
        self._redactor = redactor
        self._began = time.monotonic()
        self._started = datetime.now().astimezone()
        self._id = new_run_id()
        self._signals = SignalHandler()
        self._notes: list[str] = []
        self._target: Target | None = None
        self._login: LoginResult | None = None
        self._restoration = Restoration(True)
        self._timed_out = False
        self._problem = ""
        self._baseline: Baseline | None = None
        self._certificate_expires: float | None = None
        self._openapi: OpenAPIReader | None = None

    def execute(self) -> RunResult:
        """Run the suites, restore the account, and write the results.

        Raises:
            ConfigurationError: The run cannot begin.
        """
        with ExitStack() as stack:
            self._directory = stack.enter_context(workspace())
            self._workers = Workers(self._directory)  # forks, so nothing may start a thread before it
            stack.callback(self._workers.stop)
            team = read_team_config(known_issues=self._options.known_issues)
            check_known_issues(team.known_issue, today())
            if self._options.target:
                refuse_plain_http(self._options.target.url, team)
            self._builds = Builds(self._directory, team.build.at, self._options.expect_build, self._redactor)
            if self._options.baseline:  # which may be in the output directory
                self._baseline = read_baseline(self._options.baseline)
            remove_old_results(self._options.output_directory)
            self._run_suites(stack, team)
            result = self._result(team)
            write_results(result, self._options.output_directory)
            return result

    def _run_suites(self, stack: ExitStack, team: TeamConfig) -> None:
        """Run the suites to their end, or until the time is over or a signal arrives, and restore the account."""
        account: OwnedAccount | None = None
        second: OwnedAccount | None = None
        try:
            with self._signals.raising(), time_limit(self._seconds_left):
                target, states = self._settle_target(stack)
                log.info("%s run against %s", self._options.mode.capitalize(), target.label)
                policy = RequestPolicy(
                    self._id,
                    self._redactor,
                    self._on_exchange(),
                    self._options.read_only,
                    retries=Retries(self._directory),
                    warm_up=WarmUp(self._options.wait, self._note),
                    login_rate=LoginRateLimiter(self._directory),
                )
                logins = Logins(target, policy, self._redactor)
                account = OwnedAccount(target, states, logins.owner, policy)
                if not self._await_backend(policy, target):
                    return
                server = LoginServer(logins, self._directory)
                stack.callback(server.close)
                self._start_workers(target, states, server, team)
                self._login, leftover = account.open(self._options.lock_timeout)
                self._note(*leftover.notes("The account of a crashed run"))
                if logins.other and not self._options.read_only:
                    second = OwnedAccount(logins.other.target, states, logins.other, policy)
                    self._restore_second_account(second, "The second account of a crashed run")
                if self._options.wait and self._login.token:
                    wait_for_first_read(policy, logins.owner, target.url)
                server.open()
                self._await_workers(policy, target)
        except Interrupted:
            log.info("Interrupted: the account is restored, then the run ends.")
        except TimeIsOver:
            self._timed_out = True
            log.info("The run did not end within %.0f s: it is stopped (--timeout).", self._options.timeout)
        except ConfigurationError:
            raise
        except Exception as error:  # noqa: BLE001 - the run has a report after any error
            self._problem = problem_of(error)
            self._note(f"The run failed by an error of its own: {self._problem}.")
        finally:
            self._workers.stop()
            if account and account.is_locked:
                self._restoration = self._restore(account)
                self._note(*self._restoration.notes())
                account.close()
            if second:  # its worker may have been killed
                with suppress(ConfigurationError, TimeIsOver), time_limit(LONGEST_RESTORE_SECONDS):
                    self._restore_second_account(second, "The second account")

    def _restore_second_account(self, account: OwnedAccount, what: str) -> None:
        """Restore what is left changed in the second account, unless another run uses it now."""
        if account.has_changes:
            with suppress(AccountInUse):
                _, leftover = account.open(lock_seconds=0.0)
                self._note(*leftover.notes(what))
                account.close()

    def _restore(self, account: OwnedAccount) -> Restoration:
        """Restore the account, in a time of its own; what the run was stopped before is left to the next one."""
        if self._login is None:
            return Restoration(not account.has_changes, problem="the run was stopped before it had logged in")
        try:
            with time_limit(LONGEST_RESTORE_SECONDS):
                return account.restore(self._seconds_to_restore())
        except TimeIsOver:
            return Restoration(False, problem=f"it took longer than {LONGEST_RESTORE_SECONDS:.0f} s")

    def _on_exchange(self, process: str = RUNNER) -> Callable[[Exchange], None]:
        passwords = self._target.passwords if self._target else ()

        def on_exchange(exchange: Exchange) -> None:
            record_call(self._directory, Call.of(exchange, self._redactor, passwords), process)
            self._builds.observe(exchange)
            self._certificate_expires = exchange.certificate_expires or self._certificate_expires

        return on_exchange

    def _await_backend(self, policy: RequestPolicy, target: Target) -> bool:
        """Wait for the backend, and return whether the suites are run: not where another build is what answers."""
        if self._builds.are_expected:
            return wait_for_build(policy, self._builds, target.url)
        wait_until_ready(policy, self._builds, target.url)
        return True

    def _settle_target(self, stack: ExitStack) -> tuple[Target, Path]:
        """Return the target, which is started where it is the embedded backend, and its state directory."""
        if self._options.target:
            self._target, states = self._options.target, state_directory()
        else:
            backend = EmbeddedBackend()
            stack.callback(backend.stop)
            self._target, states = backend.target, self._directory / "state"
        return self._target, states

    def _start_workers(self, target: Target, states: Path, server: LoginServer, team: TeamConfig) -> None:
        """Start the workers. They prepare themselves, and wait for the login until the server is opened."""
        variables = {
            "API_URL": target.url,
            "RUN_ID": self._id,
            "RUN_SECONDS": self._options.timeout,
            "LOCK_TIMEOUT": self._options.lock_timeout,
            "READ_ONLY": self._options.read_only,
            "ALLOW_DESTRUCTIVE": self._options.allow_destructive or target.embedded,
            "EXCLUDED_SETTINGS": list(team.settings.exclude),
        }
        accounts = (target, target.other) if target.other else (target,)
        credentials = {
            name: value
            for account in accounts
            for name, value in zip(account.variables, (account.email, account.password), strict=True)
        }
        self._workers.start(
            suites=[suite for suite in self._options.suites if suite.tests],
            processes=self._options.processes,
            robot_options=[
                *(part for name, value in variables.items() for part in ("--variable", f"{name}:{value}")),
                *("--pythonpath", str(Path.cwd())),
                *self._options.robot_options,
            ],
            environment={
                "API_URL": target.url,
                **credentials,
                STATE_VARIABLE: str(states.resolve()),
                CALLS_DIRECTORY_VARIABLE: str(self._directory),
                **self._builds.environment,
                **server.environment,
            },
        )

    def _await_workers(self, policy: RequestPolicy, target: Target) -> None:
        if self._options.mode == "full":
            self._openapi = OpenAPIReader(replace(policy, on_exchange=self._on_exchange("openapi")), target.url)
        while not self._workers.wait(PROGRESS_SECONDS):
            calls = recorded_calls(self._directory)
            waiting = ", throttled" if _ends_throttled(calls) else ""
            log.info("… %.0f s: %d requests so far%s", time.monotonic() - self._began, len(calls), waiting)

    @property
    def _seconds_left(self) -> float:
        return self._options.timeout - (time.monotonic() - self._began)

    def _seconds_to_restore(self) -> float:
        """Return how long restoring may take where it is hindered: while the run has time, and not after a signal."""
        return 0.0 if self._signals.arrived else min(self._seconds_left, LONGEST_RESTORE_SECONDS)

    def _result(self, team: TeamConfig) -> RunResult:
        """Return everything that the run found out; nothing is found out after this."""
        document = self._openapi.wait() if self._openapi else None  # before the calls are counted
        outputs = self._workers.outputs() if self._login else []  # without one, no worker got beyond its setup
        leaks = self._mask_leaks(outputs)
        output = RobotOutput(outputs, self._options.suites, self._why_unfinished())
        self._note(*accept_known_issues(output.by_name, team.known_issue, today()))
        calls = recorded_calls(self._directory)
        stopped: LoginOutcome = "throttled" if _ends_throttled(calls) else "refused"
        login = self._login.outcome if self._login else stopped
        suites: Sequence[SuiteVerdict] = [
            suite_verdict(suite.name, output.by_name[suite.name], suite.metadata, login)
            for suite in self._options.suites
        ]
        target, shard = self._target, self._options.shard
        checks = self._builds.recorded()
        stale = self._builds.problem(checks) if target else None
        comparison = self._compare(output)
        verdict = run_verdict(
            suites,
            self._options.exit_codes,
            login,
            comparison,
            restored=self._restoration.restored,
            interrupted=self._signals.arrived,
            stale=stale is not None,
            down=not self._builds.are_disproved(checks),
        )
        of_api = calls_of_api(calls)
        measured = timings(of_api, team.budgets)
        fields = recorded_fields(self._directory)
        differences = document.differences(of_api, fields, target.url) if document and target else []
        if target:
            several = (self._builds.several_builds_note(checks, target.url), several_versions_note(calls, target.url))
            self._note(*filter(None, [stale] if stale else several))
        self._note(*throttling_notes(of_api, time.time()))
        slow = [exceeded_budget(timing) for timing in measured if timing.is_over_budget]
        if slow:
            self._note(f"Slower than the budget (95th percentile): {'; '.join(slow)}.")
        retried = Retries(self._directory).all()
        self._note(*dict.fromkeys([*(one.note for one in retried), *output.warnings()]))
        for error in output.errors():
            self._note(f"Robot Framework reports: {error}")
        if leaks and not verdict.exit_code:  # a leak hides no broken API
            verdict = LEAK_VERDICT
        if not leaks and self._options.history:
            suites, problem = with_since(suites, output, self._options.history, base_branch())
            self._note(*filter(None, [problem]))
            self._add_to_history(self._options.history, output, retried)
        was_stopped = self._timed_out or self._signals.arrived or self._problem
        if self._workers.were_started and not was_stopped:
            self._show_output_of_failed_workers(output)
        return RunResult(
            verdict=verdict,
            suites=suites,
            output=output,
            scope=f"run against {_host(target)}",
            target=target.label if target else "no backend",
            url=target.url if target and not (target.embedded and shard) else None,
            account=target.masked_account if target else None,
            account_id=target.account_id if target else None,
            read_only=self._options.read_only,
            interrupted=self._signals.arrived,
            baseline=comparison,
            mode=self._options.mode,
            exit_codes=self._options.exit_codes,
            seconds=round(time.monotonic() - self._began, 2),
            started=self._started,
            calls=calls,
            timings=measured,
            restored=self._restoration.restored,
            restore_problem=self._redactor.mask(self._restoration.problem),
            retried=retried,
            pending=self._restoration.pending,
            side_effects=[self._redactor.mask(cut(name)) for name in self._restoration.side_effects[:MOST_NAMED]],
            build=shown_builds(checks),
            expected_build=self._options.expect_build or None,
            notes=self._notes,
            trace_url=team.trace.url,
            shard=str(shard) if shard else None,
            run=shard.run if shard else None,
            certificate_expires=self._certificate_expires,
            openapi=[self._redactor.mask(cut(line, LONGEST_DIFFERENCE)) for line in differences],
        )

    def _compare(self, output: RobotOutput) -> Comparison | None:
        """Return how the results compare with the baseline, and note why where they do not."""
        if self._baseline is None:
            return None
        options = self._options
        comparison = self._baseline.compare(output.by_name, self._target, options.mode, read_only=options.read_only)
        if comparison.reason:
            self._note(f"The baseline {options.baseline} is not used: {comparison.reason}.")
        return comparison

    def _show_output_of_failed_workers(self, output: RobotOutput) -> None:
        printed = {suite.name: self._workers.last_output_of(suite) for suite in output.missing}
        for name, text in printed.items():
            if text:
                self._note(f"The process of {name} left no result. It printed last:\n{text}")
        if output.is_empty and not any(printed.values()):
            log.info(self._workers.output_of_all())

    def _mask_leaks(self, outputs: list[Path]) -> bool:
        """Mask every secret in what the results are made of, note where there was one, and return whether there was."""
        scan = LeakScan(self._redactor)
        leaking = ["output.xml"] if scan.mask(outputs) else []
        leaking += ["summary.json"] if scan.mask(call_records(self._directory)) else []
        leaking += scan.leaking_files(self._options.output_directory, self._started.timestamp())
        if leaking:
            self._note(f"A secret was in {', '.join(leaking)}; what this run writes is masked. Find out what wrote it.")
        return bool(leaking)

    def _why_unfinished(self) -> str:
        if self._timed_out:
            when = "" if self._login else ", before it had logged in"
            return f"the run was stopped after {self._options.timeout:.0f} s{when}."
        if self._problem:
            return f"the run failed by an error of its own: {self._problem}."
        if not self._workers.were_started and self._builds.are_expected:
            return "the expected build did not appear."
        return "the run was interrupted." if self._signals.arrived else "its process died."

    def _add_to_history(self, database: Path, output: RobotOutput, retried: Sequence[Retried]) -> None:
        scratch = self._directory / "history"
        scratch.mkdir()
        tags = [self._options.mode, *([RETRIED_TAG] if retried else [])]
        problem = add_to_history(database, output, tags, self._options.output_directory, scratch)
        if problem:
            self._note(f"The run is not added to the history {database}: {problem}.")

    def _note(self, *sentences: str) -> None:
        for sentence in sentences:
            self._notes.append(self._redactor.mask(sentence))
            log.info("%s", sentence)


def _ends_throttled(calls: Sequence[Call]) -> bool:
    return bool(calls) and calls[-1].status == HTTPStatus.TOO_MANY_REQUESTS


def _host(target: Target | None) -> str:
    if target is None:
        return "no backend"
    return "the embedded backend" if target.embedded else target.url.partition("://")[2]
