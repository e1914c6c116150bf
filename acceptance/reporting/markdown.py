"""`summary.md`: the verdict for whoever reads Markdown, such as the summary of a pipeline's job."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from acceptance.client.exchanges import Call
from acceptance.reporting.verdict import ADVICE, SuiteVerdict, Verdict

SLOWEST = 5
LONGEST_TEXT = 500
_SYNTAX = re.compile(r"[\\`*_\[\]|~$#!]")
_BACKTICKS = re.compile("`+")


def write_markdown(
    directory: Path,
    target: str,
    facts: Mapping[str, Any],
    suites: Sequence[SuiteVerdict],
    verdict: Verdict,
    calls: Sequence[Call],
) -> None:
    """Write `summary.md` into `directory`.

    Args:
        directory: The results.
        target: What the run was against, as reports show it.
        facts: The facts of `summary.json`; mode, seconds and notes are told here, too.
        suites: The verdicts of the suites.
        verdict: That of the run.
        calls: The calls that were made.
    """
    lines = [
        f"# {verdict.word.capitalize()}: {facts['mode']} run against {_text(target)}",
        "",
        f"{_text(ADVICE[verdict.word])} Exit code {verdict.exit_code}, after {facts['seconds']:.1f} s.",
        *_table(suites, verdict),
        *_section("First failures", _failures(suites)),
        *_section("Slowest calls", _slowest(calls)),
        *_section("Skipped", _skipped(suites)),
        *_section("Notes", map(_text, facts["notes"])),
    ]
    (directory / "summary.md").write_text("\n".join(lines) + "\n", encoding="utf-8", errors="replace")


def _table(suites: Sequence[SuiteVerdict], verdict: Verdict) -> Iterator[str]:
    yield from (
        "",
        "| API | verdict | code | what the code means | passed | failed | skipped | seconds |",
        "|---|---|---:|---|---:|---:|---:|---:|",
    )
    for suite in suites:
        counts = f"{suite.passed} | {suite.failed} | {suite.skipped} | {suite.seconds:.1f}"
        yield f"| {_text(suite.name)} | {suite.word} | {suite.exit_code} | {_text(suite.meaning)} | {counts} |"


def _section(title: str, items: Iterator[str]) -> Iterator[str]:
    for number, item in enumerate(items):
        if number == 0:
            yield from ("", f"## {title}", "")
        yield f"- {item}"


def _failures(suites: Sequence[SuiteVerdict]) -> Iterator[str]:
    for suite in suites:
        if suite.first_failure:
            yield f"{_text(suite.name)}: {_code(suite.first_failure)}"


def _slowest(calls: Sequence[Call]) -> Iterator[str]:
    slowest_of_each = {(call.method, call.path): call for call in sorted(calls, key=_milliseconds)}
    for call in sorted(slowest_of_each.values(), key=_milliseconds, reverse=True)[:SLOWEST]:
        status = "no answer" if call.status is None else call.status
        yield f"{_code(f'{call.method} {call.path}')}: {status}, {call.milliseconds:.0f} ms"


def _milliseconds(call: Call) -> float:
    return call.milliseconds


def _skipped(suites: Sequence[SuiteVerdict]) -> Iterator[str]:
    for suite in suites:
        blocked = suite.skipped - sum(suite.skip_reasons.values())
        if blocked:
            yield f"{_text(suite.name)}: {blocked} blocked by the first failure"
        for reason, count in suite.skip_reasons.items():
            yield f"{_text(suite.name)}: {count} skipped: {_text(reason)}"


def _one_line(text: str) -> str:
    """Return `text` without line breaks, control characters and what goes on for ever."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LONGEST_TEXT else f"{line[:LONGEST_TEXT]}…"


def _text(text: str) -> str:
    """Return `text` as Markdown that shows it as it is."""
    return html.escape(_SYNTAX.sub(r"\\\g<0>", _one_line(text)), quote=False)


def _code(text: str) -> str:
    """Return `text`, which may come from a backend, as a code span: nothing in it is Markdown or HTML."""
    line = _one_line(text)
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(line)), default=0))
    pad = " " if len(fence) > 1 else ""
    return f"{fence}{pad}{line}{pad}{fence}"
