"""The command `run_tests.py restore`: restore the account after a crashed run, and do nothing else."""

import argparse
from collections.abc import Collection, Mapping

from acceptance.account.account import OwnedAccount
from acceptance.account.marks import new_run_id
from acceptance.cli.arguments import CREDENTIALS_NOTE, Subparsers, add_lock_timeout
from acceptance.cli.console import show
from acceptance.client.http_adapter import RequestPolicy
from acceptance.client.logins import Logins
from acceptance.client.token_refresh import OwnerLogin
from acceptance.config import ConfigurationError, read_team_config, refuse_plain_http, state_directory, target_from
from acceptance.execution.signals import TimeIsOver, time_limit
from acceptance.exit_codes import UNEXPECTED, problem_of
from acceptance.redaction import Redactor

LONGEST_SECONDS = 240.0
"""The longest time for login, reads and restoring; each of up to three waits for another run is added."""


def add_parser(commands: "Subparsers[argparse.ArgumentParser]") -> None:
    """Add the parser of this command."""
    parser = commands.add_parser(
        "restore",
        prog="run_tests.py restore",
        description="Restore the account after a crashed run.",
        epilog=CREDENTIALS_NOTE,
        allow_abbrev=False,
    )
    parser.set_defaults(execute=execute)
    parser.add_argument("--url", metavar="URL", help="the backend's base URL (API_URL)")
    add_lock_timeout(parser)


def execute(given: argparse.Namespace, environ: Mapping[str, str], redactor: Redactor) -> int:
    """Restore the account that is `given`, show what was done, and return 0 where it is restored.

    Raises:
        ConfigurationError: Something is missing or wrong, or another run holds the account.
    """
    url = given.url or environ.get("API_URL")
    if not url:
        raise ConfigurationError("There is no URL of the account to restore; give --url or API_URL.")
    names = ("E2E_EMAIL", "E2E_PASSWORD", "E2E_OTHER_EMAIL", "E2E_OTHER_PASSWORD")
    target = target_from(url, *(environ.get(name, "") for name in names))
    team = read_team_config()
    refuse_plain_http(target.url, team)
    run = new_run_id()
    logins = Logins(target, RequestPolicy(run, redactor, on_exchange=lambda _: None), redactor)
    codes = [
        _restore(login, run, team.settings.exclude, given.lock_timeout, redactor)
        for login in (logins.owner, logins.other)
        if login
    ]
    return max(codes)


def _restore(login: OwnerLogin, run: str, excluded: Collection[str], lock_timeout: float, redactor: Redactor) -> int:
    """Restore one account, show what was done, and return 0 where it is restored."""
    target = login.target
    policy = RequestPolicy(run, redactor, on_exchange=lambda _: None)
    account = OwnedAccount(target, state_directory(), login, policy)
    had_changes = account.has_changes
    what = f"The account {target.masked_account} on {target.url}"
    notes: list[str] = []
    limit = 3 * lock_timeout + LONGEST_SECONDS
    try:
        with time_limit(limit):
            result, restoration = account.open(lock_timeout)
            notes = [result.problem] if result.problem else restoration.notes()
            if restoration.restored and result.token:
                notes += account.adopt_marks(lock_timeout, excluded)
                restoration = account.restore()
            problem = restoration.problem or result.problem
    except TimeIsOver:
        problem = f"it took longer than {limit:.0f} s"
    except ConfigurationError:
        raise
    except Exception as error:  # noqa: BLE001 - after any error the account is not restored
        problem = problem_of(error)
    finally:
        account.close()
        for note in notes:
            show(redactor.mask(note))
    if problem:
        show(redactor.mask(f"{what} is not restored: {problem}"))
        return UNEXPECTED
    if had_changes or notes:
        show(f"{what} is restored.")
    else:
        show(f"There is nothing to restore: no run has left changes on {target.masked_account} at {target.url}.")
    return 0
