"""A picture whose pixels are there already."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class PixelPicture:
    """`Picture` of pixels, shape `(h, w, 3)`, BGR."""

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
