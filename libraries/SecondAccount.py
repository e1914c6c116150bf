"""The second account as keywords: its login, and its protection from updates that may reach it."""

import atexit
from typing import Any

import requests
from robot.api import SkipExecution, logger
from robot.api.deco import keyword, library

import project_root  # noqa: F401
from acceptance.account.lock import AccountInUse
from acceptance.account.restore import Restoration
from acceptance.config import ConfigurationError
from acceptance.exit_codes import AUTHENTICATION, ApiFailure
from run_state import OpenAccount, run_state


@library(scope="GLOBAL", version="1.0", doc_format="MARKDOWN")
class SecondAccount:
    """Logs in to the second account, and restores it where an update of the owner has changed it."""

    _update: requests.PreparedRequest

    def __init__(self) -> None:
        self._state = run_state()

    @keyword
    def log_in_to_second_account(self) -> None:
        """Log in to the second account, once in a run, where there is one: that resets its count of failed logins.

        Fails unless the login succeeds. That is no verdict on the API, because the login of the owner has succeeded;
        but one that returns the token of somebody else is.
        """
        login = self._state.second.account.login.result() if self._state.second else None
        if login and login.outcome == "throttled":
            raise SkipExecution(login.problem)
        if login and login.problem and login.status_code == requests.codes.ok:
            raise ApiFailure(login.problem, AUTHENTICATION, login)
        if login and login.problem:
            raise ConfigurationError(f"The second account cannot be logged in to: {login.problem}")

    @keyword
    def skip_unless_second_account(self) -> None:
        """Skip the current test unless there is a second account.

        Fails unless the login to it succeeds, which is no verdict on the API.
        """
        if self._state.second is None:
            raise SkipExecution("There is no second account: E2E_OTHER_EMAIL and E2E_OTHER_PASSWORD are not set.")
        self.log_in_to_second_account()

    @keyword
    def record_update_of_second_account(self, update: dict[str, Any], lock_timeout: float) -> None:
        """Record that the `update`, which the owner is about to send, may change the second account instead.

        Its lock is taken until `Restore Second Account`. The test is skipped where another run still uses the account
        after `lock_timeout` seconds. Fails where the account cannot be read.
        """
        second = self._second()
        try:
            second.account.open(lock_timeout)
        except AccountInUse as error:
            raise SkipExecution(str(error)) from None
        atexit.register(self._restore)
        self._update = requests.Request("PUT", second.url, json=update).prepare()
        second.guard.before_write(self._update)

    @keyword
    def record_that_second_account_is_unchanged(self) -> None:
        """Record that the update, which `Record Update Of Second Account` has recorded, did not change it."""
        self._second().guard.had_no_effect(self._update)

    @keyword
    def restore_second_account(self) -> None:
        """Restore the second account, and release its lock.

        Fails unless each setting has its original value, or one that another client saved meanwhile.
        """
        restoration = self._restore()
        if not restoration.restored:
            raise ConfigurationError(
                f"The second account is not restored: {restoration.problem}. Run 'run_tests.py restore' to try again."
            )

    def _restore(self) -> Restoration:
        if self._state.second is None:
            return Restoration(True)
        account = self._state.second.account
        restoration = account.restore()
        account.close()
        for note in restoration.notes("The second account"):
            logger.warn(note)
        return restoration

    def _second(self) -> OpenAccount:
        if self._state.second is None:
            raise ConfigurationError("There is no second account: the test needs 'Skip Unless Second Account' before.")
        return self._state.second
