"""How a street is lit: the sun, the sky, and the lamps once it is dark."""

from dataclasses import dataclass, replace
from math import pi, sin

import numpy as np
from numpy.typing import NDArray

from gtvision.traffic.mesh import Floats, Mesh, floats

_NOON = np.array([1.0, 1.0, 1.0])
_DUSK = np.array([0.52, 0.46, 0.5])
_NIGHT = np.array([0.2, 0.16, 0.14])
_FROM_LAMPS = np.array([0.12, 0.15, 0.17])
_SKY = np.array([235.0, 225.0, 215.0])
_SUN_TO = np.array([-0.55, -0.35, 0.75])


@dataclass(frozen=True, slots=True)
class Light:
    """The light of one moment.

    Attributes:
        day: 1 by day, 0.4 about dusk, 0 at night.
        sun: How strong direct sunlight is, 0 (overcast or night) to 1.
        engines: Whether the vehicles in it have their lamps on when it is dark.
    """

    day: float
    sun: float
    engines: bool = True

    def for_parked(self) -> "Light":
        """The same light on vehicles whose lamps are off."""
        return replace(self, engines=False)

    @property
    def gain(self) -> Floats:
        """What of the daylight colours is left, blue, green and red, shape `(3,)`."""
        if self.day >= 0.4:
            share = (self.day - 0.4) / 0.6
            return floats(_DUSK + share * (_NOON - _DUSK))
        return floats(_NIGHT + self.day / 0.4 * (_DUSK - _NIGHT))

    @property
    def lamps(self) -> float:
        """How bright street lamps and headlights are against the rest, 0-1."""
        return min(1.0, max(0.0, (0.6 - self.day) / 0.4))

    @property
    def shadow(self) -> float:
        """Which share of the light a body takes from its shadow."""
        return 0.3 + 0.25 * self.sun

    @property
    def shadow_fall(self) -> Floats:
        """How far a shadow falls, metres x and y for each metre of height, shape `(2,)`."""
        return floats(-_SUN_TO[:2] / _SUN_TO[2] * (0.15 + 0.65 * self.sun))

    def shade(self, mesh: Mesh, seen: NDArray[np.intp], normal: Floats) -> Floats:
        """Colours of the seen faces, shape `(n, 3)`, by their unit normals."""
        to_sun = _SUN_TO / np.linalg.norm(_SUN_TO)
        from_sky = 0.56 + 0.24 * normal[:, 2]
        from_sun = self.sun * 0.42 * np.maximum(normal @ to_sun, 0) + (1 - self.sun) * 0.16
        lit = mesh.colours[seen] * (from_sky + from_sun)[:, None]
        mirrored = (mesh.gloss[seen] * np.clip(normal[:, 2], 0, 1) ** 1.5 * 0.45)[:, None]
        lit = (lit * (1 - mirrored) + _SKY * mirrored) * (self.gain + self.lamps * _FROM_LAMPS)
        glow = mesh.glow[seen][:, None] * self.engines
        lit = np.where(glow > 0, np.maximum(lit, glow * self.lamps * mesh.colours[seen]), lit)
        return floats(np.minimum(lit, 255.0))


def light_of(hour: float, *, overcast: bool = False) -> Light:
    """The light at an hour of the day, 0-24: sunrise about six, sunset about eighteen."""
    height = sin((hour - 6) / 12 * pi)
    day = min(1.0, max(0.0, 0.4 + 2.4 * height))
    return Light(day, 0.0 if overcast else min(1.0, max(0.0, 2.5 * height)))
