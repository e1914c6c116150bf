"""The command `run_tests.py restore`: restore the account after a crashed run, and do nothing else."""

import argparse
from collections.abc import Mapping

from acceptance.account.account import OwnedAccount
from acceptance.account.marks import new_run_id
from acceptance.cli.arguments import CREDENTIALS_NOTE, Subparsers, add_lock_timeout
from acceptance.cli.console import show
from acceptance.client.http_adapter import RequestPolicy
from acceptance.client.logins import Logins
from acceptance.config import ConfigurationError, read_team_config, refuse_plain_http, state_directory, target_from
from acceptance.exit_codes import UNEXPECTED
from acceptance.redaction import Redactor


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
    target = target_from(url, environ.get("E2E_EMAIL", ""), environ.get("E2E_PASSWORD", ""))
    team = read_team_config()
    refuse_plain_http(target.url, team)
    policy = RequestPolicy(redactor, on_exchange=lambda _: None)
    account = OwnedAccount(target, new_run_id(), state_directory(), Logins(target, policy, redactor).owner, policy)
    had_changes = account.has_changes
    what = f"The account {target.masked_account} on {target.url}"
    login, restoration = account.open(given.lock_timeout)
    notes = [login.problem] if login.problem else restoration.notes()
    try:
        if restoration.restored and login.token:
            notes += account.adopt_marks(given.lock_timeout, team.settings.exclude)
            restoration = account.restore()
    finally:
        account.close()
        for note in notes:
            show(redactor.mask(note))
    if login.problem or not restoration.restored:
        show(redactor.mask(f"{what} is not restored: {restoration.problem or login.problem}"))
        return UNEXPECTED
    if had_changes or notes:
        show(f"{what} is restored.")
    else:
        show(f"There is nothing to restore: no run has left changes on {target.masked_account} at {target.url}.")
    return 0
