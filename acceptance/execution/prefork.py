"""Where the workers of a run come from: a process that has imported all they need once, and forks one when asked.

The runner forks it as early as it can, while it has a single thread: what both import is then imported once, and what
the workers alone import is imported while the runner waits for the backend. Told to begin, it forks the process that
will fork the workers, and is pabot itself from then on.

All of them are one process group, which is killed as a whole where the one above is gone: the runner, pabot, or, for a
worker, the client that pabot started for it.
"""

import gc
import importlib
import multiprocessing
import os
import re
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from acceptance.config import ROOT
from acceptance.execution import worker_client

FORKS = multiprocessing.get_context("fork")
CLIENT = "client"
COMMAND = ("-I", "-S", CLIENT)
"""The arguments of Python with which pabot starts a worker, in the directory of the run."""

DONE = "done"

_LIBRARY = re.compile(r"^Library {2,}(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Job:
    """What is to be run.

    Attributes:
        pabot_arguments: What pabot is told.
        sources: The file of each suite, by the long name that pabot knows it by; a worker need not read the others.
        environment: The whole environment of pabot and of the workers.
    """

    pabot_arguments: Sequence[str]
    sources: Mapping[str, Path]
    environment: Mapping[str, str]


class PreforkServer:
    """The process that has everything imported; it is one with a single thread that must make it.

    Args:
        directory: A private directory, in which pabot and the workers work.
        log: The file that takes what they print.
    """

    def __init__(self, directory: Path, log: Path) -> None:
        shutil.copyfile(worker_client.__file__, directory / CLIENT)
        self._done = 0
        self._order, its = FORKS.Pipe()
        self.process = FORKS.Process(target=_prepare, args=(self._order, its, directory, log))
        self.process.start()
        its.close()

    def wait(self, workers: int, seconds: float) -> bool:
        """Wait until so many `workers` have said that they are done, or until the end. Return whether either is so."""
        end = time.monotonic() + seconds
        while self._done < workers:
            ready = wait([self._order, self.process.sentinel], max(end - time.monotonic(), 0))
            if self._order not in ready:
                return bool(ready)
            try:
                self._order.recv()
            except EOFError:
                return True
            self._done += 1
        return True

    @property
    def pid(self) -> int:
        """The id of the process, and of the group that it and all its own are."""
        assert self.process.pid
        return self.process.pid

    def begin(self, order: Job) -> None:
        """Run what `order` says."""
        with suppress(OSError):  # it has died, which whoever waits for its end is told
            self._order.send(order)

    def end(self) -> None:
        """End the process and all its own, at once; it may be told so again."""
        if self._order.closed:
            return
        self._order.close()
        with suppress(ProcessLookupError):  # it is not yet a group of its own, and ends when it sees the end
            os.killpg(self.pid, signal.SIGKILL)
        self.process.join()


def _prepare(runners: Connection, order: Connection, directory: Path, log: Path) -> None:
    runners.close()
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    _redirect(os.devnull, os.O_RDONLY, 0)
    _redirect(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 1)
    os.dup2(1, 2)
    os.chdir(directory)
    import_what_suites_need()
    from pabot.pabot import main_program

    gc.freeze()
    try:
        given: Job = order.recv()
    except EOFError:
        return
    os.environ.clear()
    os.environ.update(given.environment)
    watchdog, its = FORKS.Pipe()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(worker_client.ADDRESS)
        listener.listen(64)
        forking = FORKS.Process(target=_fork_workers, args=(listener, watchdog, its, order, given.sources))
        forking.start()
    its.close()
    threading.Thread(target=_end_with, args=(order.recv, os.killpg), daemon=True).start()
    main_program(list(given.pabot_arguments))
    watchdog.close()
    forking.join()


def _redirect(path: str | Path, flags: int, descriptor: int) -> None:
    opened = os.open(path, flags, 0o600)
    os.dup2(opened, descriptor)
    os.close(opened)


def import_what_suites_need() -> None:
    """Import the libraries of the project, and those that its resources name; what fails here, a suite reports."""
    libraries = ROOT / "libraries"
    sys.path.insert(0, str(libraries))
    texts = [path.read_text("utf-8", "replace") for path in (ROOT / "resources").rglob("*.resource")]
    named = {name for text in texts for name in _LIBRARY.findall(text)}
    for module in sorted(named | {path.stem for path in libraries.glob("*.py")}):
        with suppress(Exception):
            importlib.import_module(module)
    sys.path.remove(str(libraries))


def _fork_workers(
    listener: socket.socket, pabots: Connection, watchdog: Connection, runner: Connection, sources: Mapping[str, Path]
) -> None:
    pabots.close()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # after the workers, which are waited for
    while True:
        ended = [worker.sentinel for worker in multiprocessing.active_children()]
        ready = wait([listener, watchdog, *ended])
        if watchdog in ready:
            _end_with(watchdog.recv, os.killpg)
        if listener not in ready:
            continue
        connection, _ = listener.accept()
        arguments, console, _, _ = socket.recv_fds(connection, 65_536, 3)
        if arguments:
            FORKS.Process(target=_work, args=(connection, console, arguments, runner, sources)).start()
        connection.close()
        for descriptor in console:
            os.close(descriptor)


def _work(
    connection: socket.socket,
    console: Sequence[int],
    arguments: bytes,
    runner: Connection,
    sources: Mapping[str, Path],
) -> None:
    from robot.run import RobotFramework

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for standard, descriptor in enumerate(console):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    threading.Thread(target=_end_with, args=(lambda: connection.recv(1), os.kill), daemon=True).start()
    robot = RobotFramework()
    options, _ = robot.parse_arguments(arguments.decode().split(worker_client.SEPARATOR))
    del options["name"]
    (name,) = options.pop("suite")
    code = robot.execute(sources[name], **options)
    if not (options.get("removekeywords") or options.get("flattenkeywords")):  # which pabot sees to afterwards
        runner.send(DONE)
    connection.sendall(bytes([code]))


def _end_with(recv: Callable[[], object], kill: Callable[[int, int], None]) -> None:
    """Kill this process, or with `os.killpg` its group, when the other side of a connection is gone."""
    with suppress(EOFError, OSError):
        recv()
    kill(os.getpid() if kill is os.kill else os.getpgrp(), signal.SIGKILL)
