"""Traffic as a recording that cameras can send, with its truth beside it."""

import json
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from gtvision.domain.codec import camera_as_json
from gtvision.domain.errors import BadConfiguration
from gtvision.simulate.encode import write_recording
from gtvision.traffic.expectation import Expected
from gtvision.traffic.expected import expected
from gtvision.traffic.passages import passages
from gtvision.traffic.traffic import Traffic
from gtvision.traffic.truth import FrameTruth

TRUTH_SUFFIX = ".truth.jsonl"


def truth_of(clip: Path) -> Path:
    """Where the truth of a clip lies."""
    return clip.with_suffix(TRUTH_SUFFIX)


def write_clip(traffic: Traffic, seconds: float, path: Path) -> Path:
    """Films the next seconds as H.264 with a keyframe a second, and writes the truth as JSON lines beside the clip.

    The truth's first line is the scene with its camera, then a line a frame, then a line a vehicle, then a line an
    event that the camera's triggers should make of it.

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
    stories = traffic.truth()
    lines += [story.as_json() for story in stories]
    lines += [_event(wanted) for wanted in expected(traffic.camera, passages(stories, told))]
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


def _event(wanted: Expected) -> dict[str, Any]:
    return {
        "event": {
            "trigger": wanted.trigger_id,
            "vehicle": wanted.passage.story.id,
            "kind": wanted.kind.label,
            "direction": wanted.direction.value if wanted.direction else None,
            "earliest_s": round(wanted.earliest_s, 3),
            "latest_s": round(wanted.latest_s, 3),
            "doubt": wanted.doubt or None,
        }
    }
