"""The table of the benchmarks."""

from tools.benchmarks.measurement import Cost
from tools.benchmarks.table import Comparison, as_markdown


def test_table_gives_the_median_the_overhead_and_the_ratio() -> None:
    ours = Comparison("ours", 0.5, [Cost(4.0, 1.0, 50.0), Cost(5.0, 2.0, 50.0), Cost(9.0, 3.0, 50.0)], 100.0)
    other = Comparison("other", 0.5, [Cost(10.0, 0.5, 50.0)], 50.0)
    rows = as_markdown([ours, other]).splitlines()[2:]
    assert rows == [
        "| 500 | ours | 3 | 5.00 | 4.00 to 9.00 | 2.00 | 1.00 | 2.00 | 100 |",
        "| 500 | other | 1 | 10.00 | 10.00 to 10.00 | 7.00 | 0.50 | 0.50 | 50 |",
    ]
