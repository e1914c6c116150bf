"""The FastAPI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from limits import parse

from reference_backend.database import Database
from reference_backend.errors import install_error_handlers
from reference_backend.middleware import RequestIdMiddleware
from reference_backend.rate_limit import LoginLimiter
from reference_backend.routers import auth, business, google_calendar, health
from reference_backend.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """Return the backend, with its database and the accounts of the settings.

    Raises:
        sqlalchemy.exc.DBAPIError: The database cannot be used.
    """
    database = Database(settings.database_url)
    database.seed(settings.e2e_email, settings.e2e_password.get_secret_value())
    if settings.e2e_other_email and settings.e2e_other_password:
        database.seed(settings.e2e_other_email, settings.e2e_other_password.get_secret_value())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        database.close()

    app = FastAPI(title="AI receptionist", version="1.0.0", lifespan=lifespan, redirect_slashes=False)
    app.state.settings = settings
    app.state.database = database
    app.state.login_limiter = LoginLimiter(parse(settings.login_rate_limit))
    app.add_middleware(RequestIdMiddleware)
    install_error_handlers(app)
    google_calendar.install_redirect_handler(app)
    for router in (auth.router, business.router, google_calendar.router, health.router):
        app.include_router(router)
    return app
