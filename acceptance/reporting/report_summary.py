"""The first screen of the report: what is broken, what that means, where the evidence is, and what the run was.

It is written in Robot Framework's documentation syntax, in which text that comes from a backend must stay mere text.
"""

import re
from collections.abc import Mapping, Sequence

from acceptance.exit_codes import CAPABILITY_ORDER, SEVERAL_APIS, ExitCodes
from acceptance.reporting.timing import Timing
from acceptance.reporting.verdict import ADVICE, SuiteVerdict, Verdict

LONGEST_FAILURE = 300
BAR_WIDTH = 20
WORD_JOINER = "\u2060"
_MARKUP = re.compile(r"""(?<![^\s"'(\[{])[*_`=|]|(?<=:)//|^-""")


def plain(text: str) -> str:
    """Return `text` in one line, in which Robot Framework finds no bold, no link, no image and no table."""
    return _MARKUP.sub(lambda found: WORD_JOINER + found.group(), " ".join(text.replace("|", "¦").split()))


def documentation(verdict: Verdict, suites: Sequence[SuiteVerdict]) -> str:
    """Return what the run means, a row for each suite, and the first failure of each with a link to its evidence."""
    rows = ["| =Capability= | =Verdict= | =Code= | =What it means= |"]
    for suite in suites:
        word = f"*{suite.word}*" if suite.exit_code else suite.word
        rows.append(f"| {plain(suite.name)} | {word} | {suite.exit_code} | {plain(suite.meaning)} |")
    headline = f"*{verdict.word.capitalize()}*, exit code {verdict.exit_code}. {ADVICE[verdict.word]}"
    return "\n\n".join([headline, "\n".join(rows), *_failures(suites)])


def _failures(suites: Sequence[SuiteVerdict]) -> list[str]:
    """The first failure of each suite; what several have in common is said once."""
    alike: dict[str, list[SuiteVerdict]] = {}
    for suite in suites:
        if suite.first_failure:
            alike.setdefault(suite.first_failure, []).append(suite)
    paragraphs = []
    for failure, having in alike.items():
        name, _, seen = failure.partition(": ")
        shown = seen if len(seen) <= LONGEST_FAILURE else f"{seen[:LONGEST_FAILURE]}…"
        where = ", ".join(plain(suite.name) for suite in having)
        paragraphs.append(
            f"*First failure in {where}:* [log.html#{having[0].failure_id}|{plain(name)}]. {plain(shown)}"
        )
    return paragraphs


def exit_code_meaning(verdict: Verdict, style: ExitCodes, suites: Sequence[SuiteVerdict]) -> str:
    """Return the exit code of a run with its meaning in words."""
    code = verdict.exit_code
    failed = next((suite for suite in suites if suite.exit_code == code), None)
    if code == 0:
        meaning = "all that was checked is as promised"
    elif style == "api" and code <= len(CAPABILITY_ORDER):
        meaning = f"the API of {CAPABILITY_ORDER[code - 1]} is broken"
    elif style == "api" and code == SEVERAL_APIS:
        meaning = "several APIs are broken, or another one than the first three"
    elif style == "api" or failed is None:
        meaning = "no verdict on the API"
    else:
        meaning = f"{failed.name}: {failed.meaning}"
    return f"{code} ({meaning})"


def timing_table(timings: Sequence[Timing]) -> str:
    """Return a table of the endpoints with a bar each, as long as the 95th percentile is in proportion."""
    longest = max((timing.p95 for timing in timings), default=0) or 1
    rows = ["| =Endpoint= | =Calls= | =Median= | =95th percentile= | =Maximum= | =Budget= | =95th percentile, drawn= |"]
    for timing in timings:
        budget = "none" if timing.budget is None else f"{timing.budget:,.0f} ms"
        if timing.is_over_budget:
            budget = f"*{budget}, passed*"
        bar = "█" * max(1, round(BAR_WIDTH * timing.p95 / longest))
        figures = (timing.median, timing.p95, timing.maximum)
        cells = [plain(timing.endpoint), str(timing.count), *(f"{one:,.0f} ms" for one in figures), budget, bar]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def shown_metadata(facts: Mapping[str, str | None]) -> dict[str, str]:
    """Return those of `facts` that are known."""
    return {name: value for name, value in facts.items() if value}
