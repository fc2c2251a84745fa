"""Which pictures of a vehicle are worth reading for its plate: few, the largest ones, and no more than it takes.

The first one is read as soon as a plate could be readable in it, so that a plate that is looked for is known early.
Another one follows when the vehicle has grown by a quarter, one more of about that size when the picture before showed
something, and what is left when the vehicle is gone. Once the plate is settled, only a much larger picture is read. Ten
at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf, log

from gtvision.domain.geometry import Box, boxes_overlap
from gtvision.domain.kinds import Kind
from gtvision.pipeline.sight import Sight
from gtvision.pipeline.track import Track

MOST_SHOTS = 10
_LEAST_PLATE_PX = 45.0
_WIDEST_PLATE = {Kind.MOTORCYCLE: 0.35, Kind.CAR: 0.28, Kind.BUS: 0.2, Kind.TRUCK: 0.22}
"""Width of a plate, as a share of its vehicle's box, when the vehicle is seen head-on and the box is a tight one."""
_GROWN, _MUCH_GROWN = 1.25, 1.6
_OF_ONE_SIZE, _ABOUT_THAT_SIZE = 2, 0.6
_KEPT_SIGHTS = 3
_HELD_S = 15.0  # so long the streams' pictures can be had
_REST_S = 2.0
_PLATE_AT = 0.7  # of its vehicle's height
_MARGIN = 0.06
_CLOCKS_S = 0.15  # two streams of a camera agree on the time to about this
_LARGEST_SHIFT = 0.5  # of the vehicle's own size


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of one vehicle that is worth reading.

    Attributes:
        track: The vehicle's number.
        time_s: When the picture was taken.
        box: The vehicle in it, corners 0-1.
        area: What to cut out: the vehicle and a margin, wider the way it moves, corners 0-1.
        others: Other vehicles that reach into the area, corners 0-1: a plate there may be theirs.
    """

    track: int
    time_s: float
    box: Box
    area: Box
    others: tuple[Box, ...] = ()


@dataclass(slots=True)
class ShotChooser:
    """Chooses the pictures of one vehicle.

    Attributes:
        asked: How many were read, or are being read.
        is_reading: One is on its way; the next one waits for its answer.
        is_gone: No better picture will come.
        has_shown: The picture before showed something.
    """

    asked: int = 0
    is_reading: bool = False
    is_gone: bool = False
    has_shown: bool = False
    _asked_merit: float = 0.0
    _of_this_size: int = 0
    _before: tuple[float, int] = (0.0, 0)
    _seen_s: float = -inf
    _rests_until_s: float = -inf
    _unread: list[tuple[float, Shot]] = field(default_factory=list)

    def see(self, track: Track, others: Sequence[Track], width_px: int) -> None:
        """Takes note of how the vehicle was just detected, in a picture that is `width_px` wide."""
        self._let_go(track.seen_s)
        sight = Sight.of(track)
        widest_px = _WIDEST_PLATE.get(sight.kind, 0.0) * (sight.box[2] - sight.box[0]) * width_px
        if widest_px < _LEAST_PLATE_PX:
            return
        area = _area(sight.box, track)
        touching = tuple(other.box for other in others if boxes_overlap(other.box, area))
        self._unread.append((sight.merit, Shot(sight.number, sight.time_s, sight.box, area, touching)))
        self._unread = sorted(self._unread, key=lambda item: -item[0])[:_KEPT_SIGHTS]

    def is_due(self, *, is_settled: bool) -> bool:
        """Whether a picture should be read now; `is_settled` is whether the plate is known for sure."""
        rests = self._seen_s < self._rests_until_s and not self.is_gone
        if self.is_reading or rests or self.asked >= MOST_SHOTS or not self._unread:
            return False
        best = self._unread[0][0]
        if is_settled:
            return best >= _MUCH_GROWN * self._asked_merit
        is_like_it = best >= _ABOUT_THAT_SIZE * self._asked_merit
        may_confirm = is_like_it and self.has_shown and self._of_this_size < _OF_ONE_SIZE
        return best >= _GROWN * self._asked_merit or may_confirm or self.is_gone

    def take(self, number: int) -> Shot:
        """The best picture that nobody has read, to be read now; the vehicle has that number."""
        merit, shot = self._unread.pop(0)
        self._before = (self._asked_merit, self._of_this_size)
        self._of_this_size = 1 if merit >= _GROWN * self._asked_merit else self._of_this_size + 1
        self._asked_merit = max(merit, self._asked_merit)
        self.asked += 1
        self.is_reading = True
        return replace(shot, track=number)  # it had none yet when it was first seen

    def missed(self) -> None:
        """Nobody read the picture that was taken last: it is as if nobody had asked, but for a little rest."""
        self._asked_merit, self._of_this_size = self._before
        self.asked -= 1
        self.is_reading = False
        self._rests_until_s = self._seen_s + _REST_S

    def gone(self, now_s: float) -> None:
        """The vehicle was given up: no better picture will come."""
        self._let_go(now_s)
        self.is_gone = True

    def _let_go(self, now_s: float) -> None:
        """Forgets pictures that nobody has any more."""
        self._seen_s = now_s
        self._unread = [item for item in self._unread if abs(now_s - item[1].time_s) <= _HELD_S]


def _area(box: Box, track: Track) -> Box:
    x1, y1, x2, y2 = box
    width, height = x2 - x1, y2 - y1
    aside = min(abs(track.velocity[0]) * _CLOCKS_S, _LARGEST_SHIFT * width) + _MARGIN * width
    along = min(abs(track.velocity[1]) * _CLOCKS_S, _LARGEST_SHIFT * height) + _MARGIN * height
    return (max(0.0, x1 - aside), max(0.0, y1 - along), min(1.0, x2 + aside), min(1.0, y2 + along))


def misfit(plate: Box, vehicle: Box) -> float:
    """How badly a plate fits to a vehicle: 0 in its middle, rather low, and of the usual width."""
    across, along = vehicle[2] - vehicle[0], vehicle[3] - vehicle[1]
    aside = abs((plate[0] + plate[2]) / 2 - (vehicle[0] + vehicle[2]) / 2) / across
    above = abs((plate[1] + plate[3]) / 2 - (vehicle[1] + _PLATE_AT * along)) / along
    wide = abs(log((plate[2] - plate[0]) / (_WIDEST_PLATE[Kind.CAR] * across)))
    return 2 * aside + above + wide
