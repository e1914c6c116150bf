"""Waiting for a backend that is still starting, instead of a fixed sleep: `GET /health` until it answers 200."""

import time
from collections.abc import Callable

import requests

from acceptance.account.owned_account import NO_TOKEN, RequestPolicy
from acceptance.client.endpoints import HEALTH_PATH

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0


def wait_until_ready(access: RequestPolicy, url: str, seconds: float, announce: Callable[[str], None]) -> None:
    """Return when the backend at `url` is ready, or when `seconds` are over: its verdict is then up to the suites."""
    end = time.monotonic() + seconds
    pause = FIRST_PAUSE_SECONDS
    while (left := end - time.monotonic()) > 0:
        http = requests.Session()
        access.configure_session(http, NO_TOKEN, seconds=left)
        reason = _why_not_ready(http, url)
        if reason is None:
            return
        if pause == FIRST_PAUSE_SECONDS:
            announce(f"Waiting up to {seconds:.0f} s for {url}{HEALTH_PATH}: {reason}")
        time.sleep(min(pause, left))
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _why_not_ready(http: requests.Session, url: str) -> str | None:
    try:
        answer = http.get(url + HEALTH_PATH)
    except requests.RequestException as error:
        return str(error)
    return None if answer.status_code == requests.codes.ok else f"it answers {answer.status_code}."
