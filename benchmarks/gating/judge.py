"""Which samples of simulated traffic the gate has to let pass, and which not, by the truth alone.

A road user is *moving in the zone* when the place where it stands is inside the watched polygon, it has moved in the
picture by at least `MOVED_SHARE` of its size since the sample before, at least `VISIBLE_SHARE` of it is seen, and it is
at least as tall as the smallest vehicle that the gate promises. A camera's shake moves no road user.

A sample is *empty* when nobody's box, widened by `REACH` of its size to each side for its shadow, touches the zone, but
those who have stood still for `STREET_S`: they belong to the street. In the dark a lit vehicle that is farther away can
still throw its headlights into the zone: a sample with one within `BEAM_REACH` of its size is *lit*, and counted apart.
All others (somebody in reach, but no clear case) are *unclear*: nothing is asked of them.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from gtvision.domain.camera import Camera
from gtvision.domain.geometry import Box, Point, contains, ground_point
from gtvision.domain.kinds import Kind
from gtvision.pipeline.motion import SMALLEST_HEIGHT
from gtvision.traffic import FrameTruth, Seen, Weather

MOVED_SHARE = 0.1
VISIBLE_SHARE = 0.5
REACH = 0.5
BEAM_REACH = 3.0
STREET_S = 30.0
_STILL_SHARE = 0.05
"""Of its size: by how much a place wavers while its road user stands."""
_RASTER = (320, 180)
_LAMPLESS = (Kind.PERSON, Kind.BICYCLE)


@dataclass(frozen=True, slots=True)
class Moment:
    """What the truth asks of one sample.

    Attributes:
        state: `moving`, `empty`, `lit` or `unclear`.
        moving: Kind and height, share of the picture, of those who move in the zone.
    """

    state: str
    moving: tuple[tuple[Kind, float], ...] = ()


@dataclass(frozen=True, slots=True)
class _Frame:
    """Who is where in one frame: places without the camera's shake, and who has become part of the street."""

    seen: dict[int, Seen]
    places: dict[int, Point]
    street: frozenset[int]


@dataclass(slots=True)
class Judge:
    """Judges the samples of one recording."""

    camera: Camera
    weather: Weather
    _frames: dict[float, _Frame] = field(default_factory=dict)
    _stays: dict[int, tuple[Point, float]] = field(default_factory=dict)
    _before: _Frame | None = None

    def watch(self, truth: FrameTruth) -> None:
        """Notes who is where; called with each frame in order of time."""
        dx, dy = self.weather.shift(truth.time_s, 1)
        places = {}
        for seen in truth.seen:
            x, y = ground_point(seen.box)
            places[seen.id] = place = (x - dx, y - dy * 16 / 9)
            stay = self._stays.get(seen.id)
            if stay is None or _apart(stay[0], place) > _STILL_SHARE * _size(seen.box):
                self._stays[seen.id] = (place, truth.time_s if self._frames else float("-inf"))
        street = frozenset(id for id in places if truth.time_s - self._stays[id][1] >= STREET_S)
        self._frames[truth.time_s] = _Frame({seen.id: seen for seen in truth.seen}, places, street)

    def judge(self, time_s: float) -> Moment:
        """What the sample of that time is, against the one judged before."""
        now, before = self._frames[time_s], self._before
        self._before = now
        moving = tuple(
            (seen.kind, _height(seen.box)) for id, seen in now.seen.items() if before and self._moves(id, now, before)
        )
        return Moment("moving", moving) if moving else Moment(self._quiet_state(time_s, now))

    def _moves(self, id: int, now: _Frame, before: _Frame) -> bool:
        seen, place = now.seen[id], now.places[id]
        return (
            seen.visible_share >= VISIBLE_SHARE
            and _height(seen.box) >= SMALLEST_HEIGHT
            and id in before.places
            and _apart(place, before.places[id]) >= MOVED_SHARE * _size(seen.box)
            and any(contains(zone.polygon, np.array([place]))[0] for zone in self.camera.zones)
        )

    def _quiet_state(self, time_s: float, now: _Frame) -> str:
        others = [seen for id, seen in now.seen.items() if id not in now.street]
        if any(self._touches(_widened(seen.box, REACH)) for seen in others):
            return "unclear"
        lamps = self.weather.light_at(time_s).lamps > 0
        lit = [seen for seen in others if lamps and seen.kind not in _LAMPLESS]
        return "lit" if any(self._touches(_widened(seen.box, BEAM_REACH)) for seen in lit) else "empty"

    def _touches(self, box: Box) -> bool:
        raster = _raster(tuple(zone.polygon for zone in self.camera.zones))
        left, top, right, bottom = np.clip(np.multiply(box, _RASTER * 2), 0, _RASTER * 2).astype(int)
        return bool(raster[top : bottom + 1, left : right + 1].any())


_rasters: dict[tuple[tuple[Point, ...], ...], NDArray[np.uint8]] = {}


def _raster(polygons: tuple[tuple[Point, ...], ...]) -> NDArray[np.uint8]:
    """255 in the zones, shape of `_RASTER`."""
    if polygons not in _rasters:
        raster = np.zeros(_RASTER[::-1], np.uint8)
        for polygon in polygons:
            cv2.fillPoly(raster, [np.round(np.multiply(polygon, _RASTER)).astype(np.int32)], 255)
        _rasters[polygons] = raster
    return _rasters[polygons]


def _apart(a: Point, b: Point) -> float:
    """In widths of the picture, which is 16:9."""
    return float(np.hypot(a[0] - b[0], (a[1] - b[1]) * 9 / 16))


def _size(box: Box) -> float:
    """The longer side, in widths of the picture."""
    return max(box[2] - box[0], (box[3] - box[1]) * 9 / 16)


def _height(box: Box) -> float:
    return box[3] - box[1]


def _widened(box: Box, share: float) -> Box:
    x, y = share * (box[2] - box[0]), share * (box[3] - box[1])
    return box[0] - x, box[1] - y, box[2] + x, box[3] + y
