import pytest

from gtvision.domain.metrics import CAMERA_UP, DETECT_SECONDS, SAMPLES
from gtvision.testing import FakeMetrics


def test_fake_metrics_remember_sums_last_values_and_counts() -> None:
    metrics = FakeMetrics()
    for value in (2.0, 1.0):
        metrics.add(SAMPLES, value, camera="north")
        metrics.set(CAMERA_UP, value, camera="north")
        metrics.observe(DETECT_SECONDS, value, pool="cpu")
    assert metrics.value(SAMPLES, camera="north") == 3
    assert metrics.value(CAMERA_UP, camera="north") == 1
    assert metrics.value(DETECT_SECONDS, pool="cpu") == 2
    assert metrics.value(SAMPLES, camera="south") == 0


def test_fake_metrics_refuse_what_the_real_ones_refuse() -> None:
    with pytest.raises(ValueError, match="has the labels"):
        FakeMetrics().add(SAMPLES, url="rtsp://host/")
    with pytest.raises(ValueError, match="is a counter"):
        FakeMetrics().set(SAMPLES, 1, camera="north")
