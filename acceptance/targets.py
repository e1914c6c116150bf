"""Several targets of one run: which they are, what each is called, and where its credentials are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from acceptance.configuration import ConfigurationError, Target, target_from

KEYS = ("url", "name", "email_variable", "password_variable")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class NamedTarget:
    """A target among others.

    Attributes:
        name: What it is called, and the directory that its results go to.
        target: The backend and the account.
    """

    name: str
    target: Target


def targets_of(urls: Sequence[str], environ: Mapping[str, str]) -> tuple[NamedTarget, ...]:
    """Return the targets at `urls`, which all have the account that the environment names.

    Raises:
        ConfigurationError: One is unusable, or is there twice.
    """
    email, password = environ.get("E2E_EMAIL", ""), environ.get("E2E_PASSWORD", "")
    targets = [target_from(url, email, password) for url in urls]
    return _all_different([NamedTarget(_name_of(target), target) for target in targets])


def targets_in(path: Path, environ: Mapping[str, str]) -> tuple[NamedTarget, ...]:
    """Return the targets that the file at `path` lists: YAML, a mapping with a `url` each.

    A target may have a `name`, and `email_variable` and `password_variable`: the names of the environment variables
    that hold its credentials (E2E_EMAIL and E2E_PASSWORD by default).

    Raises:
        ConfigurationError: The file, or a target in it, is unusable.
    """
    try:
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"The targets {path} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The targets {path} are no YAML: {error}.") from None
    if not isinstance(listed, list) or not listed:
        raise ConfigurationError(f"{path} must list targets, each with its url: '- url: https://api.example.com'.")
    return _all_different(
        [_listed(entry, f"Target {place} in {path}", environ) for place, entry in enumerate(listed, 1)]
    )


def _listed(entry: Any, which: str, environ: Mapping[str, str]) -> NamedTarget:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key, ""), str) for key in KEYS):
        raise ConfigurationError(f"{which} must be a mapping of texts: {', '.join(KEYS)}.")
    unknown = sorted(map(str, entry.keys() - set(KEYS)))
    if unknown:
        raise ConfigurationError(f"{which} has the unknown key '{unknown[0]}'; there are {', '.join(KEYS)}.")
    variables = [entry.get("email_variable", "E2E_EMAIL"), entry.get("password_variable", "E2E_PASSWORD")]
    unset = [name for name in variables if not environ.get(name)]
    if unset:
        raise ConfigurationError(
            f"{which} takes its credentials from {' and '.join(unset)}, not set in the environment."
        )
    try:
        target = target_from(entry.get("url", ""), *(environ[name] for name in variables))
    except ConfigurationError as error:
        raise ConfigurationError(f"{which}: {error}") from None
    name = entry.get("name") or _name_of(target)
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{which} is called '{name}', which names no directory; use letters, digits, . - and _."
        )
    return NamedTarget(name, target)


def _name_of(target: Target) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", target.url.partition("://")[2]).strip("-._") or "target"


def _all_different(targets: Sequence[NamedTarget]) -> tuple[NamedTarget, ...]:
    names: set[str] = set()
    accounts: set[tuple[str, str]] = set()
    for one in targets:
        account = (one.target.url, one.target.email.casefold())
        if account in accounts:
            raise ConfigurationError(f"The account {one.target.masked_account} on {one.target.url} is listed twice.")
        if one.name.casefold() in names:
            raise ConfigurationError(f"Two targets are called '{one.name}'; give them different names in --targets.")
        accounts.add(account)
        names.add(one.name.casefold())
    return tuple(targets)
