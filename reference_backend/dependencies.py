"""Dependencies of the routes: the settings, a database session and the business of the caller."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from reference_backend.database import Database
from reference_backend.errors import unauthorized
from reference_backend.models import Account, Business
from reference_backend.security import InvalidTokenError, Purpose, read_token
from reference_backend.settings import Settings


def get_settings(request: Request) -> Settings:
    """Return the settings of the app."""
    settings: Settings = request.app.state.settings
    return settings


def get_session(request: Request) -> Iterator[Session]:
    """Open a session for one request; what is not committed is rolled back."""
    database: Database = request.app.state.database
    with Session(database.engine) as session:
        yield session


CurrentSettings = Annotated[Settings, Depends(get_settings)]
DatabaseSession = Annotated[Session, Depends(get_session)]
BearerToken = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def get_current_business(token: BearerToken, session: DatabaseSession, settings: CurrentSettings) -> Business:
    """Return the business of the access token's account.

    Raises:
        ApiError: 401 without a valid token.
    """
    if token is None:
        raise unauthorized("not_authenticated", "An access token is required.")
    try:
        account_id = read_token(token.credentials, Purpose.ACCESS, settings.jwt_secret.get_secret_value())
    except InvalidTokenError as error:
        raise unauthorized("invalid_token", "The access token is invalid or expired.") from error
    account = session.get(Account, account_id)
    if account is None:
        raise unauthorized("invalid_token", "The account of this access token no longer exists.")
    return account.business


CurrentBusiness = Annotated[Business, Depends(get_current_business)]
