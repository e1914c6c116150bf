"""The settings of a business: read and update."""

from http import HTTPStatus

from fastapi import APIRouter
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from reference_backend.dependencies import CurrentBusiness, DatabaseSession
from reference_backend.errors import ApiError, ErrorBody, error_responses
from reference_backend.models import Business
from reference_backend.schemas import BusinessOut, BusinessUpdate, UpdateResponse, UpdateStatus

AUDITED = frozenset({"description", "faqs"})

router = APIRouter(prefix="/api/business", tags=["business"])


@router.get("/me", responses=error_responses(HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE))
def read_business(business: CurrentBusiness) -> BusinessOut:
    """Return all settings."""
    return BusinessOut.model_validate(business)


update_responses = error_responses(
    HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE
)


@router.post("/me", responses=update_responses)
@router.put("/me", responses=update_responses)
def update_business(changes: BusinessUpdate, business: CurrentBusiness, session: DatabaseSession) -> UpdateResponse:
    """Store all fields that were sent, or none, and keep the others."""
    values = changes.model_dump(exclude_unset=True)
    if values:
        try:
            # Directly in the database, which alone knows what a concurrent request has changed.
            session.execute(update(Business).where(Business.id == business.id).values(values))
        except IntegrityError as error:
            raise _phone_number_required() from error
        session.refresh(business)
        session.commit()
    status = UpdateStatus.AUDIT_PENDING if AUDITED & values.keys() else UpdateStatus.SUCCESS
    return UpdateResponse(status=status, business=BusinessOut.model_validate(business))


def _phone_number_required() -> ApiError:
    body = ErrorBody(
        error="phone_number_required",
        message="The receptionist can only be enabled with a phone number.",
        detail="Nothing was stored.",
        action="Send a phone_number too, or set receptionist_enabled to false.",
    )
    return ApiError(HTTPStatus.BAD_REQUEST, body)
