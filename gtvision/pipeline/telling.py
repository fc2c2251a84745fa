"""How an event is told: what it says when it opens, when it is told anew, and when it is over.

An event is told anew when its kind changes or its picture becomes clearly better, at most every 2 s; sooner only for a
picture twice as good, which cannot happen often; and every 10 minutes while it just goes on. The best picture is
chosen among the samples in which the event is told, so that whoever keeps pictures has it in hand then. The picture of
a queue is better when more vehicles stand in it. What is told when it is over shows the best of the last 10 s.
"""

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from gtvision.domain.event import Event, event_id
from gtvision.domain.trigger import TriggerType
from gtvision.pipeline.firing import Span
from gtvision.pipeline.sight import Sight, merit
from gtvision.pipeline.triggers import Watch

_UPDATE_PERIOD_S = 2.0
_STILL_THERE_S = 600.0
_BETTER = 1.2
_MUCH_BETTER = 2.0
_GROWN = 1.5  # what one vehicle more is worth in the picture of a queue
_REMEMBERED_S = 10.0
_TOLD_AFTERWARDS = (TriggerType.SPEED,)

M = TypeVar("M")


@dataclass(slots=True)
class Case(Generic[M]):
    """One trigger and one vehicle, or one queue, and the event that came of it.

    Attributes:
        watch: The trigger.
        machine: Its state machine.
        event: The newest state of the event that goes on.
        told_s: When it was told last.
        settled_s: The start of the newest firing that needs no more thought.
        best: The best sight of the last seconds, for what is told afterwards.
    """

    watch: Watch
    machine: M
    event: Event | None = None
    told_s: float = 0.0
    settled_s: float | None = None
    best: Sight | None = None

    def remember(self, sight: Sight) -> None:
        """Keeps the better one of this and the best so far."""
        if self.watch.trigger.type not in _TOLD_AFTERWARDS:
            return
        best = self.best
        if best is None or sight.merit > best.merit or sight.time_s - best.time_s > _REMEMBERED_S:
            self.best = sight

    def opened(self, camera_id: str, epoch: int, sight: Sight, span: Span, start_s: float) -> Event:
        """The event of a new firing."""
        trigger, start_s = self.watch.trigger, round(start_s, 3)
        best = self.best or sight
        event = Event(
            id=event_id(camera_id, trigger.id, sight.number, start_s),
            camera_id=camera_id,
            trigger_id=trigger.id,
            trigger_type=trigger.type,
            zone_id=trigger.zone,
            line_id=trigger.line,
            track=sight.number,
            kind=sight.kind,
            score=best.score,
            direction=span.direction,
            start_s=start_s,
            end_s=None,
            seen_s=sight.time_s,
            best_s=best.time_s,
            best_box=best.box,
            box=sight.box,
            epoch=epoch,
            reads_plate=trigger.read_plate,
        )
        self.event, self.told_s = measured(event, span), sight.time_s
        return self.event

    def named(self, plate: str) -> Event:
        """The event that goes on, with the plate of its vehicle."""
        assert self.event is not None  # whoever calls has looked
        self.event = replace(self.event, plate=plate, revision=self.event.revision + 1)
        return self.event

    def renewed(self, sight: Sight, span: Span | None) -> list[Event]:
        """The event as the newest sight leaves it, told when that is worth it; nothing when none goes on."""
        event = self.event
        if event is None:
            return []
        score = max(event.score, sight.score)
        newest = replace(event, kind=sight.kind, score=score, seen_s=sight.time_s, box=sight.box)
        self.event = replace(newest, kind=event.kind)
        gain, quiet_s = _gain(event, sight, span), sight.time_s - self.told_s
        is_news = gain > _BETTER or newest.kind is not event.kind or quiet_s >= _STILL_THERE_S
        if not (gain > _MUCH_BETTER or (is_news and quiet_s >= _UPDATE_PERIOD_S)):
            return []
        if gain > _BETTER:
            newest = replace(newest, best_s=sight.time_s, best_box=sight.box)
        newest = newest if span is None else measured(newest, span)
        self.event, self.told_s = replace(newest, revision=event.revision + 1), sight.time_s
        return [self.event]


def measured(event: Event, span: Span) -> Event:
    """The event with what its firing measured."""
    if span.speed_kmh is None and span.vehicles is None:
        return event
    speed_kmh, length_m = (None if each is None else round(each, 1) for each in (span.speed_kmh, span.length_m))
    return replace(event, speed_kmh=speed_kmh, vehicles=span.vehicles, length_m=length_m)


def over(event: Event, end_s: float) -> Event:
    """The event's last state."""
    return replace(event, end_s=max(round(end_s, 3), event.start_s), revision=event.revision + 1)


def _gain(event: Event, sight: Sight, span: Span | None) -> float:
    """How many times better a picture of it the sight is."""
    if event.vehicles is not None:
        return _GROWN if span is not None and (span.vehicles or 0) > event.vehicles else 0.0
    return sight.merit / max(merit(event.best_box, event.score), 1e-9)
