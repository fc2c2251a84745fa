"""By how much a camera's shake has moved a picture, found by least squares (Lucas and Kanade, 1981) for all of it."""

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
_WORTH = 0.85
"""It must leave less than that of the difference; else it is not shake that makes the difference."""
_MOST_LEVELS = 12.0
"""What differs by more counts as much: it is traffic."""


def aligned(still: Floats, picture: Floats) -> tuple[Shift, Floats]:
    """By which share of width and height the picture has moved, and the picture moved back.

    Args:
        still: Where everything belongs, shape `(h, w)`, float32.
        picture: The same scene, moved by a few pixels at most.
    """
    height, width = still.shape
    rough, now = _without_light(still), _without_light(picture)
    dx, dy = _step(rough, now)
    if not _LEAST_PIXELS <= max(abs(dx), abs(dy)) <= _MOST_PIXELS:
        return (0.0, 0.0), picture
    shift = dx / width, dy / height
    back = moved(picture, shift)
    if _apart(rough, _without_light(back)) > _WORTH * _apart(rough, now):
        return (0.0, 0.0), picture
    return shift, back


def moved(picture: _Pixels, shift: Shift) -> _Pixels:
    """The picture moved back by that shift; its border is prolonged."""
    height, width = picture.shape
    move = np.array([[1, 0, -shift[0] * width], [0, 1, -shift[1] * height]], np.float32)
    back: _Pixels = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return back


def _step(still: Floats, now: Floats) -> tuple[float, float]:
    """Pixels to the right and down; of the places where something else than shake makes the difference, none count."""
    gx = cv2.Sobel(still, cv2.CV_32F, 1, 0, ksize=1, scale=0.5)
    gy = cv2.Sobel(still, cv2.CV_32F, 0, 1, ksize=1, scale=0.5)
    apart = still - now
    by_shake = np.abs(apart) < 1.5 * (np.abs(gx) + np.abs(gy)) + 1
    gx, gy, apart = gx * by_shake, gy * by_shake, apart.ravel()
    gx, gy = gx.ravel(), gy.ravel()
    xx, xy, yy = float(gx @ gx), float(gx @ gy), float(gy @ gy)
    area = xx * yy - xy * xy
    if area <= 1e-3 * xx * yy:
        return 0.0, 0.0
    bx, by = float(gx @ apart), float(gy @ apart)
    return (yy * bx - xy * by) / area, (xx * by - xy * bx) / area


def _without_light(picture: Floats) -> Floats:
    return np.asarray(picture - cv2.blur(picture, _SURROUNDINGS), np.float32)


def _apart(a: Floats, b: Floats) -> float:
    return float(np.minimum(cv2.absdiff(a, b), _MOST_LEVELS).mean())
