"""The trigger `queue`: traffic that stands in a zone, told as one event.

It looks at all vehicles of a look at once. Who stands in the zone either waits, as part of a queue or of one that may
form, or stands for itself: it was there when a queue dissolved, or stood for a minute in which none formed. Waiting
vehicles make the queue and are no `stationary` events; the others are, and are not counted. See decision 13.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf

import numpy as np

from gtvision.domain.event import Event
from gtvision.domain.geometry import ground_point
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Zone
from gtvision.pipeline.calibration import Road
from gtvision.pipeline.firing import Span
from gtvision.pipeline.presence import Presence
from gtvision.pipeline.sight import Sight
from gtvision.pipeline.track import Track

_STANDS_S = 2.0
_MISSED_S = 5.0  # looked for in vain that long it is not there any more, though its track lives on
_GAP_S = 4.0  # too few for so long: the queue has dissolved
_RESUMED_GAP_S = 10.0
_SILENT_GAP_S = 12.0  # parked vehicles that were missing are looked for after 5 s
_ALONE_S = 60.0  # a red light seldom lasts longer
_LENGTHS_M = {Kind.BICYCLE: 1.8, Kind.MOTORCYCLE: 2.2, Kind.BUS: 12.0, Kind.TRUCK: 9.0}
_CAR_M = 4.5


@dataclass(slots=True)
class _Member:
    """A vehicle that is, or was, in the zone.

    Attributes:
        track: The vehicle.
        presence: Its visit.
        rest_s: Since when it stands where it stood last.
        alone_s: Since when it stands there for itself, None while it waits.
    """

    track: Track
    presence: Presence
    rest_s: float = -inf
    alone_s: float | None = None

    @property
    def stands(self) -> bool:
        """Whether it stands in the zone now."""
        return self.presence.is_inside and self.track.stood_s >= _STANDS_S and self.track.missing_s < _MISSED_S

    def see(self, track: Track, counts: bool) -> None:
        """Takes note of the newest sight."""
        self.presence.see(track, counts)
        if track.rest.since_s != self.rest_s:
            self.rest_s, self.alone_s = track.rest.since_s, None


@dataclass(slots=True)
class Queue:
    """The standing traffic of a zone.

    Attributes:
        zones: Where; none is the whole picture.
        min_vehicles: How many have to stand.
        min_s: For how long.
        road: Where its length is measured; None: nowhere.
        sight: How it looked last; None before the first.
    """

    zones: tuple[Zone, ...]
    min_vehicles: int
    min_s: float
    road: Road | None = None
    sight: Sight | None = None
    _members: dict[int, _Member] = field(default_factory=dict)
    _since_s: float | None = None
    _until_s: float = 0.0
    _few_s: float | None = None
    _gap_s: float = _GAP_S
    _most: int = 0
    _kind: Kind = Kind.CAR
    _longest_m: float | None = None
    _fired: Span | None = None

    def look(self, time_s: float, seen: Iterable[tuple[Track, bool]]) -> Span | None:
        """The newest firing after a look, None when there was none yet.

        Args:
            time_s: When it was.
            seen: The vehicles that it found, each with whether kind and score are such that the trigger cares.
        """
        for track, counts in seen:
            member = self._members.setdefault(track.number, _Member(track, Presence(self.zones)))
            member.see(track, counts)
        standing = [member for member in self._members.values() if member.stands]
        waiting = [member for member in standing if member.alone_s is None]
        if len(waiting) >= self.min_vehicles:
            self._last(waiting)
        elif self._since_s is not None and self._few_s is None:
            self._few_s = time_s
        elif self._since_s is None:
            for member in waiting:
                if member.track.rest.until_s - member.rest_s >= _ALONE_S:
                    member.alone_s = member.rest_s
        return self._told(time_s, self._gap_s)

    def wait(self, now_s: float) -> Span | None:
        """The newest firing after time has passed without a look."""
        return self._told(now_s, _SILENT_GAP_S)

    def gone(self, track: Track) -> None:
        """The vehicle was given up."""
        self._members.pop(track.number, None)

    def end(self) -> Span | None:
        """The newest firing, over now: the recording, or the camera, ends."""
        self._few_s = -inf
        return self._told(inf, 0.0)

    def resume(self, event: Event) -> None:
        """Goes on where the machine of a camera that stopped had been; its vehicles have some time to be seen again."""
        self._since_s, self._until_s, self._gap_s = event.start_s - self.min_s, event.seen_s, _RESUMED_GAP_S
        self._most, self._longest_m, self._kind = event.vehicles or 0, event.length_m, event.kind
        self.sight = Sight(event.track, event.kind, event.score, event.seen_s, event.box)
        self._fired = Span(event.start_s, None, vehicles=self._most, length_m=self._longest_m)

    def alone_s(self, track: Track) -> float | None:
        """Since when the vehicle stands for itself; minus infinity outside the zone, None while it waits."""
        member = self._members.get(track.number)
        return member.alone_s if member is not None and member.presence.is_inside else -inf

    def _last(self, waiting: list[_Member]) -> None:
        """Enough of them stand."""
        if self._since_s is None:
            self._since_s = sorted(member.rest_s for member in waiting)[self.min_vehicles - 1]
            self._most, self._longest_m = 0, None
        self._few_s, self._gap_s = None, _GAP_S
        seen_s = sorted((member.presence.until_s for member in waiting), reverse=True)
        self._until_s = max(self._until_s, self._since_s, seen_s[self.min_vehicles - 1])
        if self.road is not None:
            lengths_m = (_length_m(self.road, waiting), self._longest_m)
            self._longest_m = max((each for each in lengths_m if each is not None), default=None)
        if len(waiting) > self._most:
            self._most = len(waiting)
            self._kind = Counter(member.track.kind for member in waiting).most_common(1)[0][0]
        self.sight = _sight(waiting, self._kind)

    def _told(self, now_s: float, gap_s: float) -> Span | None:
        """The newest firing, over when too few have been standing for longer than the gap."""
        if self._since_s is None:
            return self._fired
        if self._until_s - self._since_s >= self.min_s and not self._is_on:
            self._fired = Span(self._since_s + self.min_s)
        is_over = self._few_s is not None and now_s - self._few_s >= gap_s
        if self._fired is not None and self._is_on:
            end_s = self._until_s if is_over else None
            self._fired = Span(self._fired.start_s, end_s, vehicles=self._most, length_m=self._longest_m)
            if is_over:
                self._leave_behind(self._few_s or 0.0)
        if is_over:
            self._since_s, self._few_s, self._gap_s = None, None, _GAP_S
        return self._fired

    @property
    def _is_on(self) -> bool:
        return self._fired is not None and self._fired.end_s is None

    def _leave_behind(self, few_s: float) -> None:
        """Who was seen to stand on when the others had gone stands for itself."""
        for member in self._members.values():
            if member.stands and member.alone_s is None and member.track.seen_s >= few_s:
                member.alone_s = self._until_s


def _sight(waiting: list[_Member], kind: Kind) -> Sight:
    """Around all of them; its number is that of the one that stood first."""
    tracks = [member.track for member in waiting]
    left, top, right, bottom = zip(*(track.box for track in tracks), strict=True)
    return Sight(
        min(waiting, key=lambda member: (member.rest_s, member.track.number)).track.number,
        kind,
        max(track.score for track in tracks),
        max(track.seen_s for track in tracks),
        (min(left), min(top), max(right), max(bottom)),
    )


def _length_m(road: Road, waiting: list[_Member]) -> float | None:
    """From the front of the first to the rear of the last: their places lie at the same end of each."""
    tracks = [member.track for member in waiting]
    places = road.metres(np.array([ground_point(track.rest.place) for track in tracks]))
    lengths_m = np.array([_LENGTHS_M.get(track.kind, _CAR_M) for track in tracks])
    apart_m = np.hypot(*(places[:, None] - places[None]).T) + (lengths_m[:, None] + lengths_m[None]) / 2
    return None if np.isnan(apart_m).all() else float(np.nanmax(apart_m))
