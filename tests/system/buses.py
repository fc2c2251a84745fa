"""Recordings for simulated cameras with a bus in them."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import repeat
from pathlib import Path

import av

from gtvision.simulate import bus_scene
from gtvision.simulate.encode import write_recording


def passing_bus(folder: Path) -> Path:
    """A bus passes every 10 s."""
    return bus_scene(folder / "passing.mp4", seconds=10)


def parked_bus(folder: Path, seconds: int = 4, fps: int = 15) -> Path:
    """A bus stands in the middle of the picture, for ever."""
    with av.open(str(bus_scene(folder / "source.mp4", seconds=10))) as container:
        middle = list(container.decode(video=0))[78]  # 5.2 s: half way through the picture
    write_recording(folder / "parked.mp4", _still(middle, seconds * fps), (middle.width, middle.height), Fraction(fps))
    return folder / "parked.mp4"


def _still(picture: av.VideoFrame, count: int) -> Iterator[av.VideoFrame]:
    pixels = picture.to_ndarray(format="yuv420p")
    for _ in repeat(None, count):
        yield av.VideoFrame.from_ndarray(pixels, format="yuv420p")
