"""The connected pieces of a change, and which of them may be a road user.

A road user stands in a zone, so its piece reaches down to the ground there: one beyond the far edge, of which only the
roof reaches into the watched area, is none. It is not as it was a second ago: a place that has changed for good is
none, however large, such as a car that has parked or the light of one that has left. And it hides what was there: where
the picture goes up and down as the background does, only the light is another one (a cloud's shadow over a parked car).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.pipeline.background import Change, Floats, Grey
from gtvision.pipeline.watched import WatchedArea

_RELIT_CORRELATION = 0.95


@dataclass(frozen=True, slots=True)
class Pieces:
    """Those pieces of a mask that may be road users.

    Attributes:
        largest: Pixels of the largest.
        rectangle: Left, top, width and height of that, in pixels.
        alike: How many are at least half as large, it included.
    """

    largest: int = 0
    rectangle: tuple[int, int, int, int] = (0, 0, 0, 0)
    alike: int = 0

    @classmethod
    def of(cls, mask: Grey, change: Change, area: WatchedArea) -> "Pieces":
        """Those in the area; of a mask with fewer pixels than the smallest vehicle, none.

        Args:
            mask: 255 where something may be, uint8, of the area's shape.
            change: What else is known of that place.
            area: The watched area.
        """
        mask = cv2.bitwise_and(mask, area.bodies)
        if cv2.countNonZero(mask) < area.blob_pixels:
            return cls()
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        at = np.flatnonzero(mask)
        piece = labels.ravel()[at]
        moved = np.bincount(piece[change.moves.ravel()[at] > 0], minlength=count)
        feet = np.bincount(piece[cv2.bitwise_and(area.feet, change.body).ravel()[at] > 0], minlength=count)
        is_user = (feet > 0) & (2 * moved >= area.blob_pixels)
        is_user &= _correlation(piece, change.now.ravel()[at], change.known.ravel()[at]) < _RELIT_CORRELATION
        sizes = np.where(is_user, stats[:, cv2.CC_STAT_AREA], 0)
        if not sizes.any():
            return cls()
        x, y, width, height, pixels = (int(value) for value in stats[int(sizes.argmax())])
        return cls(pixels, (x, y, width, height), int(np.count_nonzero(2 * sizes >= pixels)))


def _correlation(piece: NDArray[np.int32], now: Grey, known: Floats) -> NDArray[np.float64]:
    """How well the pixels now go with those known, for each piece: 1 where all that is other is gain and offset.

    Args:
        piece: The number of the piece of each pixel, shape `(n,)`; all arrays as long.
        now: Brightness now.
        known: Brightness of the background.
    """
    pixels = np.maximum(np.bincount(piece), 1)

    def centred(values: Floats) -> NDArray[np.float64]:
        return np.asarray(values - (np.bincount(piece, values) / pixels)[piece])

    a, b = centred(now.astype(np.float32)), centred(known)
    spread = np.sqrt(np.bincount(piece, a * a) * np.bincount(piece, b * b))
    return np.asarray(np.bincount(piece, a * b) / np.maximum(spread, 1.0))
