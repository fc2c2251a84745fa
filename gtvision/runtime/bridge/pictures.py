"""Parts of pictures: a vehicle or a plate with some room around it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.geometry import Box

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PictureFiles:
    """How pictures become files and files pictures.

    Attributes:
        decode: The picture of a file, shape `(h, w, 3)`, BGR; raises `NotAPicture`.
        encode: A JPEG of such a picture, at a quality of 1 to 100.
    """

    decode: Callable[[bytes], Pixels]
    encode: Callable[[Pixels, int], bytes]


def with_room(box: Box, aside: float, along: float) -> Box:
    """The box, wider on both sides by that share of its width, and higher by that of its height, within 0-1."""
    x1, y1, x2, y2 = box
    wide, high = aside * (x2 - x1), along * (y2 - y1)
    return max(0.0, x1 - wide), max(0.0, y1 - high), min(1.0, x2 + wide), min(1.0, y2 + high)


def inside(box: Box, area: Box) -> Box:
    """A box that is 0-1 of an area, 0-1 of what the area is of."""
    x1, y1, x2, y2 = area
    width, height = x2 - x1, y2 - y1
    return x1 + box[0] * width, y1 + box[1] * height, x1 + box[2] * width, y1 + box[3] * height
