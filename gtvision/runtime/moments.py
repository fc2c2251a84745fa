"""Pictures of a moment: decoded from video that is kept undecoded, and parts cut out of them."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.geometry import Box
from gtvision.domain.stream import Packet, StreamInfo
from gtvision.ports import Picture, PictureDecoder

REORDERED_S = 0.2  # a picture comes out of the decoder after those that it refers to
_SAME_S = 0.002

Stretch = Callable[[float, float], tuple[Sequence[Packet], StreamInfo | None]]
"""The undecoded video from one time to another, and the stream it is of."""


def picture_at(stretch: Stretch, decoder: Callable[[StreamInfo], PictureDecoder], time_s: float) -> Picture | None:
    """The picture nearest to that time; None when it is not held any more."""
    packets, info = stretch(time_s, time_s + REORDERED_S)
    if not packets or info is None:
        return None
    return _nearest(_decoded(packets, decoder(info)), time_s)


def cut_out(bgr: NDArray[np.uint8], area: Box) -> NDArray[np.uint8]:
    """A copy of that part of a picture, shape `(h, w, 3)`, at least a pixel wide and high; `area` is 0-1 of it."""
    height, width = bgr.shape[:2]
    left, right = _within(area[0] * width, area[2] * width, width)
    top, bottom = _within(area[1] * height, area[3] * height, height)
    return bgr[top:bottom, left:right].copy()


def _decoded(packets: Iterable[Packet], decoder: PictureDecoder) -> Iterable[Picture]:
    return (picture for packet in packets for picture in decoder.feed(packet))


def _nearest(pictures: Iterable[Picture], time_s: float) -> Picture | None:
    """Pictures come in order of time: what follows one that is not before that time need not be decoded."""
    before: Picture | None = None
    for picture in pictures:
        if picture.time_s >= time_s - _SAME_S:
            is_nearer = before is None or picture.time_s - time_s <= time_s - before.time_s
            return picture if is_nearer else before
        before = picture
    return before


def _within(start: float, end: float, size: int) -> tuple[int, int]:
    first = min(max(0, int(start)), size - 1)
    return first, max(first + 1, min(size, round(end)))
