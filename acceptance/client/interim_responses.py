"""Connections that skip interim responses, such as 103 Early Hints (RFC 9110 section 15.2)."""

from http import HTTPStatus
from http.client import HTTPResponse, parse_headers
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class Response(HTTPResponse):
    """A response of `http.client`, which by itself skips 100 alone."""

    def _read_status(self) -> Any:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not HTTPStatus.SWITCHING_PROTOCOLS < status < HTTPStatus.OK:
                return version, status, reason
            parse_headers(self.fp)


class Connection(HTTPConnection):
    """A connection that skips interim responses."""

    response_class = Response


class TLSConnection(HTTPSConnection):
    """A TLS connection that skips interim responses."""

    response_class = Response


class Pool(HTTPConnectionPool):
    """A pool of connections that skip interim responses."""

    ConnectionCls = Connection


class TLSPool(HTTPSConnectionPool):
    """A pool of TLS connections that skip interim responses."""

    ConnectionCls = TLSConnection


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": Pool, "https": TLSPool}
"""The pools by the scheme of the URL."""
