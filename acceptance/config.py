"""What a run was asked to do: the target and its credentials, settled before the first request.

Every mistake of a user ends here, as one sentence in a `ConfigurationError`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import requests
from platformdirs import user_state_path

from acceptance.redaction import SHORTEST_SECRET

ROOT = Path(__file__).resolve().parents[1]
STATE_VARIABLE = "ACCEPTANCE_STATE_DIR"
TRUE_WORDS = frozenset({"true", "1", "yes"})


class ConfigurationError(ValueError):
    """A mistake in arguments, environment or files; its text is one line that says what to do."""

    ROBOT_SUPPRESS_NAME = True
    failure_kind = "environment"


@dataclass(frozen=True)
class Target:
    """The backend under test and the account that is used on it.

    Attributes:
        url: The base URL, without a slash at its end.
        email: The account's address.
        password: The account's password; never shown.
        embedded: Whether the backend is our own, started for this run.
    """

    url: str
    email: str = field(repr=False)
    password: str = field(repr=False)
    embedded: bool = False

    @property
    def masked_account(self) -> str:
        """The account as reports may show it: `o…@example.com`."""
        name, at, domain = self.email.partition("@")
        return f"{name[:1]}…{at}{domain}"


def checked_url(url: str) -> str:
    """Return `url` as a base URL, spelled the one way that all its spellings come down to.

    Raises:
        ConfigurationError: It is no `http` or `https` URL of a host, or it holds a password, a query or a fragment.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError("The URL is malformed; write it like https://api.example.com.") from None
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(
            "The URL holds a user name or password, which reports would show; give E2E_EMAIL and E2E_PASSWORD instead."
        )
    if "://" not in url:
        raise ConfigurationError(f"The URL '{url}' has no scheme; write https://{url.lstrip('/')} or http://….")
    if parts.scheme not in ("http", "https"):
        raise ConfigurationError(f"The URL's scheme is '{parts.scheme}'; only https and http can be tested.")
    if not host or any(c.isspace() for c in url):
        raise ConfigurationError(f"The URL '{url}' names no host; write it like https://api.example.com.")
    if port == 0:
        raise ConfigurationError(f"The URL '{url}' names port 0, which nobody listens on.")
    if parts.query or parts.fragment:
        raise ConfigurationError(f"The URL '{url}' holds a query or fragment; give the base URL alone.")
    try:
        requests.Request("GET", url).prepare()
    except requests.RequestException:
        raise ConfigurationError(f"The URL '{url}' names no host that could be; check its spelling.") from None
    default = {"http": 80, "https": 443}[parts.scheme]
    name = f"[{host}]" if ":" in host else host
    path = "/".join(part for part in parts.path.split("/") if part)
    return f"{parts.scheme}://{name}{'' if port in (None, default) else f':{port}'}{f'/{path}' if path else ''}"


def _refuse_missing_bundle(environ: Mapping[str, str] = os.environ) -> None:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        bundle = environ.get(variable)
        if bundle and not Path(bundle).exists():
            raise ConfigurationError(f"{variable} names {bundle}, which is not there; no certificate can be checked.")


def target_from(url: str, email: str, password: str) -> Target:
    """Return the target at `url`.

    Raises:
        ConfigurationError: The URL is unusable, or credentials are missing.
    """
    url = checked_url(url)
    missing = [name for name, value in (("E2E_EMAIL", email), ("E2E_PASSWORD", password)) if not value]
    if missing:
        raise ConfigurationError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set; "
            f"{url} needs an account to sign in with. Set both in the environment."
        )
    if len(password) < SHORTEST_SECRET:
        raise ConfigurationError(
            f"E2E_PASSWORD has fewer than {SHORTEST_SECRET} characters, so it could not be kept out of the report."
        )
    if url.startswith("https:"):
        _refuse_missing_bundle()
    return Target(url, email, password)


def state_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where journals and locks live between runs: `ACCEPTANCE_STATE_DIR`, or the user's state directory."""
    given = environ.get(STATE_VARIABLE)
    return Path(given) if given else user_state_path("receptionist-acceptance")
