"""Plane geometry in picture coordinates: x to the right, y down, both 0-1 of the picture."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Floats = NDArray[np.floating]


def polygon_area(polygon: tuple[Point, ...]) -> float:
    """Unsigned area of a polygon (shoelace formula), 1.0 for the whole picture."""
    x, y = np.asarray(polygon, dtype=np.float64).T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def side(start: Point, end: Point, point: Point) -> float:
    """Negative when `point` is to the left of the line as seen looking from `start` to `end`, positive to the right.

    "Left" is what a person sees on the picture, where y grows downwards.
    """
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def segments_cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the open segment a-b properly crosses the segment c-d."""
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def is_simple(polygon: tuple[Point, ...]) -> bool:
    """Whether no two edges of the polygon cross, as `segments_cross` says it."""
    x, y = np.asarray(polygon, dtype=np.float64).T
    along_x, along_y = (np.roll(each, -1) - each for each in (x, y))
    start_sides = along_x[:, None] * (y - y[:, None]) - along_y[:, None] * (
        x - x[:, None]
    )  # of edge i, start of edge j
    parted = start_sides * np.roll(start_sides, -1, axis=1) < 0
    return not bool((parted & parted.T).any())


def is_convex(polygon: tuple[Point, ...]) -> bool:
    """Whether the corners, in their order, are those of a convex polygon, no three neighbours on one line."""
    corners = list(zip(polygon, polygon[1:] + polygon[:1], polygon[2:] + polygon[:2], strict=True))
    turns = [side(*three) for three in corners]
    return is_simple(polygon) and (min(turns) > 0 or max(turns) < 0)


def clipped_polygon(polygon: tuple[Point, ...]) -> tuple[Point, ...]:
    """What of the polygon lies in the picture, nothing when all of it is outside.

    Of a polygon that reaches out in the middle the pieces stay joined, along the picture's border.

    Source: I. Sutherland and G. Hodgman, Reentrant Polygon Clipping, CACM 17(1), 1974.
    """
    for axis in (0, 1):
        for bound, inwards in ((0.0, 1.0), (1.0, -1.0)):
            polygon = tuple(_on_one_side(polygon, axis, bound, inwards))
    return polygon


def clipped_line(start: Point, end: Point) -> tuple[Point, Point] | None:
    """What of the line lies in the picture, in the same direction; None when nothing does, or only a point."""
    for axis in (0, 1):
        for bound, inwards in ((0.0, 1.0), (1.0, -1.0)):
            from_in, to_in = ((point[axis] - bound) * inwards >= 0 for point in (start, end))
            if not (from_in or to_in):
                return None
            meeting = start if from_in == to_in else _where_it_meets(start, end, axis, bound)
            start, end = (start if from_in else meeting), (end if to_in else meeting)
    return None if start == end else (start, end)


def _on_one_side(polygon: tuple[Point, ...], axis: int, bound: float, inwards: float) -> Iterator[Point]:
    """The corners of what is left of the polygon when all is cut off where the coordinate is beyond the bound."""
    for before, corner in zip(polygon[-1:] + polygon[:-1], polygon, strict=True):
        was_in, is_in = ((point[axis] - bound) * inwards >= 0 for point in (before, corner))
        if was_in != is_in:
            yield _where_it_meets(before, corner, axis, bound)
        if is_in:
            yield corner


def _where_it_meets(start: Point, end: Point, axis: int, bound: float) -> Point:
    """The point of the segment whose coordinate is the bound, exactly; the other one lies between those of its ends."""
    low, high = sorted((start[1 - axis], end[1 - axis]))
    share = (bound - start[axis]) / (end[axis] - start[axis])
    other = min(max(start[1 - axis] + share * (end[1 - axis] - start[1 - axis]), low), high)
    return (bound, other) if axis == 0 else (other, bound)


def contains(polygon: tuple[Point, ...], points: Floats) -> NDArray[np.bool_]:
    """Which of the points lie inside the polygon (even-odd rule).

    Args:
        polygon: At least 3 corners.
        points: Shape `(n, 2)`.

    Returns:
        Shape `(n,)`.
    """
    x, y = points[:, :1], points[:, 1:2]
    px, py = np.asarray(polygon, dtype=np.float64).T
    qx, qy = np.roll(px, -1), np.roll(py, -1)
    straddles = (py > y) != (qy > y)
    rise = np.where(qy == py, 1.0, qy - py)
    crossed = straddles & (x < (qx - px) * (y - py) / rise + px)
    inside: NDArray[np.bool_] = crossed.sum(axis=1) % 2 == 1
    return inside


def iou(a: Floats, b: Floats) -> NDArray[np.float64]:
    """Intersection over union of every pair of boxes.

    Args:
        a: Corners `x1, y1, x2, y2`, shape `(n, 4)`.
        b: Shape `(m, 4)`.

    Returns:
        Shape `(n, m)`, 0 where a box is empty.
    """
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    overlap = np.clip(bottom_right - top_left, 0, None).prod(axis=2)
    area_a = np.clip(a[:, 2:] - a[:, :2], 0, None).prod(axis=1)
    area_b = np.clip(b[:, 2:] - b[:, :2], 0, None).prod(axis=1)
    union = area_a[:, None] + area_b[None, :] - overlap
    shares: NDArray[np.float64] = np.divide(
        overlap, union, out=np.zeros_like(overlap, dtype=np.float64), where=union > 0
    )
    return shares


def ground_point(box: Box) -> Point:
    """Where a vehicle stands: the middle of its box's lower edge."""
    return ((box[0] + box[2]) / 2, box[3])


def boxes_overlap(a: Box, b: Box) -> bool:
    """Whether the boxes share an area."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def is_middle_in(inner: Box, outer: Box) -> bool:
    """Whether the middle of the one box lies in the other, its border included."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]
