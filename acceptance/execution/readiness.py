"""Waiting for a backend that is still starting, or that is still an older build."""

import requests

from acceptance.client.build import CHECKS_IN_A_ROW, Builds, HealthCheck, are_down
from acceptance.client.endpoints import BUSINESS_PATH, HEALTH_PATH
from acceptance.client.http_adapter import RequestPolicy
from acceptance.client.token_refresh import OwnerLogin


def wait_until_ready(policy: RequestPolicy, builds: Builds, url: str) -> None:
    """Return when `/health` returns 200 or the warm-up is over; the suites then find out whether the backend works.

    Args:
        policy: The rules for its requests.
        builds: Records the build that `/health` names.
        url: The base URL of the backend.
    """
    warm_up = policy.warm_up
    pauses = warm_up.pauses()
    while left := warm_up.left:
        check = builds.check(policy, url, seconds=left)
        if not check.failure:
            builds.forget()
            builds.record(check)
            return
        warm_up.pause(next(pauses), f"{check.failure}.")


def wait_for_build(policy: RequestPolicy, builds: Builds, url: str) -> bool:
    """Wait until `/health` names the expected build several times in a row, and return whether the suites are run.

    They are, too, where the backend does not serve when the warm-up is over: they find out whether it is broken.
    Without a warm-up it asks only so often. What it saw is recorded: those last checks, or all where it named another
    build.

    Args:
        policy: The rules for its requests.
        builds: Knows the build.
        url: The base URL of the backend.
    """
    warm_up = policy.warm_up
    pauses = warm_up.pauses()
    checks: list[HealthCheck] = []
    in_a_row = 0
    while in_a_row < CHECKS_IN_A_ROW and (warm_up.left or len(checks) < CHECKS_IN_A_ROW or in_a_row):
        checks.append(builds.check(policy, url))
        in_a_row = in_a_row + 1 if builds.is_expected(checks[-1]) else 0
        if warm_up.left and not in_a_row:
            warm_up.pause(next(pauses), f"{HEALTH_PATH} named {checks[-1].shown}.")
    last = checks[-CHECKS_IN_A_ROW:]
    is_run = in_a_row == CHECKS_IN_A_ROW or are_down(last)
    builds.forget()
    builds.record(*(last if is_run else checks))
    return is_run


def wait_for_first_read(policy: RequestPolicy, login: OwnerLogin, url: str) -> None:
    """Read the business once, through the warm-up, and end it; the suites judge what such a read returns.

    Args:
        policy: The rules for its requests.
        login: The login of the account's owner.
        url: The base URL of the backend.
    """
    with requests.Session() as session:
        policy.configure_session(session, login, sends_again=True)
        try:
            session.get(url + BUSINESS_PATH)
        except requests.RequestException:
            return
        finally:
            policy.warm_up.end()
