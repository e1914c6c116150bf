"""Reading the target's OpenAPI document while the suites run."""

import threading
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import requests

from acceptance.client.endpoints import OPENAPI_PATH
from acceptance.client.http_adapter import RequestPolicy, Throttling
from acceptance.client.json_body import json_object
from acceptance.redaction import Redactor

if TYPE_CHECKING:
    from acceptance.reporting.openapi import Document

SECONDS = 5.0
PATIENCE_SECONDS = 0.5
"""How long a run whose suites have ended waits for the document."""


class OpenAPIReader:
    """Reads the document at `/openapi.json` in a thread of its own, without a token or waiting for throttling.

    Args:
        policy: The rules for its request.
        url: The base URL of the target.
    """

    def __init__(self, policy: RequestPolicy, url: str) -> None:
        throttling, redactor = Throttling(left=-1.0), Redactor()  # its own, as the suites' requests need the others
        self._policy = replace(policy, throttling=throttling, redactor=redactor)
        self._url = url
        self._document: Document | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait(self) -> "Document | None":
        """Return the document, None where there is none, or none in time, that can be read."""
        self._thread.join(PATIENCE_SECONDS)
        return self._document

    def _read(self) -> None:
        self._document = _read_openapi(self._policy, self._url)


def _read_openapi(policy: RequestPolicy, url: str) -> "Document | None":
    with requests.Session() as session:
        policy.configure_session(session, token=None, seconds=SECONDS)
        try:
            response = session.get(url + OPENAPI_PATH)
        except OSError:  # of the request, or of a run that has ended and deleted its directory
            return None
    content = json_object(response.content) if response.status_code == HTTPStatus.OK else None
    if content is None:
        return None
    from acceptance.reporting.openapi import Document  # takes a quarter of a second

    try:
        return Document(content)
    except (ValueError, RecursionError):
        return None
