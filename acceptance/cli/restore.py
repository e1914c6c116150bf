"""The command `run_tests.py restore`: put back what a crashed run left changed, and do nothing else."""

from acceptance.account.owned_account import OwnedAccount, RequestPolicy, new_run_id
from acceptance.config import Target, state_directory
from acceptance.exit_codes import UNEXPECTED
from acceptance.redaction import Redactor


def restore_account(target: Target, lock_seconds: float) -> int:
    """Put the account of `target` back, say what was done, and return the exit code: 0 where it is as it was found.

    Raises:
        ConfigurationError: Another run holds the account.
    """
    redactor = Redactor()
    access = RequestPolicy(redactor, record=lambda _: None, announce=print)
    account = OwnedAccount(target, new_run_id(), state_directory(), access, redactor)
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
