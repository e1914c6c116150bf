"""The embedded backend: the reference backend on a free port, with accounts of its own, stopped with the run."""

import os
import secrets
import subprocess
import sys

from acceptance.config import ROOT, ConfigurationError, Target

EMAIL, OTHER_EMAIL = "owner@reference.example", "other@reference.example"
NOT_INHERITED = ("DATABASE_URL", "JWT_SECRET", "PYTHONSAFEPATH")
"""Data and key of another backend, and what keeps Python from finding this one in its working directory."""

STOP_SECONDS = 5


class EmbeddedBackend:
    """The reference backend in a process of its own, which ends at the latest when this process does.

    Raises:
        ConfigurationError: It did not start.
    """

    def __init__(self) -> None:
        password, other_password = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        accounts = {
            "E2E_EMAIL": EMAIL,
            "E2E_PASSWORD": password,
            "E2E_OTHER_EMAIL": OTHER_EMAIL,
            "E2E_OTHER_PASSWORD": other_password,
        }
        environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reference_backend", "--port", "0", "--until-stdin-closes"],
            cwd=ROOT,
            env=environment | accounts,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        url = line.partition("Listening on ")[2].strip()
        if not url:
            self.stop()
            raise ConfigurationError(
                f"The embedded backend did not start; run '{sys.executable} -m reference_backend --port 0' to see why."
            )
        self.target = Target(url, EMAIL, password, embedded=True).with_other(OTHER_EMAIL, other_password)

    def stop(self) -> None:
        """Stop the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
