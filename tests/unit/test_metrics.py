"""The metrics of a run: both formats read them, and nothing of a backend's makes them many."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from acceptance.reporting.metrics import MOST_ENDPOINTS, write_metrics
from acceptance.reporting.robot_output import RobotOutput
from acceptance.reporting.run_result import RunResult
from acceptance.reporting.timing import Timing
from acceptance.reporting.verdict import Verdict
from tests.support.metrics import Metrics

NAME = "acceptance_endpoint_latency_seconds"
TARGET = "https://api.example.com"


def result(endpoints: list[str]) -> RunResult:
    """Return the result of a run that called `endpoints`, each for one second at most."""
    return RunResult(
        verdict=Verdict("healthy", 0),
        suites=(),
        output=RobotOutput((), (), ""),
        scope="",
        target="",
        url=None,
        mode="full",
        exit_codes="phase",
        seconds=3.5,
        started=datetime(2026, 3, 1, tzinfo=UTC),
        calls=(),
        timings=[Timing(endpoint, 3, 250.0, 900.0, 1000.0, None) for endpoint in endpoints],
        restored=True,
        certificate_expires=1_800_000_000.0,
    )


def test_figures_are_in_base_units(tmp_path: Path) -> None:
    file = tmp_path / "a.prom"
    assert write_metrics(result(["GET /api/business/me"]), TARGET, file) == ""
    metrics = Metrics(file)
    run = {"target": TARGET, "mode": "full"}
    assert all(run.items() <= set(labels) for _, labels in metrics.values)
    latencies = [metrics.value(NAME, statistic=one) for one in ("median", "p95", "maximum")]
    assert latencies == [0.25, 0.9, 1.0]
    assert metrics.value("acceptance_run_timestamp_seconds") == datetime(2026, 3, 1, tzinfo=UTC).timestamp() + 3.5
    assert metrics.value("acceptance_certificate_expiry_timestamp_seconds") == 1_800_000_000


@pytest.mark.parametrize(
    "path", ['/a"b', "/a\\b", "/a\\nb", "/a\nb", "/a b", "/ä#€}", '/{path="x"} 1 # {}', "/a\r# EOF"]
)
def test_any_path_is_a_label_that_both_formats_read(path: str, tmp_path: Path) -> None:
    write_metrics(result([f"GET {path}"]), TARGET, tmp_path / "a.prom")
    assert Metrics(tmp_path / "a.prom").value(NAME, method="GET", path=path, statistic="maximum") == 1.0


def test_many_and_long_paths_give_few_and_short_labels(tmp_path: Path) -> None:
    write_metrics(result([f"GET /{'x' * 500}{number}" for number in range(10)]), TARGET, tmp_path / "a.prom")
    assert {len(path) for path in Metrics(tmp_path / "a.prom").labels("path") if path} == {201}
    write_metrics(result([f"GET /{number}" for number in range(1_000)]), TARGET, tmp_path / "a.prom")
    assert len(Metrics(tmp_path / "a.prom").labels("path") - {""}) == MOST_ENDPOINTS


def test_file_is_replaced_whole_and_readable_by_all(tmp_path: Path) -> None:
    file = tmp_path / "a.prom"
    file.write_text("old")
    with file.open() as reader:
        write_metrics(result([]), TARGET, file)
        assert reader.read() == "old"
    assert file.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [file]


def test_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    file = tmp_path / "gone" / "a.prom"
    assert write_metrics(result([]), TARGET, file) == f"{file} cannot be written (No such file or directory)"
