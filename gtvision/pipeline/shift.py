"""By how much a camera's shake has moved a picture, found by least squares (Lucas and Kanade, 1981) for all of it."""

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_Pixels = TypeVar("_Pixels", NDArray[np.uint8], NDArray[np.float32])
Shift = tuple[float, float]

_LEAST_PIXELS = 0.15
_MOST_PIXELS = 3.0
_SURROUNDINGS = (15, 15)
_WORTH = 0.97
"""It must leave less than that of the difference at the edges; else it is not shake that makes the difference."""
_STEPS = 3
_STEEP_SHARE, _LEAST_STEEP = 0.3, 4.0
"""The part of the picture that is compared, and the levels a pixel that an edge there has at least."""
_REACH_PIXELS = 1.5
_MOST_LEVELS = 12.0
"""What differs by more counts as much: it is traffic."""


def aligned(still: Floats, picture: Floats) -> tuple[Shift, Floats]:
    """By which share of width and height the picture has moved, and the picture moved back.

    Args:
        still: Where everything belongs, shape `(h, w)`, float32.
        picture: The same scene, moved by a few pixels at most.
    """
    height, width = still.shape
    edges, now = _Edges.of(_without_light(still)), _without_light(picture)
    dx = dy = 0.0
    back = now
    for _ in range(_STEPS):
        x, y = edges.step(back)
        dx, dy = dx + x, dy + y
        if max(abs(dx), abs(dy)) > _MOST_PIXELS:
            return (0.0, 0.0), picture
        back = moved(now, (dx / width, dy / height))
    if max(abs(dx), abs(dy)) < _LEAST_PIXELS or edges.apart(back) > _WORTH * edges.apart(now):
        return (0.0, 0.0), picture
    shift = dx / width, dy / height
    return shift, moved(picture, shift)


def moved(picture: _Pixels, shift: Shift) -> _Pixels:
    """The picture moved back by that shift; its border is prolonged."""
    height, width = picture.shape
    move = np.array([[1, 0, -shift[0] * width], [0, 1, -shift[1] * height]], np.float32)
    back: _Pixels = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return back


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Where a still picture tells of a shift: the steepest part of it. Arrays of the pixels there, float32.

    Attributes:
        at: Whether a pixel belongs to it, shape `(h, w)`, bool.
        level: Brightness without light.
        right: How much brighter one pixel to the right is.
        down: The same one pixel further down.
    """

    at: NDArray[np.bool_]
    level: Floats
    right: Floats
    down: Floats

    @classmethod
    def of(cls, still: Floats) -> "_Edges":
        right = cv2.Sobel(still, cv2.CV_32F, 1, 0, ksize=1, scale=0.5)
        down = cv2.Sobel(still, cv2.CV_32F, 0, 1, ksize=1, scale=0.5)
        steep = cv2.absdiff(right, 0) + cv2.absdiff(down, 0)
        at = steep > max(_LEAST_STEEP, float(np.quantile(steep[::2, ::2], 1 - _STEEP_SHARE)))
        return cls(at, still[at], right[at], down[at])

    def step(self, now: Floats) -> tuple[float, float]:
        """Pixels to the right and down; of the places where something else than shake makes the difference, none
        count."""
        apart = self.level - now[self.at]
        by_shake = np.abs(apart) < _REACH_PIXELS * (np.abs(self.right) + np.abs(self.down)) + 1
        gx, gy, apart = self.right[by_shake], self.down[by_shake], apart[by_shake]
        xx, xy, yy = float(gx @ gx), float(gx @ gy), float(gy @ gy)
        area = xx * yy - xy * xy
        if area <= 1e-3 * xx * yy:
            return 0.0, 0.0
        bx, by = float(gx @ apart), float(gy @ apart)
        return (yy * bx - xy * by) / area, (xx * by - xy * bx) / area

    def apart(self, now: Floats) -> float:
        """How much the picture differs here."""
        return float(np.minimum(np.abs(self.level - now[self.at]), _MOST_LEVELS).mean()) if self.level.size else 0.0


def _without_light(picture: Floats) -> Floats:
    return np.asarray(picture - cv2.blur(picture, _SURROUNDINGS), np.float32)
