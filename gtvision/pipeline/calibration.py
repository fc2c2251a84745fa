"""From the picture to the road: where a point of the picture lies on a flat road, in metres."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.places import Calibration

_HORIZON = 0.02  # as a share of how near the calibrated points are: beyond it a pixel is too many metres


class Road:
    """The road under a calibrated zone."""

    def __init__(self, calibration: Calibration) -> None:
        """The one homography that takes the four points to their metres."""
        rows = []
        for (x, y), (to_x, to_y) in zip(calibration.points, calibration.metres, strict=True):
            rows += [
                (x, y, 1.0, 0.0, 0.0, 0.0, -to_x * x, -to_x * y, to_x),
                (0.0, 0.0, 0.0, x, y, 1.0, -to_y * x, -to_y * y, to_y),
            ]
        system = np.array(rows)
        solved = np.append(np.linalg.solve(system[:, :8], system[:, 8]), 1.0).reshape(3, 3)
        nearness = _homogeneous(np.array(calibration.points)) @ solved[2]
        self._matrix: NDArray[np.float64] = solved / nearness.max() if nearness.max() > 0 else solved / nearness.min()

    def metres(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points of the picture, shape `(n, 2)`, lie on the road, shape `(n, 2)`; not a number at the horizon and
        above it."""
        x, y, nearness = (_homogeneous(points) @ self._matrix.T).T
        return np.stack([x, y], axis=1) / np.where(nearness > _HORIZON, nearness, np.nan)[:, None]


@lru_cache(maxsize=256)
def road_of(calibration: Calibration | None) -> Road | None:
    """The road of a zone's calibration, None without one."""
    return None if calibration is None else Road(calibration)


def _homogeneous(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([points, np.ones(len(points))])
