"""Robot Framework's cache of resource files and libraries, which the prefork server fills once for all workers.

Otherwise each worker would take a third of its time to read resource files and to list the keywords of libraries.
"""

import os
from contextlib import suppress
from pathlib import Path

from robot.output import LOGGER, Message
from robot.output.loggerapi import LoggerApi
from robot.running import namespace
from robot.running.importer import Importer

from acceptance.config import ROOT


class _FilledImporter(Importer):  # type: ignore[misc]
    """An importer that stays filled when a suite starts; a worker runs one suite."""

    def reset(self) -> None:
        pass


class _Problems(LoggerApi):  # type: ignore[misc]
    """Notices warnings and errors of Robot Framework."""

    found = False

    def message(self, msg: Message) -> None:
        self.found = self.found or msg.level in ("WARN", "ERROR")


def fill() -> None:
    """Import the resource files and their libraries, unless there is a problem: that is for the workers to report."""
    problems, importer = _Problems(), _FilledImporter()
    with LOGGER:
        LOGGER.unregister_console_logger()
        LOGGER.register_logger(problems)
        _import_library(importer, "BuiltIn")
        for path in (ROOT / "resources").rglob("*.resource"):
            with suppress(Exception):
                _import_resource(importer, path)
    if not problems.found:
        namespace.IMPORTER = importer


def _import_resource(importer: Importer, path: Path) -> None:
    for one in importer.import_resource(str(path)).imports:
        if one.type == one.LIBRARY and not one.args:
            is_file = one.name.endswith(".py")
            name = os.path.abspath(path.parent / one.name) if is_file else one.name  # noqa: PTH100 - keeps links, as Robot
            _import_library(importer, name)


def _import_library(importer: Importer, name: str) -> None:
    """Import a library without its object: each worker makes one, in its own environment."""
    importer.import_library(name, (), None, None).instance = None
