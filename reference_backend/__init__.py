"""A small FastAPI backend of an AI receptionist that keeps the contract; the default target of the suites."""

from reference_backend.app import create_app
from reference_backend.server import serve
from reference_backend.settings import Settings

__all__ = ["Settings", "create_app", "serve"]
