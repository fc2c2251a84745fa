"""The trigger `speed`: how fast a vehicle drove through a calibrated zone, or from one line to another.

Both are estimates, not for fines: the road is taken as flat, and a detected box scatters.
"""

from collections import deque
from dataclasses import dataclass, field
from math import hypot

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.event import Event
from gtvision.pipeline.calibration import Road
from gtvision.pipeline.crossing import Cross
from gtvision.pipeline.firing import Span, with_aftermath
from gtvision.pipeline.presence import Presence
from gtvision.pipeline.track import Track

_KMH = 3.6
_STANDS_KMH = 3.0  # what is slower stands, and its box scatters
_WINDOW_S = 1.0  # each part of the way is judged over about that long
_FEWEST = 3  # sights in it
_SHORTEST_M = 4.0  # what has not gone so far has no speed
_SCATTER = 0.05  # of the box's height: how far its lower edge may be off
_EDGE = 0.995  # a box that reaches so far down is cut off by the picture's edge
_KEPT = 512


@dataclass(slots=True)
class ZoneSpeed:
    """It drove through a calibrated zone; told when it has left, or is gone.

    Where it stands is the middle of its box's lower edge, taken to the road. That point does not jump as the box grows
    with nearness, since the same end of the vehicle looks at the camera all the way. A line is fitted to the sights of
    each second, weighed by how sharply the road is seen there; its slope is the speed of that part of the way. The
    estimate is the speed that it kept for half of its way: standing at a light covers no way and does not count.
    """

    presence: Presence
    road: Road
    min_kmh: float
    _sights: deque[NDArray[np.float64]] = field(default_factory=lambda: deque(maxlen=64))
    _parts: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _visit_s: float | None = None
    _fired: Span | None = None

    def see(self, track: Track, counts: bool) -> Span | None:
        """See `Machine`."""
        presence = self.presence
        presence.see(track, counts)
        if presence.is_inside and presence.since_s is not None:
            if presence.since_s != self._visit_s:
                self._visit_s = presence.since_s
                self._sights.clear()
                self._parts.clear()
            self._go(track)
            return self._fired
        return self._told()

    def gone(self, _track: Track, /) -> Span | None:
        """See `Machine`."""
        return self._told()

    def resume(self, event: Event) -> None:
        """See `Machine`."""
        self.presence.resume(event.start_s, event.seen_s, is_inside=False)
        self._fired = Span(event.start_s, event.seen_s, speed_kmh=event.speed_kmh)

    @property
    def kmh(self) -> float | None:
        """The estimate so far, None before it has gone far enough."""
        parts = [(kmh, way_m) for kmh, way_m in self._parts if kmh >= _STANDS_KMH]
        way_m = sum(part[1] for part in parts)
        if way_m < _SHORTEST_M:
            return None
        passed_m = 0.0
        for kmh, part_m in sorted(parts):
            passed_m += part_m
            if passed_m >= way_m / 2:
                return kmh
        return None

    def _go(self, track: Track) -> None:
        if track.is_parked:  # its box may scatter by metres when others drive past
            self._sights.clear()
            return
        x1, y1, x2, y2 = track.box
        if y2 > _EDGE:
            return
        x = (x1 + x2) / 2
        road = self.road.metres(np.array([(x, y2), (x, y2 - _SCATTER * (y2 - y1))]))
        if np.isnan(road).any():
            return
        sharpness = 1 / max(float(np.hypot(*(road[0] - road[1]))), 1e-3)
        self._sights.append(np.array([track.seen_s, *road[0], sharpness]))
        while len(self._sights) > _FEWEST and track.seen_s - self._sights[1][0] >= _WINDOW_S:
            self._sights.popleft()
        if len(self._sights) >= _FEWEST:
            mps = _fitted(np.array(self._sights))
            elapsed_s = self._sights[-1][0] - self._sights[-2][0]
            self._parts.append((mps * _KMH, mps * elapsed_s))

    def _told(self) -> Span | None:
        """The firing of the visit that is over."""
        presence, kmh = self.presence, self.kmh
        if presence.since_s is not None and presence.since_s == self._visit_s and kmh is not None:
            if kmh >= self.min_kmh:
                self._fired = Span(presence.since_s, presence.until_s, speed_kmh=kmh)
            self._visit_s = None
        return self._fired


def _fitted(sights: NDArray[np.float64]) -> float:
    """The speed in metres a second of the straight, steady way that fits best.

    Args:
        sights: Time, x and y in metres and sharpness, shape `(n, 4)`, n at least 2.
    """
    weight = sights[:, 3] ** 2
    middle = (sights[:, :3] * weight[:, None]).sum(axis=0) / weight.sum()
    time, *place = (sights[:, :3] - middle).T
    x, y = (float((weight * time * each).sum() / (weight * time**2).sum()) for each in place)
    return hypot(x, y)


@dataclass(slots=True)
class LineSpeed:
    """It crossed two lines whose distance on the road is known; told when it crosses the second."""

    first: Cross
    second: Cross
    distance_m: float
    min_kmh: float
    _fired: Span | None = None

    def see(self, track: Track, counts: bool) -> Span | None:
        """See `Machine`."""
        return self._span(track, self.first.see(track, counts), self.second.see(track, counts))

    def gone(self, track: Track, /) -> Span | None:
        """See `Machine`."""
        span = self._span(track, self.first.gone(track), self.second.gone(track))
        return span and span.over_at(track.seen_s)

    def resume(self, event: Event) -> None:
        """See `Machine`."""
        self._fired = Span(event.start_s, None, speed_kmh=event.speed_kmh)

    def _span(self, track: Track, one: Span | None, other: Span | None) -> Span | None:
        newest_s = self._fired.start_s if self._fired else float("-inf")
        if one is not None and other is not None and min(one.start_s, other.start_s) >= newest_s:
            start_s, elapsed_s = max(one.start_s, other.start_s), abs(one.start_s - other.start_s)
            kmh = self.distance_m / elapsed_s * _KMH if elapsed_s > 0 else 0.0
            if start_s > newest_s and kmh >= max(self.min_kmh, _STANDS_KMH):
                self._fired = Span(start_s, speed_kmh=kmh)
        return self._fired and with_aftermath(self._fired, track.seen_s)
