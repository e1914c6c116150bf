"""The page with the mutation score, and the reviewed list of survivors."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.mutation.mutants import ROOT

SURVIVORS = Path(__file__).with_name("survivors.toml")
PAGE = ROOT / "docs" / "mutation.md"
RESULTS = ("killed", "gap", "excluded", "outside", "equivalent")
PREFACE = (
    "# Mutation score",
    "",
    "`make mutation` writes this page. It makes one small change to the reference backend, with a sufficient set of",
    "Cosmic Ray's operators and three more (empty a string, remove a call, catch no exception), and tests each mutant",
    "with full runs, with OAuth configured and without. A run that does not exit with 0 kills the mutant. The code",
    "that starts and stops the process (`__main__.py`, `server.py`) is not mutated: no call of the API depends on it.",
    "",
    "*Gap*: a clause that no test checks, or a survivor that is not reviewed. *Excluded*: a clause that the suites do",
    "not test on purpose. *Outside*: the contract does not define what changes. *Equivalent*: no client can observe",
    "the change. *Score* is the share of all mutants that are killed; *of contract* leaves out what is outside or",
    "equivalent. Each survivor is reviewed, with the reason, in `tools/mutation/survivors.toml`.",
    "",
    "| module | mutants | killed | gap | excluded | outside | equivalent | score | of contract |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
)


@dataclass(frozen=True)
class Explanation:
    """Why some mutants survive.

    Attributes:
        why: The reason.
        kind: `equivalent`: no client can observe the change; `outside`: the contract does not define what changes;
            `excluded`: a clause that the suites do not test on purpose.
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
    """Return the page with the score of each module and of all."""
    kinds = {change: reason.kind for reason in reasons for change in reason.changes}
    results = {change: "killed" if is_killed else kinds.get(change, "gap") for change, is_killed in killed.items()}
    modules = dict.fromkeys(map(_module, killed))
    rows = [
        _row(f"`{name}`", [result for change, result in results.items() if _module(change) == name]) for name in modules
    ]
    return "\n".join([*PREFACE, *rows, _row("all", list(results.values()))]) + "\n"


def _row(name: str, results: Sequence[str]) -> str:
    number = Counter(results)
    in_contract = number.total() - number["equivalent"] - number["outside"]
    counts = [number.total(), *(number[result] for result in RESULTS)]
    shares = [f"{100 * number['killed'] / whole:.1f} %" if whole else "-" for whole in (number.total(), in_contract)]
    return f"| {' | '.join([name, *map(str, counts), *shares])} |"


def _module(change: str) -> str:
    return change.partition(",")[0]
