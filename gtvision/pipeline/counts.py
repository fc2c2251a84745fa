"""Counts what crosses the lines of `count` triggers, by kind and direction, in intervals of the site's own clock.

A crossing is a firing of the machine that a `cross` trigger has. It is counted at once, in the interval of the moment
at which the vehicle's path cut the line, so that a camera that dies takes little along. While the aftermath of the
crossing lasts, later sights may still change the vehicle's kind: then it moves to that kind, or out of the count when
the trigger does not want it.

A record is told again whenever it has changed, at most every 2 s, and forgotten a minute after its interval. What
crossed in an interval but becomes known still later, as when a bus hid the vehicle, makes a record of its own.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from gtvision.domain.camera import Camera
from gtvision.domain.count import CountRecord, VehicleCount, count_id, interval_start_s
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction, Line
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.pipeline.crossing import Cross
from gtvision.pipeline.firing import Span
from gtvision.pipeline.schedule import ProfileAt, is_trigger_armed
from gtvision.pipeline.track import Track

_TELL_PERIOD_S = 2.0
_KEEP_S = 60.0


@dataclass(slots=True)
class _Tally:
    """A record in the making; `told` is its newest state that somebody knows."""

    told: CountRecord
    vehicles: Counter[tuple[Kind, Direction]] = field(default_factory=Counter)
    is_changed: bool = False

    def add(self, kind: Kind | None, direction: Direction, vehicles: int) -> None:
        """Adds to a kind; None is nobody's."""
        if kind is not None:
            self.vehicles[kind, direction] += vehicles
            self.is_changed = True

    def tell(self) -> CountRecord:
        """Its state now."""
        counts = (VehicleCount(*what, vehicles) for what, vehicles in sorted(self.vehicles.items()))
        self.told = replace(self.told, counts=tuple(counts), revision=self.told.revision + 1)
        self.is_changed = False
        return self.told

    def is_near(self, now_s: float) -> bool:
        """Whether its interval goes on or ended just now."""
        return abs(now_s - self.told.start_s) <= self.told.interval_s + _KEEP_S


@dataclass(slots=True)
class _Passage:
    """One trigger and one vehicle: its newest crossing, and what that was counted as."""

    machine: Cross
    crossed_s: float | None = None
    kind: Kind | None = None
    tally: _Tally | None = None


class CountBook:
    """The counts of one camera; `vehicles` is how many it has counted."""

    def __init__(self, camera: Camera, epoch: int = 0, profile_at: ProfileAt = lambda _time_s: None) -> None:
        """Args:
        camera: Whose lines it counts at.
        epoch: Stamped on records.
        profile_at: Whether it is day or night at a time, None when nobody knows.
        """
        self.vehicles = 0
        self._profile_at = profile_at
        self._camera = camera
        self._epoch = epoch
        self._watched = _watched(camera)
        self._passages: dict[tuple[str, int], _Passage] = {}
        self._tallies: dict[tuple[str, str, str, float, float], _Tally] = {}
        self._part = 0
        self._told_s = float("-inf")

    def see(self, tracks: Iterable[Track]) -> None:
        """Takes note of vehicles that were just detected."""
        for track in tracks:
            for trigger, line in self._watched:
                new = _Passage(Cross(line, trigger.direction))
                passage = self._passages.setdefault((trigger.id, track.number), new)
                is_wanted = track.kind in trigger.kinds and track.score >= trigger.min_score
                self._follow(trigger, passage, track, passage.machine.see(track, is_wanted))

    def gone(self, tracks: Iterable[Track]) -> None:
        """Takes note of vehicles that were given up."""
        for track in tracks:
            for trigger, _ in self._watched:
                passage = self._passages.pop((trigger.id, track.number), None)
                if passage is not None:
                    self._follow(trigger, passage, track, passage.machine.gone(track))

    def apply(self, camera: Camera) -> None:
        """Changed settings; what was counted stays, and vehicles are followed over lines that are where they were."""
        self._camera, self._watched = camera, _watched(camera)
        places = {trigger.id: (line, trigger.direction) for trigger, line in self._watched}
        self._passages = {
            key: passage
            for key, passage in self._passages.items()
            if places.get(key[0]) == (passage.machine.line, passage.machine.direction)
        }

    def told(self, now_s: float) -> tuple[CountRecord, ...]:
        """The records that changed; none when some were told less than 2 s before. Time `inf` is the end of all."""
        if 0 <= now_s - self._told_s < _TELL_PERIOD_S:
            return ()
        changed = tuple(tally.tell() for tally in self._tallies.values() if tally.is_changed)
        if changed:
            self._told_s = now_s
        self._tallies = {key: tally for key, tally in self._tallies.items() if tally.is_near(now_s)}
        return changed

    def _follow(self, trigger: Trigger, passage: _Passage, track: Track, span: Span | None) -> None:
        """Counts a new crossing; one whose aftermath lasts is moved to the kind that is agreed now."""
        if span is None or span.direction is None:
            return
        kind = track.kind if track.kind in trigger.kinds else None
        is_new = span.start_s != passage.crossed_s
        if is_new:
            is_counted = is_trigger_armed(trigger, self._camera.time_zone, self._profile_at, span.start_s)
            passage.crossed_s, passage.kind = span.start_s, None
            passage.tally = self._tally(trigger, span.start_s, track.seen_s) if is_counted else None
            self.vehicles += is_counted and kind is not None
        if passage.tally is not None and kind is not passage.kind and (is_new or span.end_s is None):
            passage.tally.add(passage.kind, span.direction, -1)
            passage.tally.add(kind, span.direction, 1)
            passage.kind = kind

    def _tally(self, trigger: Trigger, time_s: float, now_s: float) -> _Tally:
        """Where a crossing of that time is counted."""
        camera, line, length_s = self._camera, str(trigger.line), trigger.interval_s
        start_s = interval_start_s(time_s, length_s, camera.time_zone)
        key = (trigger.id, line, camera.time_zone, length_s, start_s)
        if key not in self._tallies:
            part = self._part = max(self._part + 1, round(now_s * 1000))
            id_ = count_id(camera.id, trigger.id, line, (start_s, length_s), part)
            where = (camera.id, trigger.id, line, camera.time_zone)
            self._tallies[key] = _Tally(CountRecord(id_, *where, start_s, length_s, part, (), self._epoch, -1))
        return self._tallies[key]


def _watched(camera: Camera) -> tuple[tuple[Trigger, Line], ...]:
    lines = {line.id: line for line in camera.lines}
    return tuple(
        (trigger, lines[trigger.line])
        for trigger in camera.triggers
        if trigger.type is TriggerType.COUNT and trigger.line is not None
    )
