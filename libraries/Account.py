"""The account under test as keywords: logging in once, opening the sessions, and restoring the account."""

import atexit
import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from robot.api import SkipExecution, logger
from robot.api.deco import keyword, library
from robot.api.types import Secret
from robot.libraries.BuiltIn import BuiltIn

import project_root  # noqa: F401
from acceptance.account.account import OwnedAccount
from acceptance.account.journal import Journal
from acceptance.account.lock import AccountInUse
from acceptance.account.marks import (
    LONGEST_RUN_SECONDS,
    Mark,
    await_other_runs,
    new_run_id,
    orphan_note,
    run_mark,
)
from acceptance.account.write_guard import AccountWriteGuard
from acceptance.client.build import CHECKS_IN_A_ROW, Builds
from acceptance.client.endpoints import BUSINESS_PATH
from acceptance.client.exchanges import (
    CALLS_DIRECTORY_VARIABLE,
    RUNNER,
    Call,
    Exchange,
    record_call,
    recorded_calls,
    server_time,
)
from acceptance.client.http_adapter import CONNECT_SECONDS, READ_SECONDS, RequestPolicy
from acceptance.client.invalid_tokens import INVALID_TOKEN_KINDS, InvalidToken
from acceptance.client.json_body import json_object, why_not_json
from acceptance.client.login import lock_problem
from acceptance.client.login_rate_limiter import LoginRateLimiter
from acceptance.client.logins import Logins, RefusedLoginAdapter
from acceptance.client.retries import Retries
from acceptance.client.shared_login import Login, SharedLogins
from acceptance.config import (
    SETTINGS,
    ConfigurationError,
    Target,
    is_loopback,
    read_team_config,
    refuse_plain_http,
    state_directory,
    target_from,
)
from acceptance.execution.embedded import EmbeddedBackend
from acceptance.execution.workspace import workspace
from acceptance.exit_codes import AUTHENTICATION, ApiFailure, Blocked
from run_state import OpenAccount, run_state

NO_SECRET = Secret("")


@library(scope="GLOBAL", version="1.0", doc_format="MARKDOWN")
class Account:
    """Logs in once for a whole run, and opens sessions of RequestsLibrary.

    The sessions are `owner` and `owner on another connection`, which are logged in, `other owner`, which is logged in
    to the second account, `unauthenticated`, which has no token, `refused login`, which sends each request once in a
    run, and one for each kind of invalid token: `invalid signature`, `tampered`, `unsigned` and `malformed`. Each
    request is limited in time, and each update is journalled before it is sent.
    """

    _guard: AccountWriteGuard
    _owner: requests.Session
    _url: str

    def __init__(self) -> None:
        self._state = run_state()
        self._cleanup = ExitStack()
        directory = os.environ.get(CALLS_DIRECTORY_VARIABLE)
        self._directory = Path(directory) if directory else None
        self._login: Login | None = None
        self._owned: OwnedAccount | None = None
        self._others_have_ended = False
        self._builds = Builds.from_environment(os.environ, self._state.redactor)
        self._policy: RequestPolicy | None = None
        self._tests_of_failed_login: dict[str, str] = {}
        atexit.register(self._cleanup.close)

    @keyword
    def open_account(
        self,
        url: str,
        email: Secret,
        password: Secret,
        read_only: bool = False,
        run_id: str = "",
        run_seconds: float = LONGEST_RUN_SECONDS,
        excluded_settings: list[str] | None = None,
        other_email: Secret = NO_SECRET,
        other_password: Secret = NO_SECRET,
    ) -> None:
        """Log in as the owner of the account at `url`, and open the sessions.

        Logs in once in a run, for all suites and processes. Without a `url` the reference backend is started. The run
        ends after `run_seconds` at the latest. The `excluded_settings` are those that no test saves; without them they
        are read from `acceptance.toml`. A login that fails is no failure of this keyword, but of `Login Should
        Succeed`. `Log In To Second Account` uses `other_email` and `other_password`.

        Fails unless there is a usable `url` with its `email` and `password`, and no other run uses the account.
        """
        if self._login:
            return
        self._state.run = run_id or new_run_id()
        if excluded_settings is None:
            excluded_settings = list(read_team_config().settings.exclude)
        self._state.excluded_settings = excluded_settings
        self._state.redactor.add(password.value, other_password.value)
        credentials = [one.value for one in (email, password, other_email, other_password)]
        policy = RequestPolicy(
            self._state.run,
            self._state.redactor,
            self._on_exchange,
            read_only,
            Retries(self._directory),
            login_rate=LoginRateLimiter(self._directory),
        )
        shared = SharedLogins.from_environment(os.environ, self._state.redactor)
        logins: SharedLogins | Logins
        if shared and self._directory:
            target, states, logins = target_from(url, *credentials), state_directory(), shared
            journal = Journal.of(states, target)
            shared.owner.result()  # waits until the runner holds the account
            for call in recorded_calls(self._directory, RUNNER):
                self._state.exposures += call.exposures
            self._login = shared.owner
            self._url, self._policy = target.url, policy
            self._check_build()
        else:
            refuse_plain_http(url, read_team_config())
            target, states = self._settle_target(url, credentials)
            self._state.target = target  # the login must not show its passwords
            logins = Logins(target, policy, self._state.redactor)
            owned = OwnedAccount(target, states, logins.owner, policy)
            _, restoration = owned.open()
            for note in restoration.notes("The account of a crashed run"):
                logger.warn(note)
            self._cleanup.callback(owned.close)
            self._cleanup.callback(owned.restore)
            self._owned, self._login, journal = owned, owned.login, owned.journal
        self._state.ends_at = time.time() + run_seconds
        self._state.is_loopback = is_loopback(str(urlsplit(target.url).hostname))
        self._open_sessions(target, self._login, policy, journal)
        refused = self._create_session("refused login")
        refused.mount(target.url, RefusedLoginAdapter(logins.refused, self._keep))
        if target.other and logins.other:
            self._open_other_account(target.other, states, logins.other, policy)

    @keyword
    def restore_account(self) -> None:
        """Restore every setting that was changed; where the suites run under `run_tests.py`, it does so at its end.

        Fails unless each setting has its original value, or one that another client saved meanwhile.
        """
        self._check_build()
        if self._owned is None:
            return
        restoration = self._owned.restore()
        for note in restoration.notes():
            logger.warn(note)
        if not restoration.restored:
            raise AssertionError(
                f"The account is not restored: {restoration.problem}. Run 'run_tests.py restore' to try again."
            )

    @keyword
    def login_should_succeed(self) -> None:
        """Fails unless the login returned a token as the contract says; the failure belongs to phase 1.

        The failure is reported once in a suite; the other tests are skipped as blocked. All tests are skipped where
        the login is throttled.
        """
        login = self._opened().result()
        if login.outcome == "throttled":
            raise SkipExecution(login.problem)
        if login.problem:
            suite, test = (BuiltIn().get_variable_value(name) for name in ("${SUITE NAME}", "${TEST NAME}"))
            if suite in self._tests_of_failed_login:
                raise Blocked(self._tests_of_failed_login[suite])
            self._tests_of_failed_login[suite] = test
            logger.info(f"Evidence: {login.evidence}")
            if login.outcome in ("not-sent", "locked"):
                raise ConfigurationError(login.problem)
            raise ApiFailure(login.problem, AUTHENTICATION, login)

    @keyword
    def other_runs_should_have_ended(self, settings: dict[str, Any], read_only: bool, lock_timeout: float) -> None:
        """Wait while one of the `settings` holds the mark of a run that is in progress elsewhere.

        A mark that a crashed run has left is noted. A run that is `read_only` notes every mark, and waits for none. It
        is done once in a run; later marks are seen before an update.

        Fails unless such a run ends within `lock_timeout` seconds.
        """
        if self._others_have_ended:
            return
        read = iter([settings])

        def marks_now() -> dict[str, list[Mark]]:
            latest = next(read, None) or json_object(self._owner.get(f"{self._url}{BUSINESS_PATH}").content) or settings
            return self._guard.marks_of_other_runs(latest)

        try:
            orphans = await_other_runs(marks_now, self._state.server_clock, 0.0 if read_only else lock_timeout)
        except AccountInUse as error:
            if not read_only:
                raise
            logger.warn(str(error))
            orphans = {}
        self._others_have_ended = True
        for name, marks in orphans.items():
            is_restored = not read_only and name not in self._state.excluded_settings
            logger.warn(orphan_note(name, marks[0], is_restored=is_restored))

    @keyword
    def login_should_not_be_locked(self, response: requests.Response) -> None:
        """Fails where the backend refused a login because it has locked the account, which is no verdict on the API."""
        problem = lock_problem(response)
        if problem:
            raise ConfigurationError(problem)

    @keyword
    def skip_if_disallowed(self, read_only: bool, allow_destructive: bool) -> None:
        """Skip the current test where the run does not allow it.

        A test tagged `write` is skipped in a run that is `read_only`; one tagged `destructive` unless
        `allow_destructive` is given, or the backend is the embedded one.
        """
        tags = BuiltIn().get_variable_value("${TEST TAGS}")
        if read_only and "write" in tags:
            raise SkipExecution("Not allowed: this run is read-only, and the test changes settings.")
        if "destructive" in tags and not (allow_destructive or (self._owned and self._owned.is_embedded)):
            raise SkipExecution("Not allowed: the test may break the account; --allow-destructive permits it.")

    @keyword
    def skip_if_throttled(self, response: requests.Response) -> None:
        """Skip the current test where a login was still throttled when the wait was over."""
        if response.status_code == requests.codes.too_many_requests:
            raise SkipExecution("Login is throttled: the backend still returned 429 when the wait was over.")

    @keyword("Login Response Should Be JSON")
    def login_response_should_be_json(self) -> None:
        """Fails unless the response to the run's login declared itself JSON in UTF-8."""
        flaw = why_not_json(self._opened().result().content_type)
        if flaw:
            raise ApiFailure(f"The login returned {flaw}.")

    @keyword
    def record_damage(self, before: dict[str, Any], after: dict[str, Any], path: str) -> None:
        """Record that the settings `before` are the original ones where they differ `after` the run has saved them.

        Restoring then tries to save the settings `before` again. The marked values of this run are not recorded.
        """
        mark = run_mark(self._state.run)
        original = {name: value for name, value in before.items() if mark not in str(value)}
        self._guard.record_damage(original, after, f"{self._url}{path}")

    def _on_exchange(self, exchange: Exchange) -> None:
        """Count an exchange of this process, and keep it."""
        call = self._keep(exchange)
        if self._directory:
            record_call(self._directory, call, str(os.getpid()))
        if self._builds:
            self._builds.observe(exchange)
        is_fresh = "Authorization" in exchange.request.headers  # shared caches keep no such response
        if self._state.server_offset is None and exchange.response is not None and is_fresh:
            now = time.time()
            self._state.server_offset = (server_time(exchange.response) or now) - now

    def _keep(self, exchange: Exchange) -> Call:
        """Keep an exchange as evidence of the current test, and what it exposes; log it in one line."""
        target = self._state.target
        call = Call.of(exchange, self._state.redactor, target.passwords if target else ())
        self._state.exposures += call.exposures
        if not any(one.response is exchange.response is not None for one in self._state.exchanges):
            self._state.exchanges.append(exchange)
            logger.info(f"{exchange.headline}.")
        return call

    def _check_build(self) -> None:
        """Record which build answers, where the run expects one."""
        if self._policy and self._builds and self._builds.are_expected:
            for _ in range(CHECKS_IN_A_ROW):
                check = self._builds.check(self._policy, self._url, sends_again=True)
                self._builds.record(check)
                if check.failure:  # it decides alone, and may have taken long
                    return

    def _opened(self) -> Login:
        if self._login is None:
            raise ConfigurationError("There is no login: the suite needs 'Suite Setup    Log In As Owner'.")
        return self._login

    def _settle_target(self, url: str, credentials: list[str]) -> tuple[Target, Path]:
        if url:
            return target_from(url, *credentials), state_directory()
        backend = EmbeddedBackend()
        self._cleanup.callback(backend.stop)
        return backend.target, self._cleanup.enter_context(workspace())

    def _open_sessions(self, target: Target, login: Login, policy: RequestPolicy, journal: Journal) -> None:
        redactor, evidence = self._state.redactor, self._state.evidence
        self._url = target.url
        self._state.target = target
        for account in filter(None, (target, target.other)):
            for name, value in zip(account.variables, (account.email, account.password), strict=True):
                evidence.add_variable(name, value)
        owner = self._owner = self._create_session("owner")
        guard = self._guard = AccountWriteGuard(
            journal, self._state.run, owner, SETTINGS, redactor.is_credential, self._state.server_clock
        )
        policy.configure_session(owner, login, guard, sends_again=True)
        policy.configure_session(self._create_session("owner on another connection"), login, guard, sends_again=True)
        policy.configure_session(self._create_session("unauthenticated"), None, guard, sends_again=True)
        for kind in INVALID_TOKEN_KINDS:
            invalid_token = InvalidToken(login, kind, redactor, evidence)
            policy.configure_session(self._create_session(kind), invalid_token, guard, sends_again=True)

    def _open_other_account(self, target: Target, states: Path, login: Login, policy: RequestPolicy) -> None:
        account = OwnedAccount(target, states, login, policy)
        session = self._create_session("other owner")
        state = self._state
        guard = AccountWriteGuard(
            account.journal, state.run, session, SETTINGS, state.redactor.is_credential, state.server_clock
        )
        policy.configure_session(session, account.login, guard, sends_again=True)
        state.second = OpenAccount(account, guard, f"{self._url}{BUSINESS_PATH}")

    def _create_session(self, alias: str) -> requests.Session:
        requests_library: Any = BuiltIn().get_library_instance("RequestsLibrary")
        timeout = (CONNECT_SECONDS, READ_SECONDS)
        session: requests.Session = requests_library.create_session(
            alias, self._url, timeout=timeout, verify=True, max_retries=0
        )
        return session
