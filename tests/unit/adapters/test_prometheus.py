import re
from pathlib import Path

import pytest

from gtvision.adapters.prometheus import PrometheusMetrics, text_of_ray
from gtvision.domain.metrics import ALL, CAMERA_UP, DETECT_SECONDS, DISPATCH_WAITING, SAMPLES

DOCS = Path(__file__).resolve().parents[3] / "docs" / "metrics.md"
RAY_EXPORT = """\
# HELP ray_gtvision_samples_total Samples taken.
# TYPE ray_gtvision_samples_total counter
ray_gtvision_samples_total{Component="core_worker",NodeAddress="10.0.0.1",SessionName="s",Version="2.60.0",\
WorkerId="a3c3",camera="north",otel_scope_name="ray"} 2.0
# HELP ray_node_cpu_count Number of CPUs.
# TYPE ray_node_cpu_count gauge
ray_node_cpu_count{NodeAddress="10.0.0.1"} 4.0
# HELP ray_gtvision_detect_seconds Time.
# TYPE ray_gtvision_detect_seconds histogram
ray_gtvision_detect_seconds_bucket{NodeAddress="10.0.0.1",WorkerId="b4d4",le="0.1",pool="cpu"} 1.0
ray_gtvision_detect_seconds_bucket{NodeAddress="10.0.0.1",WorkerId="b4d4",le="+Inf",pool="cpu"} 1.0
ray_gtvision_detect_seconds_count{NodeAddress="10.0.0.1",WorkerId="b4d4",pool="cpu"} 1.0
ray_gtvision_detect_seconds_sum{NodeAddress="10.0.0.1",WorkerId="b4d4",pool="cpu"} 0.05
"""


def values(text: str) -> set[str]:
    return {line for line in text.splitlines() if not line.startswith("#")}


def test_values_come_out_under_their_declared_names() -> None:
    metrics = PrometheusMetrics()
    metrics.add(SAMPLES, 2, camera="north")
    metrics.add(SAMPLES, camera="north")
    metrics.set(CAMERA_UP, 1, camera="north")
    metrics.set(DISPATCH_WAITING, 7)
    metrics.observe(DETECT_SECONDS, 0.3, pool="cpu")
    assert values(metrics.text()) >= {
        'gtvision_samples_total{camera="north"} 3.0',
        'gtvision_camera_up{camera="north"} 1.0',
        "gtvision_dispatch_waiting 7.0",
        'gtvision_detect_seconds_bucket{le="0.25",pool="cpu"} 0.0',
        'gtvision_detect_seconds_bucket{le="0.5",pool="cpu"} 1.0',
        'gtvision_detect_seconds_sum{pool="cpu"} 0.3',
    }


def test_two_exporters_do_not_share_values() -> None:
    one, other = PrometheusMetrics(), PrometheusMetrics()
    one.add(SAMPLES, camera="north")
    assert "north" not in other.text()


@pytest.mark.parametrize("labels", [{}, {"url": "rtsp://host/"}, {"camera": "north", "url": "rtsp://host/"}])
def test_a_label_that_is_not_declared_is_refused(labels: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"gtvision_samples_total has the labels \('camera',\)"):
        PrometheusMetrics().add(SAMPLES, **labels)


def test_a_gauge_cannot_be_added_to() -> None:
    with pytest.raises(ValueError, match="gtvision_camera_up is a gauge, not a counter"):
        PrometheusMetrics().add(CAMERA_UP, camera="north")


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_every_declaration_follows_the_naming_rules(metric) -> None:
    assert re.fullmatch(r"gtvision_[a-z_]+", metric.name)
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert bool(metric.buckets) == (metric.kind == "histogram")
    assert not {"url", "address", "host", "user", "node", "worker"} & set(metric.labels)


def test_the_documentation_has_a_row_for_every_metric_and_no_other() -> None:
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("| `gtvision_")]
    wanted = [f"| `{metric.name}` | {metric.kind} | {', '.join(metric.labels)} | {metric.help} |" for metric in ALL]
    assert rows == wanted, "docs/metrics.md needs these rows:\n" + "\n".join(wanted)


def test_what_ray_exports_gets_its_declared_names_back_and_loses_rays_own_metrics() -> None:
    assert values(text_of_ray([RAY_EXPORT])) == {
        'gtvision_samples_total{camera="north",node="10.0.0.1",worker="a3c3"} 2.0',
        'gtvision_detect_seconds_bucket{le="0.1",node="10.0.0.1",pool="cpu",worker="b4d4"} 1.0',
        'gtvision_detect_seconds_bucket{le="+Inf",node="10.0.0.1",pool="cpu",worker="b4d4"} 1.0',
        'gtvision_detect_seconds_count{node="10.0.0.1",pool="cpu",worker="b4d4"} 1.0',
        'gtvision_detect_seconds_sum{node="10.0.0.1",pool="cpu",worker="b4d4"} 0.05',
    }


def test_the_exports_of_many_nodes_become_one_text_with_one_header_a_metric() -> None:
    text = text_of_ray([RAY_EXPORT, RAY_EXPORT.replace("10.0.0.1", "10.0.0.2")])
    assert text.count("# TYPE gtvision_samples_total counter") == 1
    assert {line for line in values(text) if "samples" in line} == {
        'gtvision_samples_total{camera="north",node="10.0.0.1",worker="a3c3"} 2.0',
        'gtvision_samples_total{camera="north",node="10.0.0.2",worker="a3c3"} 2.0',
    }


def test_a_cluster_without_values_exports_nothing() -> None:
    assert text_of_ray([]) == text_of_ray(["# TYPE ray_x gauge\nray_x 1\n"]) == ""
