"""The reviewed survivors are mutants of the current backend, and the mutants of a batch do not overlap."""

from tools.mutation.mutants import Mutant, apply, batches, mutants
from tools.mutation.page import RESULTS, explanations

REVIEWED = [change for reason in explanations() for change in reason.changes]


def test_each_reviewed_survivor_is_a_mutant_of_the_current_backend() -> None:
    assert REVIEWED
    assert set(REVIEWED) - {mutant.change for mutant in mutants()} == set()


def test_no_survivor_is_reviewed_twice() -> None:
    assert len(set(REVIEWED)) == len(REVIEWED)


def test_each_reason_has_a_kind_that_the_page_counts() -> None:
    assert {reason.kind for reason in explanations()} <= set(RESULTS[2:])


def test_mutants_of_a_batch_change_different_lines() -> None:
    places = {0: ("x",), 1: ("y",), 2: ("z",), 4: ("E", "F")}
    first, second, third, last = (Mutant("m.py", "f", range(at, at + 1), (), new) for at, new in places.items())
    together = batches([first, second, third, last], 3)
    assert together == [[first, third, last], [second]]
    assert apply(together[0], "a\nb\nc\nd\ne") == "x\nb\nz\nd\nE\nF"
