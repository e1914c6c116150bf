"""Settings from the environment, validated at start.

Each field is read from the variable of the same name in upper case; an empty variable counts as not set.
"""

import secrets
from typing import Annotated

from limits import parse_many
from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SHORTEST_JWT_SECRET = 32
"""Bytes; a key of HS256 is at least as long as the hash (RFC 7518 section 3.2)."""
LONGEST_PASSWORD = 72
"""Bytes; bcrypt ignores the rest."""


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value().encode()) < SHORTEST_JWT_SECRET:
        raise ValueError(f"must be at least {SHORTEST_JWT_SECRET} bytes long")
    return secret


def _fits_bcrypt(password: SecretStr) -> SecretStr:
    if len(password.get_secret_value().encode()) > LONGEST_PASSWORD:
        raise ValueError(f"must be at most {LONGEST_PASSWORD} bytes long")
    return password


def _one_rate(rate: str) -> str:
    items = parse_many(rate)
    if len(items) != 1 or items[0].amount < 1 or items[0].get_expiry() < 1:
        raise ValueError("must be one rate such as 5/minute")
    return rate


def _database_file(url: str) -> str:
    path = url.removeprefix("sqlite:///")
    if path in (url, "", ":memory:") or "?" in path:
        raise ValueError("must name a SQLite file: sqlite:///relative/path or sqlite:////absolute/path")
    return url


class Settings(BaseSettings):
    """The backend's settings. `Settings.model_validate({})` reads them from the environment."""

    model_config = SettingsConfigDict(env_ignore_empty=True, hide_input_in_errors=True)

    e2e_email: str
    e2e_password: Annotated[SecretStr, AfterValidator(_fits_bcrypt)]
    e2e_other_email: str | None = None
    e2e_other_password: Annotated[SecretStr, AfterValidator(_fits_bcrypt)] | None = None

    jwt_secret: Annotated[SecretStr, AfterValidator(_long_enough)] = Field(
        default_factory=lambda: SecretStr(secrets.token_urlsafe(SHORTEST_JWT_SECRET))
    )
    access_token_minutes: int = Field(default=60, ge=1, le=525_600)
    login_rate_limit: Annotated[str, AfterValidator(_one_rate)] = "5/minute"
    database_url: Annotated[str, AfterValidator(_database_file)] | None = None

    google_client_id: str | None = None
    google_client_secret: SecretStr | None = None
    google_redirect_uri: str | None = None
    google_token_url: str = "https://oauth2.googleapis.com/token"
    dashboard_url: str = Field(default="http://localhost:3000/dashboard/settings", pattern=r"^https?://[^/\s]+\S*$")

    build: str | None = None
