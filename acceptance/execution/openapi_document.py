"""Reading the target's OpenAPI document."""

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import requests

from acceptance.client.endpoints import OPENAPI_PATH
from acceptance.client.http_adapter import RequestPolicy, Throttling
from acceptance.client.json_body import json_object

if TYPE_CHECKING:
    from acceptance.reporting.openapi import Document

SECONDS = 5.0


def read_openapi(policy: RequestPolicy, url: str) -> "Document | None":
    """Return the document at `/openapi.json`, None where there is none that can be read.

    It is read without a token, and without waiting for throttling.

    Args:
        policy: The rules for its request.
        url: The base URL of the target.
    """
    from acceptance.reporting.openapi import Document  # takes a quarter of a second

    with requests.Session() as session:
        replace(policy, throttling=Throttling(left=0.0)).configure_session(session, token=None, seconds=SECONDS)
        try:
            response = session.get(url + OPENAPI_PATH)
        except requests.RequestException:
            return None
    content = json_object(response.content) if response.status_code == HTTPStatus.OK else None
    try:
        return None if content is None else Document(content)
    except (ValueError, RecursionError):
        return None
