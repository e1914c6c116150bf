"""The reference backend conforms to its own OpenAPI description for generated requests."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.support.backends import Backend, StartBackend
from tests.support.project import clean_environment

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
GOOGLE = {"GOOGLE_CLIENT_ID": "a-client", "GOOGLE_CLIENT_SECRET": "a-secret"}
LONGEST_SECONDS = 300


def _token(target: Backend) -> str:
    owner = {"email": target.email, "password": target.password}
    return str(requests.post(f"{target.url}/api/auth/login", json=owner, timeout=10).json()["access_token"])


@pytest.mark.parametrize("environment", [{}, GOOGLE], ids=["calendar not configured", "calendar configured"])
def test_no_generated_request_returns_a_5xx_or_an_undocumented_response(
    environment: dict[str, str], backend: StartBackend, tmp_path: Path
) -> None:
    target = backend(**environment)
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{target.url}/openapi.json", "--checks", CHECKS]
    options = ["--max-examples", "20", "--seed", "1", "--max-redirects", "0", "--no-color"]
    done = subprocess.run(
        [*command, *options, "--header", f"Authorization: Bearer {_token(target)}"],
        cwd=tmp_path,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Selected: 7/7" in done.stdout
    assert "Tested: 7" in done.stdout
    statuses = {int(call.split()[2]) for call in target.calls()}
    assert {200, 302, 401, 422} <= statuses
    assert max(statuses) < 500
