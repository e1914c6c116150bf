"""A run from start to end: the account is taken, the suites run, the account is put back, the verdict is written."""

import logging
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import FrameType

import requests

from acceptance.account.owned_account import OwnedAccount, new_run_id
from acceptance.account.restore import Restoration
from acceptance.cli import console
from acceptance.cli.arguments import Options
from acceptance.client.endpoints import is_login
from acceptance.client.exchanges import CALLS_DIRECTORY_VARIABLE, call_recorder, recorded_calls
from acceptance.client.http_adapter import RequestPolicy
from acceptance.client.login import LoginResult
from acceptance.client.shared_login import LoginServer
from acceptance.config import STATE_VARIABLE, Target, state_directory
from acceptance.execution.embedded import EmbeddedBackend
from acceptance.execution.readiness import wait_until_ready
from acceptance.execution.workers import Workers
from acceptance.execution.workspace import workspace
from acceptance.exit_codes import UNEXPECTED
from acceptance.redaction import Redactor
from acceptance.reporting import annotations
from acceptance.reporting.history import add_to_history
from acceptance.reporting.leak_scan import leaking_files
from acceptance.reporting.markdown import write_markdown
from acceptance.reporting.provenance import build, commit
from acceptance.reporting.report_summary import documentation, exit_code_meaning, plain, shown_metadata, timing_table
from acceptance.reporting.robot_output import FILES, Results, write_summary
from acceptance.reporting.timing import budget_passed, timings
from acceptance.reporting.verdict import SuiteVerdict, Verdict, run_verdict, suite_verdict, verdict_lines

PROGRESS_SECONDS = 10.0
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody wants the run to end: Ctrl-C, SIGTERM or SIGHUP."""


class Signals:
    """Turns the first signal to end into `Interrupted`, where that does no harm, and takes note of it elsewhere."""

    def __init__(self) -> None:
        self._may_raise = False
        self.arrived = False
        for number in ENDING_SIGNALS:
            signal.signal(number, self._arrive)

    def _arrive(self, number: int, frame: FrameType | None) -> None:
        first, self.arrived = not self.arrived, True
        if first and self._may_raise:
            raise Interrupted

    @contextmanager
    def raising(self, may_raise: bool = True) -> Iterator[None]:
        """Raise `Interrupted` in this block, or, with `may_raise` false, only when the block has ended."""
        before, self._may_raise = self._may_raise, may_raise
        try:
            if may_raise and self.arrived:
                raise Interrupted
            yield
        finally:
            self._may_raise = before
        if before and self.arrived:
            raise Interrupted


class Run:
    """One run.

    Args:
        options: What it was asked to do.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._began = time.monotonic()
        self._began_at = time.time()
        self._id = new_run_id()
        self._redactor = Redactor()
        self._signals = Signals()
        self._notes: list[str] = []
        self._login_result: LoginResult | None = None
        self._timed_out = False

    def execute(self) -> int:
        """Run the suites and return the exit code.

        Raises:
            ConfigurationError: The run cannot begin.
        """
        for name in FILES:
            (self._options.output_directory / name).unlink(missing_ok=True)
        with ExitStack() as stack:
            directory = stack.enter_context(workspace())
            self._workers = Workers(directory)
            stack.callback(self._workers.stop)
            stack.enter_context(self._warnings_as_notes())
            restoration = Restoration(True)
            target: Target | None = None
            account: OwnedAccount | None = None
            try:
                with self._signals.raising():
                    target, states = self._target(directory, stack)
                    self._say(f"{self._options.mode.capitalize()} run against {_shown(target)}")
                    access = RequestPolicy(self._redactor, call_recorder(directory), self._options.read_only)
                    account = OwnedAccount(target, self._id, states, access, self._redactor)
                    self._wait_until_ready(target, access)
                    server = self._begin_suites(target, account, states, directory, stack)
                    self._login_result, leftover = account.open(self._options.lock_timeout)
                    self._tell_of(leftover, "What a crashed run left")
                    server.open()
                    self._await_suites(directory)
            except Interrupted:
                self._say("Interrupted: the account is put back, then the run ends.")
            finally:
                self._workers.stop()
                if account and self._login_result:
                    restoration = account.restore()
                    self._tell_of(restoration, "The account")
                    account.close()
            return self._conclude(target, restoration, directory)

    @contextmanager
    def _warnings_as_notes(self) -> Iterator[None]:
        log, handler = logging.getLogger("acceptance"), logging.Handler()
        handler.emit = lambda record: self._note(record.getMessage())  # type: ignore[method-assign]
        log.addHandler(handler)
        try:
            yield
        finally:
            log.removeHandler(handler)

    def _target(self, directory: Path, stack: ExitStack) -> tuple[Target, Path]:
        if self._options.target:
            return self._options.target, state_directory()
        backend = EmbeddedBackend()
        stack.callback(backend.stop)
        return backend.target, directory / "state"

    def _wait_until_ready(self, target: Target, access: RequestPolicy) -> None:
        if self._options.wait:
            wait_until_ready(access, target.url, self._options.wait)

    def _begin_suites(
        self, target: Target, account: OwnedAccount, states: Path, directory: Path, stack: ExitStack
    ) -> LoginServer:
        """Start the workers. They get ready, and wait for the sign-in until the server is opened."""
        server = LoginServer(account.login)
        stack.callback(server.close)
        variables = {
            "API_URL": target.url,
            "RUN_ID": self._id,
            "READ_ONLY": self._options.read_only,
            "ALLOW_DESTRUCTIVE": self._options.allow_destructive or target.embedded,
        }
        self._workers.begin(
            suites=[suite for suite in self._options.suites if suite.tests],
            processes=self._options.processes,
            robot_options=[
                *(part for name, value in variables.items() for part in ("--variable", f"{name}:{value}")),
                *("--pythonpath", str(Path.cwd())),
                *self._options.robot_options,
            ],
            environment={
                "API_URL": target.url,
                "E2E_EMAIL": target.email,
                "E2E_PASSWORD": target.password,
                STATE_VARIABLE: str(states.resolve()),
                CALLS_DIRECTORY_VARIABLE: str(directory),
                **server.environment,
            },
        )
        return server

    def _await_suites(self, directory: Path) -> None:
        end = time.monotonic() + self._options.timeout
        while (left := end - time.monotonic()) > 0:
            if self._workers.wait(min(left, PROGRESS_SECONDS)):
                return
            calls = recorded_calls(directory)
            waiting = ", throttled" if calls and calls[-1].status == 429 else ""
            self._say(f"… {time.monotonic() - self._began:.0f} s: {len(calls)} requests so far{waiting}")
        self._timed_out = True
        self._say(f"The suites did not end within {self._options.timeout:.0f} s: they are stopped (--timeout).")

    def _conclude(self, target: Target | None, restoration: Restoration, directory: Path) -> int:
        outputs = self._workers.outputs()
        results = Results(outputs, self._options.suites, self._why_unfinished())
        metadata = {suite.name: suite.metadata for suite in self._options.suites}
        outcome = self._login_result.outcome if self._login_result else "refused"
        suites = [suite_verdict(name, result, metadata[name], outcome) for name, result in results.by_name.items()]
        throttled = sum(call.status == requests.codes.too_many_requests for call in recorded_calls(directory))
        if throttled:
            self._note(f"Requests were throttled {throttled} times (429), and waited for as the server asked.")
        slow = [timing for timing in timings(recorded_calls(directory), self._options.budgets) if timing.is_over_budget]
        if slow:
            self._note(f"Slower than budgeted (95th percentile): {'; '.join(map(budget_passed, slow))}.")
        verdict = run_verdict(
            suites,
            self._options.exit_codes,
            outcome,
            restoration.restored,
            self._signals.arrived,
        )
        for error in results.errors():
            self._note(f"Robot Framework reports: {error}")
        if self._workers.have_begun and not outputs and not self._timed_out and not self._signals.arrived:
            self._say(self._workers.worker_output())
        leaks = self._write(results, suites, verdict, target, restoration, directory)
        if self._options.history and not leaks:
            self._remember(self._options.history)
            leaks = self._write(results, suites, verdict, target, restoration, directory)
        if leaks:
            self._note(f"A secret stood in {', '.join(leaks)} and was masked there; find out who wrote it.")
            verdict = Verdict("error", UNEXPECTED)
            self._write(results, suites, verdict, target, restoration, directory)
        self._say_verdict(suites, verdict)
        if annotations.is_wanted() and not self._options.shard:  # what is merged has them
            for annotation in annotations.of_run(results.by_name, suites, verdict):
                console.show(self._redactor.mask(annotation))
        return verdict.exit_code

    def _why_unfinished(self) -> str:
        if self._timed_out:
            return f"the run was stopped after {self._options.timeout:.0f} s."
        return "the run was interrupted." if self._signals.arrived else "its process died."

    def _write(
        self,
        results: Results,
        suites: list[SuiteVerdict],
        verdict: Verdict,
        target: Target | None,
        restoration: Restoration,
        directory: Path,
    ) -> list[str]:
        """Write all results and return the names of those that held a secret."""
        calls = recorded_calls(directory)
        facts = {
            "target": target.url if target and not (target.embedded and self._options.shard) else None,
            "mode": self._options.mode,
            "exit_code": verdict.exit_code,
            "verdict": verdict.word,
            "seconds": round(time.monotonic() - self._began, 2),
            "logins": sum(is_login(call.method, call.path) for call in calls),
            "requests": len(calls),
            "restored": restoration.restored,
            "notes": self._notes,
            "calls": [asdict(call) for call in calls],
            **(self._options.shard.facts if self._options.shard else {}),
        }
        shown = _shown(target) if target else "no backend"
        measured = timings(calls, self._options.budgets)
        results.write(
            self._options.output_directory,
            f"{verdict.word.capitalize()}: {self._options.mode} run against {_host(target)}",
            documentation(verdict, suites),
            shown_metadata(
                {
                    "Account": target.masked_account if target else None,
                    "Account left as found": "yes" if restoration.restored else plain(f"no: {restoration.problem}"),
                    "Build": build(),
                    "Commit": commit(),
                    "Duration": f"{facts['seconds']:.1f} s in all",
                    "Exit code": exit_code_meaning(verdict, self._options.exit_codes, suites),
                    "Mode": self._options.mode,
                    "Notes": "\n\n".join(map(plain, self._notes)),
                    "Sign-ins": f"{facts['logins']}, among {len(calls)} requests",
                    "Started": datetime.fromtimestamp(self._began_at).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z"),
                    "Target": shown,
                    "Timing": timing_table(measured),
                }
            ),
        )
        write_summary(self._options.output_directory, facts, suites)
        write_markdown(self._options.output_directory, shown, facts, suites, verdict, calls)
        return leaking_files(self._options.output_directory, FILES, self._began_at, self._redactor)

    def _remember(self, database: Path) -> None:
        """Add the run to the history; whatever goes wrong there changes no verdict, but is told."""
        origin = {"Commit": commit(), "Build": build()}
        problem = add_to_history(database, self._options.output_directory, self._options.mode, origin)
        if problem:
            self._note(f"The run is not added to the history {database}: {problem}.")

    def _say_verdict(self, suites: list[SuiteVerdict], verdict: Verdict) -> None:
        for line in verdict_lines(suites, verdict):
            self._say(line)
        self._say(f"Report:  {self._options.output_directory / 'report.html'}")

    def _tell_of(self, restoration: Restoration, what: str) -> None:
        if restoration.kept:
            self._note(f"Somebody edited {', '.join(restoration.kept)} meanwhile; these edits are kept.")
        if not restoration.restored:
            self._note(f"{what} is not put back: {restoration.problem}.")

    def _note(self, text: str) -> None:
        self._notes.append(self._redactor.mask(text))
        self._say(text)

    def _say(self, text: str) -> None:
        console.show(annotations.harmless(self._redactor.mask(text)))


def _host(target: Target | None) -> str:
    if target is None:
        return "no backend"
    return "the embedded backend" if target.embedded else target.url.partition("://")[2]


def _shown(target: Target) -> str:
    return "the embedded backend" if target.embedded else f"{target.url} as {target.masked_account}"
