"""The benchmarks run, and measure what they report."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.support.backends import StartBackend
from tests.support.project import ROOT, clean_environment
from tools.benchmarks.delay import delayed
from tools.benchmarks.measurement import cost_of


@pytest.mark.parametrize("script", ["settings", "calendar", "twilio"])
def test_script_passes_on_a_healthy_backend(script: str, backend: StartBackend) -> None:
    command = [sys.executable, "-m", f"tools.benchmarks.flow.{script}"]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(**backend().environment), check=False)
    assert done.returncode == 0


def test_script_detects_a_setting_that_is_not_saved(backend: StartBackend) -> None:
    target = backend("update_is_swallowed")
    command = [sys.executable, "-m", "tools.benchmarks.flow.settings"]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(**target.environment), check=False)
    assert done.returncode == 4


def test_proxy_delays_each_response(backend: StartBackend) -> None:
    with delayed(backend().url, 0.2) as url, requests.Session() as http:
        for _ in range(2):
            started = time.monotonic()
            assert http.get(f"{url}/health", timeout=10).status_code == 200
            assert time.monotonic() - started >= 0.2


def test_benchmark_compares_a_smoke_run_with_the_selected_candidate() -> None:
    command = [sys.executable, "-m", "tools.benchmarks", "--delay", "0", "--pairs", "1", "--only", "three scripts"]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "| run_tests.py --smoke | 1 |" in done.stdout
    assert "| three scripts | 1 |" in done.stdout


def test_cost_includes_orphaned_processes(tmp_path: Path) -> None:
    work = "import time; end = time.process_time() + 0.5\nwhile time.process_time() < end: pass"
    orphan = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {work!r}])"
    cost = cost_of([[sys.executable, "-c", orphan]], clean_environment(), tmp_path / "log")
    assert cost.cpu > 0.5


def test_scale_is_measured_for_the_given_number_of_suites() -> None:
    command = [sys.executable, "-m", "tools.benchmarks.scale", "--suites", "4"]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line.split(" | ")[0] for line in done.stdout.splitlines() if line[2:3].isdigit()] == ["| 4"]
