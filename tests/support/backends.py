"""Real backends, each in a process of its own that ends with the test."""

import json
import multiprocessing
import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol

from tests.faults import CATALOGUE
from tests.faults.middleware import senders_file
from tests.support.project import clean_environment
from tests.support.serve import serve_in_fork
from tests.support.traces import Received

EMAIL, PASSWORD = "owner@wrapped.example", "correct-horse-battery"
STOP_SECONDS = 10
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.support.serve"])


@dataclass(frozen=True)
class Backend:
    """A backend that listens at `url`, with one account, or with a second one as well."""

    url: str
    email: str
    password: str
    database: Path
    calls_file: Path
    other: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of a run against it."""
        return {"API_URL": self.url, "E2E_EMAIL": self.email, "E2E_PASSWORD": self.password} | self.other

    def other_account(self) -> dict[str, Any] | None:
        """Return the settings of the second account in the database, None where there is none."""
        return self._account(self.other["E2E_OTHER_EMAIL"]) if self.other else None

    def account(self) -> dict[str, Any]:
        """Return the settings in the database."""
        return self._account(self.email)

    def _account(self, email: str) -> dict[str, Any]:
        connection = sqlite3.connect(self.database)
        connection.row_factory = sqlite3.Row
        try:
            query = "SELECT business.* FROM business JOIN account ON business_id = business.id WHERE email = ?"
            (row,) = connection.execute(query, [email]).fetchall()
            return dict(row)
        finally:
            connection.close()

    def calls(self) -> list[str]:
        """Return its requests: `METHOD path status`, and `with a token` where one was sent."""
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []

    def received(self) -> list[Received]:
        """Return its requests with the headers that trace them."""
        return [Received(*json.loads(line)) for line in senders_file(self.calls_file).read_text().splitlines()]


class StartBackend(Protocol):
    """Starts a backend with faults of the catalogue; `environment` are its settings."""

    def __call__(self, *faults: str, **environment: str) -> Backend: ...


@contextmanager
def backends(directory: Path) -> Iterator[StartBackend]:
    """Return what starts backends that keep their data in `directory` and end with the block."""
    with ExitStack() as stack:

        def start(*faults: str, **environment: str) -> Backend:
            folder = directory / f"backend-{uuid.uuid4().hex[:8]}"
            folder.mkdir()
            database, calls = folder / "backend.db", folder / "calls"
            settings = {
                "E2E_EMAIL": EMAIL,
                "E2E_PASSWORD": PASSWORD,
                "LOGIN_RATE_LIMIT": "9999/minute",
                "DATABASE_URL": f"sqlite:///{database}",
            }
            for name in faults:
                settings |= CATALOGUE[name].expected.environment
            settings |= environment
            ours, its = FORKS.Pipe()
            process = FORKS.Process(
                target=serve_in_fork, args=(faults, calls, clean_environment(**settings), its), daemon=True
            )
            process.start()
            its.close()
            stack.callback(_stop, process, ours)
            with os.fdopen(os.dup(ours.fileno()), encoding="utf-8") as console:
                url = console.readline().removeprefix("Listening on ").strip()
            assert url, "the backend did not start"
            other = {name: value for name, value in settings.items() if name.startswith("E2E_OTHER_")}
            return Backend(url, settings["E2E_EMAIL"], settings["E2E_PASSWORD"], database, calls, other)

        yield start


def _stop(process: BaseProcess, console: Connection) -> None:
    console.close()
    process.join(STOP_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
