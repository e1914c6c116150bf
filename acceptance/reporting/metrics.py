"""Metrics of a run for Prometheus: a file for the textfile collector of node_exporter.

The file is in the OpenMetrics format and holds gauges alone, so that it is also in the classic text format, which that
collector reads. All samples have the labels `target` and `mode`: the collector merges the files of several targets, and
refuses a sample that is in two of them.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector

from acceptance import __version__
from acceptance.config import ConfigurationError
from acceptance.reporting.atomic_file import replace_file
from acceptance.reporting.run_result import RunResult
from acceptance.reporting.verdict import Status
from acceptance.texts import cut

READABLE_BY_ALL = 0o644
"""The mode of the file: node_exporter runs as another user, and the file holds nothing private."""

MOST_ENDPOINTS = 100
RUN_LABELS = ("target", "mode")
Sample = tuple[tuple[str, ...], float]
"""The values of the other labels, and the value of the gauge."""


def checked_metrics(name: str) -> Path:
    """Return the path `name` of a file of metrics; the run makes or replaces it.

    Raises:
        ConfigurationError: It cannot be written.
    """
    path = Path(name).resolve()
    if not name or (path.exists() and not path.is_file()):
        raise ConfigurationError("--metrics names no file; name the one that the metrics are written to.")
    if not path.parent.is_dir():
        raise ConfigurationError(f"--metrics names {path}, but there is no folder {path.parent}; make it first.")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            return path
    except OSError as error:
        raise ConfigurationError(f"The file {path} of --metrics cannot be written: {error.strerror}.") from None


def write_metrics(result: RunResult, target: str, path: Path) -> str:
    """Write the metrics of the run `result` against `target` to `path`, and return why that did not work."""
    registry = CollectorRegistry()
    registry.register(_RunMetrics(result, target))
    try:
        text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
        replace_file(path, text.decode(), READABLE_BY_ALL)
    except OSError as error:
        return f"{path} cannot be written ({error.strerror})"
    return ""


class _RunMetrics(Collector):
    """The metrics of one run."""

    def __init__(self, result: RunResult, target: str) -> None:
        self._result = result
        self._run = (target, result.mode)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each metric."""
        result = self._result
        yield self._gauge(
            "run_verdict",
            "Whether this is the verdict of the last run.",
            ["verdict"],
            (((one,), one == result.verdict.status) for one in get_args(Status)),
        )
        yield self._gauge("run_info", "Version of the suites.", ["version"], [((__version__,), 1)])
        yield self._figure("run_exit_code", "Exit code of the last run.", result.exit_code)
        yield self._figure("run_duration_seconds", "How long the last run took.", result.seconds)
        if result.started:
            end = result.started.timestamp() + result.seconds
            yield self._figure("run_timestamp_seconds", "When the last run ended (Unix time).", end)
        yield self._figure("run_requests", "Requests of the last run.", result.requests)
        yield self._figure("run_retried_requests", "Requests that got a response when sent again.", len(result.retried))
        yield self._figure("run_logins", "Successful logins of the last run.", result.logins)
        yield self._figure("run_restored", "Whether the account was left as found.", result.restored)
        if result.certificate_expires:
            yield self._figure(
                "certificate_expiry_timestamp_seconds",
                "When the certificate of the target expires (Unix time).",
                result.certificate_expires,
            )
        yield self._gauge(
            "suite_exit_code",
            "Exit code of a suite.",
            ["suite"],
            (((suite.name,), suite.exit_code) for suite in result.suites),
        )
        yield self._gauge("suite_tests", "Tests of a suite.", ["suite", "result"], self._tests())
        yield self._gauge(
            "endpoint_latency_seconds",
            "Response time of an endpoint in the last run.",
            ["method", "path", "statistic"],
            self._latencies(),
        )

    def _tests(self) -> Iterator[Sample]:
        for suite in self._result.suites:
            yield (suite.name, "passed"), suite.passed
            yield (suite.name, "failed"), suite.failed
            yield (suite.name, "known"), suite.known
            yield (suite.name, "skipped"), suite.skipped

    def _latencies(self) -> Iterator[Sample]:
        """Yield the figures of the slowest endpoints."""
        for timing in self._result.timings[:MOST_ENDPOINTS]:
            method, _, path = timing.endpoint.partition(" ")
            figures = {"median": timing.median, "p95": timing.p95, "maximum": timing.maximum}
            for statistic, milliseconds in figures.items():
                yield (method, cut(path), statistic), milliseconds / 1000

    def _figure(self, name: str, documentation: str, value: float) -> GaugeMetricFamily:
        return self._gauge(name, documentation, [], [((), value)])

    def _gauge(
        self, name: str, documentation: str, labels: Sequence[str], samples: Iterable[Sample]
    ) -> GaugeMetricFamily:
        gauge = GaugeMetricFamily(f"acceptance_{name}", documentation, labels=[*RUN_LABELS, *labels])
        for values, value in dict(samples).items():  # paths that were cut may be the same
            gauge.add_metric([*self._run, *values], float(value))
        return gauge
