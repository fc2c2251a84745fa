"""The part of a picture that the motion gate watches, in pixels."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.domain.places import Zone, ZoneKind

_BLOB_FILL = 0.4
_BLUR_PIXELS = 2
"""By how much the blur widens and heightens a blob, and blurs where it ends."""
_BLUR = np.ones((2 * _BLUR_PIXELS + 1,) * 2, np.uint8)

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class WatchedArea:
    """The watched part of a picture of one size.

    Attributes:
        shape: Height and width of the picture.
        rows: Rows of the box around it.
        columns: Columns of that box.
        ground: 255 where a zone is, uint8, of the box's shape.
        bodies: 255 where a small vehicle may be seen that stands in a zone: a little above it, too.
        feet: 255 where what stands in a zone is seen to touch the ground.
        pixels: How many pixels the zones have.
        blob_pixels: Foreground pixels of the smallest vehicle.
    """

    shape: tuple[int, ...]
    rows: slice
    columns: slice
    ground: Grey
    bodies: Grey
    feet: Grey
    pixels: int
    blob_pixels: int

    @classmethod
    def of(cls, zones: tuple[Zone, ...], shape: tuple[int, ...], smallest_height: float) -> "WatchedArea":
        """The area of these zones; without a watched one, the whole picture.

        Args:
            zones: Watched and ignored polygons.
            shape: Height and width of the picture.
            smallest_height: Of the smallest vehicle wanted, share of the picture's height.
        """
        tall = smallest_height * shape[0]
        watched = [zone for zone in zones if zone.kind is ZoneKind.WATCH]
        ground = _filled(watched, shape) if watched else np.full(shape, 255, np.uint8)
        bodies = cv2.dilate(ground, np.ones((round(tall) + 1, 1), np.uint8), anchor=(0, 0))
        ignored = _filled([zone for zone in zones if zone.kind is ZoneKind.IGNORE], shape)
        ground, bodies = cv2.subtract(ground, ignored), cv2.subtract(bodies, ignored)
        left, top, width, height = cv2.boundingRect(bodies)
        rows, columns = slice(top, top + max(height, 1)), slice(left, left + max(width, 1))
        return cls(
            shape,
            rows,
            columns,
            np.ascontiguousarray(ground[rows, columns]),
            np.ascontiguousarray(bodies[rows, columns]),
            np.ascontiguousarray(cv2.dilate(ground, _BLUR)[rows, columns]),
            max(cv2.countNonZero(ground), 1),
            _blob_pixels(tall),
        )


def _filled(zones: list[Zone], shape: tuple[int, ...]) -> Grey:
    mask = np.zeros(shape, np.uint8)
    scale = np.array(shape[::-1])
    for zone in zones:
        cv2.fillPoly(mask, [np.round(np.array(zone.polygon) * scale).astype(np.int32)], 255)
    return mask


def _blob_pixels(height: float) -> int:
    """Foreground pixels of a motorcycle of that height: half as wide, and not all of it stands out."""
    return round(_BLOB_FILL * (height + _BLUR_PIXELS) * (height / 2 + _BLUR_PIXELS))
