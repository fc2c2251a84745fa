"""The trigger `cross`: a vehicle went over a line."""

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

from gtvision.domain.event import Event
from gtvision.domain.geometry import Point
from gtvision.domain.places import Direction, Line
from gtvision.pipeline.firing import Span, with_aftermath
from gtvision.pipeline.track import Track
from gtvision.pipeline.zones import Offset, offset, size_of

_MARGIN = 0.1  # of the vehicle's size beyond the line: it is across
_MARGIN_AGAIN = 0.5  # once it has crossed, only so far back is another crossing
_LEAD_S = 1.0
_QUALIFIES_S = 2.0  # a crossing counts when the vehicle was detected well enough that shortly before or after it


@dataclass(slots=True)
class Cross:
    """It went from one side of a line to the other.

    A side is sure by a margin of the vehicle's own size, so that jitter on the line is no crossing; the crossing
    itself is where its path cut the line. The path begins a little before the first sight and ends a little after the
    last one, by the time between two looks, so that a vehicle counts that jumped across unseen.
    """

    line: Line
    direction: Direction | None
    _side: float = 0.0
    _trail: deque[tuple[float, Offset]] = field(default_factory=lambda: deque(maxlen=32))
    _margin: float = _MARGIN
    _counted_s: float | None = None
    _fired: Span | None = None
    _waiting: Span | None = None

    def see(self, track: Track, counts: bool) -> Span | None:
        """See `Machine`."""
        if counts:
            self._counted_s = track.seen_s
        if not self._trail and len(track.path) < 2:
            return self._span(track)
        if not self._trail and track.lead_s > 0:
            self._step(*_before(track), size_of(track.box))
        for time_s, point in track.path:
            if not self._trail or time_s > self._trail[-1][0]:
                self._step(time_s, point, size_of(track.box))
        self._settle(track.seen_s)
        return self._span(track)

    def gone(self, track: Track, /) -> Span | None:
        """See `Machine`."""
        if len(track.path) > 1 and track.stood_s == 0:
            self._step(*_afterwards(track), size_of(track.box))
            self._settle(track.seen_s)
        span = self._span(track)
        return span and span.over_at(track.seen_s)

    def resume(self, event: Event) -> None:
        """See `Machine`."""
        self._fired, self._margin = Span(event.start_s, None, event.direction), _MARGIN_AGAIN

    def _step(self, time_s: float, point: Point, size: Point) -> None:
        where = offset(self.line, point, size)
        sign = 1.0 if where.across > 0 else -1.0
        self._trail.append((time_s, where))
        if not self._side:
            self._side = sign
        if abs(where.across) < self._margin:
            return
        if sign != self._side:
            self._cross(sign)
        self._side = sign
        self._trail = deque([(time_s, where)], maxlen=self._trail.maxlen)

    def _cross(self, sign: float) -> None:
        trail = list(self._trail)
        steps = [(a, b) for a, b in pairwise(trail) if b[1].across * sign > 0 >= a[1].across * sign]
        if not steps:
            return
        (a_s, a), (b_s, b) = steps[-1]
        share = a.across / (a.across - b.across)
        along = a.along + share * (b.along - a.along)
        direction = Direction.FORWARD if sign > 0 else Direction.BACKWARD
        if 0 <= along <= 1 and self.direction in (None, direction):
            self._waiting = Span(a_s + share * (b_s - a_s), None, direction)
            self._margin = _MARGIN_AGAIN

    def _settle(self, now_s: float) -> None:
        """A crossing fires once the vehicle was detected well, shortly before or after it."""
        if self._waiting is None:
            return
        if self._counted_s is not None and abs(self._counted_s - self._waiting.start_s) <= _QUALIFIES_S:
            self._fired, self._waiting = self._waiting, None
        elif now_s - self._waiting.start_s > _QUALIFIES_S:
            self._waiting = None

    def _span(self, track: Track) -> Span | None:
        return self._fired and with_aftermath(self._fired, track.seen_s)


def _before(track: Track) -> tuple[float, Point]:
    """Where the vehicle was shortly before it was first seen, on the straight way of its first two sights."""
    (first_s, first), (second_s, second) = track.path[0], track.path[1]
    lead_s = min(track.lead_s, _LEAD_S)
    share = lead_s / (second_s - first_s)
    return first_s - lead_s, (first[0] - share * (second[0] - first[0]), first[1] - share * (second[1] - first[1]))


def _afterwards(track: Track) -> tuple[float, Point]:
    """Where the vehicle was one look after it was last seen."""
    (before_s, _), (last_s, last) = track.path[-2], track.path[-1]
    ahead_s = min(last_s - before_s, _LEAD_S)
    return last_s + ahead_s, (last[0] + ahead_s * track.velocity[0], last[1] + ahead_s * track.velocity[1])
