"""Dependencies: what a route asks for - the settings, a database session, the business of whoever signed in."""

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
    """Returns the settings of the app that serves this request."""
    settings: Settings = request.app.state.settings
    return settings


def get_session(request: Request) -> Iterator[Session]:
    """Opens a session for one request; what was not committed is rolled back."""
    database: Database = request.app.state.database
    with Session(database.engine) as session:
        yield session


CurrentSettings = Annotated[Settings, Depends(get_settings)]
DatabaseSession = Annotated[Session, Depends(get_session)]
BearerToken = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def get_current_business(token: BearerToken, session: DatabaseSession, settings: CurrentSettings) -> Business:
    """Returns the business of the account that the access token names.

    Raises:
        ApiError: 401, there is no valid token.
    """
    if token is None:
        raise unauthorized("not_authenticated", "This needs an access token.")
    try:
        account_id = read_token(token.credentials, Purpose.ACCESS, settings.jwt_secret.get_secret_value())
    except InvalidTokenError as error:
        raise unauthorized("invalid_token", "The access token is invalid or expired.") from error
    account = session.get(Account, account_id)
    if account is None:
        raise unauthorized("invalid_token", "The account of this access token is gone.")
    return account.business


CurrentBusiness = Annotated[Business, Depends(get_current_business)]
