"""Trials: each mutant is tested by full runs of the suites; a run that does not exit with 0 kills it.

Mutants that should survive are tested in batches; a batch that is killed is split. Results are kept in `results/` until
the backend, the suites or the runner change, so that an interrupted command continues, and a new explanation needs no
new run.
"""

import compileall
import hashlib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path

from tools.mutation.mutants import PACKAGE, ROOT, Mutant, apply, batches

TESTED = (PACKAGE, "acceptance", "acceptance.toml", "libraries", "resources", "suites", "run_tests.py")
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
CALENDAR = {
    "GOOGLE_CLIENT_ID": "acceptance.apps.example",
    "GOOGLE_CLIENT_SECRET": "a-secret-of-no-account",
    "GOOGLE_TOKEN_URL": "http://127.0.0.1:9/token",  # where nothing listens
}
RUNS: tuple[tuple[tuple[str, ...], Mapping[str, str]], ...] = (
    (("settings",), CALENDAR),
    (("calendar", "twilio"), CALENDAR),
    (("calendar",), {}),
)
"""Suites and variables of the runs, those that kill most first; without OAuth, only the calendar differs."""

BATCH = 20
LONGEST_RUN_SECONDS = 240
STOP_SECONDS = 30


class Workspace:
    """A copy of the project in which one mutant after the other is tested."""

    def __init__(self, home: Path) -> None:
        self._home = home
        for name in TESTED:
            path = ROOT / name
            if path.is_dir():
                shutil.copytree(path, home / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(path, home)
        for name in ("acceptance", "libraries"):
            compileall.compile_dir(home / name, quiet=1)

    def kills(self, changes: Sequence[Mutant]) -> bool:
        """Return whether a run against the backend with all `changes` fails."""
        modules = {self._home / mutant.module for mutant in changes}
        originals = {path: path.read_text(encoding="utf-8") for path in modules}
        for path, source in originals.items():
            path.write_text(
                apply([one for one in changes if self._home / one.module == path], source), encoding="utf-8"
            )
        try:
            return not self.is_healthy()
        finally:
            for path, source in originals.items():
                path.write_text(source, encoding="utf-8")

    def is_healthy(self) -> bool:
        """Return whether all runs exit with 0, and in time."""
        return all(self._run(suites, variables) == 0 for suites, variables in RUNS)

    def _run(self, suites: Sequence[str], variables: Mapping[str, str]) -> int | None:
        variables_of_run = {"ACCEPTANCE_STATE_DIR": str(self._home / "state"), "PYTHONDONTWRITEBYTECODE": "1"}
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "run_tests.py", "--full", *suites, "--output-dir", str(self._home / "results")],
            cwd=self._home,
            env=inherited | variables_of_run | dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return process.wait(LONGEST_RUN_SECONDS)
        except subprocess.TimeoutExpired:
            process.terminate()  # it stops its own children
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return None


class WorkspacePool:
    """Workspaces in parallel, each with one mutant or batch at a time.

    Raises:
        RuntimeError: The backend without a mutation is not healthy.
    """

    def __init__(self, folder: Path, processes: int) -> None:
        self._idle: queue.SimpleQueue[Workspace] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(processes)
        workspaces = [Workspace(folder / str(number)) for number in range(processes)]
        if not workspaces[0].is_healthy():
            raise RuntimeError("The backend without a mutation is not healthy; run 'make full' to see why.")
        for workspace in workspaces:
            self._idle.put(workspace)

    def submit(self, changes: Sequence[Mutant]) -> Future[dict[str, bool]]:
        """Start a trial; its result is whether each of the `changes` is killed, and empty where a batch is."""
        return self._pool.submit(self._try, changes)

    def close(self) -> None:
        """Cancel waiting trials, and wait for running ones."""
        self._pool.shutdown(cancel_futures=True)

    def _try(self, changes: Sequence[Mutant]) -> dict[str, bool]:
        workspace = self._idle.get()
        try:
            is_killed = workspace.kills(changes)
        finally:
            self._idle.put(workspace)
        return {} if is_killed and len(changes) > 1 else {mutant.change: is_killed for mutant in changes}


def run_trials(found: Sequence[Mutant], expected: Collection[str], processes: int) -> dict[str, bool]:
    """Return for the change of each mutant whether it is killed; those that are `expected` to survive are batched."""
    log = ROOT / "results" / f"mutation-{_digest()}.jsonl"
    killed = dict(map(json.loads, log.read_text(encoding="utf-8").splitlines())) if log.exists() else {}
    missing = [mutant for mutant in found if mutant.change not in killed]
    tasks = batches([mutant for mutant in missing if mutant.change in expected], BATCH)
    tasks += [[mutant] for mutant in missing if mutant.change not in expected]
    if not tasks:
        return {mutant.change: killed[mutant.change] for mutant in found}
    with ExitStack() as stack:
        pool = WorkspacePool(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mutation-"))), processes)
        stack.callback(pool.close)
        file = stack.enter_context(log.open("a", encoding="utf-8"))
        while tasks:
            trials = {pool.submit(changes): changes for changes in tasks}
            tasks = []
            for trial in as_completed(trials):
                results, changes = trial.result(), trials[trial]
                tasks += [] if results else [changes[::2], changes[1::2]]
                for change, is_killed in results.items():
                    file.write(json.dumps([change, is_killed], ensure_ascii=False) + "\n")
                    print("killed  " if is_killed else "SURVIVES", change, flush=True)
                file.flush()
                killed |= results
    return {mutant.change: killed[mutant.change] for mutant in found}


def _digest() -> str:
    """Return a hash of everything that a result depends on."""
    paths = [path for name in TESTED for path in [ROOT / name, *(ROOT / name).rglob("*")]]
    files = sorted(path for path in paths if path.is_file() and path.suffix != ".pyc")
    content = [(str(path.relative_to(ROOT)), path.read_bytes().hex()) for path in files]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]
