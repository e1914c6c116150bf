"""Health: whether this backend and its database can serve."""

from http import HTTPStatus

from fastapi import APIRouter
from sqlalchemy import select

from reference_backend.dependencies import CurrentSettings, DatabaseSession
from reference_backend.errors import error_responses
from reference_backend.models import Business
from reference_backend.schemas import Health

router = APIRouter(tags=["health"])


@router.get("/health", response_model_exclude_none=True, responses=error_responses(HTTPStatus.SERVICE_UNAVAILABLE))
def health(session: DatabaseSession, settings: CurrentSettings) -> Health:
    """Return 200, and the build, if the settings of a business can be read."""
    session.execute(select(Business).limit(1))
    return Health(build=settings.build)
