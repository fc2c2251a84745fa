"""Where a vehicle is: how deep inside an area, and on which side of a line, measured in its own size.

Boxes jitter by a share of their size, so a vehicle is surely inside, outside or across only by a margin in that unit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.detections import Detections
from gtvision.domain.geometry import Box, Point, contains, side
from gtvision.domain.places import Line, Zone, ZoneKind

_WHOLE = 1e9  # deeper inside than anything


def watched(zones: Iterable[Zone]) -> tuple[Zone, ...]:
    """The zones that say where a camera looks; none means the whole picture."""
    return tuple(zone for zone in zones if zone.kind is ZoneKind.WATCH)


def outside_ignored(detections: Detections, zones: Iterable[Zone]) -> Detections:
    """The detections that do not stand in an ignore zone."""
    x1, _, x2, y2 = detections.xyxy.T
    ground = np.stack([(x1 + x2) / 2, y2], axis=1)
    kept = np.ones(len(detections), dtype=np.bool_)
    for zone in zones:
        if zone.kind is ZoneKind.IGNORE:
            kept &= ~contains(zone.polygon, ground)
    return Detections(detections.xyxy[kept], detections.score[kept], detections.kind[kept])


def size_of(box: Box) -> Point:
    """Width and height of a box, never 0: the unit of all depths and offsets."""
    return (max(box[2] - box[0], 1e-3), max(box[3] - box[1], 1e-3))


def depth(zones: tuple[Zone, ...], point: Point, size: Point) -> float:
    """How far inside any of the zones the point lies, in sizes of the vehicle; negative outside, huge without zones."""
    if not zones:
        return _WHOLE
    inside = (min(max(point[0], 0.0), 1.0 - 1e-9), min(max(point[1], 0.0), 1.0 - 1e-9))
    return max(_depth(zone.polygon, inside, size) for zone in zones)


def _depth(polygon: tuple[Point, ...], point: Point, size: Point) -> float:
    outline = _outline(polygon)
    apart, edges = (outline.corners - point) / size, outline.edges / size
    along = np.clip(-(apart * edges).sum(axis=1) / (edges**2).sum(axis=1), 0, 1)
    distances = np.hypot(*(apart + along[:, None] * edges).T)
    if contains(polygon, np.array([point]))[0]:
        return float(distances[outline.is_inner].min(initial=_WHOLE))
    return -float(distances.min())


@dataclass(frozen=True, slots=True, eq=False)
class _Outline:
    """A polygon as arrays: corners and edges of shape `(n, 2)`; edges on the picture's border, which has no outside,
    are not inner."""

    corners: NDArray[np.float64]
    edges: NDArray[np.float64]
    is_inner: NDArray[np.bool_]


@lru_cache(maxsize=1024)
def _outline(polygon: tuple[Point, ...]) -> _Outline:
    corners = np.array(polygon, dtype=np.float64)
    edges = np.roll(corners, -1, axis=0) - corners
    kept = np.any(edges != 0, axis=1)
    on_border = np.any((np.abs(edges) < 1e-6) & ((corners < 1e-3) | (corners > 1 - 1e-3)), axis=1)
    return _Outline(corners[kept], edges[kept], np.logical_not(on_border[kept]))


@dataclass(frozen=True, slots=True)
class Offset:
    """Where a point is relative to a line.

    Attributes:
        across: Distance from the endless line in sizes of the vehicle: negative on the left, positive on the right.
        along: Where on the line the nearest point is: 0 at its start, 1 at its end.
    """

    across: float
    along: float


def offset(line: Line, point: Point, size: Point) -> Offset:
    """Where the point is relative to the line, looking from its start to its end."""
    (ax, ay), (bx, by), (px, py) = (_scaled(p, size) for p in (line.start, line.end, point))
    length = max(((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5, 1e-9)
    along = ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length**2
    return Offset(side((ax, ay), (bx, by), (px, py)) / length, along)


def _scaled(point: Point, size: Point) -> Point:
    return (point[0] / size[0], point[1] / size[1])
