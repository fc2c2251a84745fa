"""Coded pictures into pictures, by PyAV (FFmpeg), one thread a camera."""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import av
import av.error
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from gtvision.adapters.annexb import Coded
from gtvision.domain.stream import Packet, StreamInfo

_TICKS_A_SECOND = 1_000_000
_LARGEST_GAP_S = 2.5


class _Scaler:
    """One of FFmpeg's scalers, which keeps its tables for the next picture of the same sizes; one thread at a time."""

    def __init__(self, pixels: str) -> None:
        self._pixels = pixels
        self._reformatter = VideoReformatter()
        self._lock = Lock()

    def array(self, frame: Any, width: int) -> NDArray[np.uint8]:
        """The frame at most that wide, aspect kept, contiguous."""
        width = min(width, frame.width)
        height = max(1, round(frame.height * width / frame.width))
        with self._lock:
            scaled = self._reformatter.reformat(
                frame, width, height, self._pixels, interpolation=Interpolation.AREA, threads=1
            )
        return np.ascontiguousarray(scaled.to_ndarray(), dtype=np.uint8)


class DecodedPicture:
    """A decoded frame, readable from any thread; its conversions share the scalers of its decoder."""

    def __init__(self, frame: Any, grey: _Scaler, bgr: _Scaler) -> None:
        self._frame = frame
        self._grey = grey
        self._bgr = bgr

    @property
    def time_s(self) -> float:
        """When it was taken."""
        return float(self._frame.pts / _TICKS_A_SECOND)

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self._frame.width)

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self._frame.height)

    def grey(self, width: int) -> NDArray[np.uint8]:
        """Brightness, shape `(h, w)`, at most `width` wide, aspect kept."""
        return self._grey.array(self._frame, width)

    def bgr(self, width: int | None = None) -> NDArray[np.uint8]:
        """Colour, shape `(h, w, 3)`, BGR, at most `width` wide (None: as it is), aspect kept."""
        return self._bgr.array(self._frame, width or self.width)


class Decoder:
    """Implements `PictureDecoder` for H.264 and H.265.

    Damaged packets never raise: they give no picture, and the running decoder then waits for the next keyframe.
    """

    def __init__(self, info: StreamInfo) -> None:
        self._scalers = (_Scaler("gray"), _Scaler("bgr24"))
        self._single = _context(info.codec)
        self._running = _context(info.codec)
        self._last_s: float | None = None

    def keyframe(self, packet: Packet) -> DecodedPicture | None:
        """The picture of that keyframe alone, without touching the running decoder; None when it is damaged.

        The decoder is drained each time, for with B-frames the picture would otherwise come two keyframes later.
        """
        try:
            frames = [*self._single.decode(_av_packet(packet)), *self._single.decode(None)]
        except av.error.FFmpegError:
            frames = []
        self._single.flush_buffers()
        return next(iter(self._pictures(frames)), None)

    def restart(self) -> None:
        """Forgets all references; the next packet to `feed` must be a keyframe."""
        self._running.flush_buffers()
        self._last_s = None

    def feed(self, packet: Packet) -> Sequence[DecodedPicture]:
        """The pictures that come out when the packet goes in, in order of time; empty while references are missing."""
        if self._last_s is not None and abs(packet.time_s - self._last_s) > _LARGEST_GAP_S:
            self.restart()
        if self._last_s is None and not packet.is_keyframe:
            return ()
        try:
            frames = self._running.decode(_av_packet(packet))
        except av.error.FFmpegError:
            self.restart()
            return ()
        self._last_s = packet.time_s
        return self._pictures(frames)

    def _pictures(self, frames: Sequence[Any]) -> list[DecodedPicture]:
        whole = (frame for frame in frames if not frame.is_corrupt and frame.pts is not None)
        return [DecodedPicture(frame, *self._scalers) for frame in whole]


def _context(codec: str) -> Any:
    context = av.CodecContext.create(codec, "r")
    context.thread_count = 1
    return context


def _av_packet(packet: Packet) -> Any:
    """PyAV's packet, whose timestamp is the time at which it was taken, so that pictures come out with theirs."""
    coded: Coded = packet.payload
    out = av.Packet(coded.content or b"\0")  # an empty one would end the stream
    out.pts = round(packet.time_s * _TICKS_A_SECOND)
    return out
