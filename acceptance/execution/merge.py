"""The command `run_tests.py merge`: one report and one verdict out of what the shards of a run have left."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from acceptance.cli import console
from acceptance.client.exchanges import Call
from acceptance.client.login import LoginOutcome
from acceptance.config import ConfigurationError
from acceptance.execution.sharding import Shard, shard_from
from acceptance.exit_codes import UNEXPECTED, ExitCodes, in_order, run_exit_code
from acceptance.reporting import annotations
from acceptance.reporting.history import PAGE, add_to_history
from acceptance.reporting.markdown import write_markdown
from acceptance.reporting.provenance import build, commit
from acceptance.reporting.report_summary import documentation, exit_code_meaning, plain, shown_metadata, timing_table
from acceptance.reporting.robot_output import FILES, Results, write_summary
from acceptance.reporting.timing import read_budgets, timings
from acceptance.reporting.verdict import SuiteVerdict, Verdict, Word, suite_verdict, verdict_lines
from acceptance.suites import Suite

PRECEDENCE: tuple[Word, ...] = ("throttled", "unreachable", "not-restored", "broken", "error", "healthy")
"""The word for the whole is the first of these that one of the shards came to."""

MUST_AGREE = ("target", "mode", "run")
EMPTY = "Nothing to run in this shard: there are fewer suites than shards."


@dataclass(frozen=True)
class Part:
    """What a shard left.

    Attributes:
        directory: Where.
        shard: Which it was.
        summary: What its `summary.json` holds.
    """

    directory: Path
    shard: Shard
    summary: dict[str, Any]

    @property
    def calls(self) -> list[Call]:
        """The calls that it made."""
        return [Call(**call) for call in self.summary["calls"]]


def leave_empty_shard(shard: Shard, mode: str, target: str | None, directory: Path) -> int:
    """Write the summary of a shard that has nothing to run, say so, and return 0: the verdict comes with the others."""
    for name in FILES:
        (directory / name).unlink(missing_ok=True)
    facts = {
        "target": target,
        "mode": mode,
        "exit_code": 0,
        "verdict": "healthy",
        "seconds": 0.0,
        "logins": 0,
        "requests": 0,
        "restored": True,
        "notes": [EMPTY],
        "calls": [],
        **shard.facts,
    }
    write_summary(directory, facts, [])
    print(f"Shard {shard}: {EMPTY}")
    return 0


def merge(
    directories: Sequence[Path], output_directory: Path, exit_codes: ExitCodes, history: Path | None = None
) -> int:
    """Write one report and one summary out of those in `directories`, and return the exit code of the whole.

    Where there is a `history`, the whole is added to it, as a run is.

    Raises:
        ConfigurationError: There is nothing to merge, or it does not belong together.
    """
    parts = [part for part in map(_part, directories) if part]
    if not parts:
        raise ConfigurationError("There is nothing to merge: no directory holds the summary of a shard.")
    _refuse_what_does_not_belong_together(parts)
    count = parts[0].shard.count
    there = {part.shard.number for part in parts}
    notes = [f"Shard {part.shard}: {note}" for part in parts for note in part.summary.get("notes", ())]
    missing = [Shard(number, count) for number in range(1, count + 1) if number not in there]
    notes += [f"Shard {shard} is missing: it did not run, or died, or its results were not given." for shard in missing]
    incomplete = [part for part in parts if part.summary["suites"] and not (part.directory / "output.xml").is_file()]
    notes += [f"Shard {part.shard} left no output.xml." for part in incomplete]

    names = in_order({name for part in parts for name in part.summary["suites"]})
    outputs = [part.directory / "output.xml" for part in parts if (part.directory / "output.xml").is_file()]
    suites = [Suite(name, name.capitalize(), Path(f"{name}.robot"), (), {}, "", False) for name in names]
    results = Results(outputs, suites, "its shard left no result.")
    outcomes = {name: _outcome(part) for part in parts for name in part.summary["suites"]}
    verdicts = [
        suite_verdict(name, result, dict(result.metadata), outcomes[name]) for name, result in results.by_name.items()
    ]
    verdict = _verdict(parts, verdicts, exit_codes, complete=not missing and not incomplete)
    calls = sorted((call for part in parts for call in part.calls), key=lambda call: call.at)
    restored = not missing and all(part.summary["restored"] for part in parts)
    facts = {
        "target": parts[0].summary["target"],
        "mode": parts[0].summary["mode"],
        "exit_code": verdict.exit_code,
        "verdict": verdict.word,
        "seconds": max(part.summary["seconds"] for part in parts),
        "logins": sum(part.summary["logins"] for part in parts),
        "requests": sum(part.summary["requests"] for part in parts),
        "restored": restored,
        "notes": notes,
        "calls": [asdict(call) for call in calls],
        "shards": count,
    }
    target = str(facts["target"] or "an embedded backend for each shard")

    def write() -> None:
        results.write(
            output_directory,
            f"{verdict.word.capitalize()}: {facts['mode']} run in {count} shards",
            documentation(verdict, verdicts),
            shown_metadata(
                {
                    "Account left as found": "yes" if restored else "no, or not known of every shard",
                    "Exit code": exit_code_meaning(verdict, exit_codes, verdicts),
                    "Mode": str(facts["mode"]),
                    "Notes": "\n\n".join(map(plain, notes)),
                    "Sign-ins": f"{facts['logins']}, among {facts['requests']} requests",
                    "Target": plain(target),
                    "Timing": timing_table(timings(calls, read_budgets())),
                }
            ),
        )
        write_summary(output_directory, facts, verdicts)
        write_markdown(output_directory, target, facts, verdicts, verdict, calls)

    (output_directory / PAGE).unlink(missing_ok=True)
    write()
    if history:
        origin = {"Commit": commit(), "Build": build()}
        problem = add_to_history(history, output_directory, str(facts["mode"]), origin)
        if problem:
            notes.append(f"The run is not added to the history {history}: {problem}.")
            write()
    for line in (*notes, *verdict_lines(verdicts, verdict), f"Report:  {output_directory / 'report.html'}"):
        console.show(annotations.harmless(line))
    if annotations.is_wanted():
        for annotation in annotations.of_run(results.by_name, verdicts, verdict):
            console.show(annotation)
    return verdict.exit_code


def _part(directory: Path) -> Part | None:
    """Return what the shard in `directory` left, None where it left no summary: it died, or never ran."""
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
        raise ConfigurationError(f"{path} cannot be understood; run that shard again.") from None


def _refuse_what_does_not_belong_together(parts: Sequence[Part]) -> None:
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
            raise ConfigurationError(f"Shard {number}/{first.shard.count} is there twice: {' and '.join(twice)}.")


def _outcome(part: Part) -> LoginOutcome:
    word = part.summary["verdict"]
    return "unreachable" if word == "unreachable" else "throttled" if word == "throttled" else "logged-in"


def _verdict(parts: Sequence[Part], suites: Sequence[SuiteVerdict], style: ExitCodes, complete: bool) -> Verdict:
    if not complete or not suites:
        return Verdict("error", UNEXPECTED)
    without_verdict = {suite.name for suite in suites if not suite.about_api}
    code = run_exit_code([(suite.name, suite.exit_code) for suite in suites], style, without_verdict)
    words = {part.summary["verdict"] for part in parts}
    word: Word = next((word for word in PRECEDENCE if word in words), "error")
    return Verdict(word, code or (0 if word == "healthy" else UNEXPECTED))
