"""What the three scripts share: signing in, and reading the account."""

import os
import sys
from typing import Any, NoReturn

import requests

TIMEOUT_SECONDS = 30
ACCOUNT = "/api/business/me"


def fail(code: int, why: str) -> NoReturn:
    """End with `code`."""
    print(why, file=sys.stderr)
    sys.exit(code)


class Client:
    """The owner of the account that the environment names, signed in."""

    def __init__(self) -> None:
        self._url = os.environ["API_URL"]
        self._http = requests.Session()
        credentials = {"email": os.environ["E2E_EMAIL"], "password": os.environ["E2E_PASSWORD"]}
        answer = self._http.post(f"{self._url}/api/auth/login", json=credentials, timeout=TIMEOUT_SECONDS)
        token = answer.json().get("access_token") if answer.ok else None
        if not token:
            fail(1, f"POST /api/auth/login was answered {answer.status_code}")
        self._http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: str) -> requests.Response:
        """Ask for something."""
        return self._http.get(self._url + path, params=query, timeout=TIMEOUT_SECONDS, allow_redirects=False)

    def settings(self) -> dict[str, Any]:
        """Read the account."""
        answer = self.get(ACCOUNT)
        if answer.status_code != requests.codes.ok:
            fail(2, f"GET {ACCOUNT} was answered {answer.status_code}")
        content: dict[str, Any] = answer.json()
        return content

    def save(self, fields: dict[str, Any]) -> None:
        """Change the account."""
        answer = self._http.put(self._url + ACCOUNT, json=fields, timeout=TIMEOUT_SECONDS)
        if answer.status_code != requests.codes.ok:
            fail(3, f"PUT {ACCOUNT} was answered {answer.status_code}")
