"""The bearer token of a request (RFC 6750): where it comes from, and the second try with a refreshed one."""

from functools import partial
from typing import Any, Protocol

import requests
from requests.auth import AuthBase


class TokenProvider(Protocol):
    """The source of the access token that requests carry."""

    def get(self) -> str | None:
        """Return the current token, None where there is none."""

    def refresh(self, rejected: str) -> str | None:
        """Return the token to use instead of `rejected`, which got a 401; None or `rejected` where there is none."""


class BearerToken(AuthBase):
    """Adds the token to each request (RFC 6750 section 2.1) as it is sent, so that no session holds it in a header.

    A request that gets a 401 is sent once more if the provider has another token. Without a provider no token is added,
    and `requests` is kept from sending the credentials of a `.netrc` file.
    """

    def __init__(self, provider: TokenProvider | None) -> None:
        self._provider = provider

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        token = self._provider.get() if self._provider else None
        if token is not None:
            request.headers["Authorization"] = f"Bearer {token}"
            request.hooks["response"].append(partial(self._send_again, token))
        return request

    def _send_again(self, rejected: str, response: requests.Response, **kwargs: Any) -> requests.Response:
        if response.status_code != requests.codes.unauthorized or not self._provider:
            return response
        token = self._provider.refresh(rejected)
        if token in (None, rejected):
            return response
        request = response.request.copy()
        request.headers["Authorization"] = f"Bearer {token}"
        second: requests.Response = response.connection.send(request, **kwargs)
        return second
