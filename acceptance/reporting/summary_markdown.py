"""`summary.md`: the verdict as Markdown, for the summary of a pipeline's job."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from acceptance.client.exchanges import Call
from acceptance.reporting.escaping import for_markdown, markdown_code
from acceptance.reporting.run_result import RunResult
from acceptance.reporting.traces import trace_for_markdown
from acceptance.reporting.verdict import SuiteVerdict, sentence

SLOWEST = 5


def write_markdown(result: RunResult, path: Path) -> None:
    """Write what is broken in `result`, since when, what to do, a table of the suites, and the details to `path`."""
    advice = for_markdown(result.verdict.advice)
    to_do = f"What to do: {advice}" if result.exit_code else advice
    lines = [
        f"# {for_markdown(result.headline)} run against {for_markdown(result.target)}",
        *_paragraphs(_failures(result)),
        *_paragraphs(_known_issues(result.suites)),
        "",
        f"{to_do} Exit code {result.exit_code}, after {result.seconds:.1f} s.",
        *_table(result.suites),
        *_section("Compared with the baseline", _compared(result)),
        *_section("Slowest calls", _slowest(result.calls)),
        *_section("OpenAPI", map(for_markdown, result.openapi)),
        *_section("Skipped", _skipped(result.suites)),
        *_section("Notes", map(for_markdown, result.notes)),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="replace")


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from ("", text)


def _table(suites: Sequence[SuiteVerdict]) -> Iterator[str]:
    yield from (
        "",
        "| API | verdict | code | what the code means | passed | failed | known | skipped | seconds |",
        "|---|---|---:|---|---:|---:|---:|---:|---:|",
    )
    for suite in suites:
        name, meaning = for_markdown(suite.name), for_markdown(suite.meaning)
        counts = f"{suite.passed} | {suite.failed} | {suite.known} | {suite.skipped} | {suite.seconds:.1f}"
        yield f"| {name} | {suite.status} | {suite.exit_code} | {meaning} | {counts} |"


def _section(title: str, items: Iterable[str]) -> Iterator[str]:
    for number, item in enumerate(items):
        if number == 0:
            yield from ("", f"## {title}", "")
        yield f"- {item}"


def _failures(result: RunResult) -> Iterator[str]:
    for suite in result.suites:
        if suite.first_failure:
            since = f" {for_markdown(sentence(suite.since))}" if suite.since else ""
            trace = f" Trace {trace_for_markdown(suite.trace_id, result.trace_url)}." if suite.trace_id else ""
            failure = markdown_code(suite.first_failure)
            yield f"🔴 **{for_markdown(suite.name)}: {suite.status}.** {failure}{since}{trace}"


def _known_issues(suites: Sequence[SuiteVerdict]) -> Iterator[str]:
    for suite in suites:
        for issue in suite.known_issues:
            yield f"🟡 **{for_markdown(suite.name)}: known.** {markdown_code(issue)}"


def _compared(result: RunResult) -> Iterator[str]:
    for words, tests in result.baseline.groups if result.baseline else ():
        yield from (f"{words}: {for_markdown(str(test))}" for test in tests)


def _slowest(calls: Sequence[Call]) -> Iterator[str]:
    slowest_of_each = {(call.method, call.path): call for call in sorted(calls, key=_milliseconds)}
    for call in sorted(slowest_of_each.values(), key=_milliseconds, reverse=True)[:SLOWEST]:
        status = "no response" if call.status is None else call.status
        yield f"{markdown_code(f'{call.method} {call.path}')}: {status}, {call.milliseconds:.0f} ms"


def _milliseconds(call: Call) -> float:
    return call.milliseconds


def _skipped(suites: Sequence[SuiteVerdict]) -> Iterator[str]:
    for suite in suites:
        for reason, count in suite.blocked_reasons.items():
            yield f"{for_markdown(suite.name)}: {count} {for_markdown(reason)}"
        for reason, count in suite.skip_reasons.items():
            yield f"{for_markdown(suite.name)}: {count} skipped: {for_markdown(reason)}"
