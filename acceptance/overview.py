"""What a run against several targets leaves for people and machines beside their reports: a page and a summary."""

import html
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

from acceptance.phases import UNEXPECTED
from acceptance.verdict import ADVICE, Word

GRAVITY: tuple[Word, ...] = ("broken", "not-restored", "unreachable", "throttled", "error", "healthy")
"""The order in which targets are shown: what needs somebody first comes first."""

FILES = ("index.html", "summary.json")


@dataclass(frozen=True)
class TargetVerdict:
    """What the run against one target came to.

    Attributes:
        name: What the target is called.
        url: Where it is.
        verdict: What happened, in one word.
        exit_code: What its run ended with.
        seconds: How long it took.
        restored: Whether its account is as it was found.
        first_failure: What failed first, or why there is no verdict; None where all is well.
        report: Its report, seen from the overview; None where there is none.
    """

    name: str
    url: str
    verdict: Word
    exit_code: int
    seconds: float
    restored: bool
    first_failure: str | None
    report: str | None


def verdict_of(name: str, url: str, directory: Path, code: int | None) -> TargetVerdict:
    """Return what the run against a target came to.

    Args:
        name: What the target is called.
        url: Where it is.
        directory: Its results.
        code: What the run ended with, negative where it was killed; None where it was never begun.
    """
    path = directory / "summary.json"
    if code is None:
        why = "Not run: the run was interrupted before."
        return TargetVerdict(name, url, "error", UNEXPECTED, 0.0, True, why, None)
    if code < 0 or not path.is_file():
        why = f"Its run was killed by signal {-code}." if code < 0 else _last_words(directory)
        return TargetVerdict(name, url, "error", UNEXPECTED, 0.0, False, why, None)
    summary = json.loads(path.read_text(encoding="utf-8"))
    failures = [f"{suite}: {facts['first_failure']}" for suite, facts in summary["suites"].items()]
    first = next((failure for failure in failures if not failure.endswith(": None")), None)
    word, seconds, restored = summary["verdict"], summary["seconds"], summary["restored"]
    return TargetVerdict(name, url, word, code, seconds, restored, first, f"{directory.name}/report.html")


def _last_words(directory: Path) -> str:
    console = directory / "console.txt"
    lines = console.read_text(encoding="utf-8", errors="replace").split("\n") if console.is_file() else []
    return next((line for line in reversed(lines) if line.strip()), "Its run died without a word.")


def ranked(verdicts: Sequence[TargetVerdict]) -> list[TargetVerdict]:
    """Return verdicts, the worst first."""
    return sorted(verdicts, key=lambda one: (GRAVITY.index(one.verdict), one.exit_code, one.name))


def write_overview(directory: Path, verdicts: Sequence[TargetVerdict], mode: str, seconds: float) -> TargetVerdict:
    """Write the page and the summary into `directory`, and return the worst verdict."""
    targets = ranked(verdicts)
    worst = targets[0]
    facts = {
        "mode": mode,
        "exit_code": worst.exit_code,
        "verdict": worst.verdict,
        "seconds": seconds,
        "restored": all(one.restored for one in targets),
        "targets": [asdict(one) for one in targets],
    }
    (directory / "summary.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    healthy = sum(one.verdict == "healthy" for one in targets)
    page = _PAGE.substitute(
        title=f"{healthy} of {len(targets)} targets are healthy",
        mode=html.escape(mode),
        seconds=f"{seconds:.1f}",
        rows="\n".join(map(_row, targets)),
    )
    (directory / "index.html").write_text(page, encoding="utf-8")
    return worst


def _row(one: TargetVerdict) -> str:
    name, url = html.escape(one.name), html.escape(one.url)
    report = (
        f'<a href="{html.escape(one.report)}">Report<span class="hidden"> on {name}</span></a>' if one.report else ""
    )
    says = html.escape(one.first_failure or ADVICE[one.verdict])
    restored = "yes" if one.restored else "no"
    return (
        f'<tr class="{one.verdict}"><th scope="row">{name}<br><small>{url}</small></th>'
        f"<td><strong>{one.verdict}</strong></td><td>{one.exit_code}</td><td>{says}</td>"
        f"<td>{restored}</td><td>{one.seconds:.1f} s</td><td>{report}</td></tr>"
    )


_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; margin-bottom: 1rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem; border-bottom: 1px solid GrayText; }
tr > :first-child { border-left: .4rem solid #a61b1b; }
tr.healthy > :first-child { border-left-color: #1b7a34; }
thead tr > :first-child { border-left-color: transparent; }
td { overflow-wrap: anywhere; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
</style>
</head>
<body>
<main>
<h1>$title</h1>
<table>
<caption>A $mode run, $seconds s in all; what needs somebody comes first.</caption>
<thead><tr><th scope="col">Target</th><th scope="col">Verdict</th><th scope="col">Exit code</th>
<th scope="col">What it says</th><th scope="col">Account as found</th><th scope="col">Time</th>
<th scope="col">Report</th></tr></thead>
<tbody>
$rows
</tbody>
</table>
</main>
</body>
</html>
""")
