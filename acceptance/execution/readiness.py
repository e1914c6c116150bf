"""Waiting for a backend that is still starting, instead of a fixed sleep: `GET /health` until it answers 200."""

import logging
import time

import requests

from acceptance.client.endpoints import HEALTH_PATH
from acceptance.client.http_adapter import RequestPolicy

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
_LOG = logging.getLogger(__name__)


def wait_until_ready(access: RequestPolicy, url: str, seconds: float) -> None:
    """Return when the backend at `url` is ready, or when `seconds` are over: its verdict is then up to the suites."""
    end = time.monotonic() + seconds
    pause = FIRST_PAUSE_SECONDS
    while (left := end - time.monotonic()) > 0:
        http = requests.Session()
        access.configure_session(http, None, seconds=left)
        reason = _why_not_ready(http, url)
        if reason is None:
            return
        if pause == FIRST_PAUSE_SECONDS:
            _LOG.warning("Waiting up to %.0f s for %s: %s", seconds, url + HEALTH_PATH, reason)
        time.sleep(min(pause, left))
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _why_not_ready(http: requests.Session, url: str) -> str | None:
    try:
        answer = http.get(url + HEALTH_PATH)
    except requests.RequestException as error:
        return str(error)
    return None if answer.status_code == requests.codes.ok else f"it answers {answer.status_code}."
