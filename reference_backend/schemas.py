"""Schemas of request and response bodies."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

LONGEST_TEXT = 10_000
WITHOUT_NUL = r"^[^\x00]*$"
E164 = r"^\+[1-9][0-9]{1,14}$"

Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=WITHOUT_NUL)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=WITHOUT_NUL)]
PhoneNumber = Annotated[str, StringConstraints(pattern=E164)]


class LoginRequest(BaseModel):
    """The credentials of a login."""

    email: Annotated[str, Field(min_length=1)]
    password: Annotated[SecretStr, Field(min_length=1)]


class UserOut(BaseModel):
    """The user who logged in."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    email: str
    business_id: int


class LoginResponse(BaseModel):
    """The access token (RFC 6749 section 5.1)."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: Annotated[int, Field(description="seconds")]
    user: UserOut


class Faq(BaseModel):
    """A question of callers and the answer to it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: Text
    answer: Text


class BusinessUpdate(BaseModel):
    """A partial update: a field that is sent is stored as it is. The defaults are never stored."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Name = Field(default_factory=str)
    phone_number: PhoneNumber | None = None
    receptionist_enabled: bool = Field(default_factory=bool)
    industry: Text | None = None
    description: Text | None = None
    business_hours: Text | None = None
    common_services: Text | None = None
    timezone: Text | None = None
    greeting_style: Text | None = None
    faqs: list[Faq] = Field(default_factory=list, max_length=200)


class BusinessOut(BaseModel):
    """All settings of a business."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    phone_number: str | None
    receptionist_enabled: bool
    google_calendar_connected: bool
    industry: str | None
    description: str | None
    business_hours: str | None
    common_services: str | None
    timezone: str | None
    greeting_style: str | None
    faqs: list[Faq]


class UpdateStatus(StrEnum):
    """Whether an update is in force or is audited first."""

    SUCCESS = "success"
    AUDIT_PENDING = "audit_pending"


class UpdateResponse(BaseModel):
    """The result of an update."""

    status: UpdateStatus
    business: BusinessOut


class CalendarUnavailable(BaseModel):
    """The explanation, for the dashboard, why no calendar can be connected on this server."""

    available: Literal[False] = False
    error: str = "Google Calendar integration is not configured on this server"
    detail: str = "Contact your administrator to set GOOGLE_CLIENT_ID. All other settings work without a calendar."


class Health(BaseModel):
    """The backend can serve."""

    status: Literal["ok"] = "ok"
    build: Annotated[str | None, Field(description="the build that serves, where it is known")] = None
