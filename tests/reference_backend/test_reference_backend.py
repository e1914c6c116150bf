"""The reference backend keeps the contract: the real command in a process, over HTTP."""

import base64
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import phonenumbers
import pytest

ROOT = Path(__file__).parents[2]
EMAIL, PASSWORD, SECRET = "owner@example.com", "correct horse", "k" * 40
JSON = {"Content-Type": "application/json"}
COMMAND = [sys.executable, "-m", "reference_backend"]
LONGEST_END_SECONDS = 30
OWN_VARIABLES = ("JWT_", "GOOGLE_", "ACCESS_TOKEN_", "DATABASE_", "DASHBOARD_", "LOGIN_RATE_", "E2E_")


def environment(**settings: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
    account = {"E2E_EMAIL": EMAIL, "E2E_PASSWORD": PASSWORD, "JWT_SECRET": SECRET, "LOGIN_RATE_LIMIT": "9999/minute"}
    return inherited | account | settings


@contextmanager
def running(*arguments: str, **settings: str) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    pipe = subprocess.PIPE
    command = [*COMMAND, "--port", "0", *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(**settings), stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )
    assert process.stdout
    try:
        url = process.stdout.readline().removeprefix("Listening on ").rstrip("\n")
        with httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
            yield process, client
    finally:
        process.terminate()
        process.communicate(timeout=10)


def failed_start(*arguments: str, **settings: str) -> str:
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, env=environment(**settings), capture_output=True, text=True, timeout=10
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (5, "", 1)
    return done.stderr


def log_in(client: httpx.Client) -> dict[str, str]:
    response = client.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD})
    return {"Authorization": f"Bearer {response.json()['access_token']}"}


def signed(secret: str = SECRET, **claims: Any) -> str:
    now = datetime.now(UTC)
    usual = {"sub": "1", "aud": "access", "iat": now, "exp": now + timedelta(hours=1)}
    return jwt.encode(usual | claims, secret, algorithm="HS256")


def unsigned(header: bytes, payload: bytes = b"{}") -> str:
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (header, payload)) + ".x"


def should_be_error(response: httpx.Response, *statuses: int) -> dict[str, str]:
    assert response.status_code in statuses, response.text
    body: dict[str, str] = response.json()
    assert {"error", "message"} <= body.keys() <= {"error", "message", "detail", "action"}
    assert all(isinstance(text, str) and "Traceback" not in text for text in body.values())
    assert len(response.headers["X-Request-ID"]) == 32
    return body


def query(response: httpx.Response) -> dict[str, list[str]]:
    assert response.status_code == 302, response.text
    return parse_qs(urlsplit(response.headers["location"]).query)


pytestmark = pytest.mark.xdist_group("reference backend")


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with running() as (_, client):
        yield client


@pytest.fixture(scope="module")
def owner(client: httpx.Client) -> dict[str, str]:
    return log_in(client)


@pytest.fixture(scope="module")
def connectable() -> Iterator[httpx.Client]:
    with running(GOOGLE_CLIENT_ID="an-id", DASHBOARD_URL="https://app.example.com/s?tab=a%20b#c") as (_, client):
        yield client


# Login
def test_login_returns_a_bearer_jwt_and_the_user(client: httpx.Client) -> None:
    response = client.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD})
    body = response.json()
    claims = jwt.decode(body["access_token"], SECRET, algorithms=["HS256"], audience="access")
    assert (response.status_code, body["token_type"], body["user"]["email"]) == (200, "bearer", EMAIL)
    assert claims["exp"] - claims["iat"] == 3600
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("password", ["wrong", PASSWORD + " ", "x\0", "é" * 40, "x" * 100_000])
@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_wrong_credentials_are_a_401(client: httpx.Client, email: str, password: str) -> None:
    response = client.post("/api/auth/login", json={"email": email, "password": password})
    assert should_be_error(response, 401)["error"] == "invalid_credentials"
    assert response.headers["WWW-Authenticate"] == "Bearer"


BAD_BODIES = {
    "no body": b"",
    "no object": b'["my-secret"]',
    "a text": b'"my-secret"',
    "null": b"null",
    "bad json": b'{"password": "my-secret"',
    "bad utf-8": b'{"name": "\xff", "email": "\xff", "password": "my-secret"}',
    "a lone surrogate": rb'{"name": "\ud800", "email": "\ud800", "password": "my-secret"}',
    "a lone surrogate as name": rb'{"\ud800": 1}',
    "deep nesting": b"[" * 100_000,
    "deep nesting that parses": b'{"name": ' + b"[" * 500 + b"]" * 500 + b"}",
    "a huge integer": b'{"name": ' + b"9" * 5000 + b"}",
    "not a number": b'{"name": NaN, "email": NaN}',
    "a number": b'{"name": 5, "email": 5, "password": "my-secret"}',
    "an unknown field": b'{"my-secret": 1}',
    "100 KB": b'{"name": "' + b"x" * 100_000 + b'"}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
@pytest.mark.parametrize(("method", "path"), [("POST", "/api/auth/login"), ("PUT", "/api/business/me")])
def test_a_malformed_body_is_rejected_without_an_echo(
    client: httpx.Client, owner: dict[str, str], method: str, path: str, body: bytes
) -> None:
    response = client.request(method, path, headers=owner | JSON, content=body)
    should_be_error(response, 400, 422)
    assert "my-secret" not in response.text


def test_the_sixth_login_in_a_minute_is_a_429_even_after_malformed_ones() -> None:
    with running(LOGIN_RATE_LIMIT="5/minute") as (_, client):
        for body in (b"{", b"[]", b'{"email": "a", "password": "b"}', b"", b"\xff"):
            should_be_error(client.post("/api/auth/login", headers=JSON, content=body), 400, 401, 422)
        spoofed = {"X-Forwarded-For": "10.1.1.1"}
        response = client.post("/api/auth/login", headers=spoofed, json={"email": EMAIL, "password": PASSWORD})
        should_be_error(response, 429)
        assert 55 <= int(response.headers["Retry-After"]) <= 60


# Tokens
HOUR = timedelta(hours=1)
BAD_TOKENS = {
    "nonsense": b"nonsense",
    "not ascii": b"\xff\xe9.\x80.x",
    "alg none": unsigned(b'{"alg": "none"}', b'{"sub": "1"}').removesuffix("x").encode(),
    "alg list": unsigned(b'{"alg": []}').encode(),
    "a deep header": unsigned(b"[" * 30_000).encode(),
    "expired": signed(iat=datetime.now(UTC) - 2 * HOUR, exp=datetime.now(UTC) - HOUR).encode(),
    "another key": signed(secret="f" * 40).encode(),
    "no expiry": jwt.encode({"sub": "1", "aud": "access"}, SECRET).encode(),
    "an unknown account": signed(sub="9" * 400).encode(),
    "no purpose": signed(aud=None).encode(),
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_an_invalid_token_is_rejected(client: httpx.Client, token: bytes) -> None:
    response = client.get("/api/business/me", headers={b"Authorization": b"Bearer " + token})
    should_be_error(response, 401)
    assert response.headers["WWW-Authenticate"] == "Bearer"
    callback = client.get("/oauth/google/callback", params={"code": "c", "state": token.decode("latin-1")})
    assert query(callback) == {"calendar_error": ["invalid_state"]}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic abc"}, {"Authorization": b"\xff\xfe"}])
def test_a_missing_token_is_rejected(client: httpx.Client, headers: dict[str, Any]) -> None:
    should_be_error(client.get("/api/business/me", headers=headers), 401)
    should_be_error(client.put("/api/business/me", headers=headers, json={"name": "x"}), 401)


def test_access_and_state_tokens_are_not_interchangeable(connectable: httpx.Client) -> None:
    owner = log_in(connectable)
    access = owner["Authorization"].removeprefix("Bearer ")
    state = query(connectable.get("/oauth/google/start?business_id=1", headers=owner))["state"][0]
    should_be_error(connectable.get("/api/business/me", headers={"Authorization": f"Bearer {state}"}), 401)
    response = connectable.get("/oauth/google/callback", params={"code": "c", "state": access})
    assert query(response)["calendar_error"] == ["invalid_state"]


# Settings
def test_the_seeded_business_is_complete_and_its_phone_exists_in_its_numbering_plan(
    client: httpx.Client, owner: dict[str, str]
) -> None:
    business = client.get("/api/business/me", headers=owner).json()
    texts = ("name", "industry", "description", "business_hours", "common_services", "timezone", "greeting_style")
    assert isinstance(business["id"], int)
    assert all(business[field] for field in texts)
    assert [faq.keys() for faq in business["faqs"]] == [{"question", "answer"}] * 2
    assert (business["receptionist_enabled"], business["google_calendar_connected"]) == (True, False)
    assert phonenumbers.is_valid_number(phonenumbers.parse(business["phone_number"]))


@pytest.mark.parametrize("text", ["", "  a\r\n\tb ", "e\u0301 \u00e9 \ufb01", "😀\u202e\x7f'\"<b>{{x}}", "x" * 10_000])
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_text_is_kept_character_for_character_and_the_rest_is_untouched(
    client: httpx.Client, owner: dict[str, str], method: str, text: str
) -> None:
    before = client.get("/api/business/me", headers=owner).json()
    response = client.request(method, "/api/business/me", headers=owner, json={"greeting_style": text})
    after = client.get("/api/business/me", headers=owner).json()
    assert (response.status_code, response.json()) == (200, {"status": "success", "business": after})
    assert after == before | {"greeting_style": text}


@pytest.mark.parametrize("change", [{"description": None}, {"faqs": []}, {"faqs": [{"question": "é", "answer": ""}]}])
def test_texts_for_callers_are_audited(client: httpx.Client, owner: dict[str, str], change: dict[str, Any]) -> None:
    body = client.put("/api/business/me", headers=owner, json=change).json()
    assert (body["status"], body["business"] | change) == ("audit_pending", body["business"])


def test_an_empty_update_changes_nothing(client: httpx.Client, owner: dict[str, str]) -> None:
    before = client.get("/api/business/me", headers=owner).json()
    response = client.put("/api/business/me", headers=owner, json={})
    assert (response.status_code, response.json()) == (200, {"status": "success", "business": before})


BAD_VALUES: dict[str, list[Any]] = {
    "id": [1],
    "unknown": ["x"],
    "google_calendar_connected": [True],
    "name": [None, "", 5, "a\0", "x" * 10_001],
    "receptionist_enabled": [None, "true", 1],
    "phone_number": ["", 5, "12025550143", "+0123", "+1 202", "+1234567890123456", "+12025550143\n", "+١٢٠٢٥٥٥"],
    "description": [["a"], {}],
    "faqs": [None, {}, ["a"], [{"question": "a"}], [{"question": "a", "answer": "b", "c": 1}]],
}


@pytest.mark.parametrize("field", BAD_VALUES)
def test_an_invalid_value_rejects_the_whole_update(client: httpx.Client, owner: dict[str, str], field: str) -> None:
    before = client.get("/api/business/me", headers=owner).json()
    for value in BAD_VALUES[field]:
        change = {"timezone": "Asia/Tokyo", field: value}
        should_be_error(client.put("/api/business/me", headers=owner, json=change), 400, 422)
    assert client.get("/api/business/me", headers=owner).json() == before


def test_the_receptionist_needs_a_phone_number(client: httpx.Client, owner: dict[str, str]) -> None:
    def change(**changes: Any) -> httpx.Response:
        return client.put("/api/business/me", headers=owner, json=changes)

    before = client.get("/api/business/me", headers=owner).json()
    assert should_be_error(change(phone_number=None, name="x"), 400)["error"] == "phone_number_required"
    assert client.get("/api/business/me", headers=owner).json() == before
    assert change(phone_number=None, receptionist_enabled=False).status_code == 200
    assert should_be_error(change(receptionist_enabled=True), 400)["error"] == "phone_number_required"
    assert change(phone_number=before["phone_number"], receptionist_enabled=True).status_code == 200


# Calendar
@pytest.mark.parametrize("suffix", ["", "?business_id=", "?business_id=x", "?business_id=" + "9" * 5000])
def test_a_calendar_needs_a_business_id(connectable: httpx.Client, suffix: str) -> None:
    should_be_error(connectable.get(f"/oauth/google/start{suffix}", headers=log_in(connectable)), 422)


@pytest.mark.parametrize("business_id", [2, 77])
def test_a_calendar_is_connected_by_the_owner_of_the_business_alone(business_id: int) -> None:
    other = {"E2E_OTHER_EMAIL": "other@wrapped.example", "E2E_OTHER_PASSWORD": "incorrect-horse-battery"}
    with running(GOOGLE_CLIENT_ID="an-id", **other) as (_, client):
        start = f"/oauth/google/start?business_id={business_id}"
        should_be_error(client.get(start), 401)
        should_be_error(client.get(start, headers=log_in(client)), 404)


def test_a_start_without_google_explains_what_is_missing(client: httpx.Client) -> None:
    response = client.get("/oauth/google/start?business_id=1", headers=log_in(client))
    body = response.json()
    assert (response.status_code, body.keys()) == (200, {"available", "error", "detail"})
    assert body["available"] is False
    assert "not configured" in body["error"]
    assert "GOOGLE_CLIENT_ID" in body["detail"]


def test_a_start_with_google_redirects_to_google(connectable: httpx.Client) -> None:
    response = connectable.get("/oauth/google/start?business_id=1", headers=log_in(connectable))
    sent = {name: values[0] for name, values in query(response).items()}
    assert response.headers["location"].startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    assert sent["redirect_uri"] == f"{str(connectable.base_url).rstrip('/')}/oauth/google/callback"
    fixed = {"client_id": "an-id", "response_type": "code", "access_type": "offline", "prompt": "consent"}
    assert fixed.items() <= sent.items()
    assert "https://www.googleapis.com/auth/calendar" in sent["scope"]


@pytest.mark.parametrize(
    ("suffix", "code"),
    [
        ("", "missing_code"),
        ("?error=access_denied&code=x", "access_denied"),
        ("?error=%3Cscript%3E%00%ED%A0%80", "unknown_error"),
        ("?code=%ff&state=%ff", "invalid_state"),
        ("?code=x", "invalid_state"),
    ],
)
def test_a_failed_consent_redirects_to_the_dashboard(connectable: httpx.Client, suffix: str, code: str) -> None:
    response = connectable.get(f"/oauth/google/callback{suffix}")
    assert response.headers["location"] == f"https://app.example.com/s?tab=a+b&calendar_error={code}#c"
    assert response.status_code == 302


def test_a_code_cannot_be_exchanged_without_a_secret(connectable: httpx.Client) -> None:
    start = connectable.get("/oauth/google/start?business_id=1", headers=log_in(connectable))
    state = query(start)["state"][0]
    response = connectable.get("/oauth/google/callback", params={"code": "c", "state": state})
    assert query(response)["calendar_error"] == ["exchange_not_configured"]


def test_the_calendar_is_connected_once_google_agrees() -> None:
    bodies = [b"<html>", b'{"error": "invalid_grant"}', b'{"access_token": "t"}']

    class Google(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(bodies.pop(0))

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing."""

    with HTTPServer(("127.0.0.1", 0), Google) as google:
        Thread(target=google.serve_forever, daemon=True).start()
        settings = {"GOOGLE_TOKEN_URL": f"http://127.0.0.1:{google.server_port}", "NO_PROXY": "*", "no_proxy": "*"}
        with running(GOOGLE_CLIENT_ID="i", GOOGLE_CLIENT_SECRET="s", **settings) as (_, client):
            owner = log_in(client)
            state = query(client.get("/oauth/google/start?business_id=1", headers=owner))["state"][0]
            outcomes = []
            for _ in range(len(bodies)):
                outcome = query(client.get("/oauth/google/callback", params={"code": "c", "state": state}))
                business = client.get("/api/business/me", headers=owner).json()
                outcomes.append((outcome, business["google_calendar_connected"]))
        google.shutdown()
    failed = ({"calendar_error": ["exchange_failed"]}, False)
    assert outcomes == [failed, failed, ({"calendar": ["connected"]}, True)]


# Everywhere
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nope", 404), ("GET", "/health/", 404), ("GET", "/api/auth/login", 405)],
)
def test_an_unknown_path_or_method_is_a_structured_error(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    should_be_error(client.request(method, path), status)


def test_a_405_names_every_allowed_method(client: httpx.Client) -> None:
    response = client.delete("/api/business/me")
    should_be_error(response, 405)
    assert set(response.headers["Allow"].split(", ")) == {"GET", "PUT", "POST"}


def test_every_response_has_its_own_request_id(client: httpx.Client) -> None:
    ids = {client.get("/health", headers={"X-Request-ID": "mine"}).headers["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3
    assert "mine" not in ids


def test_a_lost_database_is_a_503_and_a_healthy_one_ok(tmp_path: Path) -> None:
    file = tmp_path / "b.db"
    with running(DATABASE_URL=f"sqlite:///{file}") as (_, client):
        owner = log_in(client)
        assert client.get("/health").json() == {"status": "ok"}
        file.write_bytes(b"no database" * 1000)
        for path in ("/health", "/api/business/me", "/oauth/google/start?business_id=1"):
            assert should_be_error(client.get(path, headers=owner), 503)["error"] == "database_unavailable"


def test_health_names_the_build_where_it_is_known() -> None:
    with running(BUILD="abc1234") as (_, client):
        assert client.get("/health").json() == {"status": "ok", "build": "abc1234"}


def test_every_documented_error_has_the_error_body(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    login = paths["/api/auth/login"]["post"]["responses"]
    assert {"200", "400", "401", "422", "429", "503"} == login.keys()
    operations = [operation["responses"] for path in paths.values() for operation in path.values()]
    errors = [response for responses in operations for status, response in responses.items() if status >= "400"]
    assert len(errors) >= 15
    assert all(error["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorBody") for error in errors)


# The process
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_although_a_request_hangs(tmp_path: Path, number: signal.Signals) -> None:
    with running(TMPDIR=str(tmp_path)) as (process, client):
        assert len(list(tmp_path.iterdir())) == 1
        with socket.create_connection(("127.0.0.1", client.base_url.port or 0)) as hanging:
            hanging.sendall(b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
            client.get("/health")
            process.send_signal(number)
            assert process.wait(timeout=LONGEST_END_SECONDS) == 0
        assert process.stderr
        assert "Traceback" not in process.stderr.read()
    assert list(tmp_path.iterdir()) == []


def test_it_ends_when_stdin_closes_with_the_option() -> None:
    with running("--until-stdin-closes") as (process, client):
        assert client.get("/health").status_code == 200
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=3) == 0
        process.stdin = None


def test_a_taken_port_is_one_line_and_exit_code_5() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"127.0.0.1, port {port}" in failed_start("--port", port)


@pytest.mark.parametrize("arguments", [[], ["--port", "65536"], ["--port", "0", "x"]])
def test_bad_arguments_are_one_line_and_exit_code_5(arguments: list[str]) -> None:
    failed_start(*arguments)


def test_bad_settings_are_one_line_that_names_them_all_but_not_their_values() -> None:
    bad = {"E2E_PASSWORD": "x" * 73, "JWT_SECRET": "too-short", "LOGIN_RATE_LIMIT": "0/minute", "DATABASE_URL": "xyz"}
    line = failed_start("--port", "0", E2E_EMAIL="", **bad)
    assert all(variable in line for variable in ("E2E_EMAIL", *bad))
    assert not any(value in line for value in bad.values())


def test_a_database_that_cannot_be_used_is_one_line_and_exit_code_5(tmp_path: Path) -> None:
    assert "DATABASE_URL" in failed_start("--port", "0", DATABASE_URL=f"sqlite:///{tmp_path}")


def test_an_existing_account_is_not_overwritten(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'b.db'}"
    with running(DATABASE_URL=url) as (_, client):
        client.put("/api/business/me", headers=log_in(client), json={"name": "Kept"})
    with running(DATABASE_URL=url, E2E_PASSWORD="another") as (_, client):
        assert client.get("/api/business/me", headers=log_in(client)).json()["name"] == "Kept"
