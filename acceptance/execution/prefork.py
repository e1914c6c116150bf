"""The prefork server: a process that imports once what all workers need, and forks a worker for each suite.

The runner forks the process of pabot as early as possible, while it has a single thread, and that one forks the server.
So libraries and resource files are imported while the runner waits for the backend, and while pabot reads the suites.

All of them are one process group. A watchdog in each process kills the group when its parent is gone: the runner,
pabot, or, for a worker, the client that pabot started for it.
"""

import gc
import logging
import multiprocessing
import os
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

from robot.run import RobotFramework

from acceptance.execution import import_cache, worker_client
from acceptance.redaction import own_texts

FORKS = multiprocessing.get_context("fork")
CLIENT = "client"
COMMAND = ("-I", "-S", CLIENT)
"""The arguments of Python with which pabot starts the client of a worker, in the directory of the run."""

DONE = "done"


@dataclass(frozen=True)
class Job:
    """What the server runs.

    Attributes:
        pabot_arguments: The arguments of pabot.
        sources: The file of each suite, by the long name that pabot uses for it; a worker reads that file alone.
        environment: The whole environment of pabot and of the workers.
    """

    pabot_arguments: Sequence[str]
    sources: Mapping[str, Path]
    environment: Mapping[str, str]


class PreforkServer:
    """The server, as the runner controls it. The process that makes it must have a single thread.

    Args:
        directory: A private directory, in which pabot and the workers work.
        log: The file for the output of the server, pabot and the workers.
    """

    def __init__(self, directory: Path, log: Path) -> None:
        shutil.copyfile(worker_client.__file__, directory / CLIENT)
        self._done = 0
        self._jobs, server_end = FORKS.Pipe()
        self.process = FORKS.Process(target=_run_pabot, args=(self._jobs, server_end, directory, log))
        self.process.start()
        server_end.close()

    def wait(self, workers: int, seconds: float) -> bool:
        """Wait `seconds` at most until `workers` of them are done or the server has ended; return whether it is so."""
        end = time.monotonic() + seconds
        while self._done < workers:
            ready = wait([self._jobs, self.process.sentinel], max(end - time.monotonic(), 0))
            if self._jobs not in ready:
                return bool(ready)
            try:
                self._jobs.recv()
            except EOFError:
                return True
            self._done += 1
        return True

    @property
    def pid(self) -> int:
        """The id of the process of pabot, and of the process group of all."""
        assert self.process.pid
        return self.process.pid

    def start(self, job: Job) -> None:
        """Run `job`."""
        with suppress(OSError):  # the server has died; `wait` returns at once
            self._jobs.send(job)

    def kill(self) -> None:
        """Kill the server and its whole process group; a second call does nothing."""
        if self._jobs.closed:
            return
        self._jobs.close()
        with suppress(ProcessLookupError):  # it is not yet a group of its own, and ends when the pipe is closed
            os.killpg(self.pid, signal.SIGKILL)
        self.process.join()


def _run_pabot(runner_end: Connection, jobs: Connection, directory: Path, log: Path) -> None:
    runner_end.close()
    os.setsid()
    logging.getLogger("acceptance").handlers.clear()  # the console is the runner's
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    _redirect(os.devnull, os.O_RDONLY, 0)
    _redirect(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 1)
    os.dup2(1, 2)
    os.chdir(directory)
    pabot_end, server_end = FORKS.Pipe()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(worker_client.ADDRESS)
        listener.listen(64)
        server = FORKS.Process(target=_serve, args=(listener, pabot_end, server_end, jobs))
        server.start()
    server_end.close()
    import psutil  # noqa: F401 - pabot imports it when it starts a suite
    from pabot.pabot import main_program

    try:
        job: Job = jobs.recv()
    except EOFError:
        pabot_end.close()
        return
    pabot_end.send(job)
    _set_environment(job)
    threading.Thread(target=_kill_when_closed, args=(jobs.recv, os.killpg), daemon=True).start()
    main_program(list(job.pabot_arguments))
    pabot_end.close()
    server.join()


def _set_environment(job: Job) -> None:
    os.environ.clear()
    os.environ.update(job.environment)


def _redirect(path: str | Path, flags: int, descriptor: int) -> None:
    opened = os.open(path, flags, 0o600)
    os.dup2(opened, descriptor)
    os.close(opened)


def _serve(listener: socket.socket, pabot_end: Connection, pabot: Connection, runner: Connection) -> None:
    pabot_end.close()
    gc.disable()
    import_cache.fill()
    own_texts()  # which all workers share
    gc.freeze()
    gc.enable()
    try:
        job: Job = pabot.recv()
    except EOFError:
        return
    _set_environment(job)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # after the workers, which are waited for
    while True:
        ended = [worker.sentinel for worker in multiprocessing.active_children()]
        ready = wait([listener, pabot, *ended])
        if pabot in ready:
            _kill_when_closed(pabot.recv, os.killpg)
        if listener not in ready:
            continue
        connection, _ = listener.accept()
        arguments, console, _, _ = socket.recv_fds(connection, 65_536, 3)
        if arguments:
            FORKS.Process(target=_work, args=(connection, console, arguments, runner, job.sources)).start()
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
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for standard, descriptor in enumerate(console):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    threading.Thread(target=_kill_when_closed, args=(lambda: connection.recv(1), os.kill), daemon=True).start()
    robot = RobotFramework()
    options, _ = robot.parse_arguments(arguments.decode().split(worker_client.SEPARATOR))
    del options["name"]
    (name,) = options.pop("suite")
    code = robot.execute(sources[name], **options)
    if not (options.get("removekeywords") or options.get("flattenkeywords")):  # pabot applies these afterwards
        runner.send(DONE)
    connection.sendall(bytes([code]))


def _kill_when_closed(recv: Callable[[], object], kill: Callable[[int, int], None]) -> None:
    """Kill this process, or with `os.killpg` its group, when the other side of a connection is closed."""
    with suppress(EOFError, OSError):
        recv()
    kill(os.getpid() if kill is os.kill else os.getpgrp(), signal.SIGKILL)
