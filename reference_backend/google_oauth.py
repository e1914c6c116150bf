"""Google OAuth: where a user is sent to agree, and how the code that comes back is redeemed (RFC 6749, section 4.1)."""

import asyncio
from urllib.parse import urlencode

from reference_backend.settings import Settings

AUTHORIZATION_URL = "https://accounts.google.com/o/oauth2/v2/auth"
CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar"
EXCHANGE_TIMEOUT = 5.0
"""Seconds, from the first to the last byte."""


class CalendarError(Exception):
    """The calendar could not be connected; `code` is what the dashboard is told."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def authorization_url(client_id: str, redirect_uri: str, state: str) -> str:
    """Builds the address at which Google asks the user for consent."""
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": CALENDAR_SCOPE,
        "state": state,
        "access_type": "offline",
        "prompt": "consent",
    }
    return f"{AUTHORIZATION_URL}?{urlencode(query)}"


async def exchange_code(code: str, redirect_uri: str, settings: Settings) -> None:
    """Redeems an authorization code.

    Raises:
        CalendarError: This server cannot ask Google, Google did not answer in time, or it said no.
    """
    import httpx  # here, for a quick start: most runs never exchange a code

    if settings.google_client_id is None or settings.google_client_secret is None:
        raise CalendarError("exchange_not_configured")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": settings.google_client_id,
        "client_secret": settings.google_client_secret.get_secret_value(),
    }
    try:
        async with asyncio.timeout(EXCHANGE_TIMEOUT), httpx.AsyncClient(timeout=EXCHANGE_TIMEOUT) as client:
            answer = await client.post(settings.google_token_url, data=form)
        token = answer.raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, OSError, RecursionError, ValueError) as error:
        raise CalendarError("exchange_failed") from error
    if not isinstance(token, dict) or not isinstance(token.get("access_token"), str):
        raise CalendarError("exchange_failed")
