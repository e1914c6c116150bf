"""Google OAuth: the authorization URL and the exchange of the code (RFC 6749 section 4.1)."""

import asyncio
from urllib.parse import urlencode

from reference_backend.settings import Settings

AUTHORIZATION_URL = "https://accounts.google.com/o/oauth2/v2/auth"
CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar"
EXCHANGE_TIMEOUT = 5.0
"""Seconds for the whole exchange."""


class CalendarError(Exception):
    """The calendar could not be connected; the dashboard gets `code`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def authorization_url(client_id: str, redirect_uri: str, state: str) -> str:
    """Return the URL at which Google asks the user for consent."""
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
    """Exchange an authorization code.

    Raises:
        CalendarError: This server has no client secret, Google did not respond in time, or it refused.
    """
    import httpx  # imported here for a fast start: most runs exchange no code

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
            response = await client.post(settings.google_token_url, data=form)
        token = response.raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, OSError, RecursionError, ValueError) as error:
        raise CalendarError("exchange_failed") from error
    if not isinstance(token, dict) or not isinstance(token.get("access_token"), str):
        raise CalendarError("exchange_failed")
