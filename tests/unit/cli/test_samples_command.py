"""`camera samples` and `camera try` against an app whose camera has logged one passing car."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from http_server import Fakes, served

from gtvision.api.app import create_app
from gtvision.domain.camera import Camera, Source
from gtvision.domain.detections import Detections
from gtvision.domain.kinds import Kind
from gtvision.pipeline.look import Look
from gtvision.pipeline.sample_log import LoggedSample, logged
from gtvision.ports import CameraStatus
from gtvision.settings import Settings
from tests.unit.cli.conftest import Run

BEGUN_S = 1_700_000_000.0
PNG = b"\x89PNG"


def passing_car() -> list[LoggedSample]:
    """It drives from left to right in four seconds, then nothing moves for ten."""
    found = []
    for time_s in np.arange(0, 4, 0.2):
        x = float(time_s) / 5
        box = (x, 0.4, x + 0.15, 0.6)
        car = Detections(np.array([box], np.float32), np.array([0.9], np.float32), np.array([Kind.CAR], np.int16))
        found.append(logged(BEGUN_S + time_s, Look(True, 0.03, "motion", box), is_burst=True, detections=car))
    still = Look(False, 0.0, "still")
    return found + [logged(BEGUN_S + time_s, still, is_burst=False, detections=None) for time_s in np.arange(4.0, 20.0)]


@pytest.fixture
def fakes(settings: Settings) -> Iterator[Fakes]:
    fakes = Fakes()
    fakes.cameras.add_camera(Camera("a", (Source("rtsp://h/x"),)))
    fakes.live.running["a"] = CameraStatus("a", "running")
    fakes.live.logs["a"] = passing_car()
    with served(create_app(settings, fakes.services()), settings.http.port):
        yield fakes


def test_samples_are_listed_with_why_and_where(run: Run, fakes: Fakes) -> None:
    listed = run("camera", "samples", "a")
    assert listed.code == 0
    assert "0.00,0.40,0.15,0.60" in listed.out
    assert "motion" in listed.out
    assert run("camera", "samples", "a", "--json").json["samples"][0]["reason"] == "motion"


def test_samples_in_csv_begin_with_the_columns_of_analyse(run: Run, fakes: Fakes, tmp_path: Path) -> None:
    file = tmp_path / "samples.csv"
    assert run("camera", "samples", "a", "--csv", str(file)).code == 0
    rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    assert rows[0][:4] == ["time_s", "foreground_share", "passed", "reason"]
    assert rows[1] == ["1700000000.000", "0.03000", "1", "motion", "0.0", "0.4", "0.15", "0.6", "1"]
    assert len(rows) == 1 + len(passing_car())


def test_samples_are_drawn(run: Run, fakes: Fakes, tmp_path: Path) -> None:
    file = tmp_path / "gate.png"
    assert run("camera", "samples", "a", "--plot", str(file)).code == 0
    assert file.read_bytes().startswith(PNG)


def test_a_plot_is_a_png_picture(run: Run, fakes: Fakes) -> None:
    refused = run("camera", "samples", "a", "--plot", "gate.jpg")
    assert (refused.code, refused.out) == (2, "")
    assert "--plot" in refused.err


def test_a_line_is_tried_on_what_was_seen_and_nothing_changes(run: Run, fakes: Fakes) -> None:
    tried = run("camera", "try", "a", "--line", "middle=0.5,1,0.5,0", "--json").json
    assert [(event["trigger"], event["kind"], event["direction"]) for event in tried["events"]] == [
        ("middle", "car", "forward")
    ]
    assert (tried["asked"], tried["samples"]) == (20, len(passing_car()))
    assert fakes.cameras.camera("a").camera.lines == ()


def test_a_zone_is_calibrated_for_the_trial(run: Run, fakes: Fakes) -> None:
    road = ("--zone", "lane=0.1,0.1,0.9,0.1,0.9,0.9,0.1,0.9", "--trigger", "fast=speed:lane")
    calibrated = ("--calibrate", "lane=0.1,0.1,0.9,0.1,0.9,0.9,0.1,0.9@40x40")
    (event,) = run("camera", "try", "a", *road, *calibrated, "--json").json["events"]
    assert (event["type"], event["speed_kmh"]) == ("speed", pytest.approx(36.0, rel=0.1))
    assert "not for fines" in run("camera", "try", "a", *road, *calibrated).out


def test_a_line_that_nobody_crosses_makes_no_event(run: Run, fakes: Fakes) -> None:
    tried = run("camera", "try", "a", "--line", "top=0,0.1,1,0.1")
    assert (tried.code, tried.out.splitlines()[-1]) == (
        0,
        "0 events of 20 samples with an answer of the detector, 36 in all.",
    )


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--drop", "nothing"), "--drop"),
        (("--trigger", "t=cross:nowhere"), "triggers[0].line"),
        (("--zone", "z=0,0,2,1,1,1"), "zones[0].polygon[1]"),
        (("--since", "yesterday"), "--since"),
    ],
)
def test_what_cannot_be_tried_is_refused(run: Run, fakes: Fakes, arguments: tuple[str, ...], named: str) -> None:
    refused = run("camera", "try", "a", *arguments)
    assert (refused.code, refused.out) == (2, "")
    assert named in refused.err


def test_nothing_can_be_listed_while_nothing_runs(run: Run) -> None:
    run("camera", "add", "a", "rtsp://127.0.0.1:9/main")
    refused = run("camera", "samples", "a")
    assert (refused.code, refused.out) == (2, "")
    assert "gtvision up" in refused.err
