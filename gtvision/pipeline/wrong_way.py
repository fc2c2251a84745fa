"""The trigger `wrong_way`: a vehicle goes against the way that the traffic should go."""

from dataclasses import dataclass
from math import hypot

import numpy as np

from gtvision.domain.event import Event
from gtvision.domain.geometry import Point
from gtvision.pipeline.calibration import Road
from gtvision.pipeline.firing import Span
from gtvision.pipeline.presence import Presence
from gtvision.pipeline.track import Track
from gtvision.pipeline.zones import size_of

_FAR = 1.5  # sizes against the way: further than a box grows, and than a car reverses into a bay
_AGAINST = -0.5  # cosine of the angle between its way and the right one, beyond 120 degrees
_STEPS = 3  # sights that each took it further back: one jump of a box is no way
_ASPECT = (16 / 9, 1.0)  # of nearly all traffic cameras; another one is a few degrees off
_TURNED = 0.3  # sizes forward again: it does not go against the way any more


@dataclass(slots=True)
class WrongWay:
    """It goes against the way, once a visit to the zone.

    Its way is measured in its own sizes, so that far and near count alike, from the furthest point that it had reached.
    Who had come the right way must go back all of that, at most once more as far, before it counts: that is what tells
    a driver from one who reverses.

    Attributes:
        presence: Its visit.
        way: From where to where the traffic should go.
        road: Where the angle is judged; None: in the picture.
    """

    presence: Presence
    way: tuple[Point, Point]
    road: Road | None = None
    _visit_s: float | None = None
    _last: tuple[float, Point] | None = None
    _begin: float = 0.0
    _along: float = 0.0
    _across: float = 0.0
    _top: tuple[float, float, float] = (0.0, 0.0, 0.0)  # along, across and time where it was furthest
    _low: float = 0.0
    _steps: int = 0
    _fired: Span | None = None

    def see(self, track: Track, counts: bool) -> Span | None:
        """See `Machine`."""
        presence = self.presence
        presence.see(track, counts)
        if not presence.is_inside or presence.since_s is None:
            self._last = None
            return self._span(False)
        if presence.since_s != self._visit_s:
            self._visit_s, self._last = presence.since_s, None
        for time_s, point in track.path:
            if time_s >= presence.since_s and (self._last is None or time_s > self._last[0]):
                self._go(time_s, point, track)
        return self._span(True)

    def gone(self, _track: Track, /) -> Span | None:
        """See `Machine`."""
        return self._span(False)

    def resume(self, event: Event) -> None:
        """See `Machine`."""
        self.presence.resume(event.start_s, event.seen_s)
        self._visit_s, self._fired = event.start_s, Span(event.start_s)

    def _go(self, time_s: float, point: Point, track: Track) -> None:
        last, self._last = self._last, (time_s, point)
        if last is None:
            self._along = self._across = self._begin = 0.0
            self._turn(time_s)
            return
        if track.is_parked:
            return
        along, across = self._step(last[1], point, size_of(track.box))
        self._along += along
        self._across += across
        if self._along > self._top[0] or self._along > self._low + _TURNED:
            self._turn(time_s)
        elif self._along < self._low:
            self._low = self._along
            self._steps += 1
            self._judge()

    def _turn(self, time_s: float) -> None:
        """Its way against begins here, if it does."""
        self._top, self._low, self._steps = (self._along, self._across, time_s), self._along, 0

    def _judge(self) -> None:
        top_along, top_across, since_s = self._top
        along, across = self._along - top_along, self._across - top_across
        needed = _FAR + min(max(top_along - self._begin, 0.0), _FAR)
        is_against = along <= min(-needed, _AGAINST * hypot(along, across))
        is_first = self._fired is None or self._fired.start_s < (self._visit_s or 0.0)
        if is_against and is_first and self._steps >= _STEPS and self.presence.until_s >= since_s:
            self._fired = Span(max(since_s, self._visit_s or since_s))

    def _step(self, a: Point, b: Point, size: Point) -> tuple[float, float]:
        """How far the way from a to b goes along the right way and across it, in sizes of the vehicle."""
        sized = ((b[0] - a[0]) / size[0], (b[1] - a[1]) / size[1])
        points = np.array([a, b, *self.way])
        places = points * _ASPECT if self.road is None else self.road.metres(points)
        if np.isnan(places).any():
            places = points * _ASPECT
        (x, y), (to_x, to_y) = (places[1] - places[0]).tolist(), (places[3] - places[2]).tolist()
        far = hypot(*sized) / max(hypot(x, y) * hypot(to_x, to_y), 1e-12)
        return far * (x * to_x + y * to_y), far * (to_x * y - to_y * x)

    def _span(self, goes_on: bool) -> Span | None:
        if self._fired is None or (goes_on and self._fired.start_s >= (self._visit_s or 0.0)):
            return self._fired
        return Span(self._fired.start_s, self._fired.end_s or max(self.presence.until_s, self._fired.start_s))
