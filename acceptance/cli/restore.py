"""The command `run_tests.py restore`: put back what a crashed run left changed, and do nothing else."""

import logging
import sys

from acceptance.account.owned_account import OwnedAccount, new_run_id
from acceptance.client.http_adapter import RequestPolicy
from acceptance.config import Target, state_directory
from acceptance.exit_codes import UNEXPECTED
from acceptance.redaction import Redactor


def restore_account(target: Target, lock_seconds: float) -> int:
    """Put the account of `target` back, say what was done, and return the exit code: 0 where it is as it was found.

    Raises:
        ConfigurationError: Another run holds the account.
    """
    redactor = Redactor()
    logging.basicConfig(stream=sys.stdout, format="%(message)s")
    policy = RequestPolicy(redactor, on_exchange=lambda _: None)
    account = OwnedAccount(target, new_run_id(), state_directory(), policy, redactor)
    if not account.journal.resources():
        print(f"There is nothing to put back: no run has left changes on {target.masked_account} at {target.url}.")
        return 0
    login, restoration = account.open(lock_seconds)
    account.close()
    if restoration.kept:
        print(f"Somebody edited {', '.join(restoration.kept)} meanwhile; these edits are kept.")
    if restoration.restored:
        print(f"The account {target.masked_account} on {target.url} is as it was found.")
        return 0
    problem = redactor.mask(login.problem or f"{restoration.problem}.")
    print(f"The account {target.masked_account} on {target.url} is not put back: {problem}")
    return UNEXPECTED
