"""Turns what triggers say of vehicles into events that open, change and close. How they are told: see `telling`."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import inf
from typing import TypeVar

from gtvision.domain.camera import Camera
from gtvision.domain.event import Event, message_event_id
from gtvision.domain.trigger import Profile, Trigger, TriggerType
from gtvision.pipeline.daylight import Infrared, profile_at
from gtvision.pipeline.firing import Machine, Span
from gtvision.pipeline.queue import Queue
from gtvision.pipeline.schedule import is_trigger_armed
from gtvision.pipeline.sight import Sight
from gtvision.pipeline.telling import Case, M, measured, over
from gtvision.pipeline.track import Track
from gtvision.pipeline.triggers import Watch, watches

_LASTING = (TriggerType.DWELL, TriggerType.STATIONARY, TriggerType.QUEUE)

K = TypeVar("K")


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
    _cases: dict[tuple[str, int], Case[Machine]] = field(default_factory=dict)
    _queues: dict[str, Case[Queue]] = field(default_factory=dict)
    _closed_s: dict[str, float] = field(default_factory=dict)
    _plates: dict[int, str] = field(default_factory=dict)
    _infrared: Infrared = field(default_factory=Infrared)
    _message_id: str | None = None

    def __post_init__(self) -> None:
        self._watch(self.camera)

    @property
    def open_events(self) -> tuple[Event, ...]:
        """Those that go on, oldest first."""
        events = [*(case.event for case in self._cases.values()), *(case.event for case in self._queues.values())]
        known = (event for event in events if event is not None)
        return tuple(sorted(known, key=lambda event: (event.start_s, event.id)))

    @property
    def read_by(self) -> frozenset[str]:
        """The triggers whose vehicles' plates are read."""
        return frozenset(watch.trigger.id for watch in self._watches if watch.trigger.read_plate)

    @contextmanager
    def caused_by(self, message_id: str | None) -> Iterator[None]:
        """While what opens is caused by that message, if any: events then have ids of its own."""
        self._message_id = message_id
        try:
            yield
        finally:
            self._message_id = None

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
            watch, queue = by_id.get(event.trigger_id), self._queues.get(event.trigger_id)
            if queue is not None and event.trigger_type is TriggerType.QUEUE and queue.event is None:
                queue.event, queue.told_s, queue.settled_s = event, event.seen_s, event.start_s
                queue.machine.resume(event)
            elif watch is not None and watch.trigger.type is event.trigger_type:
                case = Case(watch, watch.machine(self._alone_s), event, event.seen_s, event.start_s)
                case.machine.resume(event)
                self._cases[event.trigger_id, event.track] = case
                if event.plate is not None:
                    self._plates[event.track] = event.plate
            else:
                closed.append(over(event, event.seen_s))
        return tuple(closed)

    def see(self, time_s: float, tracks: Iterable[Track]) -> tuple[Event, ...]:
        """What changes because these vehicles, and no others, were detected at that time."""
        seen = tuple(tracks)
        queues = [event for case in self._queues.values() for event in self._look(case, time_s, seen)]
        return (*queues, *(event for track in seen for watch in self._watches for event in self._see(watch, track)))

    def wait(self, now_s: float) -> tuple[Event, ...]:
        """What changes because time passes and nobody looks."""
        return tuple(event for case in self._queues.values() for event in self._line_up(case, case.machine.wait(now_s)))

    def plate_agreed(self, track: int, plate: str) -> tuple[Event, ...]:
        """What changes because the vehicle's plate is this one, now and in the events to come."""
        if self._plates.get(track) == plate:
            return ()
        self._plates[track] = plate
        cases = [case for (_, number), case in self._cases.items() if number == track]
        return tuple(case.named(plate) for case in cases if case.event is not None)

    def gone(self, tracks: Iterable[Track]) -> tuple[Event, ...]:
        """What changes because these vehicles were given up."""
        ended = tuple(tracks)
        for case in self._queues.values():
            for track in ended:
                case.machine.gone(track)
        changed = tuple(event for track in ended for watch in self._watches for event in self._gone(watch, track))
        for track in ended:
            self._plates.pop(track.number, None)
        return changed

    def end(self, tracks: Iterable[Track]) -> tuple[Event, ...]:
        """What changes because these, which are all, were given up, and the recording or the camera ends."""
        queues = [event for case in self._queues.values() for event in self._line_up(case, case.machine.end())]
        return (*queues, *self.gone(tracks))

    def apply(self, camera: Camera) -> tuple[Event, ...]:
        """Changed settings: the events of triggers that are gone, or watch another place now, are closed."""
        wanted = {watch.trigger.id: watch for watch in watches(camera)}
        closed = (*_without_outdated(self._cases, wanted), *_without_outdated(self._queues, wanted))
        self._watch(camera)
        return closed

    def rewind(self) -> None:
        """A new timeline begins: the triggers that rest after an event need not wait for a time that is far ahead."""
        self._closed_s.clear()

    def _watch(self, camera: Camera) -> None:
        self.camera, wanted = camera, watches(camera)
        self._watches = tuple(watch for watch in wanted if watch.trigger.type is not TriggerType.QUEUE)
        for watch in wanted:
            if watch.trigger.type is TriggerType.QUEUE:
                self._queues.setdefault(watch.trigger.id, Case(watch, watch.queue()))

    def _look(self, case: Case[Queue], time_s: float, seen: tuple[Track, ...]) -> list[Event]:
        counted = ((track, _counts(case.watch.trigger, track)) for track in seen)
        span = case.machine.look(time_s, counted)
        changed, sight = self._line_up(case, span), case.machine.sight
        return changed or (case.renewed(sight, span) if sight is not None and sight.time_s == time_s else [])

    def _line_up(self, case: Case[Queue], span: Span | None) -> list[Event]:
        return [] if case.machine.sight is None else self._follow(case, case.machine.sight, span)

    def _alone_s(self, track: Track) -> float | None:
        """Since when the vehicle stands for itself; None while it waits where a trigger looks for queues."""
        armed = (case for case in self._queues.values() if self._is_armed(case.watch.trigger, track.seen_s))
        since_s = [case.machine.alone_s(track) for case in armed]
        return None if None in since_s else max((each for each in since_s if each is not None), default=-inf)

    def _see(self, watch: Watch, track: Track) -> list[Event]:
        case = self._cases.setdefault((watch.trigger.id, track.number), Case(watch, watch.machine(self._alone_s)))
        counts, sight = _counts(watch.trigger, track), Sight.of(track)
        if counts:
            case.remember(sight)
        span = case.machine.see(track, counts)
        return self._follow(case, sight, span) or (case.renewed(sight, span) if counts else [])

    def _gone(self, watch: Watch, track: Track) -> list[Event]:
        case = self._cases.pop((watch.trigger.id, track.number), None)
        if case is None:
            return []
        changed = self._follow(case, Sight.of(track), case.machine.gone(track))
        if case.event is not None:
            changed.append(self._close(case, case.event, case.event.seen_s))
        return changed

    def _follow(self, case: Case[Machine] | Case[Queue], sight: Sight, span: Span | None) -> list[Event]:
        """Closes the event when its firing is over or another one began, and opens one for a new firing."""
        changed: list[Event] = []
        is_over = span is None or span.end_s is not None or span.start_s != case.settled_s
        if case.event is not None and span is not None and is_over:
            is_same = span.start_s == case.settled_s
            event = measured(case.event, span) if is_same else case.event
            end_s = span.end_s if is_same else None
            changed.append(self._close(case, event, end_s or event.seen_s))
        if span is None or span.start_s == case.settled_s:
            return changed
        start_s = self._start_s(case.watch.trigger, span, sight.time_s)
        if start_s is not None:
            event = case.opened(self.camera.id, self.epoch, sight, span, start_s)
            if self._message_id is not None:
                own_id = message_event_id(event.camera_id, event.trigger_id, event.track, self._message_id)
                event = case.event = replace(event, id=own_id)
            if case.watch.trigger.type is not TriggerType.QUEUE and sight.number in self._plates:
                event = case.event = replace(event, plate=self._plates[sight.number])
            if span.end_s is None:
                changed.append(event)
            else:
                changed.append(self._close(case, replace(event, revision=-1), span.end_s))
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
        return is_trigger_armed(trigger, self.camera.time_zone, self.profile_at, time_s)

    def _close(self, case: Case[Machine] | Case[Queue], event: Event, end_s: float) -> Event:
        case.event = None
        self._closed_s[event.trigger_id] = max(end_s, self._closed_s.get(event.trigger_id, end_s))
        return over(event, end_s)


def _counts(trigger: Trigger, track: Track) -> bool:
    return track.kind in trigger.kinds and track.score >= trigger.min_score


def _without_outdated(cases: dict[K, Case[M]], wanted: Mapping[str, Watch]) -> list[Event]:
    """Takes out the cases of triggers that are gone or watch another place; their events, closed."""
    closed: list[Event] = []
    for key, case in list(cases.items()):
        watch = wanted.get(case.watch.trigger.id)
        if watch is not None and watch.is_same_place(case.watch):
            case.watch = watch
            continue
        if case.event is not None:
            closed.append(over(case.event, case.event.seen_s))
        del cases[key]
    return closed
