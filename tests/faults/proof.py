"""The proof page: which fault of the catalogue was noticed by which suite, with which exit code, in which mode.

`make prove` writes it as `proof.html`, for people, and as `proof.json`, for scripts.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from tests.faults.catalogue import CAPABILITIES, CATALOGUE, Fault, Mode

MODES: tuple[Mode, Mode] = ("full", "smoke")


@dataclass(frozen=True)
class Trial:
    """One fault, tried in one mode.

    Attributes:
        fault: Its name in the catalogue.
        mode: The mode of the run.
        expected, got: The exit code of each suite.
        problem: What else was not as it must be, such as the verdict or the account; empty where all was.
    """

    fault: str
    mode: Mode
    expected: Mapping[str, int]
    got: Mapping[str, int]
    problem: str = ""

    @property
    def is_right(self) -> bool:
        """Whether every suite ended as it must, and all else was as it must be."""
        return dict(self.expected) == dict(self.got) and not self.problem

    @property
    def is_harmless(self) -> bool:
        """Whether nothing is broken, so that every suite must be healthy."""
        return CATALOGUE[self.fault].verdict == "healthy"


def totals(trials: Sequence[Trial]) -> dict[str, int]:
    """Return the figures of the proof: how many were tried, caught, given the right code, and falsely accused."""
    faults = [trial for trial in trials if not trial.is_harmless and any(trial.expected.values())]
    harmless = [trial for trial in trials if not any(trial.expected.values())]
    return {
        "faults": len({trial.fault for trial in trials if not trial.is_harmless}),
        "variations": len({trial.fault for trial in trials if trial.is_harmless}),
        "runs": len(trials),
        "to_be_caught": len(faults),
        "caught": sum(any(trial.got.values()) for trial in faults),
        "right": sum(trial.is_right for trial in faults),
        "to_be_left_alone": len(harmless),
        "false_alarms": sum(not trial.is_right for trial in harmless),
    }


def write(directory: Path, trials: Iterable[Trial]) -> None:
    """Write `proof.json` and `proof.html` into `directory`."""
    ordered = sorted(trials, key=lambda trial: (_group(CATALOGUE[trial.fault]), trial.fault, trial.mode))
    directory.mkdir(parents=True, exist_ok=True)
    content = {**totals(ordered), "trials": [{**asdict(trial), "right": trial.is_right} for trial in ordered]}
    (directory / "proof.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (directory / "proof.html").write_text(_page(ordered), encoding="utf-8")


def _group(fault: Fault) -> str:
    """The clause that a fault is listed under; what is harmless comes last."""
    return "~ Harmless variations" if fault.verdict == "healthy" else fault.clause.partition(":")[0]


def _page(trials: Sequence[Trial]) -> str:
    groups = [(name, list(group)) for name, group in groupby(trials, key=lambda one: _group(CATALOGUE[one.fault]))]
    figures = totals(trials)
    is_proven = figures["right"] == figures["to_be_caught"] and not figures["false_alarms"]
    return _TEMPLATE.format(
        state="proven" if is_proven else "gaps",
        verdict="Every fault is caught, and nothing healthy is accused" if is_proven else "There are gaps",
        figures="".join(f"<li><b>{value}</b> {words}</li>" for value, words in _figures(figures)),
        contents="".join(_entry(number, name, group) for number, (name, group) in enumerate(groups)),
        clauses="".join(_section(number, name, group) for number, (name, group) in enumerate(groups)),
    )


def _figures(figures: Mapping[str, int]) -> list[tuple[str, str]]:
    return [
        (str(figures["faults"]), "faults, each of which breaks one promise"),
        (str(figures["variations"]), "harmless variations, which break none"),
        (f"{figures['caught']} of {figures['to_be_caught']}", "runs that had to notice a fault did"),
        (f"{figures['right']} of {figures['to_be_caught']}", "of them with the right suites and codes"),
        (
            f"{figures['false_alarms']} of {figures['to_be_left_alone']}",
            "runs that had to be healthy raised a false alarm",
        ),
    ]


def _title(group: str) -> str:
    return escape(group.removeprefix("~ "))


def _entry(number: int, name: str, trials: Sequence[Trial]) -> str:
    right = sum(trial.is_right for trial in trials)
    state = "right" if right == len(trials) else "wrong"
    faults = len({trial.fault for trial in trials})
    return (
        f'<tr><td><a href="#clause-{number}">{_title(name)}</a></td><td>{faults}</td>'
        f'<td class="{state}">{right} of {len(trials)}</td></tr>'
    )


def _section(number: int, name: str, trials: Sequence[Trial]) -> str:
    rows = "".join(_row(fault, list(group)) for fault, group in groupby(trials, key=lambda one: one.fault))
    suites = "".join(f'<th scope="col">{name}</th>' for name in CAPABILITIES) * 2
    return (
        f'<section><h2 id="clause-{number}">{_title(name)}</h2><table><thead>'
        f'<tr><th rowspan="2" scope="col">What the backend does</th><th colspan="3" scope="colgroup">full</th>'
        f'<th colspan="3" scope="colgroup">smoke</th></tr><tr>{suites}</tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def _row(name: str, trials: Sequence[Trial]) -> str:
    fault = CATALOGUE[name]
    by_mode = {trial.mode: trial for trial in trials}
    cells = "".join(_cells(by_mode.get(mode)) for mode in MODES)
    problems = "".join(
        f"<br><strong>{escape(one.mode)}: {escape(one.problem)}</strong>" for one in trials if one.problem
    )
    promise = fault.clause.partition(": ")[2]
    detail = f"<br><small>{escape(promise)}</small>" if promise else ""
    sentence = " ".join((fault.function.__doc__ or name).split())
    return f'<tr id="{name}"><th scope="row">{escape(sentence)}{detail}{problems}</th>{cells}</tr>'


def _cells(trial: Trial | None) -> str:
    if trial is None:
        return '<td class="untried" colspan="3">not tried</td>'
    return "".join(_cell(trial.expected[name], trial.got.get(name)) for name in CAPABILITIES)


def _cell(expected: int, got: int | None) -> str:
    if expected != got:
        return f'<td class="wrong">✗ {got}, not {expected}</td>'
    return f'<td class="{"caught" if expected else "quiet"}">{f"✓ {expected}" if expected else "0"}</td>'


_TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Proof: what the acceptance suites catch</title>
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }}
body {{ color: #1c1c1c; background: #fff }}
header {{ border-left: .6rem solid; padding-left: 1rem }}
.proven {{ border-color: #1a7f37 }} .gaps {{ border-color: #b42318 }}
h1 {{ margin: 0 0 .3rem }} h2 {{ margin: 2.2rem 0 .5rem; font-size: 1.15rem }}
ul {{ margin: .3rem 0; padding-left: 1.2rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ border: 1px solid #d0d7de; padding: .3rem .5rem; text-align: left; vertical-align: top; font-weight: normal }}
thead th {{ background: #f3f4f6; font-weight: 600 }}
tbody td {{ text-align: center; width: 6.2rem; white-space: nowrap }}
small {{ color: #57606a }}
.caught, .right {{ background: #dafbe1 }} .wrong {{ background: #ffd9d6; font-weight: 600 }}
.quiet, .untried {{ color: #57606a }}
nav table {{ width: auto }}
</style>
</head>
<body>
<header class="{state}">
<h1>{verdict}</h1>
<p>Each row is a backend that does one thing wrong, tested by the real suites. A number is the exit code of a suite: 1
signing in, 2 reading, 3 acting, 4 consistency, 5 form, 0 healthy.</p>
<ul>{figures}</ul>
</header>
<main>
<nav aria-label="Clauses"><h2>Clauses of the contract</h2><table><thead>
<tr><th scope="col">clause</th><th scope="col">faults</th><th scope="col">runs as expected</th></tr></thead>
<tbody>{contents}</tbody></table></nav>
{clauses}
</main>
</body>
</html>
"""
