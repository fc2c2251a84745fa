"""Where a camera looks: zones and lines of its picture, and how they lie on the road. Valid from birth."""

from dataclasses import dataclass
from enum import StrEnum

from gtvision.domain.errors import BadConfiguration
from gtvision.domain.geometry import Point, is_convex, is_simple, polygon_area
from gtvision.domain.slug import check_slug

_SMALLEST_ZONE_AREA = 1e-4
_FARTHEST_M = 10_000.0


def check_points(points: tuple[Point, ...], where: str) -> None:
    """Raises `BadConfiguration` unless all points lie in the picture."""
    for index, (x, y) in enumerate(points):
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise BadConfiguration(
                f"({x:g}, {y:g}) lies outside the picture: coordinates run from 0 to 1 of its width and height",
                f"{where}[{index}]",
            )


@dataclass(frozen=True, slots=True)
class Calibration:
    """Where four points of the picture lie on a flat road.

    Attributes:
        points: Four points, 0-1 of the picture, in order around what they enclose.
        metres: Where they are on the road, in metres from any origin, in the same order.
    """

    points: tuple[Point, Point, Point, Point]
    metres: tuple[Point, Point, Point, Point]

    def __post_init__(self) -> None:
        check_points(self.points, "points")
        for where, corners in (("points", self.points), ("metres", self.metres)):
            if not is_convex(corners):
                raise BadConfiguration(
                    "its four points must be the corners of a convex shape, in order around it, no three on a line",
                    where,
                )
        for index, (x, y) in enumerate(self.metres):
            if not (abs(x) <= _FARTHEST_M and abs(y) <= _FARTHEST_M):
                raise BadConfiguration(f"({x:g}, {y:g}) is farther than {_FARTHEST_M:g} m away", f"metres[{index}]")


class ZoneKind(StrEnum):
    """What a zone does: `watch` what happens inside, or `ignore` it."""

    WATCH = "watch"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon of the analysed picture.

    Attributes:
        id: Slug, unique in its camera.
        polygon: At least 3 corners, 0-1, edges that do not cross.
        kind: Whether it is watched or ignored.
        calibration: Where it lies on the road; None: nobody has measured it.
    """

    id: str
    polygon: tuple[Point, ...]
    kind: ZoneKind = ZoneKind.WATCH
    calibration: Calibration | None = None

    def __post_init__(self) -> None:
        check_slug(self.id, "id")
        if len(self.polygon) < 3:
            raise BadConfiguration(f"a zone needs at least 3 corners, got {len(self.polygon)}", "polygon")
        check_points(self.polygon, "polygon")
        if not is_simple(self.polygon):
            raise BadConfiguration("its edges cross each other; list the corners in order around the zone", "polygon")
        if polygon_area(self.polygon) < _SMALLEST_ZONE_AREA:
            raise BadConfiguration("it has no area; its corners lie on one line", "polygon")


class Direction(StrEnum):
    """Which way a line was crossed: `forward` is from its left to its right side, looking from start to end."""

    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that vehicles cross.

    Attributes:
        id: Slug, unique in its camera.
        start: First point, 0-1.
        end: Second point, 0-1.
    """

    id: str
    start: Point
    end: Point

    def __post_init__(self) -> None:
        check_slug(self.id, "id")
        check_points((self.start,), "start")
        check_points((self.end,), "end")
        if self.start == self.end:
            raise BadConfiguration("its two points are the same", "end")
