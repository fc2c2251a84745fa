"""A street scene for machines without recordings, made from the bus picture that Ultralytics ships."""

from collections.abc import Iterator
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.domain.errors import BadConfiguration
from gtvision.simulate.encode import write_recording

_WIDTH, _HEIGHT = 640, 360
_BUS_ROWS = slice(215, 775)
_BUS_HEIGHT = 250
_BUS_FOOT = 345
_HORIZON = 150
_PASS_BEGINS, _PASS_ENDS = 0.3, 0.75


def bus_scene(path: Path, seconds: float = 20, fps: int = 15) -> Path:
    """Writes an H.264 recording, 640x360: a still street, through which a bus passes from left to right.

    The street is empty in the first 30 % and the last 25 %. The same arguments give the same bytes.

    Raises:
        BadConfiguration: The picture is not installed.
    """
    if not (np.isfinite(seconds) and seconds >= 1 and fps >= 1):
        raise BadConfiguration("a scene needs at least 1 second and 1 picture a second", "seconds")
    frames = _frames(_street(), _bus(), round(seconds * fps))
    write_recording(path, frames, (_WIDTH, _HEIGHT), Fraction(fps))
    return path


def _bus() -> NDArray[np.uint8]:
    package = find_spec("ultralytics")
    if package is None or package.origin is None:
        raise BadConfiguration("Ultralytics is not installed; install gtvision with its dependencies", "clip")
    picture = cv2.imread(str(Path(package.origin).parent / "assets" / "bus.jpg"))
    if picture is None:
        raise BadConfiguration("the bus picture is missing from the Ultralytics package; install it again", "clip")
    bus = picture[_BUS_ROWS]
    width = round(bus.shape[1] * _BUS_HEIGHT / bus.shape[0])
    return np.asarray(cv2.resize(bus, (width, _BUS_HEIGHT), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _street() -> NDArray[np.uint8]:
    """A grey wall, a kerb and a road, with a grain that keeps still."""
    shade = np.full((_HEIGHT, 1, 3), (150, 145, 140), np.float32)
    shade[_HORIZON:, :, :] = np.linspace(95, 80, _HEIGHT - _HORIZON, dtype=np.float32)[:, None, None]
    shade[_HORIZON : _HORIZON + 6] = 175
    grain = np.random.default_rng(7).normal(0, 5, (_HEIGHT, _WIDTH, 1)).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (5, 5), 0)[:, :, None]
    return np.asarray(np.clip(shade + grain, 0, 255), dtype=np.uint8)


def _frames(street: NDArray[np.uint8], bus: NDArray[np.uint8], count: int) -> Iterator[av.VideoFrame]:
    width = bus.shape[1]
    for index in range(count):
        share = (index / count - _PASS_BEGINS) / (_PASS_ENDS - _PASS_BEGINS)
        left = round(-width + share * (_WIDTH + width)) if 0 <= share <= 1 else _WIDTH
        picture = street.copy()
        begin, end = max(left, 0), min(left + width, _WIDTH)
        if end > begin:
            picture[_BUS_FOOT - _BUS_HEIGHT : _BUS_FOOT, begin:end] = bus[:, begin - left : end - left]
        yield av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
