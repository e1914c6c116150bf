"""The summary of the report: what is broken, since when, what to do, the verdict of each suite, and what was run.

It is written in Robot Framework's documentation syntax; text from a backend is escaped for it.
"""

from collections.abc import Iterator, Sequence

from acceptance.exit_codes import CAPABILITY_ORDER, SEVERAL_APIS
from acceptance.reporting.baseline import Comparison
from acceptance.reporting.escaping import for_robot
from acceptance.reporting.provenance import build, commit
from acceptance.reporting.run_result import RunResult
from acceptance.reporting.timing import Timing
from acceptance.reporting.traces import trace_for_robot
from acceptance.reporting.verdict import HEALTHY_MEANING, SuiteVerdict, sentence

LONGEST_FAILURE = 300
BAR_WIDTH = 20


def documentation(result: RunResult) -> str:
    """Return what is broken, since when and whether that is known, what to do, and a row for each suite."""
    return "\n\n".join(
        [
            *_failures(result),
            *_known_issues(result.suites),
            *_compared(result.baseline),
            f"*What to do:* {result.verdict.advice}" if result.exit_code else result.verdict.advice,
            _table(result.suites),
        ]
    )


def _failures(result: RunResult) -> Iterator[str]:
    """Yield the first failure of each suite, once for all suites that share it, and since when it has been there.

    The trace is in a paragraph of its own: a `[` of the backend before a link would be its beginning.
    """
    alike: dict[str, list[SuiteVerdict]] = {}
    for suite in result.suites:
        if suite.first_failure:
            alike.setdefault(suite.first_failure, []).append(suite)
    for failure, having in alike.items():
        first = having[0]
        name, _, message = failure.partition(": ")
        shown = message if len(message) <= LONGEST_FAILURE else f"{message[:LONGEST_FAILURE]}…"
        where = f"{', '.join(for_robot(suite.name) for suite in having)}: {first.status}"
        link = f"[log.html#{first.failure_id}|{for_robot(name)}]"
        yield f"*{where[:1].upper()}{where[1:]}.* {link}: {for_robot(shown)}"
        since = for_robot(sentence(first.since)) if first.since else ""
        trace = f"Trace {trace_for_robot(first.trace_id, result.trace_url)}." if first.trace_id else ""
        if since or trace:
            yield " ".join(filter(None, [since, trace]))


def _known_issues(suites: Sequence[SuiteVerdict]) -> Iterator[str]:
    for suite in suites:
        for issue in suite.known_issues:
            yield f"*Known in {for_robot(suite.name)}:* {for_robot(issue)}"


def _compared(baseline: Comparison | None) -> Iterator[str]:
    for words, tests in baseline.groups if baseline else ():
        yield f"*{words}:* {for_robot(', '.join(map(str, tests)))}"


def _table(suites: Sequence[SuiteVerdict]) -> str:
    rows = ["| =Capability= | =Verdict= | =Code= | =What it means= |"]
    for suite in suites:
        status = f"*{suite.status}*" if suite.exit_code else suite.status
        rows.append(f"| {for_robot(suite.name)} | {status} | {suite.exit_code} | {for_robot(suite.meaning)} |")
    return "\n".join(rows)


def metadata(result: RunResult) -> dict[str, str]:
    """Return what the run was and found beside its verdict, by name; facts that are not known are left out."""
    restored = "yes" if result.restored else for_robot(f"no: {result.restore_problem}".rstrip(": "))
    refused = f", and {result.refused_logins} refused" if result.refused_logins else ""
    expected = f"expected {result.expected_build}" if result.expected_build else ""
    facts = {
        "Account": result.account,
        "Account restored": restored,
        "Backend build": for_robot("; ".join(filter(None, [result.build, expected]))),
        "Baseline": for_robot(result.baseline.counts) if result.baseline else None,
        "Build": build(),
        "Commit": commit(),
        "Duration": f"{result.seconds:.1f} s in all",
        "Exit code": f"{result.exit_code} ({_meaning(result)})",
        "Logins": f"{result.logins}{refused}, among {result.requests} requests",
        "Notes": "\n\n".join(map(for_robot, result.notes)),
        "OpenAPI": "\n\n".join(map(for_robot, result.openapi)),
        "Side effects": for_robot(", ".join(result.side_effects)),
        "Timing": _timing_table(result.timings),
    }
    return {name: value for name, value in facts.items() if value}


def _meaning(result: RunResult) -> str:
    code, style, comparison = result.exit_code, result.exit_codes, result.verdict.comparison
    failed = next((suite for suite in result.suites if suite.exit_code == code), None)
    if code == 0:
        return f"{HEALTHY_MEANING[:1].lower()}{HEALTHY_MEANING[1:]}"
    if comparison and not comparison.codes and result.verdict.status == "broken":
        return "broken, but no test has regressed"
    if comparison and comparison.codes and style == "phase":
        return f"{', '.join(name for name, phase in comparison.codes.items() if phase == code)}: regressed"
    if style == "api" and code <= len(CAPABILITY_ORDER):
        return f"the {CAPABILITY_ORDER[code - 1]} API is broken"
    if style == "api" and code == SEVERAL_APIS:
        return "several APIs are broken, or another one than the first three"
    if style == "api" or failed is None:
        return "no verdict on the API"
    return f"{failed.name}: {failed.meaning}"


def _timing_table(timings: Sequence[Timing]) -> str:
    """A table of the endpoints, with a bar for each that is as long as its 95th percentile in proportion."""
    longest = max((timing.p95 for timing in timings), default=0) or 1
    rows = ["| =Endpoint= | =Calls= | =Median= | =95th percentile= | =Maximum= | =Budget= | =95th percentile, drawn= |"]
    for timing in timings:
        budget = "none" if timing.budget is None else f"{timing.budget:,.0f} ms"
        if timing.is_over_budget:
            budget = f"*{budget}, exceeded*"
        bar = "█" * max(1, round(BAR_WIDTH * timing.p95 / longest))
        figures = (timing.median, timing.p95, timing.maximum)
        cells = [for_robot(timing.endpoint), str(timing.count), *(f"{one:,.0f} ms" for one in figures), budget, bar]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)
