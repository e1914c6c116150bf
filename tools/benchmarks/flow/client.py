"""The HTTP client of the three scripts."""

import os
import sys
from typing import Any, NoReturn

import requests

TIMEOUT_SECONDS = 30
ACCOUNT = "/api/business/me"


def fail(code: int, why: str) -> NoReturn:
    """Print `why` and exit with `code`."""
    print(why, file=sys.stderr)
    sys.exit(code)


class Client:
    """A client that is logged in as the owner of the account in the environment."""

    def __init__(self) -> None:
        self._url = os.environ["API_URL"]
        self._http = requests.Session()
        credentials = {"email": os.environ["E2E_EMAIL"], "password": os.environ["E2E_PASSWORD"]}
        response = self._http.post(f"{self._url}/api/auth/login", json=credentials, timeout=TIMEOUT_SECONDS)
        token = response.json().get("access_token") if response.ok else None
        if not token:
            fail(1, f"POST /api/auth/login returned {response.status_code}")
        self._http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: str) -> requests.Response:
        """Send a GET request."""
        return self._http.get(self._url + path, params=query, timeout=TIMEOUT_SECONDS, allow_redirects=False)

    def settings(self) -> dict[str, Any]:
        """Return the settings."""
        response = self.get(ACCOUNT)
        if response.status_code != requests.codes.ok:
            fail(2, f"GET {ACCOUNT} returned {response.status_code}")
        content: dict[str, Any] = response.json()
        return content

    def save(self, fields: dict[str, Any]) -> None:
        """Update settings."""
        response = self._http.put(self._url + ACCOUNT, json=fields, timeout=TIMEOUT_SECONDS)
        if response.status_code != requests.codes.ok:
            fail(3, f"PUT {ACCOUNT} returned {response.status_code}")
