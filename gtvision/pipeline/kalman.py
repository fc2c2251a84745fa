"""Where boxes are and where they will be: one constant-velocity Kalman filter for each of their four numbers.

A box is its centre x, centre y, width and height. The noise of the four is taken as independent, so that the 8x8
filter of the textbooks falls apart into four of two numbers each (position, velocity), and all boxes are computed at
once. All noise is relative to the box's own size, since a pixel means little for a near lorry and much for a far car.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gtvision.pipeline.occlusion import cut_edges

Array = NDArray[np.float64]

_CENTRE_JITTER = 0.05  # standard deviation of a detected centre, in sizes of the box
_SIZE_JITTER = 0.1
_START_SPEED = 1.6  # standard deviation of the unknown speed of a new box, sizes a second: 26 km/h seen from the side
_START_GROWTH = 0.5
_IS_SIZE = np.array([False, False, True, True])
_AGILITY = 0.6  # how much the speed may change, sizes a second in a second
_AGILITY_OF_SPEED = 0.25  # and as a share of the speed: perspective speeds up what comes near
_MOVES = np.array([1.0, 1.0, 0.0, 0.0])  # what goes faster nearby: the centre; growth itself is left steady
_GROWS = 0.5  # standard deviation of the growth of boxes that come nearer or go away, sizes a second
_ODD = 6.0  # squared standard deviations of the size: 95 % of chi-square with 2 degrees of freedom
_INWARDS, _FAR_EDGE = np.array([1.0, 1.0, -1.0, -1.0]), np.array([0.0, 0.0, 1.0, 1.0])  # of the picture
_RESOLUTION = 0.002  # the smallest deviation of a detected edge, share of the picture


def to_centres(xyxy: Array) -> Array:
    """Corners, shape `(..., 4)`, as centre x, centre y, width, height."""
    return np.concatenate([(xyxy[..., :2] + xyxy[..., 2:]) / 2, xyxy[..., 2:] - xyxy[..., :2]], axis=-1)


def to_corners(centres: Array) -> Array:
    """The inverse of `to_centres`."""
    half = centres[:, 2:] / 2
    return np.concatenate([centres[:, :2] - half, centres[:, :2] + half], axis=1)


def _sizes(centres: Array) -> Array:
    """Width, height, width, height: the unit of each of the four numbers, shape `(..., 4)`."""
    sizes: Array = np.maximum(np.concatenate([centres[..., 2:]] * 2, axis=-1), _RESOLUTION)
    return sizes


def _jitter(centres: Array) -> Array:
    """Variance of a detection of these boxes, shape `(n, 4)`."""
    relative = np.array([_CENTRE_JITTER, _CENTRE_JITTER, _SIZE_JITTER, _SIZE_JITTER])
    deviation: Array = _sizes(centres) * relative + _RESOLUTION
    return deviation**2


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """The motion of n boxes; every array has shape `(n, 4)`, a row a box.

    Attributes:
        position: Centre x, centre y, width, height.
        velocity: Of those, a second.
        position_var: Variance of the position.
        covariance: Of position and velocity.
        velocity_var: Variance of the velocity.
    """

    position: Array
    velocity: Array
    position_var: Array
    covariance: Array
    velocity_var: Array

    @classmethod
    def start(cls, xyxy: Array) -> "Motion":
        """Boxes just found, of unknown speed; of those that the picture's edge cuts, the size is unknown as well.

        The speed goes with the longer side: a motorcycle from behind is a third as wide as a car, and as fast.
        """
        position = to_centres(xyxy)
        cut = cut_edges(xyxy)
        is_cut = np.tile(cut[:, :2] | cut[:, 2:], 2)
        longer = position[:, 2:].max(axis=1, keepdims=True)
        sizes = np.where(is_cut, longer, _sizes(position))
        speed = np.where(_IS_SIZE, sizes * _START_GROWTH, longer * _START_SPEED)
        nothing = np.zeros_like(position)
        hidden = np.where(is_cut, sizes * np.array([0.25, 0.25, 0.5, 0.5]), 0.0)
        return cls(position, nothing, _jitter(position) + hidden**2, nothing, speed**2)

    def after(self, elapsed_s: Array) -> "Motion":
        """The same boxes that much later, shape `(n,)`, in seconds.

        What comes nearer grows, and the nearer it is the faster it grows and moves: at a steady speed on the road the
        distance is a straight line over time, the size its inverse, and the way in the picture goes with the size.
        """
        t = elapsed_s[:, None]
        nearer = 1 / (1 - np.clip(t * self._growth_rate(), -1.5, 0.5)) ** _MOVES
        agility = (_AGILITY * _sizes(self.position) + _AGILITY_OF_SPEED * np.abs(self.velocity)) ** 2
        position = self.position + t * self.velocity * nearer
        position[:, 2:] = np.maximum(position[:, 2:], self.position[:, 2:] / 2)
        return Motion(
            position,
            self.velocity * nearer**2,
            self.position_var + 2 * t * self.covariance + t**2 * self.velocity_var + agility * t**3 / 3,
            self.covariance + t * self.velocity_var + agility * t**2 / 2,
            self.velocity_var + agility * t,
        )

    def _growth_rate(self) -> Array:
        """By which share each box grows in a second, shape `(n, 1)`.

        Only width and height together show that something comes nearer: a turn, the picture's edge or another vehicle
        changes one of them.
        """
        sizes = _sizes(self.position)[:, 2:]
        rates = self.velocity[:, 2:] / sizes
        sure = 1 / (1 + self.velocity_var[:, 2:] / (_GROWS * sizes) ** 2)
        both = np.where(rates.prod(axis=1) > 0, np.abs(rates * sure).min(axis=1), 0.0)
        rate: Array = (np.sign(rates[:, 0]) * both)[:, None]
        return rate

    def corrected(self, xyxy: Array) -> "Motion":
        """The same boxes after each was detected, row by row; a detection of quite another size is believed less."""
        position = to_centres(xyxy)
        jitter, surprise = _jitter(position), position - self.position
        oddness = (surprise**2 / (self.position_var + jitter))[:, 2:].sum(axis=1, keepdims=True)
        spread = self.position_var + jitter * np.maximum(1.0, (oddness / _ODD) ** 2)
        gain, velocity_gain = self.position_var / spread, self.covariance / spread
        corrected = self.position + gain * surprise
        corrected[:, 2:] = np.maximum(corrected[:, 2:], _RESOLUTION)
        return Motion(
            corrected,
            self.velocity + velocity_gain * surprise,
            (1 - gain) * self.position_var,
            (1 - gain) * self.covariance,
            self.velocity_var - velocity_gain * self.covariance,
        )

    def at_rest(self, still: NDArray[np.bool_]) -> "Motion":
        """The same boxes, with those of the rows that are true, shape `(n,)`, standing still."""
        at_rest = still[:, None]
        return replace(
            self,
            velocity=np.where(at_rest, 0.0, self.velocity),
            covariance=np.where(at_rest, 0.0, self.covariance),
            velocity_var=np.where(at_rest, (0.2 * _sizes(self.position)) ** 2, self.velocity_var),
        )

    @property
    def xyxy(self) -> Array:
        """Corners, which may lie outside the picture."""
        return to_corners(self.position)

    def surprise(self, xyxy: Array) -> tuple[Array, Array]:
        """How far each detection is from each box, and how vague the place of each box is.

        Args:
            xyxy: The m detections as seen by each of the boxes, shape `(n, m, 4)`.

        Returns:
            The squared distance in standard deviations, shape `(n, m)`, and the log of the product of the variances, in
            sizes of the box so that boxes of all sizes compare, shape `(n,)`.
        """
        spread = self.position_var + _jitter(self.position)
        apart = to_centres(xyxy) - self.position[:, None]
        return (apart**2 / spread[:, None]).sum(axis=2), np.log(spread / _sizes(self.position) ** 2).sum(axis=1)

    def growth(self, xyxy: Array) -> Array:
        """How many times larger or smaller each detection is than each box, shape `(n, m)`, never below 1.

        Of width and height the one that fits better counts, since the picture's edge or another vehicle cuts only one.
        """
        ours, theirs = np.log(_sizes(self.position)[:, :2]), np.log(_sizes(to_centres(xyxy))[..., :2])
        factor: Array = np.exp(np.abs(theirs - ours[:, None]).min(axis=2))
        return factor

    def detour(self, xyxy: Array) -> Array:
        """How far each detection is from where each box should be, in sizes of the larger one, shape `(n, m)`."""
        ours, theirs = self.position[:, None], to_centres(xyxy)
        sizes = np.maximum(np.maximum(ours[..., 2:], theirs[..., 2:]), _RESOLUTION)
        detour: Array = (np.abs(theirs[..., :2] - ours[..., :2]) / sizes).max(axis=2)
        return detour

    def inside(self) -> Array:
        """How far each edge of the boxes is from the picture's, in sizes of the box, shape `(n, 4)`."""
        inside: Array = (_FAR_EDGE + _INWARDS * self.xyxy) / _sizes(self.position)
        return inside

    def receding(self) -> Array:
        """How fast each edge of the boxes goes away from the picture's, sizes of the box a second, shape `(n, 4)`."""
        receding: Array = _INWARDS * to_corners(self.velocity) / _sizes(self.position)
        return receding

    def rows(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> "Motion":
        """The motion of some of the boxes."""
        return Motion(
            self.position[which],
            self.velocity[which],
            self.position_var[which],
            self.covariance[which],
            self.velocity_var[which],
        )

    def with_rows(self, which: NDArray[np.intp], other: "Motion") -> "Motion":
        """This motion with some rows replaced by those of `other`."""
        pairs = zip(self._arrays(), other._arrays(), strict=True)
        return Motion(*(_put(ours, which, theirs) for ours, theirs in pairs))

    def joined(self, other: "Motion") -> "Motion":
        """The boxes of both."""
        return Motion(*(np.concatenate(pair) for pair in zip(self._arrays(), other._arrays(), strict=True)))

    def _arrays(self) -> tuple[Array, ...]:
        return self.position, self.velocity, self.position_var, self.covariance, self.velocity_var


def _put(array: Array, which: NDArray[np.intp], rows: Array) -> Array:
    changed = array.copy()
    changed[which] = rows
    return changed
