"""The database: a SQLite file with its tables and accounts."""

from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import NullPool, create_engine, select
from sqlalchemy.orm import Session

from reference_backend.models import Account, Base, Business
from reference_backend.security import hash_password


class Database:
    """A SQLite file: the one in `url`, or a temporary one that is deleted on `close`.

    Raises:
        sqlalchemy.exc.DBAPIError: The file cannot be used as this backend's database.
    """

    def __init__(self, url: str | None) -> None:
        self._folder = None if url else TemporaryDirectory(prefix="reference-backend-")
        if self._folder:
            url = f"sqlite:///{Path(self._folder.name) / 'backend.db'}"
        # Opening a SQLite file is cheap, and no request waits for the connection of another one.
        self.engine = create_engine(str(url), poolclass=NullPool)
        Base.metadata.create_all(self.engine)

    def seed(self, email: str, password: str) -> None:
        """Add an account with complete settings, unless it exists."""
        with Session(self.engine) as session:
            if session.scalar(select(Account).where(Account.email == email)) is None:
                session.add(Account(email=email, password_hash=hash_password(password), business=_sample_business()))
                session.commit()

    def close(self) -> None:
        """Close the file, and delete a temporary one."""
        self.engine.dispose()
        if self._folder:
            self._folder.cleanup()


def _sample_business() -> Business:
    return Business(
        name="Harbour Dental Care",
        phone_number="+12025550143",
        receptionist_enabled=True,
        industry="Dental clinic",
        description="A family dental practice near the harbour, open since 1998.",
        business_hours="Mon-Fri 08:00-17:00, Sat 09:00-12:00",
        common_services="Check-ups, cleaning, fillings, whitening",
        timezone="America/New_York",
        greeting_style="Warm and professional",
        faqs=[
            {"question": "Do you take new patients?", "answer": "Yes, every weekday."},
            {"question": "Where can I park?", "answer": "Behind the building, free of charge."},
        ],
    )
