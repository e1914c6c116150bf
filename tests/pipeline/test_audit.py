"""`make audit`: each locked release is looked up, and a finding, or a release that cannot be looked up, fails it."""

import http.server
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.project import ROOT, clean_environment, copy_with_environment

LONGEST_SECONDS = 120
FINDING = {"id": "PYSEC-2026-1", "affected": [{"package": {"name": "urllib3", "ecosystem": "PyPI"}}]}


@dataclass
class Database:
    """A stand-in for the database of known vulnerabilities.

    Attributes:
        url: Where it serves.
        findings: The vulnerabilities of a package, by its name.
        status: The status of its responses.
        asked: The releases that were looked up.
    """

    url: str
    findings: dict[str, list[object]] = field(default_factory=dict)
    status: int = 200
    asked: set[tuple[str, str]] = field(default_factory=set)


@pytest.fixture
def database() -> Iterator[Database]:
    """A database on a free port of this machine; it speaks the protocol of OSV."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Look up a release."""
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = query["package"]["name"]
            served.asked.add((name, query["version"]))
            found = served.findings.get(name)
            body = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(served.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Log nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = Database(f"http://127.0.0.1:{server.server_address[1]}/v1/query")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield served
        server.shutdown()
        thread.join()


def audit(database: Database, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run `make audit` in a copy of the project, against a database."""
    project = copy_with_environment(directory / "project")
    return subprocess.run(
        ["make", "audit"],
        cwd=project,
        env=clean_environment(
            HOME=str(directory), PIP_AUDIT_VULNERABILITY_SERVICE="osv", PIP_AUDIT_OSV_URL=database.url
        ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_SECONDS,
    )


def locked() -> set[tuple[str, str]]:
    """Return name and version of the locked releases that are installed on this machine."""
    found = set()
    for lock in ROOT.glob("requirements*.lock"):
        for line in re.findall(r"^[a-z0-9].*==.*?(?= \\$)", lock.read_text("utf-8"), re.MULTILINE):
            requirement = Requirement(line)
            if not requirement.marker or requirement.marker.evaluate():
                (specifier,) = requirement.specifier
                found.add((requirement.name, specifier.version))
    return found


def test_audit_looks_up_every_locked_release(database: Database, tmp_path: Path) -> None:
    done = audit(database, tmp_path)
    assert done.returncode == 0, done.stdout
    assert database.asked == locked()
    assert len(database.asked) > 100


def test_known_vulnerability_fails_the_audit(database: Database, tmp_path: Path) -> None:
    database.findings["urllib3"] = [FINDING]
    done = audit(database, tmp_path)
    assert done.returncode != 0
    assert re.search(r"^urllib3 +[\d.]+ +PYSEC-2026-1", done.stdout, re.MULTILINE), done.stdout


def test_release_that_cannot_be_looked_up_fails_the_audit(database: Database, tmp_path: Path) -> None:
    database.status = 503
    assert audit(database, tmp_path).returncode != 0
