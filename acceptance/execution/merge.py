"""Merging: one result out of those that the shards of a run left."""

import argparse
import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acceptance.client.exchanges import Call, calls_of_api
from acceptance.client.login import LoginOutcome
from acceptance.client.retries import Retried
from acceptance.config import ConfigurationError, read_team_config
from acceptance.execution.sharding import Shard, shard_from
from acceptance.exit_codes import UNEXPECTED, ExitCodes, in_order, run_exit_code
from acceptance.reporting.history import PAGE, RETRIED_TAG, add_to_history
from acceptance.reporting.provenance import base_branch
from acceptance.reporting.result_files import remove_old_results, write_results
from acceptance.reporting.robot_output import RobotOutput
from acceptance.reporting.run_result import Mode, RunResult
from acceptance.reporting.since_when import with_since
from acceptance.reporting.summary_json import write_summary
from acceptance.reporting.timing import timings
from acceptance.reporting.verdict import Status, SuiteVerdict, Verdict, suite_verdict
from acceptance.suites import Suite

PRECEDENCE: tuple[Status, ...] = ("stale", "unreachable", "not-restored", "broken", "throttled", "error", "healthy")
"""The verdict of the whole is the first of these that one of the shards has."""

MUST_AGREE = ("target", "mode", "run")
EMPTY = "Nothing to run in this shard: there are fewer suites than shards."


@dataclass(frozen=True)
class Part:
    """What a shard left.

    Attributes:
        directory: The directory of its results.
        shard: Which part of the run it is.
        summary: The content of its `summary.json`.
    """

    directory: Path
    shard: Shard
    summary: dict[str, Any]

    @property
    def output(self) -> Path:
        """Its output file."""
        return self.directory / "output.xml"

    @property
    def login(self) -> LoginOutcome:
        """The outcome of its login, as far as its verdict shows it."""
        status = self.summary["verdict"]
        return status if status in ("unreachable", "throttled") else "logged-in"


def write_empty_shard(shard: Shard, mode: Mode, url: str | None, directory: Path) -> RunResult:
    """Write the summary of a shard that has nothing to run, and return its result, which is healthy.

    Raises:
        ConfigurationError: The team configuration has a mistake.
    """
    read_team_config()
    remove_old_results(directory)
    result = RunResult(
        verdict=Verdict("healthy", 0),
        suites=(),
        output=RobotOutput((), (), ""),
        scope=f"shard {shard}",
        target=url or "no backend",
        url=url,
        mode=mode,
        exit_codes="phase",
        seconds=0.0,
        started=None,
        calls=(),
        timings=(),
        restored=True,
        notes=(EMPTY,),
        shard=str(shard),
        run=shard.run,
    )
    write_summary(result, directory / "summary.json")
    return result


def merge(
    directories: Sequence[Path], output_directory: Path, exit_codes: ExitCodes, history: Path | None = None
) -> RunResult:
    """Merge the results of the shards in `directories`, write them, and return them.

    Where there is a `history`, the merged run is added to it.

    Raises:
        ConfigurationError: There is nothing to merge, or the directories are not parts of one run.
    """
    team = read_team_config()
    parts = [part for part in map(_part, directories) if part]
    if not parts:
        raise ConfigurationError("There is nothing to merge: no directory holds the summary of a shard.")
    _refuse_parts_of_several_runs(parts)
    first, count = parts[0].summary, parts[0].shard.count
    present = {part.shard.number for part in parts}
    missing = [Shard(number, count) for number in range(1, count + 1) if number not in present]
    incomplete = [part for part in parts if part.summary["suites"] and not part.output.is_file()]
    notes = [f"Shard {part.shard}: {note}" for part in parts for note in part.summary.get("notes", ())]
    notes += [
        f"Shard {shard} is missing: it did not run, or crashed, or its results were not given." for shard in missing
    ]
    notes += [f"Shard {part.shard} left no output.xml." for part in incomplete]

    logins = {name: part.login for part in parts for name in part.summary["suites"]}
    suites = [Suite(name, name.capitalize(), Path(f"{name}.robot")) for name in in_order(logins)]
    outputs = [part.output for part in parts if part.output.is_file()]
    output = RobotOutput(outputs, suites, "its shard left no result.")
    verdicts: Sequence[SuiteVerdict] = [
        suite_verdict(name, one, one.metadata, logins[name]) for name, one in output.by_name.items()
    ]
    restored = not missing and all(part.summary["restored"] for part in parts)
    calls = sorted((Call(**call) for part in parts for call in part.summary["calls"]), key=lambda call: call.at)

    (output_directory / PAGE).unlink(missing_ok=True)
    if history:
        verdicts, unread = with_since(verdicts, output, history, base_branch())
        notes += filter(None, [unread])
        with tempfile.TemporaryDirectory() as scratch:
            tags = [first["mode"], *([RETRIED_TAG] if any(part.summary.get("retried") for part in parts) else [])]
            problem = add_to_history(history, output, tags, output_directory, Path(scratch))
        if problem:
            notes.append(f"The run is not added to the history {history}: {problem}.")
    result = RunResult(
        verdict=_verdict(parts, verdicts, exit_codes, complete=not missing and not incomplete),
        suites=verdicts,
        output=output,
        scope=f"run in {count} shards",
        target=first["target"] or "an embedded backend for each shard",
        url=first["target"],
        account_id=next(filter(None, (part.summary.get("account") for part in parts)), None),
        read_only=any(part.summary.get("read_only") for part in parts),
        interrupted=any(part.summary.get("interrupted") for part in parts),
        mode=first["mode"],
        exit_codes=exit_codes,
        seconds=max(part.summary["seconds"] for part in parts),
        started=None,
        calls=calls,
        timings=timings(calls_of_api(calls), team.budgets),
        restored=restored,
        restore_problem="" if restored else "at least one shard did not report that it restored the account",
        retried=[Retried(**one) for part in parts for one in part.summary.get("retried", ())],
        side_effects=sorted({name for part in parts for name in part.summary.get("side_effects", ())}),
        pending=sorted({name for part in parts for name in part.summary.get("pending", ())}),
        build=_joined(part.summary.get("build") for part in parts),
        expected_build=_joined(part.summary.get("expected_build") for part in parts),
        openapi=list(dict.fromkeys(line for part in parts for line in part.summary.get("openapi", ()))),
        notes=notes,
        trace_url=team.trace.url,
        shards=count,
    )
    write_results(result, output_directory)
    return result


def _part(directory: Path) -> Part | None:
    """Return what the shard in `directory` left, None where it left no summary because it crashed or never ran."""
    path = directory / "summary.json"
    if not path.is_file():
        return None
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
        if "shard" not in summary:
            raise ConfigurationError(f"{path} is the summary of a whole run, not of a shard.")
        return Part(directory, shard_from(summary["shard"], {}), summary)
    except ConfigurationError:
        raise
    except (ValueError, TypeError, argparse.ArgumentTypeError):
        raise ConfigurationError(f"{path} is not the summary of a shard; run that shard again.") from None


def _refuse_parts_of_several_runs(parts: Sequence[Part]) -> None:
    first = parts[0]
    for part in parts[1:]:
        if part.shard.count != first.shard.count:
            raise ConfigurationError(
                f"{part.directory} is shard {part.shard}, {first.directory} is shard {first.shard}: not of one run."
            )
        for fact in MUST_AGREE:
            ours, others = first.summary.get(fact), part.summary.get(fact)
            if ours != others:
                raise ConfigurationError(
                    f"{first.directory} and {part.directory} are not of one run: the {fact} is {ours} in the one and "
                    f"{others} in the other."
                )
    for number in {part.shard.number for part in parts}:
        twice = [str(part.directory) for part in parts if part.shard.number == number]
        if len(twice) > 1:
            raise ConfigurationError(f"Shard {number}/{first.shard.count} is given twice: {' and '.join(twice)}.")


def _joined(values: Iterable[str | None]) -> str | None:
    """Return the different ones of `values`, None where there are none."""
    return ", ".join(dict.fromkeys(filter(None, values))) or None


def _verdict(parts: Sequence[Part], suites: Sequence[SuiteVerdict], style: ExitCodes, complete: bool) -> Verdict:
    if not complete or not suites:
        return Verdict("error", UNEXPECTED)
    without_verdict = {suite.name for suite in suites if not suite.is_about_api}
    code = run_exit_code([(suite.name, suite.exit_code) for suite in suites], style, without_verdict)
    found = {part.summary["verdict"] for part in parts}
    status: Status = next((status for status in PRECEDENCE if status in found), "error")
    if status == "stale":
        return Verdict(status, UNEXPECTED)
    known = sum(suite.known for suite in suites)
    return Verdict(status, code or (0 if status == "healthy" else UNEXPECTED), known=known)
