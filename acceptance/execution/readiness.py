"""Waiting for a backend that is still starting: `GET /health` until it returns 200."""

import time
from collections.abc import Callable

import requests

from acceptance.client.endpoints import HEALTH_PATH
from acceptance.client.http_adapter import RequestPolicy

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0


def wait_until_ready(policy: RequestPolicy, url: str, seconds: float, note: Callable[[str], None]) -> None:
    """Return when the backend at `url` is ready, or after `seconds`; the suites then find out whether it works.

    Args:
        policy: The rules for its requests.
        url: The base URL of the backend.
        seconds: How long to wait.
        note: Called once with a sentence, where there is something to wait for.
    """
    end = time.monotonic() + seconds
    pause = FIRST_PAUSE_SECONDS
    while (left := end - time.monotonic()) > 0:
        session = requests.Session()
        policy.configure_session(session, None, seconds=left)
        reason = _why_not_ready(session, url)
        if reason is None:
            return
        if pause == FIRST_PAUSE_SECONDS:
            note(f"Waiting up to {seconds:.0f} s for {url}{HEALTH_PATH}: {reason}")
        time.sleep(min(pause, left))
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _why_not_ready(session: requests.Session, url: str) -> str | None:
    try:
        response = session.get(url + HEALTH_PATH)
    except requests.RequestException as error:
        return str(error)
    return None if response.status_code == requests.codes.ok else f"it returns {response.status_code}."
