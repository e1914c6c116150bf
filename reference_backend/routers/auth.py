"""Login: an access token for a password."""

from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter
from sqlalchemy import select

from reference_backend.dependencies import CurrentSettings, DatabaseSession
from reference_backend.errors import error_responses, unauthorized
from reference_backend.models import Account
from reference_backend.rate_limit import LimitedRoute
from reference_backend.schemas import LoginRequest, LoginResponse, UserOut
from reference_backend.security import Purpose, create_token, verify_password

router = APIRouter(prefix="/api/auth", tags=["auth"], route_class=LimitedRoute)


@router.post(
    "/login",
    responses=error_responses(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
)
def login(credentials: LoginRequest, session: DatabaseSession, settings: CurrentSettings) -> LoginResponse:
    """Log in with e-mail address and password."""
    account = session.scalar(select(Account).where(Account.email == credentials.email))
    password_hash = account.password_hash if account else None
    if not verify_password(credentials.password.get_secret_value(), password_hash) or account is None:
        raise unauthorized("invalid_credentials", "E-mail address or password is wrong.")
    lifetime = timedelta(minutes=settings.access_token_minutes)
    token = create_token(account.id, Purpose.ACCESS, lifetime, settings.jwt_secret.get_secret_value())
    return LoginResponse(
        access_token=token, expires_in=int(lifetime.total_seconds()), user=UserOut.model_validate(account)
    )
