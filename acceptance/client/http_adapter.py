"""Every request of a run goes through here: bounded in time, recorded, and kept from doing what the run may not do.

It is a transport adapter of `requests`, so that RequestsLibrary, and whatever else uses a session, is bound by it.
"""

import email.utils
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, NewConnectionError

from acceptance.client.endpoints import is_login
from acceptance.client.evidence import Exchange
from acceptance.exit_codes import NOT_SENT
from acceptance.redaction import Redactor

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
TOTAL_SECONDS = 25.0
"""Bounds for one request. A slow but healthy backend answers in 6 s; a dead one must be told from it within 15 s."""

THROTTLE_SECONDS = 90.0
"""How long 429 answers are waited out, in all (RFC 6585 section 4, RFC 9110 section 10.2.3)."""

LONGEST_IDLE_SECONDS = 1.0
"""A connection that was idle for longer is not used again: the server may have closed it, and the request be lost
(RFC 9112 section 9.6). Servers close after two seconds and more."""

MAX_BODY_BYTES = 10_000_000
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class NoResponse(requests.RequestException):
    """A request got no complete answer; its text says so in one sentence."""

    ROBOT_SUPPRESS_NAME = True


class Unreachable(NoResponse):
    """There is no connection to the backend: no such host, nobody listening, or no trust (TLS)."""


class RequestBlocked(requests.RequestException):
    """The run is not allowed to send this request."""

    ROBOT_SUPPRESS_NAME = True


class WriteGuard(Protocol):
    """What must happen around a write, so that the account can be put back."""

    def before_write(self, request: requests.PreparedRequest) -> None: ...

    def after_read(self, request: requests.PreparedRequest, response: requests.Response) -> None: ...


class BearerToken(AuthBase):
    """Puts a token into the request at the last moment (RFC 6750 section 2.1), so that no session header holds it.

    Without a token it puts nothing, and keeps `requests` from taking credentials out of a `.netrc` file.

    Args:
        current: Gives the token.
        renew: Is given a token that was answered with 401, and gives the one to try instead, if there is another.
    """

    def __init__(
        self, current: Callable[[], str | None], renew: Callable[[str], str | None] = lambda refused: refused
    ) -> None:
        self._current = current
        self._renew = renew

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        token = self._current()
        if token is not None:
            request.headers["Authorization"] = f"Bearer {token}"
            request.hooks["response"].append(partial(self._send_again, token))
        return request

    def _send_again(self, refused: str, response: requests.Response, **kwargs: Any) -> requests.Response:
        if response.status_code != requests.codes.unauthorized:
            return response
        token = self._renew(refused)
        if token in (None, refused):
            return response
        request = response.request.copy()
        request.headers["Authorization"] = f"Bearer {token}"
        answer: requests.Response = response.connection.send(request, **kwargs)
        return answer


def why_not_json(content_type: str) -> str | None:
    """Return what keeps `content_type` from declaring JSON in UTF-8 (RFC 8259 section 11), None where it does."""
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = {one.partition("=")[2].strip('"') for one in parameters if one.startswith("charset=")}
    if media_type != "application/json":
        return f"the content type '{content_type}' instead of application/json"
    return None if charsets <= {"utf-8", "utf8"} else f"the charset of '{content_type}' instead of UTF-8"


def retry_after_seconds(response: requests.Response, default: float = 5.0) -> float:
    """Return what `Retry-After` asks for, in seconds; it may hold seconds or a date (RFC 9110 section 10.2.3)."""
    value = response.headers.get("Retry-After", "")
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return default


def _root_cause(error: BaseException) -> BaseException:
    """The error that `requests` and `urllib3` wrapped, one in another, into `error`."""
    while error.__context__ is not None:
        error = error.__context__
    return error


class Transport(HTTPAdapter):
    """Sends requests under a total time limit and under the rules of the run.

    Args:
        redactor: Learns the cookies that answers set.
        record: Is told of each request and its answer.
        guard: Is asked before each write and told of each read; None where nothing is ever written.
        read_only: Whether all but reading and signing in is refused.
        announce: Is told, in words, where an answer is waited for longer than usual.
        seconds: What each request may take in all.
    """

    def __init__(
        self,
        redactor: Redactor,
        record: Callable[[Exchange], None],
        guard: WriteGuard | None = None,
        read_only: bool = False,
        announce: Callable[[str], None] = lambda _: None,
        seconds: float = TOTAL_SECONDS,
    ) -> None:
        super().__init__(max_retries=0)
        self._seconds = seconds
        self._redactor = redactor
        self._record = record
        self._guard = guard
        self._read_only = read_only
        self._announce = announce
        self._last_used = time.monotonic()
        self._throttle_left = THROTTLE_SECONDS

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send `request` and read its answer to the end.

        Raises:
            RequestBlocked: A write in a read-only run.
            Unreachable: There is no connection to the backend.
            NoResponse: The answer broke off, or was not complete in time.
        """
        kwargs["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        kwargs["stream"] = True
        is_write = request.method not in SAFE_METHODS and not is_login(str(request.method), request.path_url)
        if is_write and self._read_only:
            raise RequestBlocked(f"{NOT_SENT}{request.method} {request.path_url}; this run is read-only.")
        if is_write and self._guard:
            self._guard.before_write(request)
        response = self._send_patiently(request, *args, **kwargs)
        if not is_write and self._guard:
            self._guard.after_read(request, response)
        return response

    def _send_patiently(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        while True:
            response = self._send_once(request, *args, **kwargs)
            if response.status_code != requests.codes.too_many_requests:
                return response
            pause = retry_after_seconds(response)
            if pause > self._throttle_left:
                return response
            self._throttle_left -= max(pause, 1.0)
            self._announce(f"{_call(request)} was throttled (429): waiting {pause:.0f} s, as the server asked.")
            time.sleep(pause)

    def _send_once(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        started = time.monotonic()
        if started - self._last_used > LONGEST_IDLE_SECONDS:
            self.close()
        outcome: list[requests.Response | requests.RequestException] = []
        worker = threading.Thread(target=self._exchange, args=(outcome, started, request, *args), kwargs=kwargs)
        worker.daemon = True
        worker.start()
        worker.join(self._seconds)
        self._last_used = time.monotonic()
        result = outcome[0] if outcome else requests.Timeout()
        response = result if isinstance(result, requests.Response) else None
        if response is not None:
            self._redactor.add_cookies(cookie.value for cookie in response.cookies)
        self._record(Exchange(request, response, (time.monotonic() - started) * 1000))
        if isinstance(result, requests.Response):
            return result
        raise _no_response(request, result, self._seconds) from None

    def _exchange(
        self,
        outcome: list[requests.Response | requests.RequestException],
        started: float,
        request: requests.PreparedRequest,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        try:
            response = super().send(request, *args, **kwargs)
            body = bytearray()
            for chunk in response.iter_content(65_536):
                body += chunk
                if len(body) > MAX_BODY_BYTES or time.monotonic() - started > self._seconds:
                    response.close()
                    raise requests.ConnectionError(f"the answer was still not complete after {len(body):,} bytes")
            response._content = bytes(body)
            outcome.append(response)
        except requests.RequestException as error:
            outcome.append(error)
        except (HTTPError, OSError, ValueError) as error:
            outcome.append(requests.ConnectionError(error))


def _call(request: requests.PreparedRequest) -> str:
    return f"{request.method} {request.path_url.partition('?')[0]}"


def _no_response(request: requests.PreparedRequest, error: requests.RequestException, seconds: float) -> NoResponse:
    call = _call(request)
    cause = _root_cause(error)
    reason = (cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)).strip().rstrip(".")
    if isinstance(error, requests.exceptions.SSLError):
        return Unreachable(f"{call} got no answer: the TLS handshake failed ({cause}).", request=request)
    if isinstance(error, requests.ConnectTimeout):
        return Unreachable(f"{call} got no answer: no connection within {CONNECT_SECONDS:.0f} s.", request=request)
    if isinstance(error, requests.exceptions.ProxyError):
        return Unreachable(f"{call} got no answer: the proxy gave no connection ({reason}).", request=request)
    if isinstance(getattr(error.args[0] if error.args else None, "reason", None), NewConnectionError):
        return Unreachable(f"{call} got no answer: no connection to the server ({reason}).", request=request)
    if isinstance(error, requests.Timeout):
        limit = READ_SECONDS if isinstance(error, requests.ReadTimeout) else seconds
        return NoResponse(f"{call} got no complete answer within {limit:.0f} s.", request=request)
    return NoResponse(f"{call} got no complete answer: {reason}.", request=request)
