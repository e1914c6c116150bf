"""The connection of a Google Calendar: the start of OAuth and its callback."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import DBAPIError
from starlette.datastructures import URL

from reference_backend.dependencies import CurrentBusiness, CurrentSettings, DatabaseSession, get_settings
from reference_backend.errors import ApiError, ErrorBody, error_responses
from reference_backend.google_oauth import CalendarError, authorization_url, exchange_code
from reference_backend.models import Business
from reference_backend.schemas import CalendarUnavailable
from reference_backend.security import InvalidTokenError, Purpose, create_token, read_token
from reference_backend.settings import Settings

STATE_LIFETIME = timedelta(minutes=10)
GOOGLE_ERROR = re.compile(r"[a-z_]{1,64}", re.ASCII)
LARGEST_ID = 2**63 - 1

router = APIRouter(prefix="/oauth/google", tags=["calendar"])


@router.get(
    "/start",
    response_model=CalendarUnavailable,
    response_description="No calendar can be connected on this server",
    responses={
        HTTPStatus.FOUND: {"description": "To Google, for the user's consent"},
        **error_responses(
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.NOT_FOUND,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
    },
)
def start(
    request: Request,
    business_id: Annotated[int, Query(ge=1, le=LARGEST_ID)],
    business: CurrentBusiness,
    settings: CurrentSettings,
) -> CalendarUnavailable | RedirectResponse:
    """Redirect the owner of the business to Google, or explain why that is not possible."""
    if business.id != business_id:
        raise ApiError(
            HTTPStatus.NOT_FOUND, ErrorBody(error="business_not_found", message="There is no such business.")
        )
    if settings.google_client_id is None:
        return CalendarUnavailable()
    secret = settings.jwt_secret.get_secret_value()
    state = create_token(str(business_id), Purpose.CALENDAR_STATE, STATE_LIFETIME, secret)
    url = authorization_url(settings.google_client_id, _redirect_uri(request, settings), state)
    return RedirectResponse(url, HTTPStatus.FOUND)


async def get_consenting_business_id(
    request: Request, settings: CurrentSettings, code: str = "", state: str = "", error: str = ""
) -> int:
    """Return the id of the business whose owner consented, as confirmed by Google.

    Raises:
        CalendarError: There is no valid consent.
    """
    if error:
        raise CalendarError(error if GOOGLE_ERROR.fullmatch(error) else "unknown_error")
    if not code:
        raise CalendarError("missing_code")
    try:
        business_id = int(read_token(state, Purpose.CALENDAR_STATE, settings.jwt_secret.get_secret_value()))
    except InvalidTokenError as invalid:
        raise CalendarError("invalid_state") from invalid
    await exchange_code(code, _redirect_uri(request, settings), settings)
    return business_id


@router.get(
    "/callback",
    name="google_callback",
    status_code=HTTPStatus.FOUND,
    response_class=RedirectResponse,
    response_description="Back to the dashboard, with `calendar=connected` or `calendar_error=<code>`",
    responses=error_responses(HTTPStatus.UNPROCESSABLE_ENTITY),
)
def callback(
    business_id: Annotated[int, Depends(get_consenting_business_id)],
    session: DatabaseSession,
    settings: CurrentSettings,
) -> RedirectResponse:
    """Redirect to the dashboard, with the error where there is one."""
    try:
        business = session.get(Business, business_id)
        if business is None:
            raise CalendarError("business_not_found")
        business.google_calendar_connected = True
        session.commit()
    except DBAPIError as error:
        raise CalendarError("temporarily_unavailable") from error
    return _to_dashboard(settings, calendar="connected")


def install_redirect_handler(app: FastAPI) -> None:
    """Let the app redirect to the dashboard where a calendar could not be connected."""

    @app.exception_handler(CalendarError)
    async def refused(request: Request, error: CalendarError) -> RedirectResponse:
        return _to_dashboard(get_settings(request), calendar_error=error.code)


def _redirect_uri(request: Request, settings: Settings) -> str:
    return settings.google_redirect_uri or str(request.url_for("google_callback"))


def _to_dashboard(settings: Settings, **query: str) -> RedirectResponse:
    return RedirectResponse(URL(settings.dashboard_url).include_query_params(**query), HTTPStatus.FOUND)
