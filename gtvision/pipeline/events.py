"""Turns what triggers say of vehicles into events that open, change and close.

An event is told anew when its kind changes or its picture becomes clearly better, at most every 2 s; sooner only for a
picture twice as good, which cannot happen often; and every 10 minutes while it just goes on. The best picture is
chosen among the samples in which the event is told, so that whoever keeps pictures has it in hand then.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from gtvision.domain.camera import Camera
from gtvision.domain.event import Event, event_id
from gtvision.domain.geometry import Box
from gtvision.domain.trigger import Profile, Trigger, TriggerType
from gtvision.pipeline.daylight import Infrared, profile_at
from gtvision.pipeline.firing import Machine, Span
from gtvision.pipeline.schedule import is_armed
from gtvision.pipeline.track import Track
from gtvision.pipeline.triggers import Watch, watches

_UPDATE_PERIOD_S = 2.0
_STILL_THERE_S = 600.0
_BETTER = 1.2
_MUCH_BETTER = 2.0
_BORDER = 0.005
_CUT_WORTH = 0.4
_LASTING = (TriggerType.DWELL, TriggerType.STATIONARY)


def merit(box: Box, score: float) -> float:
    """How good a picture of the vehicle is: score times visible size, less when the picture's edge cuts it."""
    x1, y1, x2, y2 = box
    is_cut = min(x1, y1, 1 - x2, 1 - y2) < _BORDER
    return float(score * ((x2 - x1) * (y2 - y1)) ** 0.5 * (_CUT_WORTH if is_cut else 1.0))


@dataclass(slots=True)
class _Case:
    """One trigger and one vehicle, and the event that came of it."""

    watch: Watch
    machine: Machine
    event: Event | None = None
    told_s: float = 0.0
    settled_s: float | None = None  # the start of the newest firing that needs no more thought


@dataclass(slots=True)
class EventBook:
    """The events of one camera.

    Attributes:
        camera: Whose triggers they are.
        epoch: Stamped on new events.
    """

    camera: Camera
    epoch: int = 0
    _watches: tuple[Watch, ...] = ()
    _cases: dict[tuple[str, int], _Case] = field(default_factory=dict)
    _closed_s: dict[str, float] = field(default_factory=dict)
    _infrared: Infrared = field(default_factory=Infrared)

    def __post_init__(self) -> None:
        self._watches = watches(self.camera)

    @property
    def open_events(self) -> tuple[Event, ...]:
        """Those that go on, oldest first."""
        events = (case.event for case in self._cases.values() if case.event is not None)
        return tuple(sorted(events, key=lambda event: (event.start_s, event.id)))

    def lit(self, time_s: float, is_colourless: bool) -> None:
        """How a picture of that time looks: it tells whether the camera sees infrared."""
        self._infrared.saw(time_s, is_colourless)

    def profile_at(self, time_s: float) -> Profile | None:
        """Day or night at that time, now or a little ago; None while neither place nor picture is known."""
        return profile_at(self.camera.location, self._infrared.at(time_s), time_s)

    def resume(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Takes up events that were open when the camera stopped; those of triggers that are gone are closed."""
        by_id = {watch.trigger.id: watch for watch in self._watches}
        closed = []
        for event in events:
            watch = by_id.get(event.trigger_id)
            if watch is None or watch.trigger.type is not event.trigger_type:
                closed.append(_over(event, event.seen_s))
                continue
            case = _Case(watch, watch.machine(), event, event.seen_s, event.start_s)
            case.machine.resume(event)
            self._cases[event.trigger_id, event.track] = case
        return tuple(closed)

    def see(self, tracks: Iterable[Track]) -> tuple[Event, ...]:
        """What changes because these vehicles were just detected."""
        return tuple(event for track in tracks for watch in self._watches for event in self._see(watch, track))

    def gone(self, tracks: Iterable[Track]) -> tuple[Event, ...]:
        """What changes because these vehicles were given up."""
        return tuple(event for track in tracks for watch in self._watches for event in self._gone(watch, track))

    def apply(self, camera: Camera) -> tuple[Event, ...]:
        """Changed settings: the events of triggers that are gone, or watch another place now, are closed."""
        self.camera, self._watches = camera, watches(camera)
        by_id = {watch.trigger.id: watch for watch in self._watches}
        closed: list[Event] = []
        for key, case in list(self._cases.items()):
            watch = by_id.get(case.watch.trigger.id)
            if watch is not None and watch.is_same_place(case.watch):
                case.watch = watch
                continue
            if case.event is not None:
                closed.append(_over(case.event, case.event.seen_s))
            del self._cases[key]
        return tuple(closed)

    def rewind(self) -> None:
        """A new timeline begins: the triggers that rest after an event need not wait for a time that is far ahead."""
        self._closed_s.clear()

    def _see(self, watch: Watch, track: Track) -> list[Event]:
        case = self._cases.setdefault((watch.trigger.id, track.number), _Case(watch, watch.machine()))
        counts = _counts(watch.trigger, track)
        span = case.machine.see(track, counts)
        changed = self._follow(case, track, span)
        if case.event is not None and counts and not changed:
            changed = _renew(case, track)
        return changed

    def _gone(self, watch: Watch, track: Track) -> list[Event]:
        case = self._cases.pop((watch.trigger.id, track.number), None)
        if case is None:
            return []
        span = case.machine.gone(track)
        changed = self._follow(case, track, span)
        if case.event is not None:
            changed.append(self._close(case, case.event, case.event.seen_s))
        return changed

    def _follow(self, case: _Case, track: Track, span: Span | None) -> list[Event]:
        """Closes the event when its firing is over or another one began, and opens one for a new firing."""
        changed: list[Event] = []
        is_over = span is None or span.end_s is not None or span.start_s != case.settled_s
        if case.event is not None and span is not None and is_over:
            end_s = span.end_s if span.start_s == case.settled_s else case.event.seen_s
            changed.append(self._close(case, case.event, end_s or case.event.seen_s))
        if span is None or span.start_s == case.settled_s:
            return changed
        start_s = self._start_s(case.watch.trigger, span, track.seen_s)
        if start_s is not None:
            case.event, case.told_s = self._opened(case.watch, track, span, start_s), track.seen_s
            if span.end_s is None:
                changed.append(case.event)
            else:
                changed.append(self._close(case, replace(case.event, revision=-1), span.end_s))
        if start_s is not None or case.watch.trigger.type not in _LASTING:
            case.settled_s = span.start_s
        return changed

    def _start_s(self, trigger: Trigger, span: Span, now_s: float) -> float | None:
        """When the event starts, None while the trigger is silent; what lasts starts when the silence ends."""
        for start_s in (span.start_s, now_s) if trigger.type in _LASTING and span.end_s is None else (span.start_s,):
            has_rested = start_s >= self._closed_s.get(trigger.id, -1e18) + trigger.cooldown_s
            if (trigger.cooldown_s == 0 or has_rested) and self._is_armed(trigger, start_s):
                return start_s
        return None

    def _is_armed(self, trigger: Trigger, time_s: float) -> bool:
        if not is_armed(trigger.schedule, self.camera.time_zone, time_s):
            return False
        return trigger.profile is None or trigger.profile is self.profile_at(time_s)

    def _opened(self, watch: Watch, track: Track, span: Span, start_s: float) -> Event:
        trigger = watch.trigger
        start_s = round(start_s, 3)
        return Event(
            id=event_id(self.camera.id, trigger.id, track.number, start_s),
            camera_id=self.camera.id,
            trigger_id=trigger.id,
            trigger_type=trigger.type,
            zone_id=trigger.zone,
            line_id=trigger.line,
            track=track.number,
            kind=track.kind,
            score=track.score,
            direction=span.direction,
            start_s=start_s,
            end_s=None,
            seen_s=track.seen_s,
            best_s=track.seen_s,
            best_box=track.box,
            box=track.box,
            epoch=self.epoch,
        )

    def _close(self, case: _Case, event: Event, end_s: float) -> Event:
        case.event = None
        self._closed_s[event.trigger_id] = max(end_s, self._closed_s.get(event.trigger_id, end_s))
        return _over(event, end_s)


def _counts(trigger: Trigger, track: Track) -> bool:
    return track.kind in trigger.kinds and track.score >= trigger.min_score


def _over(event: Event, end_s: float) -> Event:
    return replace(event, end_s=max(round(end_s, 3), event.start_s), revision=event.revision + 1)


def _renew(case: _Case, track: Track) -> list[Event]:
    """The event as the newest detection leaves it, told when that is worth it."""
    event = case.event
    assert event is not None
    score = max(event.score, track.score)
    newest = replace(event, kind=track.kind, score=score, seen_s=track.seen_s, box=track.box)
    case.event = replace(newest, kind=event.kind)
    gain = merit(track.box, track.score) / max(merit(event.best_box, event.score), 1e-9)
    quiet_s = track.seen_s - case.told_s
    is_news = gain > _BETTER or newest.kind is not event.kind or quiet_s >= _STILL_THERE_S
    if not (gain > _MUCH_BETTER or (is_news and quiet_s >= _UPDATE_PERIOD_S)):
        return []
    if gain > _BETTER:
        newest = replace(newest, best_s=track.seen_s, best_box=track.box)
    case.event, case.told_s = replace(newest, revision=event.revision + 1), track.seen_s
    return [case.event]
