"""Metrics through prometheus-client: for processes without Ray, and for what Ray's nodes export."""

from collections.abc import Iterable, Iterator, Sequence

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.parser import text_string_to_metric_families

from gtvision.domain.metrics import ALL, Metric

_RAY_PREFIX = "ray_"
_OF_RAY = {"NodeAddress": "node", "WorkerId": "worker"}


class PrometheusMetrics:
    """`Metrics` and `MetricsText` of this process."""

    def __init__(self, metrics: Iterable[Metric] = ALL) -> None:
        """Declares the metrics in a registry of its own, so that two of them never meet."""
        # Else each counter has a second series, of when it was made, that no query of ours reads.
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # theirs
        self._registry = CollectorRegistry()
        made = [(metric, _exported(metric, self._registry)) for metric in metrics]
        self._counters = {metric.name: each for metric, each in made if isinstance(each, Counter)}
        self._gauges = {metric.name: each for metric, each in made if isinstance(each, Gauge)}
        self._histograms = {metric.name: each for metric, each in made if isinstance(each, Histogram)}

    def add(self, metric: Metric, amount: float = 1.0, **labels: str) -> None:
        """Adds to a counter."""
        metric.check("counter", labels)
        counter = self._counters[metric.name]
        (counter.labels(**labels) if labels else counter).inc(amount)

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Sets a gauge."""
        metric.check("gauge", labels)
        gauge = self._gauges[metric.name]
        (gauge.labels(**labels) if labels else gauge).set(value)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Puts a value into a histogram."""
        metric.check("histogram", labels)
        histogram = self._histograms[metric.name]
        (histogram.labels(**labels) if labels else histogram).observe(value)

    def text(self) -> str:
        """The Prometheus text format."""
        return prometheus_client.generate_latest(self._registry).decode()


def _exported(metric: Metric, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
    if metric.kind == "counter":
        return Counter(metric.name, metric.help, metric.labels, registry=registry)
    if metric.kind == "gauge":
        return Gauge(metric.name, metric.help, metric.labels, registry=registry)
    buckets = metric.buckets or Histogram.DEFAULT_BUCKETS
    return Histogram(metric.name, metric.help, metric.labels, registry=registry, buckets=buckets)


class _Families:
    """Finished families in the shape of a registry."""

    def __init__(self, families: Sequence[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Family]:
        return iter(self._families)


def text_of_ray(exports: Iterable[str], metrics: Sequence[Metric] = ALL) -> str:
    """Our metrics out of what the nodes of a Ray cluster export, in the Prometheus text format.

    Args:
        exports: The text that each node's metrics port answers.
        metrics: Those to keep. They get their declared names back, and of Ray's labels `node` and `worker` only.
    """
    families: dict[str, Family] = {}
    for export in exports:
        for family in text_string_to_metric_families(_lines_of(export, metrics)):
            name = family.name.removeprefix(_RAY_PREFIX)
            ours = families.setdefault(name, Family(name, family.documentation, family.type))
            for sample in family.samples:
                labels = {_OF_RAY.get(label, label): value for label, value in sample.labels.items()}
                ours.add_sample(sample.name.removeprefix(_RAY_PREFIX), _declared(labels, metrics), sample.value)
    return prometheus_client.generate_latest(_Families(list(families.values()))).decode()


def _lines_of(export: str, metrics: Sequence[Metric]) -> str:
    ours = tuple(f"{start}{_RAY_PREFIX}{metric.name}" for metric in metrics for start in ("", "# HELP ", "# TYPE "))
    return "\n".join(line for line in export.splitlines() if line.startswith(ours)) + "\n"


def _declared(labels: dict[str, str], metrics: Sequence[Metric]) -> dict[str, str]:
    known = {"le", *_OF_RAY.values(), *(label for metric in metrics for label in metric.labels)}
    return {label: value for label, value in labels.items() if label in known}
