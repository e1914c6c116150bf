"""The metrics of a run, as Prometheus reads them."""

from pathlib import Path

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics_parser

Sample = tuple[str, frozenset[tuple[str, str]]]


class Metrics:
    """The samples of a file, which both formats must read alike.

    Attributes:
        values: The values by name and labels.
    """

    def __init__(self, file: Path) -> None:
        text = file.read_bytes().decode()
        assert text.endswith("# EOF\n")
        classic, modern = [
            {
                (sample.name, frozenset(sample.labels.items())): sample.value
                for family in families
                for sample in family.samples
            }
            for families in (
                parser.text_string_to_metric_families(text),
                openmetrics_parser.text_string_to_metric_families(text),  # type: ignore[no-untyped-call]
            )
        ]
        assert classic == modern
        assert len(classic) == sum(not line.startswith("#") for line in text.removesuffix("\n").split("\n"))
        self.values: dict[Sample, float] = modern

    @property
    def names(self) -> set[str]:
        """The names of all metrics."""
        return {name for name, _ in self.values}

    def labels(self, label: str) -> set[str]:
        """Return the values of a label."""
        return {dict(labels).get(label, "") for _, labels in self.values}

    def value(self, name: str, **labels: str) -> float:
        """Return the value of the one sample of `name` that has these `labels`, among others."""
        (found,) = [value for (one, its), value in self.values.items() if one == name and labels.items() <= set(its)]
        return found
