"""The HTTP adapter of all requests, and its policy: time limits, throttling, which requests are allowed.

It is a transport adapter of `requests`, so that it governs RequestsLibrary and every other user of a session.
"""

import errno
import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import Cookie, DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import InvalidHeader, NameResolutionError, NewConnectionError
from urllib3.util import Retry

from acceptance import __version__
from acceptance.client.bearer_token import BearerToken, TokenProvider
from acceptance.client.connections import POOLS, RequestThread
from acceptance.client.endpoints import is_login
from acceptance.client.exchanges import Exchange, call_of, status_of
from acceptance.client.json_body import json_object
from acceptance.client.login_rate_limiter import LoginRateLimiter
from acceptance.client.retries import LAST_SEND_SECONDS, PAUSES_SECONDS, Retries, gateway_trouble
from acceptance.client.trace import TRACEPARENT, new_traceparent, next_traceparent, trace_id_of
from acceptance.client.warm_up import WarmUp
from acceptance.config import is_loopback
from acceptance.exit_codes import FailureKind
from acceptance.redaction import Redactor
from acceptance.texts import cut

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
TOTAL_SECONDS = 25.0
"""The limits of one request. A slow but healthy backend responds within 6 s."""

THROTTLE_SECONDS = 90.0
"""How long a process waits for throttling to end, in all (RFC 6585 section 4, RFC 9110 section 10.2.3)."""

PAUSE_SECONDS = 5.0
"""The wait after a 429 without a usable `Retry-After`."""

LONGEST_IDLE_SECONDS = 1.0
"""A connection that was idle for longer is not reused: the server may have closed it, and the request would be lost
(RFC 9112 section 9.6). Servers close idle connections after two seconds or more."""

NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH)
MAX_BODY_BYTES = 4_000_000
LONGEST_COOKIE = 4_096
"""The characters of a cookie, name and value, that browsers keep (RFC 6265 section 6.1)."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_LOG = logging.getLogger(__name__)


class NoResponse(requests.RequestException):
    """A request got no complete response.

    Attributes:
        may_pass: Whether the same request may get a response a moment later.
    """

    ROBOT_SUPPRESS_NAME = True
    failure_kind: FailureKind = "transport"
    may_pass = True


class Stalled(NoResponse):
    """A request got no complete response in time."""


class Unreachable(NoResponse):
    """There is no connection to the backend: refused, too late, no trust (TLS)."""


class LocalTrouble(NoResponse):
    """The request did not get as far as the backend: no name resolution, no route, no proxy."""

    failure_kind: FailureKind = "environment"
    may_pass = False


class NameNotResolvedYet(LocalTrouble):
    """The resolver of this machine could not give an answer."""

    may_pass = True


class Throttled(requests.RequestException):
    """The last response to a request was 429: it says nothing about the API."""

    ROBOT_SUPPRESS_NAME = True
    failure_kind: FailureKind = "throttled"


class RequestBlocked(requests.RequestException):
    """The run may not send this request."""

    ROBOT_SUPPRESS_NAME = True
    failure_kind: FailureKind = "environment"


class WriteGuard(Protocol):
    """Observes the requests of a session so that the account can be restored."""

    def before_write(self, request: requests.PreparedRequest) -> None:
        """Called before a request that may change something; may raise instead of letting it pass."""

    def before_resend(self, request: requests.PreparedRequest) -> None:
        """Called before such a request is sent again after a wait; may raise instead of letting it pass."""

    def after_write(
        self, request: requests.PreparedRequest, response: requests.Response | None, *, was_sent: bool
    ) -> None:
        """Called after each time that such a request was sent; without a response its outcome is unknown."""

    def after_read(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """Called with each response to a request that changes nothing."""


@dataclass
class Throttling:
    """The waits of a process for throttling to end.

    Attributes:
        left: The seconds that it still waits at most.
        waited: The seconds that it has waited.
    """

    left: float = field(default_factory=lambda: THROTTLE_SECONDS)
    waited: float = 0.0

    def wait(self, seconds: float) -> None:
        """Wait for `seconds`; the shortest wait counts as one second."""
        self.left -= max(seconds, 1.0)
        self.waited += seconds
        time.sleep(seconds)


@dataclass(frozen=True)
class RequestPolicy:
    """The rules for all requests of a process.

    Attributes:
        run: The id of the run, which the `User-Agent` names.
        redactor: Gets to know the cookies that responses set.
        on_exchange: Called with each exchange.
        read_only: Whether requests that may change something, other than the login, are blocked.
        retries: The requests that were sent again.
        throttling: The waits for throttling to end.
        warm_up: The wait for a backend that is still starting.
        login_rate: Spreads the logins, unless the backend is on this machine, where no other client needs its limits.
    """

    run: str
    redactor: Redactor
    on_exchange: Callable[[Exchange], None]
    read_only: bool = False
    retries: Retries = field(default_factory=Retries)
    throttling: Throttling = field(default_factory=Throttling)
    warm_up: WarmUp = field(default_factory=WarmUp)
    login_rate: LoginRateLimiter = field(default_factory=LoginRateLimiter)

    @property
    def user_agent(self) -> str:
        """What requests name as their sender (RFC 9110 section 10.1.5)."""
        return f"receptionist-acceptance/{__version__} (run {self.run})"

    def configure_session(
        self,
        session: requests.Session,
        token: TokenProvider | None,
        guard: WriteGuard | None = None,
        seconds: float = TOTAL_SECONDS,
        sends_again: bool = False,
    ) -> None:
        """Send all requests of `session` under this policy.

        The session follows no redirect, and does not resolve where one leads: that is for a test to judge. With a token
        it keeps no cookies, which could authenticate its requests instead; without one, none that browsers refuse.

        Args:
            session: The session.
            token: Gives the token that its requests carry; None for requests without a token.
            guard: Observes its requests; needed where it may write.
            seconds: The limit of each request.
            sends_again: Whether its reads, logins and updates that set values are sent again after passing trouble.
        """
        adapter = PolicyAdapter(self, guard, seconds, sends_again=sends_again)
        for scheme in ("http://", "https://"):
            session.mount(scheme, adapter)
        session.auth = BearerToken(token)
        session.cookies.set_policy(_CookiePolicy(allowed_domains=[] if token else None))
        session.get_redirect_target = lambda _: None  # type: ignore[method-assign, assignment]


class _CookiePolicy(DefaultCookiePolicy):
    def set_ok(self, cookie: Cookie, request: Any) -> bool:
        return len(cookie.name) + len(cookie.value or "") <= LONGEST_COOKIE and super().set_ok(cookie, request)


class PolicyAdapter(HTTPAdapter):
    """Sends the requests of one session under a policy; see `RequestPolicy.configure_session`."""

    def __init__(self, policy: RequestPolicy, guard: WriteGuard | None, seconds: float, *, sends_again: bool) -> None:
        super().__init__(max_retries=0)
        self._policy = policy
        self._guard = guard
        self._seconds = seconds
        self._sends_again = sends_again
        self._last_used = time.monotonic()
        self.throttling = policy.throttling

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool of connections; see `acceptance.client.connections`."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Return the pool of connections to a proxy; see `acceptance.client.connections`."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send `request` and return the response with its whole body.

        Raises:
            RequestBlocked: The run may not send it.
            Unreachable: There is no connection to the backend.
            NoResponse: The response broke off, or was not complete in time.
        """
        if trace_id_of(request) is None:  # a request that is sent again with another token has one
            request.headers[TRACEPARENT] = new_traceparent(self._policy.redactor)
        kwargs["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        kwargs["stream"] = True
        if _is_to_this_machine(request):
            kwargs["proxies"] = None  # a proxy would look for the server on its own machine
        is_write = request.method not in SAFE_METHODS and not is_login(str(request.method), request.path_url)
        if is_write and self._policy.read_only:
            raise RequestBlocked(f"{call_of(request)} was not sent: this run is read-only.")
        if is_write and self._guard:
            self._guard.before_write(request)
        sets_values = is_write and json_object(request.body) is not None
        sends_again = self._sends_again and (sets_values or not is_write)
        send = self._send_through_trouble if sends_again else self._send_until_not_throttled
        if self._sends_again and not is_write and self._policy.warm_up.left:
            send = self._send_through_warm_up
        response = send(request, is_write, *args, **kwargs)
        if not is_write and self._guard:
            self._guard.after_read(request, response)
        return response

    def _send_through_warm_up(
        self, request: requests.PreparedRequest, is_write: bool, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send `request`, and send it again after trouble until the backend serves or the wait for it is over."""
        warm_up = self._policy.warm_up
        is_a_login = is_login(str(request.method), request.path_url)
        pauses = warm_up.login_pauses() if is_a_login else warm_up.pauses()
        while True:
            outcome = self._outcome(request, is_write, *args, **kwargs)
            if isinstance(outcome, requests.Response) and not (gateway_trouble(outcome) and warm_up.left):
                return outcome
            if isinstance(outcome, NoResponse) and not warm_up.left:
                raise outcome
            warm_up.pause(next(pauses), f"{_trouble(request, outcome)}.")

    def _send_through_trouble(
        self, request: requests.PreparedRequest, is_write: bool, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send `request`, and send it again after passing trouble of the network; see `acceptance.client.retries`."""
        endpoint = str(request.method), request.path_url.partition("?")[0]
        pauses, began, trouble = iter(PAUSES_SECONDS), 0.0, ""
        while True:
            outcome = self._outcome(request, is_write, *args, **kwargs)
            if isinstance(outcome, requests.Response) and not gateway_trouble(outcome):
                if trouble:
                    recovered = self._policy.retries.recovered(*endpoint, trouble)
                    _LOG.warning("%s", recovered.note)
                return outcome
            if trouble:
                may_retry = not isinstance(outcome, Stalled)
            else:
                began = time.monotonic()
                trouble = self._policy.redactor.mask(_trouble(request, outcome))
                may_retry = self._policy.retries.may_begin(*endpoint)
            pause = next(pauses, None)
            if not may_retry or pause is None or time.monotonic() + pause - began > LAST_SEND_SECONDS:
                if isinstance(outcome, requests.Response):
                    return outcome
                raise outcome
            time.sleep(pause)
            if is_write and self._guard:
                self._guard.before_resend(request)

    def _outcome(
        self, request: requests.PreparedRequest, is_write: bool, *args: Any, **kwargs: Any
    ) -> requests.Response | NoResponse:
        """Return the response, or why there is none; where that will not pass, raise it."""
        try:
            return self._send_until_not_throttled(request, is_write, *args, **kwargs)
        except NoResponse as error:
            if error.may_pass:
                return error
            raise

    def _send_until_not_throttled(
        self, request: requests.PreparedRequest, is_write: bool, *args: Any, **kwargs: Any
    ) -> requests.Response:
        while True:
            response, pause = self._send_once(request, is_write, *args, **kwargs)
            if pause is None:
                return response
            _LOG.warning("%s was throttled (429): waiting %.0f s.", call_of(request), pause)
            self.throttling.wait(pause)
            if is_write and self._guard:
                self._guard.before_resend(request)

    def _send_once(
        self, request: requests.PreparedRequest, is_write: bool, *args: Any, **kwargs: Any
    ) -> tuple[requests.Response, float | None]:
        """Return the response, and the seconds to wait before the request is sent again; None where it is not."""
        request = self._as_sent(request)
        self._await_login(request)
        started = time.monotonic()
        if started - self._last_used > LONGEST_IDLE_SECONDS:
            self.close()
        outcome: list[requests.Response | requests.RequestException] = []
        worker = RequestThread(target=self._exchange, args=(outcome, started, request, *args), kwargs=kwargs)
        worker.start()
        try:
            worker.join(self._seconds)
        finally:
            result = outcome[0] if outcome else requests.Timeout()
            if isinstance(result, requests.Timeout):
                worker.close_connection()
        self._last_used = time.monotonic()
        response = result if isinstance(result, requests.Response) else None
        if response is not None:
            cookies = (cookie.value for cookie in response.cookies)
            self._policy.redactor.add_found(value for value in cookies if value != trace_id_of(request))
            if response.status_code >= requests.codes.server_error:
                self.close()  # a server that failed may close the connection after its response
        milliseconds = (time.monotonic() - started) * 1000
        retry_after, pause = self._throttling(response)
        expires = getattr(worker.connection, "certificate_expires", None)
        self._policy.on_exchange(Exchange(request, response, milliseconds, retry_after, pause, expires))
        if isinstance(result, requests.Response):
            if is_write and self._guard:
                self._guard.after_write(request, result, was_sent=True)
            return result, pause
        error = _no_response(request, result, self._seconds)
        if is_write and self._guard:
            self._guard.after_write(request, None, was_sent=not isinstance(error, Unreachable | LocalTrouble))
        raise error from None

    def _as_sent(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return a copy of `request` with a span of its own: the exchange keeps it when `request` is sent again."""
        sent = request.copy()
        sent.headers[TRACEPARENT] = next_traceparent(str(request.headers[TRACEPARENT]))
        sent.headers["User-Agent"] = self._policy.user_agent
        return sent

    def _await_login(self, request: requests.PreparedRequest) -> None:
        if is_login(str(request.method), request.path_url) and not _is_to_this_machine(request):
            pause = self._policy.login_rate.reserve()
            if pause:
                _LOG.info("%s waits %.0f s: a run sends few logins in a minute.", call_of(request), pause)
                time.sleep(pause)

    def _throttling(self, response: requests.Response | None) -> tuple[float | None, float | None]:
        """Return the seconds that a 429 asks to wait, and those to wait; None where there are none."""
        if response is None or response.status_code != requests.codes.too_many_requests:
            return None, None
        retry_after = retry_after_seconds(response)
        pause = PAUSE_SECONDS if retry_after is None else retry_after
        return retry_after, pause if pause <= self.throttling.left else None

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
                if time.monotonic() - started > self._seconds:
                    response.close()
                    raise requests.Timeout
                if len(body) > MAX_BODY_BYTES:
                    response.close()
                    raise requests.ConnectionError(f"it was still incomplete after {len(body):,} bytes")
            response._content = bytes(body)
            response.encoding = "utf-8"  # other charsets, such as punycode, may take minutes to decode
            if response.status_code == requests.codes.proxy_authentication:
                raise requests.exceptions.ProxyError(f"the proxy returned {status_of(response)}")
            outcome.append(response)
        except requests.RequestException as error:
            outcome.append(error)
        except Exception as error:  # noqa: BLE001 - after any error there is no complete response
            outcome.append(requests.ConnectionError(error))


def retry_after_seconds(response: requests.Response) -> float | None:
    """Return the seconds that `Retry-After` asks to wait, given as seconds or a date (RFC 9110 section 10.2.3).

    They are six hours at most. None where there is no usable `Retry-After`.
    """
    try:
        return float(Retry().parse_retry_after(response.headers.get("Retry-After", "")))
    except (InvalidHeader, OverflowError, ValueError):
        return None


def waited_seconds(session: requests.Session, url: str) -> float:
    """Return how long `session` has waited for throttling by the server of `url` to end, in all."""
    adapter = session.get_adapter(url)
    return adapter.throttling.waited if isinstance(adapter, PolicyAdapter) else 0.0


def _is_to_this_machine(request: requests.PreparedRequest) -> bool:
    return is_loopback(str(urlsplit(request.url).hostname))


def _trouble(request: requests.PreparedRequest, outcome: requests.Response | NoResponse) -> str:
    """Return what happened to `request`, without a full stop at the end."""
    if isinstance(outcome, requests.Response):
        return f"{call_of(request)} returned {status_of(outcome)}"
    return str(outcome).rstrip(".")


def _no_response(request: requests.PreparedRequest, error: requests.RequestException, seconds: float) -> NoResponse:
    call = call_of(request)
    cause = _root_cause(error)
    reason = cut((cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)).strip().rstrip("."))
    if isinstance(error, requests.exceptions.SSLError):
        return Unreachable(f"{call} got no response: the TLS handshake failed ({cut(str(cause))}).", request=request)
    if isinstance(error, requests.ConnectTimeout):
        return Unreachable(f"{call} got no response: no connection within {CONNECT_SECONDS:.0f} s.", request=request)
    if isinstance(error, (requests.exceptions.ProxyError, requests.exceptions.InvalidProxyURL)):
        return LocalTrouble(
            f"{call} was not sent: no connection through the proxy ({reason}). Check HTTP_PROXY and HTTPS_PROXY.",
            request=request,
        )
    if isinstance(error, requests.exceptions.InvalidSchema):
        return LocalTrouble(f"{call} was not sent: the proxy cannot be used ({reason}).", request=request)
    failed = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(failed, NameResolutionError):
        is_temporary = isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN
        return (NameNotResolvedYet if is_temporary else LocalTrouble)(
            f"{call} was not sent: this machine cannot resolve the host's name ({reason}). Check the URL and the DNS.",
            request=request,
        )
    if isinstance(failed, NewConnectionError) and isinstance(cause, OSError) and cause.errno in NO_ROUTE:
        return LocalTrouble(f"{call} was not sent: this machine has no route to the host ({reason}).", request=request)
    if isinstance(failed, NewConnectionError):
        return Unreachable(f"{call} got no response: no connection to the server ({reason}).", request=request)
    if isinstance(error, requests.Timeout):
        limit = READ_SECONDS if isinstance(error, requests.ReadTimeout) else seconds
        return Stalled(f"{call} got no complete response within {limit:.0f} s.", request=request)
    return NoResponse(f"{call} got no complete response: {reason}.", request=request)


def _root_cause(error: BaseException) -> BaseException:
    """Return the innermost of the errors that `requests` and `urllib3` wrapped one in another."""
    while error.__context__ is not None:
        error = error.__context__
    return error
