"""Simulated traffic as packets that were never encoded: each carries a picture that is drawn when it is decoded."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.domain.stream import Packet, StreamInfo
from gtvision.traffic.paint import Picture

_PACKET_BYTES = 12_000
"""What such a frame takes as H.264, so that rings of packets hold as much as they would of a real stream."""

Draw = Callable[[], Picture]


@dataclass(frozen=True, slots=True, eq=False)
class UncodedPicture:
    """`Picture` of pixels that are there already."""

    time_s: float
    pixels: Picture

    def grey(self, width: int) -> NDArray[np.uint8]:
        """Brightness, shape `(h, w)`, at most `width` wide."""
        return np.asarray(cv2.cvtColor(self.bgr(width), cv2.COLOR_BGR2GRAY), np.uint8)

    def bgr(self, width: int | None = None) -> NDArray[np.uint8]:
        """Colour, shape `(h, w, 3)`, BGR, at most `width` wide (None: as it is)."""
        height, own_width = self.pixels.shape[:2]
        if width is None or width >= own_width:
            return self.pixels
        size = (width, round(height * width / own_width))
        return np.asarray(cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


class UncodedSource:
    """`PacketSource` of drawings with a keyframe a second."""

    def __init__(self, size: tuple[int, int], fps: float, drawings: Iterable[tuple[float, Draw]]) -> None:
        """Args:
        size: Width and height in pixels.
        fps: Frames a second.
        drawings: The time of each frame in seconds, and what draws it.
        """
        self.info = StreamInfo("h264", *size, fps)
        self._drawings = drawings

    def packets(self) -> Iterator[Packet]:
        """A packet a frame."""
        keyframe_s = float("-inf")
        for time_s, draw in self._drawings:
            is_keyframe = time_s - keyframe_s > 1 - 1e-6
            if is_keyframe:
                keyframe_s = time_s
            yield Packet(time_s, time_s, is_keyframe, _PACKET_BYTES, draw)

    def close(self) -> None:
        """Nothing is open."""


class UncodedDecoder:
    """`PictureDecoder` of such packets; it needs no reference, so that every packet comes out at once."""

    def keyframe(self, packet: Packet) -> UncodedPicture:
        """Its picture."""
        return UncodedPicture(packet.time_s, packet.payload())

    def restart(self) -> None:
        """There is nothing to forget."""

    def feed(self, packet: Packet) -> Sequence[UncodedPicture]:
        """Its picture."""
        return (self.keyframe(packet),)
