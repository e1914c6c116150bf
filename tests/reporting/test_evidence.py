"""What a failed test gives a developer: a sentence, the calls that it saw, and lines that repeat them, no secrets."""

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
SIGN_IN = "http://127.0.0.1:1/api/auth/login"
HOSTILE_TEXTS = [
    'Zoe\'s "Café" & <b>colours</b>',
    "$HOME `whoami` $(whoami) ${PATH}",
    "C:\\new\\table !history 'quoted'",
    "first line\nsecond line\ttab",
    "my password is pass\"word'$1, honestly",
]


def failed_test(outcome: Outcome, name: str) -> result.TestCase:
    """The result of a test that failed."""
    (test,) = [one for one in ExecutionResult(outcome.results / "output.xml").suite.all_tests if one.name == name][:1]
    assert test.failed, test.message
    return test


def evidence_of(test: result.TestCase) -> list[str]:
    """The evidence that stands under a test."""
    return [one.message for one in test.body.filter(messages=True) if one.message.startswith("Evidence")]


def line_to_repeat(evidence: str) -> str:
    """The line for a shell, which is the last one."""
    return evidence.splitlines()[-1].strip()


def words_that_curl_gets(line: str, **environment: str) -> list[str]:
    """The words of a line, as a shell gives them to the program."""
    command = ["sh", "-c", f"curl() {{ printf '%s\\0' \"$@\"; }}; {line}"]
    done = subprocess.run(command, env=clean_environment(**environment), capture_output=True, check=True)
    return done.stdout.decode().split("\0")[:-1]


def test_failed_test_says_what_was_promised_and_seen_then_what_to_look_for_in_the_servers_log(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    outcome = run_tests("--smoke", backend=backend("update_is_swallowed"))
    test = failed_test(outcome, FAILED)
    sentence, call = test.message.splitlines()
    assert sentence.startswith("Industry was saved as 'Dental clinic [acceptance run")
    assert sentence.endswith("' but read back as 'Dental clinic'.")
    assert call.startswith("Last call: GET /api/business/me returned 200 OK in ")
    request_id = call.rpartition("request id ")[2].rstrip(".")
    assert f"x-request-id: {request_id}" in evidence_of(test)[-1]


def test_failed_table_names_its_row_and_the_call_of_that_row(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("twilio", "--full", backend=backend("unsigned_token_is_accepted"))
    test = failed_test(outcome, "Request Without Valid Token Is Rejected")
    sentence, call = test.message.splitlines()
    assert sentence == "unsigned: GET /api/business/me returned 200 OK, expected 401 Unauthorized."
    assert call.startswith("Last call: GET /api/business/me returned 200 OK in ")
    assert [row.status for row in test.body.filter(keywords=True)] == ["PASS", "PASS", "PASS", "FAIL", "PASS"]


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl to repeat a call with")
def test_lines_of_the_evidence_repeat_what_the_test_saw(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("update_is_swallowed")
    found = evidence_of(failed_test(run_tests("--smoke", backend=target), FAILED))
    credentials = {"email": target.email, "password": target.password}
    token = requests.post(f"{target.url}/api/auth/login", json=credentials, timeout=30).json()["access_token"]
    lines = [line_to_repeat(one) for one in found]
    assert [line.split()[3] for line in lines] == ["GET", "PUT", "GET"]
    for line, evidence in zip(lines, found, strict=True):
        done = subprocess.run(
            ["sh", "-c", line], env=clean_environment(TOKEN=token), capture_output=True, text=True, check=True
        )
        headers, _, body = done.stdout.replace("\r", "").partition("\n\n")
        assert headers.startswith("HTTP/1.1 200 OK")
        assert body in evidence


def test_refused_sign_in_holds_its_evidence_without_the_credentials(
    backend: StartBackend, run_tests: RunCommand
) -> None:
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
    assert body in words_that_curl_gets(line)


def test_credentials_in_a_body_are_variables_that_the_shell_fills_in() -> None:
    email, password = "owner@shop.example", "it's $ecret `now`"
    request = requests.Request("POST", SIGN_IN, json={"email": email, "password": password}).prepare()
    line = Evidence({email: "E2E_EMAIL", password: "E2E_PASSWORD"}).curl(request)
    assert email not in line
    assert "ecret" not in line
    sent = words_that_curl_gets(line, E2E_EMAIL=email, E2E_PASSWORD=password)[-2]
    assert json.loads(sent) == {"email": email, "password": password}


@pytest.mark.parametrize("status", [200, 401])
def test_token_that_nobody_knows_to_be_one_is_not_shown(status: int) -> None:
    answer = requests.Response()
    answer.status_code = status
    answer.headers["X-Session-Key"] = "0123456789abcdef-in-a-header"
    answer._content = b'{"access_token": "0123456789abcdef-opaque", "token_type": "bearer", "expires_in": 3600}'
    answer.request = requests.Request("POST", SIGN_IN, json={"email": "a", "password": "b"}).prepare()
    shown = Evidence().of(Exchange(answer.request, answer, 12.0))
    assert "0123456789abcdef" not in shown
    assert '"token_type": "bearer", "expires_in": 3600' in shown


def test_transport_is_folded_away_unless_it_is_asked_for(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend()
    story = (run_tests("--smoke", backend=target).results / "output.xml").read_text(encoding="utf-8")
    assert "GET /api/business/me returned 200 OK in" in story
    assert "GET Response :" not in story
    assert 'name="GET On Session"' not in story
    everything = run_tests("--smoke", "--", "--loglevel", "DEBUG", backend=target).results / "output.xml"
    assert "GET Response :" in Path(everything).read_text(encoding="utf-8")
