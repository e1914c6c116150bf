"""Health: whether this backend and its database can serve."""

from http import HTTPStatus

from fastapi import APIRouter
from sqlalchemy import select

from reference_backend.dependencies import DatabaseSession
from reference_backend.errors import error_responses
from reference_backend.models import Business
from reference_backend.schemas import Health

router = APIRouter(tags=["health"])


@router.get("/health", responses=error_responses(HTTPStatus.SERVICE_UNAVAILABLE))
def health(session: DatabaseSession) -> Health:
    """Return 200 if the settings of a business can be read."""
    session.execute(select(Business).limit(1))
    return Health()
