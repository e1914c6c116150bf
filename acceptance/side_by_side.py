"""A run against several targets at once: one process for each, forked from this one, and an overview at the end."""

import dataclasses
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

from acceptance.nursery import import_what_suites_need
from acceptance.options import Options, usual_processes
from acceptance.overview import FILES, TargetVerdict, verdict_of, write_overview
from acceptance.phases import UNEXPECTED
from acceptance.runner import ENDING_SIGNALS
from acceptance.targets import NamedTarget

FORKS = multiprocessing.get_context("fork")


class SideBySide:
    """A run against several targets.

    Args:
        options: What each of them is asked to do; its `processes` are for all together.
        run: Runs one of them, and returns its exit code.
    """

    def __init__(self, options: Options, run: Callable[[Options], int]) -> None:
        self._options = options
        self._run = run
        self._began = time.monotonic()
        self._running: dict[NamedTarget, BaseProcess] = {}
        self._interrupted = False
        self._processes = min(usual_processes(len(options.suites)), options.processes)
        self._at_once = max(1, options.processes // self._processes)

    def execute(self) -> int:
        """Run against all targets, write the overview, and return the exit code of the worst."""
        directory = self._options.output_directory
        for name in FILES:
            (directory / name).unlink(missing_ok=True)
        for number in ENDING_SIGNALS:
            signal.signal(number, self._interrupt)
        import_what_suites_need()
        waiting = list(self._options.targets)
        verdicts: list[TargetVerdict] = []
        while waiting or self._running:
            while waiting and len(self._running) < self._at_once and not self._interrupted:
                self._start(waiting.pop(0))
            if self._interrupted:
                verdicts += [self._tell(one, None) for one in waiting]
                waiting = []
            ended = wait([process.sentinel for process in self._running.values()], timeout=1.0)
            for one in [one for one, process in self._running.items() if process.sentinel in ended]:
                process = self._running.pop(one)
                process.join()
                verdicts.append(self._tell(one, process.exitcode))
        worst = write_overview(directory, verdicts, self._options.mode, round(time.monotonic() - self._began, 2))
        print(f"Worst:   {worst.name} is {worst.verdict}, exit code {worst.exit_code}")
        print(f"Report:  {directory / 'index.html'}", flush=True)
        return UNEXPECTED if self._interrupted else worst.exit_code

    def _start(self, one: NamedTarget) -> None:
        directory = self._options.output_directory / one.name
        directory.mkdir(exist_ok=True)
        (directory / "summary.json").unlink(missing_ok=True)
        options = dataclasses.replace(
            self._options, target=one.target, targets=(), processes=self._processes, output_directory=directory
        )
        self._running[one] = FORKS.Process(target=self._run_alone, args=(options, directory / "console.txt"))
        self._running[one].start()

    def _run_alone(self, options: Options, console: Path) -> None:
        os.setsid()  # a Ctrl-C reaches it through its parent alone, and once
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        if self._interrupted:
            sys.exit(UNEXPECTED)
        with console.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        sys.exit(self._run(options))

    def _tell(self, one: NamedTarget, code: int | None) -> TargetVerdict:
        """Say what a run came to."""
        verdict = verdict_of(one.name, one.target.url, self._options.output_directory / one.name, code)
        width = max(len(target.name) for target in self._options.targets)
        says = f"  {verdict.first_failure}" if verdict.first_failure else ""
        print(
            f"{one.name:<{width}}  {verdict.verdict:<12}  {verdict.exit_code}  {verdict.seconds:.1f} s{says}",
            flush=True,
        )
        return verdict

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._interrupted = True
        for process in self._running.values():
            if process.pid and process.is_alive():
                os.kill(process.pid, signal.SIGTERM)
