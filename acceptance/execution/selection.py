"""Selection: which suites and tests a run consists of, by suite names and by the options for Robot Framework."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from robot.api import TestSuite
from robot.conf import RobotSettings
from robot.errors import DataError, Information
from robot.output import LOGGER
from robot.run import USAGE
from robot.utils import ArgumentParser

from acceptance.config import ConfigurationError
from acceptance.suites import Suite, known_suites

WRITE_TAG = "write"
RESERVED_VARIABLES = {
    "apiurl": "use --url",
    "e2eemail": "set it in the environment",
    "e2epassword": "set it in the environment, where the process list does not show it",
    "e2eotheremail": "set it in the environment",
    "e2eotherpassword": "set it in the environment, where the process list does not show it",
    "readonly": "use --read-only",
    "allowdestructive": "use --allow-destructive",
    "runid": "every run has an id of its own",
    "excludedsettings": "set [settings] exclude in acceptance.toml",
}
RESERVED_OPTIONS = {
    "outputdir": "use --output-dir before the --",
    "output": "the runner writes output.xml itself",
    "log": "the runner writes log.html itself",
    "report": "the runner writes report.html itself",
    "xunit": "the runner writes xunit.xml itself",
    "debugfile": "it would not be masked",
    "timestampoutputs": "the names of the results are fixed",
    "legacyoutput": "the runner reads the output itself",
    "splitlog": "the log is one file",
    "exitonfailure": "every suite must run to its end",
    "exitonerror": "every suite must run to its end",
    "skipteardownonexit": "a teardown restores the account",
    "dryrun": "it would pass without a check",
    "skip": "a skipped test would not fail",
    "skiponfailure": "a failed test must count as failed",
    "runemptysuite": "a run of no tests is no success",
    "rpa": "tests are no tasks",
    "settag": "tags assign tests to phases",
    "name": "the suites are known by the names of their files",
    "argumentfile": "give the options themselves",
    "prerunmodifier": "it could change what is checked",
    "prerebotmodifier": "it could change the results",
    "statusrc": "the exit code is the runner's",
    "consolewidth": "the console is the runner's",
    "consolemarkers": "the console is the runner's",
}


def chosen_suites(names: Sequence[str]) -> dict[str, Path]:
    """Return the files of the suites called `names`, of all where there are none.

    Raises:
        ConfigurationError: There is no such suite.
    """
    known = known_suites()
    wanted = {(Path(name).stem if name.endswith(".robot") else name).lower() for name in names} or set(known)
    unknown = sorted(wanted - known.keys())
    if unknown:
        raise ConfigurationError(f"There is no suite '{unknown[0]}'; the suites are {', '.join(known)}.")
    return {name: path for name, path in known.items() if name in wanted}


def checked_robot_options(options: Sequence[str]) -> None:
    """Check the options for Robot Framework.

    Raises:
        ConfigurationError: An option is unknown, or reserved for the runner.
    """
    try:
        given, rest = ArgumentParser(USAGE, auto_argumentfile=False, env_options=None).parse_args(list(options))
    except Information:
        raise ConfigurationError("--help and --version are not options of a run; use 'robot --help'.") from None
    except DataError as error:
        raise ConfigurationError(f"Robot Framework does not take these options: {error}.") from None
    if rest:
        raise ConfigurationError(f"'{rest[0]}' after the -- is not an option; name suites before it.")
    for name, reason in RESERVED_OPTIONS.items():
        if given.get(name) not in (None, [], ()):
            raise ConfigurationError(f"The option --{name} is reserved for the runner; {reason}.")
    for variable in given["variable"]:
        name = variable.partition(":")[0]
        instead = RESERVED_VARIABLES.get(name.lower().replace("_", "").replace(" ", ""))
        if instead:
            raise ConfigurationError(f"The variable {name} is reserved for the runner; {instead}.")
    try:
        _ = RobotSettings(_given(given)).suite_config
    except DataError as error:
        raise ConfigurationError(f"Robot Framework does not take these options: {str(error).rstrip('.')}.") from None


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value not in (None, [])}


def select(suites: dict[str, Path], robot_options: Sequence[str]) -> list[Suite]:
    """Return the suites with the tests that `robot_options` select.

    Raises:
        ConfigurationError: Nothing is selected.
    """
    options, _ = ArgumentParser(USAGE, auto_argumentfile=False, env_options=None).parse_args(list(robot_options))
    with LOGGER:
        LOGGER.unregister_console_logger()
        settings = RobotSettings(_given(options))
        chosen = [_selected(name, path, settings) for name, path in suites.items()]
    selected = [suite for suite in chosen if suite is not None]
    if not any(suite.tests for suite in selected) and all(_has_tests(path) for path in suites.values()):
        raise ConfigurationError(f"No test is selected by the options {' '.join(robot_options)}; nothing was run.")
    return selected


def _selected(name: str, path: Path, settings: RobotSettings) -> Suite | None:
    try:
        model = TestSuite.from_file_system(path, allow_empty_suite=True)
    except DataError:
        return Suite(name, name.capitalize(), path)
    if model.has_tests:
        try:
            model.configure(**settings.suite_config)
        except DataError:
            return None
    return Suite(
        name=name,
        title=model.name,
        path=path,
        tests=tuple(test.name for test in model.tests),
        metadata=dict(model.metadata),
        documentation=model.doc,
        writes=any(WRITE_TAG in test.tags for test in model.tests),
    )


def _has_tests(path: Path) -> bool:
    return bool(TestSuite.from_file_system(path, allow_empty_suite=True).has_tests)
