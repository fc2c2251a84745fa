"""Real plates, from still pictures that are made to pass by, and a real foreign one: read by `gtvision analyse`."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gtvision.simulate.encode import write_recording

pytestmark = pytest.mark.timeout(180)
FPS = 25
SIZE = (1280, 720)
STREET = 90  # grey, before the vehicle comes and after it has gone
EMPTY_S, PASSING_S = 3.0, 4.0


@pytest.fixture
def analysed(models: Path, tmp_path: Path) -> Any:
    """`analysed(recording)` is the plates in its summary, and its events."""
    config = tmp_path / "gtvision.yaml"
    config.write_text(f"data_dir: {tmp_path / 'data'}\n", encoding="utf-8")

    def run(recording: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        command = [Path(sys.executable).with_name("gtvision"), "--config", config, "analyse", recording, "--json"]
        environment = os.environ | {"GTVISION_MODELS": str(models)}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=150, check=False)
        assert done.returncode == 0, done.stderr
        *events, last = map(json.loads, done.stdout.splitlines())
        return last["summary"]["plates"], events

    return run


@pytest.mark.parametrize("still", ["br010", "br030", "br074"])
@pytest.mark.parametrize("way", ["drives-by", "comes-nearer"])
def test_a_vehicle_that_passes_has_the_plate_that_it_carries_and_no_other(
    analysed: Any, media: Path, tmp_path: Path, still: str, way: str
) -> None:
    recording = tmp_path / f"{still}.mp4"
    picture = cv2.imread(str(media / "plates" / f"{still}.jpg"))
    write_recording(recording, _passing(picture, way), SIZE, Fraction(FPS))
    plates, events = analysed(recording)
    assert [plate["text"] for plate in plates] == [_truth(media)[f"{still}.jpg"]]
    assert plates[0]["text"] in {event["plate"] for event in events}


def test_a_foreign_plate_is_never_told_as_a_brazilian_one(analysed: Any, clips: Path) -> None:
    plates, events = analysed(clips / "approach.mp4")
    assert {plate["format"] for plate in plates} <= {"other"}
    assert len(plates) <= 1
    assert {event["plate"] for event in events} <= {None, *(plate["text"] for plate in plates)}


def _truth(media: Path) -> dict[str, str]:
    with (media / "plates" / "truth.csv").open(encoding="utf-8", newline="") as file:
        return {row["image"]: row["plate"] for row in csv.DictReader(file)}


def _passing(still: NDArray[np.uint8], way: str) -> Iterator[av.VideoFrame]:
    """An empty street, the still picture as it moves through, and the empty street again."""
    for number in range(round((2 * EMPTY_S + PASSING_S) * FPS)):
        done = (number / FPS - EMPTY_S) / PASSING_S
        frame = np.full((SIZE[1], SIZE[0], 3), STREET, np.uint8)
        if 0 <= done <= 1:
            _lay(frame, *(_beside(still, done) if way == "drives-by" else _nearer(still, done)))
        yield av.VideoFrame.from_ndarray(frame, format="bgr24").reformat(format="yuv420p")


def _beside(still: NDArray[np.uint8], done: float) -> tuple[NDArray[np.uint8], int, int]:
    shown = _scaled(still, SIZE[1] / still.shape[0])
    return shown, round(done * (SIZE[0] + shown.shape[1])) - shown.shape[1], 0


def _nearer(still: NDArray[np.uint8], done: float) -> tuple[NDArray[np.uint8], int, int]:
    shown = _scaled(still, (0.4 + 0.7 * done) * SIZE[1] / still.shape[0])
    return shown, (SIZE[0] - shown.shape[1]) // 2, round(-80 + 60 * done)


def _scaled(picture: NDArray[np.uint8], by: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(picture, None, fx=by, fy=by, interpolation=cv2.INTER_AREA), np.uint8)


def _lay(frame: NDArray[np.uint8], shown: NDArray[np.uint8], x: int, y: int) -> None:
    """Lays one picture onto another, as far as it lies on it."""
    height, width = frame.shape[:2]
    left, top, right, bottom = max(0, x), max(0, y), min(width, x + shown.shape[1]), min(height, y + shown.shape[0])
    if right > left and bottom > top:
        frame[top:bottom, left:right] = shown[top - y : bottom - y, left - x : right - x]
