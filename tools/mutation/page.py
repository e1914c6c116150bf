"""The page of the mutation score, and the reviewed list of survivors that it explains them with."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.mutation.mutants import ROOT

SURVIVORS = Path(__file__).with_name("survivors.toml")
PAGE = ROOT / "docs" / "mutation.md"
FATES = ("killed", "gap", "spared", "outside", "equivalent")
PREFACE = (
    "# Mutation score",
    "",
    "`make mutation` writes this page. It changes one small thing in the reference backend, by those operators of",
    "Cosmic Ray that suffice and three more (a text emptied, a call left out, an exception not caught), and puts each",
    "mutant to full runs, with the calendar configured and without. A mutant is killed where a run does not end in 0.",
    "What starts and stops the process (`__main__.py`, `server.py`) is not mutated: no call of the API can tell.",
    "",
    "*Gap*: a promise that no test checks, or a survivor that nobody has reviewed. *Spared*: a promise that the suites",
    "leave alone on purpose. *Outside*: the contract does not give what changes. *Equivalent*: no caller can see a",
    "difference. *Score* is the share of all mutants that are killed; *of promises* leaves out what is outside or",
    "equivalent.",
    "",
    "| module | mutants | killed | gap | spared | outside | equivalent | score | of promises |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
)


@dataclass(frozen=True)
class Explanation:
    """Why some mutants survive.

    Attributes:
        why: The reason, a sentence.
        kind: What is so: nothing changes (`equivalent`), nothing changes that the contract gives (`outside`), or a
            promise that the suites leave alone on purpose (`spared`).
        changes: The mutants' changes.
    """

    why: str
    kind: str
    changes: tuple[str, ...]


def explanations(path: Path = SURVIVORS) -> list[Explanation]:
    """Read the reviewed list of survivors."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return [Explanation(one["why"], one["kind"], tuple(one["mutants"])) for one in content["reason"]]


def page(killed: Mapping[str, bool], reasons: Sequence[Explanation]) -> str:
    """Return the page that shows the result: of each module, of all, and the survivors."""
    kinds = {change: reason.kind for reason in reasons for change in reason.changes}
    fates = {change: "killed" if is_killed else kinds.get(change, "gap") for change, is_killed in killed.items()}
    modules = dict.fromkeys(map(_module, killed))
    rows = [_row(f"`{name}`", [fate for change, fate in fates.items() if _module(change) == name]) for name in modules]
    lines = [*PREFACE, *rows, _row("all", list(fates.values())), "", "## Survivors", ""]
    lines.append("Each is reviewed; `tools/mutation/survivors.toml` is the list.")
    for reason in reasons:
        survivors = [change for change in reason.changes if fates.get(change, "killed") != "killed"]
        lines += ["", f"**{reason.kind.capitalize()}** ({len(survivors)}): {reason.why}", ""]
        lines += [f"- ``{change}``" for change in survivors]
    return "\n".join(lines) + "\n"


def _row(name: str, fates: Sequence[str]) -> str:
    number = Counter(fates)
    promised = number.total() - number["equivalent"] - number["outside"]
    counts = [number.total(), *(number[fate] for fate in FATES)]
    shares = [f"{100 * number['killed'] / whole:.1f} %" if whole else "-" for whole in (number.total(), promised)]
    return f"| {' | '.join([name, *map(str, counts), *shares])} |"


def _module(change: str) -> str:
    return change.partition(",")[0]
