"""Where vehicles go: smooth ways over the road, with lanes beside each other."""

from dataclasses import dataclass
from functools import cached_property
from math import atan2, cos, sin

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ground = tuple[float, float]

_CUTS = 4
_AHEAD_M = 0.4


@dataclass(frozen=True)
class Route:
    """A way over the road.

    Attributes:
        points: Corners in world metres; they are rounded off when there are more than two.
        lanes: Where one can drive on it, metres to the left of the way.
        stop_m: Where the stop line of a light crosses it, along the way; None without a light.
        phase: Which phase of the lights is green for it.
        kerb: Where its vehicles park, metres to the left; None when nobody parks here.
    """

    points: tuple[Ground, ...]
    lanes: tuple[float, ...] = (0.0,)
    stop_m: float | None = None
    phase: int = 0
    kerb: float | None = None

    @cached_property
    def _smooth(self) -> tuple[Floats, Floats]:
        points = np.asarray(self.points, np.float64)
        for _ in range(_CUTS if len(points) > 2 else 0):
            a, b = points[:-1], points[1:]
            cut = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], axis=1).reshape(-1, 2)
            points = np.concatenate([points[:1], cut, points[-1:]])
        steps = np.hypot(*np.diff(points, axis=0).T)
        return points, np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def length_m(self) -> float:
        """From its first point to its last."""
        return float(self._smooth[1][-1])

    def pose(self, way_m: float, left_m: float) -> tuple[float, float, float]:
        """World x, y and heading in radians after that way, so far to the left of it."""
        points, along = self._smooth
        end_m = along[-1]
        here_m = (max(way_m - _AHEAD_M, 0.0), min(way_m + _AHEAD_M, end_m), way_m)
        x, y = np.interp(here_m, along, points[:, 0]).tolist(), np.interp(here_m, along, points[:, 1]).tolist()
        heading = atan2(y[1] - y[0], x[1] - x[0])
        return x[2] - sin(heading) * left_m, y[2] + cos(heading) * left_m, heading


@dataclass(frozen=True, slots=True)
class Lights:
    """Traffic lights whose phases take turns; between two, all see red.

    Attributes:
        phases: How many there are.
        green_s: How long each lasts.
        clear_s: How long all see red after it.
    """

    phases: int = 2
    green_s: float = 13.0
    clear_s: float = 6.0

    def is_green(self, phase: int, time_s: float) -> bool:
        """Whether that phase may drive."""
        turn_s = self.green_s + self.clear_s
        at_s = time_s % (self.phases * turn_s) - phase * turn_s
        return 0 <= at_s < self.green_s
