"""The monitoring examples: their commands run as they stand, and their alerts are about metrics that exist."""

import http.server
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml

from acceptance.account.restore import LONGEST_RESTORE_SECONDS
from acceptance.cli.run import RUN_SECONDS
from acceptance.execution.notification import COMMAND_SECONDS, LOCK_SECONDS
from acceptance.execution.termination import GRACE_SECONDS
from tests.support import image
from tests.support.backends import Backend, StartBackend
from tests.support.certificates import server_certificate
from tests.support.metrics import Metrics
from tests.support.project import ROOT, clean_environment, copy_project
from tests.support.runs import RunCommand
from tests.support.switch import switching
from tests.support.workflows import SHELL, read_workflow

EXAMPLES = ROOT / "examples" / "monitoring"
DEPLOY = ROOT / "docs" / "deploy.md"
RESTORE_SECONDS = 2 * LONGEST_RESTORE_SECONDS
LONGEST_SECONDS = RUN_SECONDS["smoke"] + RESTORE_SECONDS + LOCK_SECONDS + COMMAND_SECONDS
"""How long a run may take, with what it restores of two accounts, and with the wait for the command of another run."""

LONGEST_TEST_SECONDS = 120
BROKEN = "phone_number_is_national"
UNITS = {"s": 1, "min": 60, "h": 3600}


@contextmanager
def chat() -> Iterator[tuple[str, list[str]]]:
    """Serve a webhook, and yield its URL and the bodies that it gets."""
    bodies: list[str] = []

    class Webhook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep the body."""
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Log nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Webhook) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", bodies
        server.shutdown()
        thread.join()


def run(command: list[str], environment: Mapping[str, str], cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command of an example."""
    path = f"{sys.prefix}/bin:{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=cwd,
        env=clean_environment(**{"PATH": path, **environment}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_TEST_SECONDS,
    )


# systemd


def unit(name: str) -> dict[str, str]:
    """Return the settings of a unit of systemd; each of those here stands once."""
    text = (EXAMPLES / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and line[0] not in "#;["]
    settings = dict(line.split("=", 1) for line in lines)
    assert len(settings) == len(lines)
    return settings


def seconds(text: str) -> int:
    """Return a time span of systemd in seconds."""
    found = re.fullmatch(r"(\d+)(s|min|h)", text)
    assert found, text
    return int(found[1]) * UNITS[found[2]]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_service_runs_as_it_stands_and_tells_the_chat_of_an_outage(backend: StartBackend, tmp_path: Path) -> None:
    service = unit("acceptance.service")
    places = {
        "/opt/acceptance/.venv": sys.prefix,
        "/opt/acceptance": str(ROOT),
        "/var/lib/acceptance": str(tmp_path / "lib"),
        "/run/acceptance": str(tmp_path / "run"),
    }
    for key, directories in (("StateDirectory", tmp_path / "lib"), ("RuntimeDirectory", tmp_path / "run")):
        assert service[key] == "acceptance"
        directories.mkdir(mode=int(service[f"{key}Mode"], 8))

    def here(text: str) -> str:
        for place, directory in places.items():
            text = text.replace(place, directory)
        return text

    name, _, states = service["Environment"].partition("=")
    command = [part.replace("$$", "$") for part in shlex.split(here(service["ExecStart"]))]
    target = backend(BROKEN)
    with chat() as (webhook, bodies):
        environment = target.environment | {name: here(states), "CHAT_WEBHOOK": webhook}
        for _ in range(3):
            done = run(command, environment, cwd=Path(here(service["WorkingDirectory"])))
            assert done.returncode == 3, done.stdout
    (body,) = bodies
    assert " is down since " in parse_qs(body)["text"][0]
    assert not [call for call in target.calls() if call.startswith("PUT")]
    metrics = tmp_path / "run" / "acceptance.prom"
    assert Metrics(metrics).value("acceptance_run_verdict", verdict="broken") == 1
    assert (tmp_path / "lib" / "results" / "report.html").is_file()


def test_service_is_not_killed_before_the_run_has_ended_and_restored_the_account() -> None:
    service = unit("acceptance.service")
    assert seconds(service["TimeoutStartSec"]) >= LONGEST_SECONDS
    assert seconds(service["TimeoutStopSec"]) >= RESTORE_SECONDS + GRACE_SECONDS
    assert service["KillMode"] == "mixed"  # the workers are left to the run
    assert unit("acceptance.timer")["OnCalendar"] == "*:0/5"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for path in EXAMPLES.glob("acceptance.*"):
        text = path.read_text("utf-8").replace("/opt/acceptance/.venv/bin/python", sys.executable)
        (tmp_path / path.name).write_text(text)
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    assert len(units) == 2
    done = run(["systemd-analyze", "verify", "--man=no", *units], {})
    assert (done.returncode, done.stdout) == (0, "")


# cron


def test_cron_line_of_the_documentation_runs_as_it_stands(backend: StartBackend, tmp_path: Path) -> None:
    (line,) = re.findall(r"^\*/5 \* \* \* \*  (.*)$", DEPLOY.read_text("utf-8"), re.MULTILINE)
    assert "%" not in line  # cron takes it for the end of the command
    target = backend(BROKEN)
    exports = [f"export {name}={value}\n" for name, value in target.environment.items()]
    (tmp_path / "acceptance.env").write_text("".join(exports))
    (tmp_path / "notify.sh").write_text('#!/bin/sh\necho "$ACCEPTANCE_STATE" >> "$HOME/notified"\n')
    (tmp_path / "notify.sh").chmod(0o755)
    command = line.replace("/opt/acceptance", str(ROOT)).replace(".venv", sys.prefix)
    for _ in range(3):
        done = run(["sh", "-c", command], {"HOME": str(tmp_path)})
        assert (done.returncode, done.stdout) == (3, "")
    assert (tmp_path / "notified").read_text() == "down\n"
    assert "Verdict: broken" in (tmp_path / "last.log").read_text()
    assert (tmp_path / "results" / "report.html").is_file()


# Kubernetes


def cron_job() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the specification of the CronJob, and of its pods."""
    documents = yaml.safe_load_all((EXAMPLES / "cronjob.yaml").read_text("utf-8"))
    (job,) = [document for document in documents if document["kind"] == "CronJob"]
    return job["spec"], job["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def test_cron_job_runs_as_it_stands_and_tells_the_chat_of_an_outage(
    backend: StartBackend, project: Path, tmp_path: Path
) -> None:
    _, pod = cron_job()
    (container,) = pod["containers"]
    places = {"/opt/acceptance": str(project), "/state": str(tmp_path / "state"), "/tmp": str(tmp_path / "tmp")}
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounts == {*image.arguments("VOLUME"), "/tmp"}
    for place in ("/state", "/tmp"):
        Path(places[place]).mkdir()

    def here(text: str) -> str:
        return re.sub(rf"^({'|'.join(places)})(?=/|$)", lambda found: places[found[1]], text)

    assert not {"command", "env"} & container.keys()
    command = [*map(here, image.arguments("ENTRYPOINT")), *container["args"]]
    variables = {name: here(value) for name, value in image.variables().items()}
    target = backend(BROKEN)
    with chat() as (webhook, bodies):
        secret = target.environment | {"CHAT_WEBHOOK": webhook, "TMPDIR": places["/tmp"]}
        for _ in range(3):
            done = run(command, secret | variables)
            assert done.returncode == 3, done.stdout
    (body,) = bodies
    assert " is down since " in json.loads(body)["text"]
    assert not [call for call in target.calls() if call.startswith("PUT")]
    assert (project / "results" / "report.html").is_file()
    assert list((tmp_path / "state" / "acceptance").glob("*.smoke-state"))


def test_pod_runs_alone_without_rights_and_is_not_killed_before_the_account_is_restored() -> None:
    spec, pod = cron_job()
    (container,) = pod["containers"]
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["jobTemplate"]["spec"]["backoffLimit"] == 0
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] >= LONGEST_SECONDS
    assert pod["terminationGracePeriodSeconds"] >= RESTORE_SECONDS + GRACE_SECONDS
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    volumes = {volume["name"]: set(volume) - {"name"} for volume in pod["volumes"]}
    assert volumes == {"state": {"persistentVolumeClaim"}, "results": {"emptyDir"}, "tmp": {"emptyDir"}}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes.keys()
    assert f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" == image.arguments("USER")[0]


# Prometheus


def alerts() -> list[Mapping[str, Any]]:
    """Return the rules of the alerts."""
    (group,) = yaml.safe_load((EXAMPLES / "alerts.yml").read_text("utf-8"))["groups"]
    assert len(group["rules"]) == 4
    return group["rules"]  # type: ignore[no-any-return]


def test_alerts_are_about_metrics_and_labels_of_a_real_run(
    backend: StartBackend, run_tests: RunCommand, tmp_path: Path
) -> None:
    file, live, target = tmp_path / "a.prom", tmp_path / "live", backend()
    context, authority, _ = server_certificate(tmp_path, 10)
    live.write_text(target.url)
    with switching(live, context) as front:
        environment = target.environment | {"API_URL": front.url, "REQUESTS_CA_BUNDLE": str(authority)}
        assert run_tests("--smoke", "--metrics", str(file), environment=environment).code == 0
    metrics = Metrics(file)
    labels: dict[str, set[str]] = {}
    for name, its in metrics.values:
        labels.setdefault(name, set()).update(dict(its))
    documented = DEPLOY.read_text("utf-8").partition("\n### Metrics\n")[2]
    assert set(re.findall(r"`(acceptance_\w+)`", documented)) == metrics.names
    assert all(f"`{rule['alert']}`" in documented for rule in alerts())
    for rule in alerts():
        named = re.findall(r"acceptance_\w+(?:\{[^}]*\})?", rule["expr"])
        assert named
        assert rule["for"]
        shown = set(re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])))
        for selector in named:
            name, _, matchers = selector.partition("{")
            assert name in metrics.names, rule["alert"]
            assert shown <= labels[name], rule["alert"]
            wanted = dict(re.findall(r'(\w+)="([^"]*)"', matchers))
            assert any(one == name and wanted.items() <= set(its) for one, its in metrics.values), selector


# GitHub


GH = """#!/usr/bin/env python3
import json, os, sys
from pathlib import Path
folder = Path(os.environ["FAKE_GH"])
with (folder / "calls").open("a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
options = dict(zip(sys.argv[1:], sys.argv[2:]))
issue = folder / "open"
if sys.argv[1:3] == ["issue", "list"]:
    assert options["--jq"] == ".[].number" and options["--json"] == "number" and options["--state"] == "open"
    print(issue.read_text() if issue.exists() else "", end="")
elif sys.argv[1:3] == ["issue", "create"]:
    assert not issue.exists()
    issue.write_text("17\\n")
    (folder / "body").write_text(Path(options["--body-file"]).read_text())
elif sys.argv[1:3] == ["issue", "close"]:
    assert sys.argv[3] == issue.read_text().strip()
    issue.unlink()
assert os.environ["GH_TOKEN"] == "token" and os.environ["GH_REPO"] == "team/backend"
"""
SLEEP = """#!/bin/sh
[ ! -e "$FAKE_GH/next" ] || mv "$FAKE_GH/next" "$FAKE_GH/live"
"""


class Monitor:
    """The steps of the workflow that run a script, on a machine with `gh` and `sleep` of our own.

    Attributes:
        folder: What these have done, and the backend that is live.
    """

    def __init__(self, directory: Path) -> None:
        self.folder = directory / "gh"
        self._workspace = copy_project(directory / "workspace")
        self._output, self._summary = directory / "output", directory / "summary"
        programs = directory / "bin"
        for folder in (self.folder, programs):
            folder.mkdir()
        for name, text in (("gh", GH), ("sleep", SLEEP)):
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        self._path = f"{programs}:{sys.prefix}/bin:{os.environ['PATH']}"
        self._directory = directory
        workflow = read_workflow(EXAMPLES / "monitor.yml")
        (job,) = workflow["jobs"].values()
        self._steps = [step for step in job["steps"] if "run" in step and step["name"] != "Install the suite"]

    def run(self, secrets: Mapping[str, str]) -> tuple[int, str]:
        """Run the steps, and return the code of the one that failed, 0 for none, and the output of all."""
        shutil.rmtree(self._workspace / "results", ignore_errors=True)
        console = ""
        self._output.write_text("")
        for number, step in enumerate(self._steps):
            script = self._directory / f"step-{number}.sh"
            script.write_text(step["run"])
            environment = {name: self._value(text, secrets) for name, text in step["env"].items()} | {
                "PATH": self._path,
                "FAKE_GH": str(self.folder),
                "GITHUB_OUTPUT": str(self._output),
                "GITHUB_STEP_SUMMARY": str(self._summary),
                "ACCEPTANCE_STATE_DIR": str(self._directory / "state"),
            }
            shell = [*SHELL, str(script)]
            done = run(shell, environment, cwd=self._workspace)
            console += done.stdout
            if done.returncode:
                return done.returncode, console
        return 0, console

    def _value(self, text: str, secrets: Mapping[str, str]) -> str:
        outputs = dict(line.split("=", 1) for line in self._output.read_text().splitlines())
        contexts = {
            "github.token": "token",
            "github.repository": "team/backend",
            "github.server_url": "https://github.com",
            "github.run_id": "4711",
            **{f"secrets.{name}": value for name, value in secrets.items()},
            **{f"steps.tests.outputs.{name}": value for name, value in outputs.items()},
        }
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: contexts.get(found[1], ""), text)

    def calls(self) -> list[str]:
        """Return the commands that changed something, and forget all."""
        log = self.folder / "calls"
        called = [json.loads(line)[:2] for line in log.read_text().splitlines()] if log.exists() else []
        log.unlink(missing_ok=True)
        return [" ".join(call) for call in called if call != ["issue", "list"]]


@pytest.fixture
def monitor(tmp_path: Path) -> Monitor:
    """The machine of the workflow."""
    return Monitor(tmp_path)


def test_workflow_opens_one_issue_for_an_outage_and_closes_it(backend: StartBackend, monitor: Monitor) -> None:
    healthy, broken = backend(), backend(BROKEN)
    live, following = monitor.folder / "live", monitor.folder / "next"
    with switching(live) as front:
        secrets = healthy.environment | {"PROD_API_URL": front.url}

        def verify(first: Backend, second: Backend | None = None) -> list[str]:
            live.write_text(first.url)
            following.write_text((second or first).url)
            code, console = monitor.run(secrets)
            assert code == 0, console
            return monitor.calls()

        assert verify(healthy) == []
        assert verify(broken, healthy) == []  # a flicker
        assert verify(broken) == ["label create", "issue create"]
        body = (monitor.folder / "body").read_text()
        assert body.startswith("# Broken: smoke run against ")
        assert "Phone Number Is Valid E.164" in body
        assert body.endswith("\n\nFound by https://github.com/team/backend/actions/runs/4711\n")
        assert verify(broken) == []
        assert verify(broken, healthy) == ["issue close"]
        assert verify(healthy) == []
        assert verify(broken) == ["label create", "issue create"]
    assert not [call for one in (healthy, broken) for call in one.calls() if call.startswith("PUT")]


def test_workflow_whose_run_cannot_begin_fails_and_opens_no_issue(backend: StartBackend, monitor: Monitor) -> None:
    target = backend()
    for secrets in ({}, {"PROD_API_URL": target.url}):
        code, console = monitor.run(secrets)
        assert code != 0, console
        assert monitor.calls() == []
    assert target.calls() == []


def test_no_script_of_the_workflow_contains_an_expression() -> None:
    workflow = read_workflow(EXAMPLES / "monitor.yml")
    (job,) = workflow["jobs"].values()
    scripts = [step["run"] for step in job["steps"] if "run" in step]
    assert len(scripts) == 3
    assert not [script for script in scripts if "${{" in script]
    assert workflow["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "issues": "write"}
