"""The distribution of suites to shards."""

from acceptance.execution.sharding import Shard, suites_of
from acceptance.suites import Suite
from tests.support.project import ROOT

SHARDS = 4


def test_suites_that_write_stay_together_and_every_suite_is_in_one_shard() -> None:
    suites = [_suite(f"suite-{number}", tests=number % 5 + 1, writes=number % 4 == 0) for number in range(20)]
    shares = [suites_of(Shard(number, SHARDS), suites) for number in range(1, SHARDS + 1)]
    assert sorted(suite.name for share in shares for suite in share) == sorted(suite.name for suite in suites)
    assert [any(suite.writes for suite in share) for share in shares] == [True, False, False, False]
    assert all(shares)


def _suite(name: str, tests: int, writes: bool) -> Suite:
    return Suite(name, name, ROOT / f"{name}.robot", ("A test",) * tests, {}, "", writes)
