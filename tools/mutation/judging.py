"""Judging mutants: each is put to full runs of the suites, and a run that does not end in 0 has killed it.

Mutants that should survive are tried many at a time, and fewer where those together do not. What has been judged is
kept in `results/` until the backend, the suites or what is under them change: an interrupted command continues, and a
new explanation costs no new run.
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

JUDGED = (PACKAGE, "acceptance", "libraries", "resources", "suites", "run_tests.py")
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
CALENDAR = {
    "GOOGLE_CLIENT_ID": "acceptance.apps.example",
    "GOOGLE_CLIENT_SECRET": "a-secret-of-no-account",
    "GOOGLE_TOKEN_URL": "http://127.0.0.1:9/token",  # where nobody answers
}
RUNS: tuple[tuple[tuple[str, ...], Mapping[str, str]], ...] = (
    (("settings",), CALENDAR),
    (("calendar", "twilio"), CALENDAR),
    (("calendar",), {}),
)
"""Suites and variables of the runs, those first that notice most; without a calendar, nothing else is different."""

BATCH = 20
LONGEST_RUN_SECONDS = 240
STOP_SECONDS = 30


class Judge:
    """A copy of what a run needs, in which one mutant after the other is put to the suites."""

    def __init__(self, home: Path) -> None:
        self._home = home
        for name in JUDGED:
            path = ROOT / name
            if path.is_dir():
                shutil.copytree(path, home / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(path, home)
        for name in ("acceptance", "libraries"):
            compileall.compile_dir(home / name, quiet=1)

    def kills(self, changes: Sequence[Mutant]) -> bool:
        """Say whether a run against the backend with all `changes` is anything but healthy."""
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
        """Say whether all runs end in 0, and in time."""
        return all(self._run(suites, variables) == 0 for suites, variables in RUNS)

    def _run(self, suites: Sequence[str], variables: Mapping[str, str]) -> int | None:
        ours = {"ACCEPTANCE_STATE_DIR": str(self._home / "state"), "PYTHONDONTWRITEBYTECODE": "1"}
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "run_tests.py", "--full", *suites, "--output-dir", str(self._home / "results")],
            cwd=self._home,
            env=inherited | ours | dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return process.wait(LONGEST_RUN_SECONDS)
        except subprocess.TimeoutExpired:
            process.terminate()  # it stops what it has started
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return None


class Court:
    """Judges at work, each with one mutant or batch at a time.

    Raises:
        RuntimeError: The backend is not healthy as it is.
    """

    def __init__(self, folder: Path, processes: int) -> None:
        self._idle: queue.SimpleQueue[Judge] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(processes)
        judges = [Judge(folder / str(number)) for number in range(processes)]
        if not judges[0].is_healthy():
            raise RuntimeError("The backend is not healthy as it is; run 'make full' to see why.")
        for judge in judges:
            self._idle.put(judge)

    def open(self, changes: Sequence[Mutant]) -> Future[dict[str, bool]]:
        """Begin to find out for each of the `changes` whether it is killed; nothing is found where many are."""
        return self._pool.submit(self._hear, changes)

    def close(self) -> None:
        """Begin nothing more, and wait for what has begun."""
        self._pool.shutdown(cancel_futures=True)

    def _hear(self, changes: Sequence[Mutant]) -> dict[str, bool]:
        judge = self._idle.get()
        try:
            is_killed = judge.kills(changes)
        finally:
            self._idle.put(judge)
        return {} if is_killed and len(changes) > 1 else {mutant.change: is_killed for mutant in changes}


def judge_all(found: Sequence[Mutant], expected: Collection[str], processes: int) -> dict[str, bool]:
    """Return for the change of each mutant whether it is killed; those that are `expected` to survive are batched."""
    notes = ROOT / "results" / f"mutation-{_digest()}.jsonl"
    killed = dict(map(json.loads, notes.read_text(encoding="utf-8").splitlines())) if notes.exists() else {}
    missing = [mutant for mutant in found if mutant.change not in killed]
    tasks = batches([mutant for mutant in missing if mutant.change in expected], BATCH)
    tasks += [[mutant] for mutant in missing if mutant.change not in expected]
    if not tasks:
        return {mutant.change: killed[mutant.change] for mutant in found}
    with ExitStack() as stack:
        court = Court(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mutation-"))), processes)
        stack.callback(court.close)
        file = stack.enter_context(notes.open("a", encoding="utf-8"))
        while tasks:
            trials = {court.open(changes): changes for changes in tasks}
            tasks = []
            for trial in as_completed(trials):
                verdicts, changes = trial.result(), trials[trial]
                tasks += [] if verdicts else [changes[::2], changes[1::2]]
                for change, is_killed in verdicts.items():
                    file.write(json.dumps([change, is_killed], ensure_ascii=False) + "\n")
                    print("killed  " if is_killed else "SURVIVES", change, flush=True)
                file.flush()
                killed |= verdicts
    return {mutant.change: killed[mutant.change] for mutant in found}


def _digest() -> str:
    """Return a short name for the state of everything that a verdict depends on."""
    paths = [path for name in JUDGED for path in [ROOT / name, *(ROOT / name).rglob("*")]]
    files = sorted(path for path in paths if path.is_file() and path.suffix != ".pyc")
    content = [(str(path.relative_to(ROOT)), path.read_bytes().hex()) for path in files]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]
