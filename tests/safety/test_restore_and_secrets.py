"""Safety on production accounts: no secret leaks, the account is restored, and every run ends.

These tests kill and interrupt real processes. With `ACCEPTANCE_SOAK=1`, as in `make prove`, they do it more often.
"""

import base64
import json
import os
import random
import re
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, quote_plus

import psutil
import pytest
import requests

from acceptance.account.account import OwnedAccount
from acceptance.account.lock import AccountInUse
from acceptance.account.marks import new_run_id, run_mark
from acceptance.account.write_guard import AccountWriteGuard
from acceptance.client.http_adapter import RequestBlocked, RequestPolicy
from acceptance.client.logins import Logins
from acceptance.config import Target
from acceptance.execution.workspace import PREFIX, workspace
from acceptance.redaction import Redactor
from tests.faults import secrets as leaks
from tests.faults.catalogue import collect, every_suite
from tests.support.backends import StartBackend
from tests.support.project import ROOT, clean_environment
from tests.support.running import ENDING_SECONDS, Person, Running, StartRun, wait_for_calls
from tests.support.runs import RunCommand, restore

SOAK = os.environ.get("ACCEPTANCE_SOAK") == "1"
KILLS = 20 if SOAK else 3
INTERRUPTS = 10 if SOAK else 2
LATE_SECONDS = (1, 5, 15) if SOAK else (1, 5)
LATE_COMMITS = [
    f"update_commits_{seconds}_s_after_{response}" for seconds in LATE_SECONDS for response in ("504", "reset", "200")
]
HEALTHY_RUNS = 50 if SOAK else 3
UPDATE = "PUT /api/business/me"
READ = "GET /api/business/me"


def kill_the_workers(running: Running) -> None:
    """Kill the workers."""
    _kill_all(running.workers())


def kill_the_clients(running: Running) -> None:
    """Kill the clients that pabot starts."""
    _kill_all(running.clients())


def kill_pabot(running: Running) -> None:
    """Kill pabot."""
    _kill_all(running.pabot())


def kill_the_prefork_server(running: Running) -> None:
    """Kill the prefork server."""
    _kill_all(running.prefork_server())


def kill_the_runner(running: Running) -> None:
    """Kill the runner."""
    running.process.kill()


def kill_both(running: Running) -> None:
    """Kill the runner and the workers."""
    workers = running.workers()
    assert workers
    running.process.kill()
    for worker in workers:
        if worker.is_running():
            worker.kill()


def _kill_all(processes: list[psutil.Process]) -> None:
    assert processes
    for process in processes:
        process.kill()


THE_RUNNER_LIVES = (kill_the_workers, kill_the_clients, kill_pabot, kill_the_prefork_server)


# Nothing is lost


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.parametrize("repetition", range(KILLS))
@pytest.mark.parametrize("kill", [*THE_RUNNER_LIVES, kill_the_runner, kill_both])
def test_run_after_a_crash_restores_the_account(
    kill: Callable[[Running], None],
    repetition: int,
    backend: StartBackend,
    start_run: StartRun,
    run_tests: RunCommand,
) -> None:
    target = backend()
    found = target.account()
    crashing = start_run(target, "--full")
    wait_for_calls(target, UPDATE, random.randint(1, 30), crashing)
    kill(crashing)
    crashed = crashing.end()
    assert crashed.survivors() == []
    if kill in THE_RUNNER_LIVES:
        assert crashed.code == 5 or kill is kill_the_prefork_server
        assert crashed.verdict["restored"] is True
        assert target.account() == found
    following = run_tests("--smoke", backend=target)
    assert (following.code, following.verdict["restored"]) == (0, True), following.stdout
    assert target.account() == found


@pytest.mark.parametrize("kill", [kill_the_workers, kill_pabot])
def test_second_account_is_restored_where_a_worker_is_killed(
    kill: Callable[[Running], None], backend: StartBackend, start_run: StartRun
) -> None:
    target = backend("update_goes_to_the_business_in_its_body")
    found = target.other_account()
    crashing = start_run(target, "--full", "--allow-destructive", "security")
    while target.other_account() == found:
        assert crashing.process.poll() is None, "the run ended before"
    kill(crashing)
    assert crashing.end().verdict["restored"] is True
    assert target.other_account() == found


@pytest.mark.parametrize("fault", LATE_COMMITS)
def test_next_run_puts_a_late_commit_back_and_is_healthy(
    fault: str, backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend(fault)
    found = target.account()
    first = run_tests("--smoke", backend=target)
    assert (first.code, first.verdict["restored"]) == (4 if fault.endswith("200") else 0, True), first.stdout
    following = run_tests("--smoke", backend=target)
    assert (following.code, following.verdict["pending"]) == (0, []), following.stdout
    assert target.account() == found


@pytest.mark.parametrize("fault", [fault for fault in LATE_COMMITS if "_5_s" in fault])
def test_next_run_puts_a_late_commit_of_a_killed_run_back(
    fault: str, backend: StartBackend, start_run: StartRun, run_tests: RunCommand
) -> None:
    target = backend(fault)
    found = target.account()
    killed = start_run(target, "--full")
    wait_for_calls(target, UPDATE, 1, killed)
    killed.process.kill()
    killed.end()
    following = run_tests("--smoke", backend=target)
    assert (following.code, following.verdict["pending"]) == (0, []), following.stdout
    assert target.account() == found


@pytest.mark.parametrize("repetition", range(INTERRUPTS))
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_restores_the_account_and_ends_with_5(
    number: signal.Signals, repetition: int, backend: StartBackend, start_run: StartRun
) -> None:
    target = backend()
    found = target.account()
    running = start_run(target, "--full")
    wait_for_calls(target, random.choice((READ, UPDATE)), random.randint(1, 20), running)
    running.process.send_signal(number)
    outcome = running.end()
    assert (outcome.code, outcome.verdict["verdict"], outcome.verdict["restored"]) == (5, "error", True)
    assert target.account() == found
    assert outcome.survivors() == []


def test_interrupt_during_login_ends_with_5_at_once(backend: StartBackend, start_run: StartRun) -> None:
    target = backend("login_hangs")
    running = start_run(target, "--smoke")
    while not running.process.stdout.readline().startswith("Smoke run"):  # type: ignore[union-attr]
        assert running.process.poll() is None
    running.process.send_signal(signal.SIGTERM)
    outcome = running.end(10)
    assert outcome.code == 5
    assert outcome.survivors() == []


def test_restore_command_restores_the_account_after_a_crash(
    backend: StartBackend, start_run: StartRun, run_tests: RunCommand
) -> None:
    target = backend()
    found = target.account()
    crashing = start_run(target, "--full")
    wait_for_calls(target, UPDATE, 28, crashing)
    crashing.process.kill()
    crashing.end()
    arguments = [sys.executable, str(ROOT / "run_tests.py"), "restore"]
    state = {"ACCEPTANCE_STATE_DIR": str(crashing._results.parent / "state")}
    done = subprocess.run(
        arguments,
        env=clean_environment(**target.environment, **state),
        capture_output=True,
        text=True,
        timeout=ENDING_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "is restored" in done.stdout
    assert target.account() == found


@pytest.mark.parametrize("mode", ["--smoke", "--full"])
def test_two_runs_at_once_both_pass_and_restore_the_account(
    mode: str, backend: StartBackend, start_run: StartRun
) -> None:
    target = backend()
    found = target.account()
    outcomes = [one.end() for one in (start_run(target, mode), start_run(target, mode))]
    assert [one.code for one in outcomes] == [0, 0], [one.stdout + one.stderr for one in outcomes]
    assert target.account() == found


def test_run_on_an_account_in_use_ends_with_5_and_names_the_other_run(
    backend: StartBackend, start_run: StartRun, run_tests: RunCommand
) -> None:
    target = backend("every_response_takes_a_second")
    holder = start_run(target, "--smoke")
    wait_for_calls(target, READ, 1, holder)
    refused = run_tests("--smoke", "--lock-timeout", "0.2", backend=target)
    assert refused.code == 5
    assert f"process {holder.process.pid}" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert holder.end().code == 0


@pytest.mark.parametrize(
    ("field", "after_updates"),
    [
        pytest.param("name", 12, id="a field that no run changes"),
        pytest.param("greeting_style", 3, id="a field that the run has not changed yet"),
        pytest.param("timezone", 34, id="a field that the run has changed"),
        pytest.param("greeting_style", 23, id="a field that the run changes soon after"),
    ],
)
def test_edit_by_a_person_during_the_run_survives(
    field: str, after_updates: int, backend: StartBackend, start_run: StartRun
) -> None:
    target = backend()
    found, person = target.account(), Person(target)
    running = start_run(target, "--full")
    wait_for_calls(target, UPDATE, after_updates, running)
    person.edits(**{field: "Pacific/Auckland"})
    outcome = running.end()
    assert target.account() == found | {field: "Pacific/Auckland"}
    assert outcome.verdict["restored"] is True


FORM = ("name", "industry", "description", "business_hours", "timezone", "faqs")


@pytest.mark.parametrize(
    ("change", "is_kept"),
    [
        pytest.param(lambda _: "", False, id="emptied"),
        pytest.param(str.upper, False, id="garbled"),
        pytest.param(lambda _: "Closed on Sundays.", True, id="an edit"),
    ],
)
def test_field_that_was_sent_as_read_is_restored_only_if_it_is_damaged(
    change: Callable[[str], str], is_kept: bool, backend: StartBackend, state_directory: Path
) -> None:
    target, run = backend(), new_run_id()
    policy = RequestPolicy(run, Redactor(), lambda _: None)
    found, person = target.account(), Person(target)
    owner_of = Target(target.url, target.email, target.password)
    account = OwnedAccount(owner_of, state_directory, Logins(owner_of, policy, policy.redactor).owner, policy)
    account.open()
    owner, url = requests.Session(), f"{target.url}/api/business/me"
    policy.configure_session(
        owner, account.login, AccountWriteGuard(account.journal, run, owner, FORM, lambda _: False)
    )
    read = owner.get(url).json()
    form = {name: read[name] for name in FORM} | {"industry": f"Dental clinic [{run_mark(run)}]"}
    owner.put(url, json=form).raise_for_status()
    description = change(read["description"])
    person.edits(description=description)
    assert owner.get(url).json()["description"] == description
    (changes,) = account.journal.load().changes.values()
    assert changes.sent == {"industry": [form["industry"]]}
    restoration = account.restore()
    account.close()
    assert (restoration.restored, restoration.side_effects) == (True, ("description",) if is_kept else ())
    assert target.account() == found | ({"description": description} if is_kept else {})


def test_account_that_another_run_uses_is_neither_restored_nor_unlocked(
    backend: StartBackend, state_directory: Path
) -> None:
    target, policy = backend(), RequestPolicy(new_run_id(), Redactor(), lambda _: None)
    owner_of = Target(target.url, target.email, target.password)
    login = Logins(owner_of, policy, policy.redactor).owner
    policies = (policy, replace(policy, run=new_run_id()))
    using, waiting = (OwnedAccount(owner_of, state_directory, login, one) for one in policies)
    using.open()
    url = f"{target.url}/api/business/me"
    using.journal.append(url, {"original": {"industry": "Dental clinic"}, "sent": {"industry": "Changed"}})
    Person(target).edits(industry="Changed")
    with pytest.raises(AccountInUse):
        waiting.open(lock_seconds=0.0)
    assert waiting.restore().restored
    waiting.close()
    assert target.account()["industry"] == "Changed"
    with pytest.raises(AccountInUse, match="in use by process"):
        waiting.open(lock_seconds=0.0)
    assert using.restore().restored
    using.close()
    assert target.account()["industry"] == "Dental clinic"
    assert not using.journal.path.exists()


def test_form_that_is_sent_again_keeps_an_edit_made_meanwhile(backend: StartBackend, state_directory: Path) -> None:
    target, run = backend(), new_run_id()
    policy = RequestPolicy(run, Redactor(), lambda _: None)
    owner_of = Target(target.url, target.email, target.password)
    account = OwnedAccount(owner_of, state_directory, Logins(owner_of, policy, policy.redactor).owner, policy)
    account.open()
    owner, url = requests.Session(), f"{target.url}/api/business/me"
    guard = AccountWriteGuard(account.journal, run, owner, FORM, lambda _: False)
    policy.configure_session(owner, account.login, guard)
    read = owner.get(url).json()
    form = {name: read[name] for name in FORM} | {"industry": f"Dental clinic [{run_mark(run)}]"}
    request = owner.prepare_request(requests.Request("PUT", url, json=form))
    guard.before_write(request)
    Person(target).edits(description="Closed on Sundays.")
    guard.before_resend(request)
    assert json.loads(request.body or "") == form | {"description": "Closed on Sundays."}
    Person(target).edits(industry="Orthodontics")
    with pytest.raises(RequestBlocked, match="industry were changed meanwhile"):
        guard.before_resend(request)
    account.close()


def test_value_of_another_run_is_distinguished_from_broken_persistence(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    outcome = run_tests("--smoke", backend=backend("another_run_writes_the_same_field"))
    assert (outcome.codes["settings"], outcome.verdict["verdict"]) == (5, "error")
    assert "Another run is using this account" in outcome.verdict["suites"]["settings"]["first_failure"]


def test_lock_and_results_are_for_the_user_alone(
    backend: StartBackend, start_run: StartRun, state_directory: Path
) -> None:
    target = backend()
    running = start_run(target, "--full")
    wait_for_calls(target, UPDATE, 1, running)
    (holder,) = state_directory.glob("*.holder")
    assert stat.S_IMODE(holder.stat().st_mode) == 0o600
    results = running.end().results
    assert stat.S_IMODE(results.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in results.iterdir()} == {0o600}


def test_sweep_of_old_directories_follows_no_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    precious, link, old = tmp_path / "precious", tmp_path / f"{PREFIX}link", tmp_path / f"{PREFIX}old"
    for directory in (precious, old):
        directory.mkdir()
        (directory / "file").touch()
    link.symlink_to(precious)
    for path in (precious, link, old):
        os.utime(path, (0, 0), follow_symlinks=False)
    with workspace() as directory:
        assert set(tmp_path.iterdir()) == {precious, link, directory}
    assert (precious / "file").exists()


BREAK_RESTORING = """

def _break(self: Changes, current: object) -> None:
    raise RecursionError("a value nested too deep")


Changes.to_restore = _break
"""


def test_error_while_restoring_is_not_restored_and_the_next_run_puts_the_account_back(
    project: Path, backend: StartBackend, run_tests: RunCommand, robot: RunCommand, state_directory: Path
) -> None:
    target = backend()
    found = target.account()
    with (project / "acceptance" / "account" / "ledger.py").open("a") as file:
        file.write(BREAK_RESTORING)
    broken = run_tests("--smoke", backend=target, root=project)
    assert (broken.verdict["verdict"], broken.verdict["restored"]) == ("not-restored", False)
    assert broken.code != 0
    assert "report.html" in broken.files()
    (note,) = [line for line in broken.stdout.splitlines() if line.startswith("The account is not restored: ")]
    assert "RecursionError in ledger.py, line " in note
    command = restore(target, state_directory, root=project)
    plain = robot("--include", "smoke", "suites", backend=target, root=project)
    assert (command.returncode, plain.code != 0) == (5, True), command.stdout
    assert "is not restored: RecursionError in ledger.py, line " in command.stdout
    for outcome in (broken, command, plain):
        assert "Traceback" not in outcome.stdout + outcome.stderr
    assert target.account() != found
    assert len(list(state_directory.glob("*.journal"))) == 1
    restored = restore(target, state_directory)
    assert (restored.returncode, target.account()) == (0, found), restored.stdout


def test_journal_is_private_contains_no_secret_and_is_deleted_after_the_run(
    backend: StartBackend, start_run: StartRun, state_directory: Path
) -> None:
    target = backend()
    running = start_run(target, "--full")
    wait_for_calls(target, UPDATE, 3, running)
    (journal,) = state_directory.glob("*.journal")
    text = journal.read_text()
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert target.password not in text
    assert target.email not in text
    assert "eyJ" not in text
    entries = [json.loads(line) for line in text.splitlines()]
    found, original = ([one["fields"] for one in entries if one.get("kind") == kind] for kind in ("found", "original"))
    assert "google_calendar_connected" in found[0].keys() - original[0].keys()
    assert {len(value) for value in found[0].values()} == {64}
    assert running.end().code == 0
    assert not journal.exists()


# It always ends


@pytest.mark.parametrize(
    ("fault", "codes", "verdict"),
    [
        ("every_response_sends_a_byte_a_second", every_suite(1), "broken"),
        ("backend_hangs_after_the_first_update", None, "not-restored"),
    ],
)
def test_backend_that_hangs_has_its_verdict_in_time(
    fault: str, codes: dict[str, int] | None, verdict: str, backend: StartBackend, run_tests: RunCommand
) -> None:
    outcome = run_tests("--smoke", backend=backend(fault))
    assert outcome.verdict["verdict"] == verdict, outcome.stdout
    assert outcome.verdict["seconds"] < 120
    assert codes is None or outcome.codes == codes
    assert outcome.code != 0
    assert outcome.survivors() == []


def test_run_that_takes_too_long_is_stopped_with_the_verdict_so_far(
    backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend("every_response_takes_a_second")
    found = target.account()
    outcome = run_tests("--full", "--timeout", "12", backend=target)
    assert outcome.code == 5
    assert outcome.verdict["restored"] is True
    assert outcome.codes["settings"] == 5
    assert outcome.verdict["suites"]["settings"]["passed"] > 0
    assert target.account() == found
    assert outcome.survivors() == []


def test_login_that_does_not_end_in_time_has_no_verdict(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", "--timeout", "3", backend=backend("login_hangs"))
    assert (outcome.code, outcome.verdict["verdict"], outcome.verdict["restored"]) == (5, "error", True)
    assert outcome.verdict["seconds"] < 10
    assert "stopped after 3 s, before it had logged in" in outcome.verdict["suites"]["settings"]["first_failure"]
    assert outcome.survivors() == []


def test_run_on_an_account_in_use_ends_in_time(
    backend: StartBackend, start_run: StartRun, run_tests: RunCommand
) -> None:
    target = backend("every_response_takes_a_second")
    holder = start_run(target, "--smoke")
    wait_for_calls(target, READ, 1, holder)
    refused = run_tests("--smoke", "--timeout", "1", "--lock-timeout", "60", backend=target)
    assert (refused.code, refused.verdict["verdict"]) == (5, "error"), refused.stdout + refused.stderr
    assert holder.end().code == 0


# No false alarm


@pytest.mark.slow
def test_healthy_runs_in_a_row_all_end_with_0(run_tests: RunCommand) -> None:
    assert [run_tests("--full").code for _ in range(HEALTHY_RUNS)] == [0] * HEALTHY_RUNS


def test_logins_stay_within_their_budget(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend(LOGIN_RATE_LIMIT="5/minute")
    outcomes = [run_tests("--full", backend=target), run_tests("--smoke", backend=target)]
    found = [(one.code, one.verdict["logins"], one.verdict["refused_logins"]) for one in outcomes]
    assert found == [(0, 1, 3), (0, 1, 0)]
    assert sum(call.startswith("POST /api/auth/login") for call in target.calls()) == 5
    assert not [call for call in target.calls() if call.endswith(" 429")]


def test_token_that_expires_during_a_run_is_refreshed_once(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend("first_token_expires_soon", "every_response_takes_a_second")
    outcome = run_tests("--smoke", backend=target)
    assert (outcome.code, outcome.verdict["logins"]) == (0, 2), outcome.stdout


@pytest.mark.parametrize("mode", ["--smoke", "--full"])
def test_excluded_settings_are_never_saved(
    mode: str, project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    (project / "acceptance.toml").write_text('[settings]\nexclude = ["description", "faqs"]\n')
    outcome = run_tests(mode, backend=backend("form_returns_500_after_saving"), root=project)
    assert outcome.code == 0, outcome.stdout


def test_read_only_run_writes_nothing(backend: StartBackend, run_tests: RunCommand) -> None:
    target = backend()
    outcome = run_tests("--full", "--read-only", backend=target)
    assert outcome.code == 0
    methods = {call.split()[0] for call in target.calls() if "/api/auth/login" not in call}
    assert methods == {"GET"}


# Nothing leaks


def spellings(secret: str) -> set[str]:
    """Return the encodings of a secret."""
    return {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        base64.b64encode(secret.encode()).decode().rstrip("=")[:-1],
        base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=")[:-1],
    }


@pytest.mark.parametrize("arguments", [("--full", "--", "--loglevel", "TRACE"), ("--full",), ("--smoke",)])
@pytest.mark.parametrize("fault", collect([leaks]))
def test_no_secret_is_in_any_artifact(
    fault: str, arguments: tuple[str, ...], backend: StartBackend, run_tests: RunCommand
) -> None:
    target = backend(fault, E2E_PASSWORD="cañary pass/word+&<7>", JWT_SECRET="k" * 32)
    outcome = run_tests(*arguments, backend=target)
    assert outcome.files() == {"report.html", "log.html", "output.xml", "xunit.xml", "summary.json", "summary.md"}
    secrets = spellings(target.password) | spellings(leaks.COOKIE)
    token = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}|ZXlK[A-Za-z0-9+/]{20,}")
    everything = list(outcome.texts())
    assert len(everything) > 7
    for name, text in everything:
        assert not [secret for secret in secrets if secret in text], name
        assert not token.search(text), f"{name}: {token.search(text)}"


LEAKY_LISTENER = '''
"""Writes what it should not, behind the back of the keywords."""
import os
ROBOT_LISTENER_API_VERSION = 3
def end_suite(data, result):
    result.metadata["Password"] = os.environ["E2E_PASSWORD"]
'''


def test_secret_written_by_another_listener_is_found_masked_and_ends_in_5(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    (tmp_path / "leaky.py").write_text(LEAKY_LISTENER)
    target = backend()
    outcome = run_tests("--smoke", "--", "--listener", str(tmp_path / "leaky.py"), backend=target)
    assert (outcome.code, outcome.verdict["verdict"]) == (5, "error")
    assert "output.xml" in outcome.stdout
    assert not [name for name, text in outcome.texts() if target.password in text]


def test_leak_keeps_the_code_of_a_broken_api(backend: StartBackend, run_tests: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "leaky.py").write_text(LEAKY_LISTENER)
    target = backend("phone_number_is_national")
    outcome = run_tests("--smoke", "--", "--listener", str(tmp_path / "leaky.py"), backend=target)
    assert (outcome.code, outcome.verdict["verdict"]) == (3, "broken")
    assert any("A secret was in output.xml" in note for note in outcome.verdict["notes"])


LEAKY_SUITE = """*** Settings ***
Resource       ../resources/login.resource
Suite Setup    Log In As Owner

*** Test Cases ***
Path Contains Password
    [Tags]    exit:2    smoke
    GET On Session    owner    /health/%{E2E_PASSWORD}    expected_status=any
"""


def test_secret_in_the_path_of_a_request_is_found_masked_and_ends_in_5(
    project: Path, backend: StartBackend, run_tests: RunCommand
) -> None:
    (project / "suites" / "leaky.robot").write_text(LEAKY_SUITE)
    target = backend()
    outcome = run_tests("--smoke", "leaky", backend=target, root=project)
    assert (outcome.code, outcome.verdict["verdict"]) == (5, "error"), outcome.stdout
    assert len(outcome.verdict["calls"]) == outcome.verdict["requests"] == 2
    assert not [name for name, text in outcome.texts() if target.password in text]


def test_password_that_is_an_ordinary_word_raises_no_false_alarm(backend: StartBackend, run_tests: RunCommand) -> None:
    outcome = run_tests("--smoke", backend=backend(E2E_PASSWORD="password"))
    assert outcome.code == 0, outcome.stdout


def test_credentials_are_in_no_command_line(backend: StartBackend, start_run: StartRun) -> None:
    target = backend()
    running = start_run(target, "--full")
    wait_for_calls(target, UPDATE, 1, running)
    lines = running.command_lines()
    assert len(lines) >= 3
    assert target.password not in str(lines)
    assert "eyJ" not in str(lines)
    assert running.end().code == 0
