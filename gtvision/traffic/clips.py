"""Traffic as a recording that cameras can send, with its truth beside it."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from gtvision import __version__
from gtvision.domain.codec import camera_as_json
from gtvision.domain.errors import BadConfiguration
from gtvision.simulate.encode import write_recording
from gtvision.traffic.scenes import scene_of
from gtvision.traffic.traffic import Recording, Traffic
from gtvision.traffic.truth import FrameTruth
from gtvision.traffic.weather import Weather

TRUTH_SUFFIX = ".truth.jsonl"
LONGEST_LOOP_S = 3600.0
_SHORTEST_LOOP_S = 45.0
_LAST_ARRIVAL_S = 30.0
"""Nobody comes so late in a loop: when it begins again the street is as it was at its beginning."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Traffic that can be played on and on: it begins and ends with a street on which nobody drives.

    Attributes:
        scene: One of `SCENES`.
        seed: Of everything that is left to chance.
        weather: A light and effects joined by `+`.
        seconds: How long it is.
        size: Width and height in pixels.
        fps: Frames a second.
    """

    scene: str
    seed: int
    weather: str = "day"
    seconds: float = 80.0
    size: tuple[int, int] = (640, 360)
    fps: float = 10.0

    def __post_init__(self) -> None:
        if not _SHORTEST_LOOP_S <= self.seconds <= LONGEST_LOOP_S:
            raise BadConfiguration(
                f"{self.seconds:g} is not between {_SHORTEST_LOOP_S:g} and {LONGEST_LOOP_S:g} seconds", "seconds"
            )

    @property
    def file_name(self) -> str:
        """Says all that the pictures depend on."""
        width, height = self.size
        how = f"{self.weather}-{self.seconds:g}s-{width}x{height}-{self.fps:g}"
        return f"{self.scene}-{self.seed}-{how}-{__version__}.mp4"


def loop_clip(loop: Loop, folder: Path) -> Path:
    """The recording of a loop, kept in `folder` and made when it is not there, its truth beside it: see `write_clip`.

    Raises:
        BadConfiguration: There is no such scene, weather or size.
    """
    path = folder / loop.file_name
    if not path.is_file():
        weather = Weather.parse(loop.weather)
        recording = Recording(loop.seed, weather, loop.size, loop.fps, loop.seconds - _LAST_ARRIVAL_S)
        write_clip(Traffic(scene_of(loop.scene), recording), loop.seconds, path)
    return path


def truth_of(clip: Path) -> Path:
    """Where the truth of a clip lies."""
    return clip.with_suffix(TRUTH_SUFFIX)


def write_clip(traffic: Traffic, seconds: float, path: Path) -> Path:
    """Films the next seconds as H.264 with a keyframe a second, and writes the truth as JSON lines beside the clip.

    The truth's first line is the scene with its camera, then a line a frame, then a line a vehicle.

    Returns:
        The truth's path: the clip's with the suffix `.truth.jsonl`.

    Raises:
        BadConfiguration: That is less than two frames.
    """
    recording = traffic.recording
    if round(seconds * recording.fps) < 2:
        raise BadConfiguration(f"{seconds:g} s at {recording.fps:g} frames a second are less than 2 frames", "seconds")
    told: list[FrameTruth] = []
    fps = Fraction(recording.fps).limit_denominator(1001)
    drawn = path.with_suffix(f".{os.getpid()}.mp4")
    write_recording(drawn, _encodable(traffic, seconds, told), recording.size, fps)
    truth = truth_of(path)
    lines = [_header(traffic, seconds), *(frame.as_json() for frame in told)]
    lines += [story.as_json() for story in traffic.truth()]
    truth.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines), encoding="utf-8")
    os.replace(drawn, path)  # who finds the clip finds its truth
    return truth


def _encodable(traffic: Traffic, seconds: float, told: list[FrameTruth]) -> Iterator[av.VideoFrame]:
    for _, picture, truth in traffic.frames(seconds):
        told.append(truth)
        yield av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")


def _header(traffic: Traffic, seconds: float) -> dict[str, Any]:
    recording = traffic.recording
    return {
        "scene": {
            "name": traffic.scene.name,
            "seed": recording.seed,
            "weather": "+".join([recording.weather.light, *sorted(recording.weather.effects)]),
            "size": list(recording.size),
            "fps": recording.fps,
            "seconds": seconds,
            "camera": camera_as_json(traffic.camera),
        }
    }
