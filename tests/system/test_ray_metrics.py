"""What an actor measures comes out of the cluster's `/metrics` under its declared name."""

import time
from collections.abc import Iterator

import pytest
import ray

from actors.metrics import RayMetrics, RayMetricsText
from gtvision.domain.metrics import CAMERA_UP, DETECT_SECONDS, DISPATCH_WAITING, SAMPLES

EXPORTED_WITHIN_S = 30.0


@pytest.fixture
def _cluster() -> Iterator[None]:
    ray.init(
        address="local",
        num_cpus=1,
        include_dashboard=False,
        object_store_memory=100 * 2**20,
        _system_config={"metrics_report_interval_ms": 500},
    )
    yield
    ray.shutdown()


@ray.remote(num_cpus=0)
class Measured:
    def measure(self) -> None:
        metrics = RayMetrics()
        metrics.add(SAMPLES, 0, camera="north")
        metrics.add(SAMPLES, 2, camera="north")
        metrics.add(SAMPLES, 1, camera="north")
        metrics.set(CAMERA_UP, 1, camera="north")
        metrics.set(DISPATCH_WAITING, 7)
        metrics.observe(DETECT_SECONDS, 0.3, pool="cpu")

    def misuse(self) -> str:
        try:
            RayMetrics().add(SAMPLES, url="rtsp://host/")
        except ValueError as exc:
            return str(exc)
        return "accepted"


def value_of(text: str, name: str, *labels: str) -> float | None:
    """The value of the one series of that name with these labels."""
    found = [line for line in text.splitlines() if line.startswith(name) and all(label in line for label in labels)]
    return float(found[0].rpartition(" ")[2]) if len(found) == 1 else None


@pytest.mark.usefixtures("_cluster")
def test_ray_exports_what_an_actor_measures_under_its_declared_names() -> None:
    actor = Measured.remote()
    assert "has the labels ('camera',)" in ray.get(actor.misuse.remote(), timeout=30)
    ray.get(actor.measure.remote(), timeout=30)
    text, deadline = "", time.monotonic() + EXPORTED_WITHIN_S
    while "gtvision_detect_seconds_count" not in text and time.monotonic() < deadline:
        text = RayMetricsText().text()
        time.sleep(0.2)
    assert value_of(text, "gtvision_samples_total", 'camera="north"', "node=", "worker=") == 3
    assert value_of(text, "gtvision_camera_up", 'camera="north"') == 1
    assert value_of(text, "gtvision_dispatch_waiting") == 7
    assert value_of(text, "gtvision_detect_seconds_bucket", 'pool="cpu"', 'le="0.25"') == 0
    assert value_of(text, "gtvision_detect_seconds_bucket", 'pool="cpu"', 'le="0.5"') == 1
    assert "ray_" not in text
