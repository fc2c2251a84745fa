"""Small recordings made on the spot: a bright square moves 2 pixels a picture."""

from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import numpy as np

FPS = 25


class Record(Protocol):
    """Makes a recording in the test's folder; its name's ending says the container."""

    def __call__(
        self,
        name: str,
        *,
        codec: str = "libx264",
        size: tuple[int, int] = (192, 108),
        seconds: float = 3,
        gop: int = FPS,
        b_frames: int = 0,
        pixels: str = "yuv420p",
    ) -> Path: ...


def write_recording(
    path: Path,
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (192, 108),
    seconds: float = 3,
    gop: int = FPS,
    b_frames: int = 0,
    pixels: str = "yuv420p",
) -> Path:
    options = {
        "libx264": {"preset": "veryfast", "sc_threshold": "0", "b-adapt": "0"},
        "libx265": {"preset": "ultrafast", "x265-params": f"log-level=none:keyint={gop}:scenecut=0"},
    }
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=FPS, options=options.get(codec, {}))
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        stream.codec_context.gop_size = gop
        stream.codec_context.max_b_frames = b_frames
        for index in range(int(seconds * FPS)):
            frame = av.VideoFrame.from_ndarray(picture(size, index), format="bgr24").reformat(format=pixels)
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def picture(size: tuple[int, int], index: int) -> np.ndarray:
    """That picture of the recording, shape `(h, w, 3)`, uint8, BGR."""
    width, height = size
    bgr = np.full((height, width, 3), 60, np.uint8)
    x = 2 * index % (width - 20)
    bgr[30:50, x : x + 20] = 220
    return bgr
