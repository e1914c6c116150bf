"""Tables: accounts and their businesses."""

from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {list[dict[str, Any]]: JSON}


class Business(Base):
    """The settings of a business. The database rejects an enabled receptionist without a phone number."""

    __tablename__ = "business"
    __table_args__ = (
        CheckConstraint("NOT receptionist_enabled OR phone_number IS NOT NULL", name="receptionist_needs_phone"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    phone_number: Mapped[str | None]
    receptionist_enabled: Mapped[bool]
    google_calendar_connected: Mapped[bool] = mapped_column(default=False)
    industry: Mapped[str | None]
    description: Mapped[str | None]
    business_hours: Mapped[str | None]
    common_services: Mapped[str | None]
    timezone: Mapped[str | None]
    greeting_style: Mapped[str | None]
    faqs: Mapped[list[dict[str, Any]]]


class Account(Base):
    """The owner of a business, who logs in with a password."""

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: uuid4().hex)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[bytes]
    business_id: Mapped[int] = mapped_column(ForeignKey(Business.id))
    business: Mapped[Business] = relationship()
