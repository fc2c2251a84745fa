"""Metrics, and whether what the product depends on works."""

from collections.abc import Mapping
from typing import Protocol

from gtvision.domain.metrics import Metric


class Metrics(Protocol):
    """Where measurements go. Labels must be those the metric declares."""

    def add(self, metric: Metric, amount: float = 1.0, **labels: str) -> None:
        """Adds to a counter."""
        ...

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Sets a gauge."""
        ...

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Puts a value into a histogram."""
        ...


class MetricsText(Protocol):
    """What `/metrics` answers."""

    def text(self) -> str:
        """The Prometheus text format."""
        ...


class ReadyChecks(Protocol):
    """What the system depends on."""

    def checks(self) -> Mapping[str, str]:
        """Each dependency by name, and `ok` or what is wrong with it."""
        ...
