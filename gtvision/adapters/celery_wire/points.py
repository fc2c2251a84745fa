"""Numbers and points of plain values."""

from typing import Any

from gtvision.domain.geometry import Point


def number_of(value: Any) -> float | None:
    """The number as it came, None when it is none; a truth value is none."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def points_of(value: Any) -> tuple[Point, ...] | None:
    """The points of a list of `[x, y]`, none of null; None when it is something else."""
    if value is None:
        return ()
    if not isinstance(value, list):
        return None
    points = [_point_of(each) for each in value]
    known = tuple(point for point in points if point is not None)
    return known if len(known) == len(points) else None


def _point_of(value: Any) -> Point | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    x, y = map(number_of, value)
    return None if x is None or y is None else (x, y)
