"""Frames that come as JPEG, each for itself, as packets and pictures like those of a stream."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.adapters.sample_detector import decode_picture
from gtvision.domain.errors import NotAPicture
from gtvision.domain.stream import Packet


@dataclass(frozen=True, slots=True, eq=False)
class JpegPicture:
    """`Picture` of a JPEG that is decoded."""

    time_s: float
    pixels: NDArray[np.uint8]

    def grey(self, width: int) -> NDArray[np.uint8]:
        """Brightness, shape `(h, w)`, at most `width` wide, aspect kept."""
        return np.asarray(cv2.cvtColor(self.bgr(width), cv2.COLOR_BGR2GRAY), np.uint8)

    def bgr(self, width: int | None = None) -> NDArray[np.uint8]:
        """Colour, shape `(h, w, 3)`, BGR, at most `width` wide (None: as it is), aspect kept."""
        height, own_width = self.pixels.shape[:2]
        if width is None or width >= own_width:
            return self.pixels
        size = (width, max(1, round(height * width / own_width)))
        return np.asarray(cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


class JpegDecoder:
    """`PictureDecoder` of packets whose payload is a JPEG: it needs no reference, so that every packet comes out.

    What a header claims is checked before anything is decoded: see `picture_file`.
    """

    def keyframe(self, packet: Packet) -> JpegPicture | None:
        """The packet's picture; None when it is damaged, cut short, or claims more pixels than we decode."""
        try:
            return JpegPicture(packet.time_s, decode_picture(packet.payload))
        except NotAPicture:
            return None

    def restart(self) -> None:
        """There is nothing to forget."""

    def feed(self, packet: Packet) -> Sequence[JpegPicture]:
        """The packet's picture, none when there is none in it."""
        picture = self.keyframe(packet)
        return () if picture is None else (picture,)
