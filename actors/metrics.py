"""Metrics of Ray processes: Ray exports them on each node, and `/metrics` gathers them from there."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import ray
import structlog
from ray.util.metrics import Counter, Gauge, Histogram

from gtvision.adapters.prometheus import text_of_ray
from gtvision.domain.metrics import Metric

_TIMEOUT_S = 2.0
_NODES_AT_ONCE = 16

_log = structlog.get_logger()


class RayMetrics:
    """`Metrics` of this process; Ray exports them under their names with `ray_` in front, some seconds later."""

    def __init__(self) -> None:
        """Nothing is exported before its first value."""
        self._made: dict[str, Any] = {}
        self._lock = Lock()

    def add(self, metric: Metric, amount: float = 1.0, **labels: str) -> None:
        """Adds to a counter."""
        metric.check("counter", labels)
        if amount:  # Ray refuses 0
            self._exported(metric).inc(amount, labels)

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Sets a gauge."""
        metric.check("gauge", labels)
        self._exported(metric).set(value, labels)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Puts a value into a histogram; Ray sums it up as the middle of its bucket."""
        metric.check("histogram", labels)
        self._exported(metric).observe(value, labels)

    def _exported(self, metric: Metric) -> Any:
        with self._lock:
            if metric.name not in self._made:
                self._made[metric.name] = _made(metric)
            return self._made[metric.name]


def _made(metric: Metric) -> Counter | Gauge | Histogram:
    if metric.kind == "counter":
        return Counter(metric.name, description=metric.help, tag_keys=metric.labels)
    if metric.kind == "gauge":
        return Gauge(metric.name, description=metric.help, tag_keys=metric.labels)
    return Histogram(metric.name, description=metric.help, tag_keys=metric.labels, boundaries=list(metric.buckets))


class RayMetricsText:
    """`MetricsText` of the whole cluster: what its nodes export now; a node that does not answer is left out."""

    def text(self) -> str:
        """The Prometheus text format, within about 2 s."""
        addresses = [
            f"http://{_host(node['NodeManagerAddress'])}:{node['MetricsExportPort']}/metrics"
            for node in ray.nodes()
            if node["Alive"] and node["MetricsExportPort"]
        ]
        with ThreadPoolExecutor(_NODES_AT_ONCE, thread_name_prefix="metrics") as pool:
            return text_of_ray([export for export in pool.map(_export_of, addresses) if export])


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _export_of(address: str) -> str | None:
    import httpx  # 8 MB that a camera's actor does not need

    try:
        answer = httpx.get(address, timeout=_TIMEOUT_S, trust_env=False)  # no proxy stands between nodes
        answer.raise_for_status()
    except httpx.HTTPError as exc:
        _log.warning("a node's metrics cannot be read", address=address, reason=str(exc))
        return None
    return answer.text
