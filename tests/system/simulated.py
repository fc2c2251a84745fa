"""Small recordings for simulated cameras, and ways to look at them."""

import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from gtvision.simulate.encode import write_recording

FPS = 20


def record(path: Path, size: tuple[int, int], seconds: float, fps: int = FPS, grain: int = 60) -> Path:
    """Writes noise, `grain` grey levels strong, through which a light block moves."""
    write_recording(path, _pictures(size, round(fps * seconds), grain), size, Fraction(fps))
    return path


def _pictures(size: tuple[int, int], count: int, grain: int) -> Iterator[av.VideoFrame]:
    width, height = size
    for index in range(count):
        picture = np.random.default_rng(index).integers(0, grain, (height, width, 3), np.uint8)
        picture[20:60, index * 2 : index * 2 + 30] = 220
        yield av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")


def open_stream(url: str, read_s: float = 2.0, **options: str) -> av.container.InputContainer:
    """The camera as PyAV opens it."""
    return av.open(url, options={"rtsp_transport": "tcp", **options}, timeout=(5, read_s))


def pictures(url: str, seconds: float) -> Iterator[av.VideoFrame]:
    """What PyAV decodes in that time."""
    with open_stream(url, analyzeduration="100000", fpsprobesize="0") as container:
        until = time.monotonic() + seconds
        for frame in container.decode(video=0):
            yield frame
            if time.monotonic() > until:
                return
