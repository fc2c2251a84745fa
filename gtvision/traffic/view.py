"""A pinhole camera above a flat road: from metres in the world to pixels of the picture."""

from dataclasses import dataclass
from functools import cached_property
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NEAREST_M = 0.5


@dataclass(frozen=True)
class View:
    """Where the camera stands and looks. The world has x to the right, y away from the camera's foot and z up.

    Attributes:
        height_m: Of the lens above the road.
        pitch_deg: How far it looks down, 0 is level.
        yaw_deg: How far it looks to the right of the y axis.
        focal: Focal length in widths of the picture.
        size: Width and height of the picture in pixels.
    """

    height_m: float
    pitch_deg: float
    yaw_deg: float
    focal: float
    size: tuple[int, int]

    @cached_property
    def axes(self) -> Floats:
        """Unit vectors to the right, up and forward, shape `(3, 3)`."""
        pitch, yaw = radians(self.pitch_deg), radians(self.yaw_deg)
        forward = np.array([sin(yaw) * cos(pitch), cos(yaw) * cos(pitch), -sin(pitch)])
        right = np.array([cos(yaw), -sin(yaw), 0.0])
        return np.stack([right, np.cross(right, forward), forward])

    @cached_property
    def position(self) -> Floats:
        """The lens in the world, metres, shape `(3,)`."""
        return np.array([0.0, 0.0, self.height_m])

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixels of the points, shape `(n, 2)`, and how far before the lens they lie in metres, shape `(n,)`.

        What lies behind the lens is projected as if it lay half a metre before it: far outside the picture.

        Args:
            points: World metres, shape `(n, 3)`.
        """
        seen = (points - self.position) @ self.axes.T
        depth = np.maximum(seen[:, 2], _NEAREST_M)
        width, height = self.size
        scale = self.focal * width / depth
        return np.stack([width / 2 + seen[:, 0] * scale, height / 2 - seen[:, 1] * scale], axis=1), depth

    def ground_of_pixels(self) -> tuple[Floats, Floats]:
        """World x and y of the road under each pixel, shape `(height, width)`; not a number above the horizon."""
        width, height = self.size
        x, y = np.arange(width, dtype=np.float64) + 0.5, np.arange(height, dtype=np.float64) + 0.5
        return self.ground_under(x[None, :], y[:, None])

    def ground_under(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """World x and y of the road under points of the picture; not a number above the horizon.

        Args:
            x: Pixels from the left edge, any shape.
            y: Pixels from the upper edge, of a shape that goes with it.
        """
        width, height = self.size
        right, up, forward = self.axes
        across = (x - width / 2)[..., None] / (self.focal * width)
        down = (y - height / 2)[..., None] / (self.focal * width)
        ray = forward + across * right - down * up
        reach = np.where(ray[..., 2] < -1e-4, -self.height_m / np.minimum(ray[..., 2], -1e-4), np.nan)
        return ray[..., 0] * reach, ray[..., 1] * reach
