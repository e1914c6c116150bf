"""The reviewed list of mutants that survive: it cannot rot, and the page of the last result shows all of it."""

from benchmarks.mutation.mutants import Mutant, apply, batches, mutants
from benchmarks.mutation.page import PAGE, explanations

MUTANTS = {mutant.change: mutant for mutant in mutants()}
REVIEWED = [change for reason in explanations() for change in reason.changes]


def test_each_reviewed_survivor_is_a_mutant_of_the_backend_as_it_is() -> None:
    assert REVIEWED
    assert [change for change in REVIEWED if change not in MUTANTS] == []


def test_no_survivor_is_reviewed_twice() -> None:
    assert len(set(REVIEWED)) == len(REVIEWED)


def test_page_shows_each_reviewed_survivor_and_no_gap() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [change for change in REVIEWED if f"- ``{change}``" not in page] == []
    total = next(line for line in page.splitlines() if line.startswith("| all |")).split("|")
    assert (int(total[2]), int(total[4])) == (len(MUTANTS), 0)


def test_mutants_of_a_batch_change_different_lines_and_are_all_there() -> None:
    places = {0: ("x",), 1: ("y",), 2: ("z",), 4: ("E", "F")}
    first, second, third, last = (Mutant("m.py", "f", range(at, at + 1), (), new) for at, new in places.items())
    together = batches([first, second, third, last], 3)
    assert together == [[first, third, last], [second]]
    assert apply(together[0], "a\nb\nc\nd\ne") == "x\nb\nz\nd\nE\nF"
