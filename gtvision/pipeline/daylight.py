"""Day or night for a camera: by the sun where it stands, and by whether its own pictures have lost their colour.

Night begins when the sun is 4 degrees below the horizon, within civil twilight (which ends at 6), when street lamps and
headlights are on. It is night as well while the camera sees infrared: most switch their filter by themselves, earlier
under clouds or in a tunnel, and what counts for a trigger is how the picture looks. So infrared wins over the sun, and
colour does not: under street lamps many cameras never lose it.

A picture without colour is taken for infrared. That a black one is too does no harm; a camera that has no colour at
all, as a thermal one, is always in its night.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import cv2
import numpy as np
from astral import Observer
from astral.sun import elevation
from numpy.typing import NDArray

from gtvision.domain.camera import Location
from gtvision.domain.trigger import Profile

_NIGHT_DEG = -4.0
_PERSISTS_S = 3.0
_PICKED = 4
_BLOCK = 16
_QUANTILE = 0.95
_MOST_CHROMA = 3.5


def profile_at(location: Location | None, is_infrared: bool | None, time_s: float) -> Profile | None:
    """Which half of the day it is.

    Args:
        location: Where the camera stands, None when nobody has said: then only infrared decides.
        is_infrared: Whether it sees infrared, None when nothing is known of its pictures yet.
        time_s: Unix time; without a location it does not matter.

    Returns:
        None when neither the place nor a picture is known.
    """
    if is_infrared:
        return Profile.NIGHT
    if location is not None:
        return Profile.NIGHT if sun_deg(location, time_s) < _NIGHT_DEG else Profile.DAY
    return None if is_infrared is None else Profile.DAY


def sun_deg(location: Location, time_s: float) -> float:
    """How high the sun's centre stands above the horizon at that Unix time, in degrees, without refraction."""
    observer = Observer(location.latitude, location.longitude)
    return elevation(observer, datetime.fromtimestamp(time_s, UTC), with_refraction=False)


def is_colourless(bgr: NDArray[np.uint8]) -> bool:
    """Whether the picture has no colour, but for what noise, rounding and a small coloured caption make.

    Means over blocks of 16x16 of every fourth pixel are compared, so that noise averages out; a twentieth of the
    blocks may have any colour. 0.2 ms for 640x360; `docs/decisions/0015-day-and-night.md` has what was measured.

    Args:
        bgr: Shape `(h, w, 3)`, uint8, BGR, about 640 wide.
    """
    height, width, _ = bgr.shape
    blocks = (max(1, width // _BLOCK), max(1, height // _BLOCK))
    means = cv2.resize(bgr[::_PICKED, ::_PICKED], blocks, interpolation=cv2.INTER_AREA)
    return bool(np.quantile(means.max(axis=2) - means.min(axis=2), _QUANTILE) < _MOST_CHROMA)


@dataclass(slots=True)
class Infrared:
    """Whether a camera sees infrared, from one picture after the other.

    The first picture decides. After it, only pictures that disagree for 3 s without one that agrees change anything,
    and then from the first of them on; a single odd one never does. Between pictures the last state stays.
    """

    _is_seen: bool | None = None
    _since_s: float = float("-inf")
    _doubted_s: float | None = None

    def saw(self, time_s: float, is_colourless: bool) -> None:
        """A picture of that time; call it in order of time."""
        if self._is_seen is None:
            self._is_seen = is_colourless
        if time_s < self._since_s:  # a new timeline
            self._since_s = float("-inf")
        if is_colourless is self._is_seen:
            self._doubted_s = None
        elif self._doubted_s is None or time_s < self._doubted_s:
            self._doubted_s = time_s
        elif time_s - self._doubted_s >= _PERSISTS_S:
            self._is_seen, self._since_s, self._doubted_s = is_colourless, self._doubted_s, None

    def at(self, time_s: float) -> bool | None:
        """Whether it was seen at that time, now or just before the last change; None before the first picture."""
        return self._is_seen if time_s >= self._since_s else not self._is_seen
