"""The configuration of a run: the target, its credentials, and what the team has decided in `acceptance.toml`.

A mistake in any of them is a `ConfigurationError`, whose message is one sentence.
"""

import hashlib
import json
import os
import re
import ssl
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, get_args
from urllib.parse import parse_qsl, urlsplit

import requests
from annotated_types import Gt, MaxLen, MinLen, Predicate
from platformdirs import user_state_path
from requests.utils import get_environ_proxies, select_proxy

from acceptance.credentials import is_credential_name
from acceptance.redaction import SHORTEST_SECRET

ROOT = Path(__file__).resolve().parents[1]
STATE_VARIABLE = "ACCEPTANCE_STATE_DIR"
TEAM_CONFIG = ROOT / "acceptance.toml"
TRUE_WORDS = frozenset({"true", "1", "yes"})
BUILD_HEADER = "header:"
LONGEST_BUILD = 100
"""The number of characters of a build that are read."""

MOST_KNOWN_ISSUES = 10
SHORTEST_MESSAGE = 10
"""The number of characters with which a known issue describes a failure at least."""

ACCOUNT_VARIABLES = ("E2E_EMAIL", "E2E_PASSWORD")
OTHER_ACCOUNT_VARIABLES = ("E2E_OTHER_EMAIL", "E2E_OTHER_PASSWORD")
SOCKS_SCHEMES = ("socks4", "socks4a", "socks5", "socks5h")
TRACE_PLACE = "{trace_id}"
"""Where the trace id stands in the URL of a trace."""

_HTTP_URL = re.compile(r"https?://[\w.~:/?#@!$&'()*+,;=%-]+", re.ASCII)  # RFC 3986
_ENDPOINT = re.compile(r"[A-Z]+ /\S*")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~\w-]+", re.ASCII)  # a token of RFC 9110 section 5.6.2


class ConfigurationError(ValueError):
    """A mistake in arguments, environment or files; the message is one line that names the next step."""

    ROBOT_SUPPRESS_NAME = True
    failure_kind = "environment"


@dataclass(frozen=True)
class Target:
    """The backend under test and the account that is used on it.

    Attributes:
        url: The base URL, without a slash at its end.
        email: The account's email address.
        password: The account's password.
        embedded: Whether the backend is the embedded one, started for this run.
        other: The same backend with a second account, on which wrong passwords are tried; None where there is none.
        variables: The environment variables that hold address and password.
    """

    url: str
    email: str = field(repr=False)
    password: str = field(repr=False)
    embedded: bool = False
    other: "Target | None" = None
    variables: tuple[str, str] = ACCOUNT_VARIABLES

    @property
    def passwords(self) -> tuple[str, ...]:
        """The passwords of its accounts."""
        return (self.password, *(self.other.passwords if self.other else ()))

    def with_other(self, email: str, password: str) -> Self:
        """Return this target with a second account."""
        other = Target(self.url, email, password, self.embedded, variables=OTHER_ACCOUNT_VARIABLES)
        return replace(self, other=other)

    @property
    def origin(self) -> str:
        """Scheme, host and port of the URL."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def masked_account(self) -> str:
        """The account as reports show it: `o…@example.com`."""
        name, at, domain = self.email.partition("@")
        return f"{name[:1]}…{at}{domain}"

    @property
    def account_id(self) -> str:
        """What identifies the account without naming it: the beginning of a SHA-256 digest of URL and address."""
        return hashlib.sha256(f"{self.url}\n{self.email.casefold()}".encode()).hexdigest()[:16]

    @property
    def label(self) -> str:
        """The target as reports show it: the URL and the masked account, or that the backend is embedded."""
        return "the embedded backend" if self.embedded else f"{self.url} as {self.masked_account}"


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine: `localhost`, a name below it, or a loopback address."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def checked_url(url: str) -> str:
    """Return `url` as a normalized base URL: lower-case host, no default port, no slash at the end.

    Raises:
        ConfigurationError: It is not an `http` or `https` URL with a host, or has a password, a query or a fragment.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError("The URL is malformed; write it like https://api.example.com.") from None
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(
            "The URL contains a user name or password, which reports would show; set E2E_EMAIL and E2E_PASSWORD."
        )
    if "://" not in url:
        raise ConfigurationError(f"The URL '{url}' has no scheme; write https://{url.lstrip('/')} or http://….")
    if parts.scheme not in ("http", "https"):
        raise ConfigurationError(f"The URL's scheme is '{parts.scheme}'; only https and http can be tested.")
    if not host or any(c.isspace() for c in url):
        raise ConfigurationError(f"The URL '{url}' has no host; write it like https://api.example.com.")
    if port == 0:
        raise ConfigurationError(f"The URL '{url}' has port 0, on which no server can listen.")
    if parts.query or parts.fragment:
        raise ConfigurationError(f"The URL '{url}' has a query or fragment; give the base URL alone.")
    try:
        requests.Request("GET", url).prepare()
    except requests.RequestException:
        raise ConfigurationError(f"The URL '{url}' has an invalid host; check its spelling.") from None
    default = {"http": 80, "https": 443}[parts.scheme]
    name = f"[{host}]" if ":" in host else host
    path = "/".join(part for part in parts.path.split("/") if part)
    return f"{parts.scheme}://{name}{'' if port in (None, default) else f':{port}'}{f'/{path}' if path else ''}"


def _refuse_unusable_bundle(environ: Mapping[str, str] = os.environ) -> None:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        bundle = Path(environ.get(variable, ""))
        if not environ.get(variable) or bundle.is_dir():
            continue
        try:
            ssl.create_default_context(cafile=bundle)
        except FileNotFoundError:
            raise ConfigurationError(
                f"{variable} names {bundle}, which does not exist; no certificate can be verified."
            ) from None
        except OSError as error:
            raise ConfigurationError(
                f"{variable} names {bundle}, which gives no certificates ({error.strerror}); it must be in PEM format."
            ) from None


def _refuse_unusable_proxy(url: str) -> None:
    """Check the proxy that the environment gives for `url`; its own URL may hold a password, and is not shown."""
    proxy = select_proxy(url, get_environ_proxies(url))
    if not proxy:
        return
    where = "The proxy in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY"
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        scheme = parts.scheme if parts.hostname and parts.port != 0 else ""
    except ValueError:
        scheme = ""
    if scheme not in ("http", "https", *SOCKS_SCHEMES):
        raise ConfigurationError(f"{where} is no proxy URL; write it like http://proxy.example.com:3128.")
    if scheme in SOCKS_SCHEMES and find_spec("socks") is None:
        raise ConfigurationError(f"{where} is a SOCKS proxy, for which PySocks must be installed: pip install PySocks.")


def target_from(url: str, email: str, password: str, other_email: str = "", other_password: str = "") -> Target:
    """Return the target at `url`, with a second account where one is given.

    Raises:
        ConfigurationError: The URL is unusable, or credentials are missing or unusable.
    """
    url = checked_url(url)
    missing = [name for name, value in zip(ACCOUNT_VARIABLES, (email, password), strict=True) if not value]
    if missing:
        raise ConfigurationError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set; "
            f"the run needs an account to log in with at {url}. Set both in the environment."
        )
    _check_other_account(email, other_email, other_password)
    for name, secret in (("E2E_PASSWORD", password), ("E2E_OTHER_PASSWORD", other_password or password)):
        if len(secret) < SHORTEST_SECRET:
            raise ConfigurationError(
                f"{name} has fewer than {SHORTEST_SECRET} characters, so it cannot be masked in the report."
            )
    if url.startswith("https:"):
        _refuse_unusable_bundle()
    _refuse_unusable_proxy(url)
    target = Target(url, email, password)
    return target.with_other(other_email, other_password) if other_email else target


def _check_other_account(email: str, other_email: str, other_password: str) -> None:
    if bool(other_email) != bool(other_password):
        given, missing = OTHER_ACCOUNT_VARIABLES if other_email else reversed(OTHER_ACCOUNT_VARIABLES)
        raise ConfigurationError(f"{given} is set without {missing}; set both for a second account, or neither.")
    if other_email.casefold() == email.casefold():
        raise ConfigurationError("E2E_OTHER_EMAIL is the address of E2E_EMAIL; name a second account, or none.")


def checked_build(text: str) -> str:
    """Return the build `text` that a run expects, without blanks around it.

    Raises:
        ConfigurationError: It is too long, or not one line, so that no backend could name it.
    """
    build = text.strip()
    if len(build) > LONGEST_BUILD or not build.isprintable():
        raise ConfigurationError(f"The expected build is not one line of {LONGEST_BUILD} characters at most.")
    return build


def state_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the directory of journals and locks: `ACCEPTANCE_STATE_DIR`, or the user's state directory.

    A user without a home directory has one in the directory for temporary files.

    Raises:
        ConfigurationError: Somebody else owns that one.
    """
    given = environ.get(STATE_VARIABLE)
    if given:
        return Path(given)
    try:
        return user_state_path("receptionist-acceptance")
    except RuntimeError:
        return _state_directory_without_home()


def _state_directory_without_home() -> Path:
    directory = Path(tempfile.gettempdir()) / f"acceptance-state-{os.getuid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    if directory.is_symlink() or directory.stat().st_uid != os.getuid():
        raise ConfigurationError(f"{directory} belongs to somebody else; set {STATE_VARIABLE} to a directory of yours.")
    return directory


SettingName = Literal[
    "name",
    "industry",
    "description",
    "business_hours",
    "common_services",
    "timezone",
    "greeting_style",
    "faqs",
    "phone_number",
    "receptionist_enabled",
]
SETTINGS: tuple[SettingName, ...] = get_args(SettingName)
"""The settings that an owner can save."""


@dataclass(frozen=True)
class SettingsConfig:
    """The table `[settings]` of `acceptance.toml`.

    Attributes:
        exclude: The settings that no run saves.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    exclude: tuple[SettingName, ...] = ()


def _is_location(text: str) -> bool:
    """Return whether `text` is a JSONPath, or names a header."""
    if text.startswith(BUILD_HEADER):
        return bool(_HEADER_NAME.fullmatch(text.removeprefix(BUILD_HEADER)))
    from jsonpath_ng.exceptions import JSONPathError  # few teams need it
    from jsonpath_ng.parser import parse

    try:
        parse(text)
    except JSONPathError:
        return False
    return True


@dataclass(frozen=True)
class BuildConfig:
    """The table `[build]` of `acceptance.toml`.

    Attributes:
        at: Where a response names the backend's build: a JSONPath in the body of `/health`, or `header:NAME`; empty for
            `$.build`, `$.commit` or `$.version`.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    at: Annotated[str, Predicate(_is_location)] = ""


@dataclass(frozen=True)
class SecurityConfig:
    """The table `[security]` of `acceptance.toml`.

    Attributes:
        plain_http_hosts: The hosts other than this machine to which a run may send the password without TLS.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    plain_http_hosts: tuple[str, ...] = ()


def _is_link(text: str) -> bool:
    return re.match(r"https?://[^\s/]", text) is not None and text.isprintable() and " " not in text


@dataclass(frozen=True)
class KnownIssue:
    """An entry `[[known_issue]]` of `acceptance.toml`: a failure that the team knows, and that counts for a while.

    Attributes:
        suite: The capability of the test.
        test: Its name, or a pattern of Robot Framework's.
        message: A text that the message of the failure contains.
        link: Where the issue is tracked.
        owner: Who takes care of it.
        reason: Why it is not mended yet.
        expires: The last day on which it is a known issue (UTC).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    suite: str
    test: Annotated[str, MinLen(1)]
    message: Annotated[str, MinLen(SHORTEST_MESSAGE)]
    link: Annotated[str, Predicate(_is_link)]
    owner: Annotated[str, MinLen(1)]
    reason: Annotated[str, MinLen(1)]
    expires: date


def _is_url_of_trace(text: str) -> bool:
    """Return whether `text` is an http(s) URL without credentials, in which the trace id has one place after the host.

    It has only characters of URLs (RFC 3986), and no brackets, which would end a link.
    """
    if text.count(TRACE_PLACE) != 1 or not _HTTP_URL.fullmatch(text.replace(TRACE_PLACE, "0")):
        return False
    try:
        parts = urlsplit(text)
        is_complete = bool(parts.hostname) and parts.port != 0 and "{" not in parts.netloc and "@" not in parts.netloc
    except ValueError:
        return False
    names = (name for name, _ in parse_qsl(f"{parts.query}&{parts.fragment}", keep_blank_values=True))
    return is_complete and not any(map(is_credential_name, names))


@dataclass(frozen=True)
class TraceConfig:
    """The table `[trace]` of `acceptance.toml`.

    Attributes:
        url: The URL at which a trace is shown, with `{trace_id}` in it; empty for trace ids without links.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    url: Annotated[str, Predicate(_is_url_of_trace)] = ""


@dataclass(frozen=True)
class TeamConfig:
    """What a team decides once for all runs, in `acceptance.toml`.

    Attributes:
        build: Where the backend names its build.
        security: What a run may do that is not safe everywhere.
        settings: How settings are saved.
        known_issue: The failures that the team knows.
        trace: Where traces are shown.
        budgets: The longest acceptable 95th percentile of each endpoint (`GET /api/business/me`), in milliseconds.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    build: BuildConfig = field(default_factory=BuildConfig)
    security: SecurityConfig = field(default_factory=SecurityConfig)
    settings: SettingsConfig = field(default_factory=SettingsConfig)
    known_issue: Annotated[tuple[KnownIssue, ...], MaxLen(MOST_KNOWN_ISSUES)] = ()
    trace: TraceConfig = field(default_factory=TraceConfig)
    budgets: dict[Annotated[str, Predicate(_ENDPOINT.fullmatch)], Annotated[float, Gt(0)]] = field(default_factory=dict)


def refuse_plain_http(url: str, team: TeamConfig) -> None:
    """Check that the password is sent to `url` over TLS, or to a host that may do without.

    Raises:
        ConfigurationError: It is not.
    """
    parts = urlsplit(url)
    host = str(parts.hostname)
    if parts.scheme == "http" and not is_loopback(host) and host not in team.security.plain_http_hosts:
        raise ConfigurationError(
            f"{url} would get the password unencrypted; write https://, or name {host} in plain_http_hosts of "
            f"[security] in {TEAM_CONFIG.name}."
        )


def read_team_config(path: Path = TEAM_CONFIG, *, known_issues: bool = False) -> TeamConfig:
    """Return the content of `path`; the defaults where there is no such file.

    Args:
        path: The file.
        known_issues: Whether its known issues are read; otherwise a mistake in them is none.

    Raises:
        ConfigurationError: The file cannot be read, has an unknown key, or a value of the wrong type.
    """
    from pydantic import TypeAdapter, ValidationError  # it takes a tenth of a second, which other work can hide

    leftover = path.with_name("budgets.toml")
    if leftover.exists():
        raise ConfigurationError(f"{leftover} is not read any more; move its lines to [budgets] in {path.name}.")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        if not known_issues:
            content.pop("known_issue", None)
        return TypeAdapter(TeamConfig).validate_json(json.dumps(content, default=str))
    except FileNotFoundError:
        return TeamConfig()
    except ValidationError as errors:
        raise ConfigurationError(f"{path}: {_problem(errors.errors()[0])}.") from None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.") from None


def _problem(error: Any) -> str:
    """Return what is wrong with a value, from the details of a pydantic error."""
    *_, place = location = [str(part) for part in error["loc"] if part != "[key]"]
    if error["type"] == "unexpected_keyword_argument":
        tables = {
            "build": BuildConfig,
            "known_issue": KnownIssue,
            "security": SecurityConfig,
            "settings": SettingsConfig,
            "trace": TraceConfig,
        }
        table = tables[location[0]] if len(location) > 1 else TeamConfig
        return f"the key '{place}' is unknown; the keys are {', '.join(one.name for one in fields(table))}"
    if error["type"] == "predicate_failed" and location == ["build", "at"]:
        return f"'{error['input']}' is neither a JSONPath, such as $.build, nor header:NAME"
    if location[0] == "known_issue":
        return _problem_of_known_issue(location, error)
    if error["type"] == "predicate_failed" and location == ["trace", "url"]:  # which may hold a password
        return (
            "the url of [trace] is no http(s) URL without credentials and with one {trace_id} after the host; write it "
            'like "https://tempo.example.com/trace/{trace_id}"'
        )
    if error["type"] == "predicate_failed":
        return f"'{place}' is not an endpoint; write it like \"GET /api/business/me\""
    if error["type"] == "literal_error":
        return f"'{error['input']}' is no setting; the settings are {', '.join(SETTINGS)}"
    return f"{' '.join(location)}: {error['msg'][:1].lower()}{error['msg'][1:]}"


def _problem_of_known_issue(location: list[str], error: Any) -> str:
    """Return what is wrong with a known issue."""
    *_, place = location
    if error["type"] == "too_long":
        return f"there are more than {MOST_KNOWN_ISSUES} known issues; mend one, and delete its entry"
    if len(location) < 2:
        return "known_issue is not a list of entries; begin each with [[known_issue]]"
    entry = f"known issue {int(location[1]) + 1}"
    if error["type"] == "missing":
        return f"{entry} has no '{place}'; an entry has {', '.join(one.name for one in fields(KnownIssue))}"
    if place == "message" and error["type"] == "string_too_short":
        return f"{entry}: its message has fewer than {SHORTEST_MESSAGE} characters; copy more of the failure"
    if place == "expires":
        return f"{entry}: expires is no date; write it like 2026-12-24"
    if place == "link" and error["type"] == "predicate_failed":
        return f"{entry}: link is no URL; write it like https://tracker.example.com/issues/7"
    return f"{entry}: {' '.join(location[2:])}: {error['msg'][:1].lower()}{error['msg'][1:]}".replace(": : ", ": ")
