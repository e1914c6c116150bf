"""The evidence of a failed test: a sentence, its calls, and commands that repeat them, without secrets."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import requests
from robot import result
from robot.api import ExecutionResult

from acceptance.client.evidence import Evidence
from acceptance.client.exchanges import Exchange
from tests.support.backends import StartBackend
from tests.support.project import clean_environment
from tests.support.runs import Outcome, RunCommand

FAILED = "Saved Value Is Read Back"
LOGIN = "http://127.0.0.1:1/api/auth/login"
HOSTILE_TEXTS = [
    'Zoe\'s "Café" & <b>colours</b>',
    "$HOME `whoami` $(whoami) ${PATH}",
    "C:\\new\\table !history 'quoted'",
    "first line\nsecond line\ttab",
    "my password is pass\"word'$1, honestly",
]


def failed_test(outcome: Outcome, name: str) -> result.TestCase:
    """Return the result of the test `name`, which must have failed."""
    (test,) = [one for one in ExecutionResult(outcome.results / "output.xml").suite.all_tests if one.name == name][:1]
    assert test.failed, test.message
    return test


def evidence_of(test: result.TestCase) -> list[str]:
    """Return the evidence in the log of a test."""
    return [one.message for one in test.body.filter(messages=True) if one.message.startswith("Evidence")]


def command_of(evidence: str) -> str:
    """Return the shell command of the evidence, its last line."""
    return evidence.splitlines()[-1].strip()


def arguments_of_curl(line: str, **environment: str) -> list[str]:
    """Return the arguments that a shell passes to curl when it runs `line`."""
    command = ["sh", "-c", f"curl() {{ printf '%s\\0' \"$@\"; }}; {line}"]
    done = subprocess.run(command, env=clean_environment(**environment), capture_output=True, check=True)
    return done.stdout.decode().split("\0")[:-1]


def test_failure_message_has_expected_and_actual_and_the_request_id_of_the_last_call(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    outcome = run_tests("--smoke", backend=backend("update_is_swallowed"))
    test = failed_test(outcome, FAILED)
    sentence, call = test.message.splitlines()
    assert sentence.startswith("Industry was saved as 'Dental clinic [acceptance run")
    assert sentence.endswith("' but read back as 'Dental clinic'.")
    assert call.startswith("Decisive call: GET /api/business/me returned 200 OK in ")
    request_id = call.rpartition("request id ")[2].rstrip(".")
    assert f"x-request-id: {request_id}" in evidence_of(test)[-1]


def test_failed_table_names_its_row_and_the_call_of_that_row(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("twilio", "--full", backend=backend("unsigned_token_is_accepted"))
    test = failed_test(outcome, "Request Without Valid Token Is Rejected")
    sentence, call = test.message.splitlines()
    assert sentence == "unsigned: GET /api/business/me returned 200 OK, expected 401 Unauthorized."
    assert call.startswith("Decisive call: GET /api/business/me returned 200 OK in ")
    assert [row.status for row in test.body.filter(keywords=True)] == ["PASS", "PASS", "PASS", "FAIL", "PASS"]


def test_decisive_call_is_the_rejected_update_and_its_reason_is_quoted_everywhere(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    outcome = run_tests("--smoke", backend=backend("update_returns_403"))
    sentence, call = failed_test(outcome, "Update Is Accepted").message.splitlines()
    assert sentence.endswith("returned 403 Forbidden, expected 200 OK: 'The settings cannot be saved.'")
    assert call.startswith("Decisive call: PUT /api/business/me returned 403 Forbidden in ")
    assert sentence in outcome.verdict["suites"]["settings"]["first_failure"]
    for text in (outcome.stdout, *((outcome.results / name).read_text() for name in ("summary.md", "xunit.xml"))):
        assert "The settings cannot be saved." in text


def test_blocked_tests_are_counted_and_explained(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("settings", "--smoke", backend=backend("update_returns_403"))
    assert "2 blocked by the failure of “Update Is Accepted”" in outcome.stdout
    blocking = [test.metadata["Blocked by"] for _, test in outcome.tests() if "blocked" in test.tags]
    assert blocking == ["Update Is Accepted"] * 2
    assert "settings: 2 blocked by the failure of “Update Is Accepted”" in (outcome.results / "summary.md").read_text()


def test_unstructured_error_is_shown_as_it_is(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("settings", "--full", backend=backend("malformed_update_returns_the_fastapi_default"))
    sentence = failed_test(outcome, "Malformed Update Is Rejected").message.splitlines()[0]
    assert "error and message are missing; the body has detail only." in sentence


def test_password_in_the_reason_of_a_rejected_request_is_masked(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("errors_repeat_the_request")
    outcome = run_tests("--full", backend=target)
    for text in (outcome.stdout, *(path.read_text("utf-8") for path in outcome.results.iterdir())):
        assert target.password not in text


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl to repeat a call with")
def test_commands_of_the_evidence_return_what_the_test_received(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("update_is_swallowed")
    found = evidence_of(failed_test(run_tests("--smoke", backend=target), FAILED))
    credentials = {"email": target.email, "password": target.password}
    token = requests.post(f"{target.url}/api/auth/login", json=credentials, timeout=30).json()["access_token"]
    lines = [command_of(one) for one in found]
    assert [line.split()[3] for line in lines] == ["GET", "PUT", "GET"]
    for line, evidence in zip(lines, found, strict=True):
        done = subprocess.run(
            ["sh", "-c", line], env=clean_environment(TOKEN=token), capture_output=True, text=True, check=True
        )
        headers, _, body = done.stdout.replace("\r", "").partition("\n\n")
        assert headers.startswith("HTTP/1.1 200 OK")
        assert body in evidence


def test_rejected_login_has_evidence_without_the_credentials(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("login_rejects_the_right_password")
    outcome = run_tests("--smoke", backend=target)
    texts = {path.name: path.read_text(encoding="utf-8") for path in outcome.results.iterdir()}
    assert "returned 401 Unauthorized in" in texts["output.xml"]
    assert '"$E2E_EMAIL"' in texts["output.xml"]
    assert '"$E2E_PASSWORD"' in texts["output.xml"]
    for name, text in texts.items():
        assert target.password not in text, name
        assert target.email not in text, name


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_body_reaches_curl_character_for_character(text: str) -> None:
    body = json.dumps({"industry": text}, ensure_ascii=False)
    request = requests.Request("PUT", "http://127.0.0.1:1/api/business/me", data=body.encode()).prepare()
    line = Evidence().curl(request)
    assert body in arguments_of_curl(line)


def test_credentials_in_a_body_are_shell_variables() -> None:
    email, password = "owner@shop.example", "it's $ecret `now`"
    request = requests.Request("POST", LOGIN, json={"email": email, "password": password}).prepare()
    line = Evidence({email: "E2E_EMAIL", password: "E2E_PASSWORD"}).curl(request)
    assert email not in line
    assert "ecret" not in line
    sent = arguments_of_curl(line, E2E_EMAIL=email, E2E_PASSWORD=password)[-2]
    assert json.loads(sent) == {"email": email, "password": password}


@pytest.mark.parametrize("status", [200, 401])
def test_token_in_a_login_response_is_not_shown(status: int) -> None:
    response = requests.Response()
    response.status_code = status
    response.headers["X-Session-Key"] = "0123456789abcdef-in-a-header"
    response._content = b'{"access_token": "0123456789abcdef-opaque", "token_type": "bearer", "expires_in": 3600}'
    response.request = requests.Request("POST", LOGIN, json={"email": "a", "password": "b"}).prepare()
    shown = Evidence().of(Exchange(response.request, response, 12.0))
    assert "0123456789abcdef" not in shown
    assert '"token_type": "bearer", "expires_in": 3600' in shown


def test_messages_of_requests_library_are_logged_at_debug(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend()
    story = (run_tests("--smoke", backend=target).results / "output.xml").read_text(encoding="utf-8")
    assert "GET /api/business/me returned 200 OK in" in story
    assert "GET Response :" not in story
    assert 'name="GET On Session"' not in story
    everything = run_tests("--smoke", "--", "--loglevel", "DEBUG", backend=target).results / "output.xml"
    assert "GET Response :" in Path(everything).read_text(encoding="utf-8")
