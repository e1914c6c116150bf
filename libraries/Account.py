"""The account under test as keywords: signing in once, acting as its owner or as somebody else, leaving it as found."""

import atexit
import os
import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests
from robot import result, running
from robot.api import logger
from robot.api.deco import keyword, library
from robot.api.types import Secret
from robot.errors import ExecutionFailed
from robot.libraries.BuiltIn import BuiltIn

import project_root  # noqa: F401
from acceptance.account.change_tracking import run_mark
from acceptance.account.journal import Journal
from acceptance.account.owned_account import AccountFiles, OwnedAccount, new_run_id
from acceptance.account.write_guard import AccountWriteGuard
from acceptance.client.evidence import Evidence
from acceptance.client.exchanges import CALLS_DIRECTORY_VARIABLE, Exchange, call_recorder
from acceptance.client.http_adapter import CONNECT_SECONDS, READ_SECONDS, RequestPolicy
from acceptance.client.invalid_tokens import InvalidToken, InvalidTokenKind
from acceptance.client.json_body import why_not_json
from acceptance.client.shared_login import Login, SharedLogin
from acceptance.config import Target, state_directory, target_from
from acceptance.execution.embedded import EmbeddedBackend
from acceptance.execution.workspace import workspace
from acceptance.redaction import Redactor

OF_REQUESTS_LIBRARY = re.compile("Creating Session using : |[A-Z]+ (Request|Response) : ")


@library(scope="GLOBAL", version="1.0", doc_format="MARKDOWN", listener="SELF")
class Account:
    """Signs in once for a whole run, and gives each kind of visitor a session of RequestsLibrary.

    The sessions are `owner` and `owner on another connection` (signed in), `visitor` (without a token), and
    `forged token`, `changed token`, `unsigned token` and `made-up token`. Whatever is sent with them is bounded in
    time, and written down before it changes anything.

    As a listener the library keeps secrets out of every message, at any log level, and gives each failed test its
    evidence: the calls that it has looked at, also those that an earlier test has sent for it.
    """

    def __init__(self) -> None:
        self._redactor = Redactor()
        self._cleanup = ExitStack()
        self._session: Login | None = None
        self._owned: OwnedAccount | None = None
        self._run = ""
        self._email = ""
        self._evidence = Evidence()
        self._seen: list[Exchange] = []
        self._once: dict[tuple[str, ...], tuple[Any, list[Exchange]]] = {}
        self._reported: dict[str, str] = {}
        atexit.register(self._cleanup.close)

    # What Robot Framework calls (listener interface, version 3)

    def log_message(self, message: result.Message) -> None:
        """Mask a message before it is written; what RequestsLibrary says of a call is more than a reader wants."""
        if message.level == "INFO" and OF_REQUESTS_LIBRARY.match(message.message):
            message.level = "DEBUG"
        message.message = self._redactor.mask(message.message)

    def message(self, message: result.Message) -> None:
        """Mask a message of Robot Framework itself."""
        message.message = self._redactor.mask(message.message)

    def start_keyword(self, data: running.Keyword, outcome: result.Keyword) -> None:
        """Mask the arguments of a keyword, which are values where another keyword runs it."""
        outcome.args = [self._redactor.mask(one) if isinstance(one, str) else one for one in outcome.args]

    def end_keyword(self, data: running.Keyword, outcome: result.Keyword) -> None:
        """Mask the failure message of a keyword."""
        if outcome.message:
            outcome.message = self._redactor.mask(outcome.message)

    def start_for_iteration(self, data: running.ForIteration, outcome: result.ForIteration) -> None:
        """Mask the values of a loop's variables."""
        outcome.assign = {name: self._redactor.mask(value) for name, value in outcome.assign.items()}

    def start_test(self, data: running.TestCase, outcome: result.TestCase) -> None:
        """Begin to gather the calls that a test looks at."""
        self._seen.clear()

    def end_test(self, data: running.TestCase, outcome: result.TestCase) -> None:
        """Mask the failure message of a test, let it begin with what was promised and seen, and add the evidence."""
        outcome.message = self._redactor.mask(outcome.message.removeprefix("Setup failed:\n"))
        if not outcome.failed:
            return
        self._reported.setdefault(outcome.message, data.name)
        if self._seen:
            outcome.message += self._redactor.mask(f"\nLast call: {self._seen[-1].headline}.")
            for number, exchange in enumerate(self._seen, start=1):
                logger.info(f"Evidence {number} of {len(self._seen)}: {self._evidence.of(exchange)}")

    def end_suite(self, data: running.TestSuite, outcome: result.TestSuite) -> None:
        """Mask the failure message of a suite, and forget what its tests have failed with."""
        self._reported.clear()
        outcome.message = self._redactor.mask(outcome.message)

    # Keywords

    @keyword
    def open_account(
        self,
        url: str,
        email: Secret,
        password: Secret,
        settings: list[str],
        read_only: bool = False,
        run_id: str = "",
    ) -> None:
        """Sign in as the owner of the account at `url`, and open the sessions.

        Besides what is sent, a damage to the `settings` is put back too.

        Signs in once in a run, whatever the number of suites and processes. Without a `url` the reference backend is
        started. That signing in fails is no failure of this keyword, but of `Owner Should Be Signed In`.

        Fails unless there is a usable `url` with its `email` and `password`, and nobody else holds the account.
        """
        if self._session:
            return
        self._run = run_id or new_run_id()
        self._redactor.add(password.value)
        access = RequestPolicy(self._redactor, self._witness(), read_only)
        shared = SharedLogin.from_environment(os.environ, self._redactor)
        if shared:
            target = target_from(url, email.value, password.value)
            journal = AccountFiles(state_directory(), target).journal
            shared.result()  # waits until the runner holds the account
            self._session = shared
        else:
            target, directory = self._settle_target(url, email, password)
            owned = OwnedAccount(target, self._run, directory, access, self._redactor)
            _, restoration = owned.open()
            if restoration.problem:
                logger.warn(f"What a crashed run left is not put back yet: {restoration.problem}.")
            self._cleanup.callback(owned.close)
            self._cleanup.callback(owned.restore)
            self._owned, self._session, journal = owned, owned.login, owned.journal
        self._open_sessions(target, self._session, access, journal, settings)

    @keyword
    def leave_account_as_found(self) -> None:
        """Put back every setting that was changed; where the suites run under `run_tests.py`, it does so at its end.

        Fails unless each setting is seen to be as found, or was edited by somebody else meanwhile.
        """
        if self._owned is None:
            return
        restoration = self._owned.restore()
        if restoration.kept:
            logger.warn(f"Somebody edited {', '.join(restoration.kept)} meanwhile; these edits are kept.")
        if not restoration.restored:
            raise AssertionError(
                f"The account is not as it was found: {restoration.problem}. Run 'run_tests.py restore' to try again."
            )

    @keyword
    def owner_should_be_signed_in(self) -> None:
        """Fails unless signing in gave a token as the contract says; the failure then belongs to phase 1.

        One test of a suite reports it, the others are skipped as blocked. All are skipped where it is throttled.
        """
        builtin = BuiltIn()
        login = self._opened().result()
        if login.outcome == "throttled":
            builtin.skip(login.problem)
        if login.problem:
            suite = builtin.get_variable_value("${SUITE NAME}")
            if self._once.get((suite, "sign-in reported")):
                builtin.skip("Blocked: the owner could not sign in.")
            self._once[suite, "sign-in reported"] = True, []
            logger.info(f"Evidence: {login.evidence}")
            builtin.set_tags("exit:1")
            raise AssertionError(login.problem)

    @keyword
    def skip_unless_allowed(self, read_only: bool, allow_destructive: bool) -> None:
        """Skip the current test where the run may not do what it does.

        A test tagged `write` is skipped in a run that is `read_only`; one tagged `destructive` unless
        `allow_destructive` is given, or the backend is our own.
        """
        tags = BuiltIn().get_variable_value("${TEST TAGS}")
        if read_only and "write" in tags:
            BuiltIn().skip("Not allowed: this run is read-only, and the test changes settings.")
        if "destructive" in tags and not (allow_destructive or (self._owned and self._owned.is_embedded)):
            BuiltIn().skip("Not allowed: the test may break the account; --allow-destructive permits it.")

    @keyword
    def once_per_suite(self, name: str, *arguments: Any) -> Any:
        """Run the keyword `name` once in a suite, and return the same value, or fail the same way, ever after.

        So tests that look at one and the same answer need no second request, and each can be run alone. Once a test has
        failed for want of that answer, the others are skipped as blocked.
        """
        builtin = BuiltIn()
        key = (builtin.get_variable_value("${SUITE NAME}"), name, *map(str, arguments))
        if key not in self._once:
            before = len(self._seen)
            try:
                outcome = builtin.run_keyword(name, *arguments)
            except ExecutionFailed as failure:
                self._once[key] = failure, self._seen[before:]
                raise
            self._once[key] = outcome, self._seen[before:]
            return outcome
        outcome, exchanges = self._once[key]
        self._seen += [exchange for exchange in exchanges if exchange not in self._seen]
        if isinstance(outcome, ExecutionFailed):
            if outcome.skip:
                builtin.skip(outcome.message)
            reported_by = self._reported.get(self._redactor.mask(outcome.message))
            if reported_by:
                builtin.skip(f"Blocked: it needs what has failed in the test “{reported_by}”.")
            raise AssertionError(outcome.message)
        return outcome

    @keyword
    def text_of_this_run(self, original: str | None = None) -> str:
        """Return a text to save: `original`, shortened if need be, with a mark that tells this run from any other."""
        return f"{(original or '')[:500]} [{run_mark(self._run)}]".strip()

    @keyword("FAQs Of This Run")
    def faqs_of_this_run(self, present: list[Any] | None = None, text: str = "") -> list[Any]:
        """Return a list of FAQs to save: those `present`, and one of this run, with `text` in it, in the same form."""
        present = present or []
        form = present[0] if present else {"question": "", "answer": ""}
        if isinstance(form, dict):
            copy = {name: value for name, value in form.items() if name != "id"}
            texts = {name: self.text_of_this_run(name) + text for name, value in copy.items() if isinstance(value, str)}
            return [*present, copy | texts]
        return [*present, self.text_of_this_run("FAQ") + text]

    @keyword
    def wrong_credentials(self) -> dict[str, str]:
        """Return the owner's address with a password that is not the owner's."""
        return {"email": self._email, "password": f"not-the-password-{self._run}"}

    @keyword
    def skip_if_throttled(self, answer: requests.Response) -> None:
        """Skip the current test where signing in was still throttled when the wait was over."""
        if answer.status_code == requests.codes.too_many_requests:
            BuiltIn().skip("Signing in is throttled: the server still answered 429 when the wait was over.")

    @keyword("Sign-In Should Be Answered With JSON")
    def sign_in_should_be_answered_with_json(self) -> None:
        """Fails unless the answer to the run's sign-in declared itself JSON in UTF-8."""
        flaw = why_not_json(self._opened().result().content_type)
        if flaw:
            raise AssertionError(f"Signing in was answered with {flaw}.")

    def _witness(self) -> Callable[[Exchange], None]:
        """Return what takes in each call: it is counted, told in one line, and kept as evidence."""
        directory = os.environ.get(CALLS_DIRECTORY_VARIABLE)
        record = call_recorder(Path(directory)) if directory else None

        def witness(exchange: Exchange) -> None:
            if record:
                record(exchange)
            self._seen.append(exchange)
            logger.info(f"{exchange.headline}.")

        return witness

    def _opened(self) -> Login:
        if self._session is None:
            raise RuntimeError("Nobody has signed in: the suite needs 'Suite Setup    Sign In As Owner'.")
        return self._session

    def _settle_target(self, url: str, email: Secret, password: Secret) -> tuple[Target, Path]:
        if url:
            return target_from(url, email.value, password.value), state_directory()
        backend = EmbeddedBackend()
        self._cleanup.callback(backend.stop)
        return backend.target, self._cleanup.enter_context(workspace())

    def _open_sessions(
        self, target: Target, session: Login, access: RequestPolicy, journal: Journal, settings: list[str]
    ) -> None:
        self._email = target.email
        self._evidence.add_variable("E2E_EMAIL", target.email)
        self._evidence.add_variable("E2E_PASSWORD", target.password)
        requests_library: Any = BuiltIn().get_library_instance("RequestsLibrary")

        def create(alias: str) -> Any:
            timeout = (CONNECT_SECONDS, READ_SECONDS)
            return requests_library.create_session(alias, target.url, timeout=timeout, verify=True, max_retries=0)

        owner = create("owner")
        guard = AccountWriteGuard(journal, self._run, owner, settings, self._redactor.is_credential)
        access.configure_session(owner, session, guard)
        access.configure_session(create("owner on another connection"), session, guard)
        access.configure_session(create("visitor"), None, guard)
        kinds: dict[str, InvalidTokenKind] = {
            "forged token": "invalid signature",
            "changed token": "tampered",
            "unsigned token": "unsigned",
            "made-up token": "malformed",
        }
        for alias, kind in kinds.items():
            token = InvalidToken(session, kind, self._redactor, self._evidence)
            access.configure_session(create(alias), token, guard)
