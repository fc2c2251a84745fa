"""Events held against the truth: which are right, which are missing, and which are wrong.

The rules. An event and an expected one may be a pair when

- they are of the same trigger and, for a line, of the same direction;
- the vehicle is of the same family (two wheels, or four and more); the exact kind is counted apart;
- the event starts within `TOLERANCE_S` of the expected window;
- the event's best picture shows that vehicle: its box and the true one overlap by at least `PLACE_IOU` there; or that
  queue: its box holds at least half of the vehicle that stood first, whatever kind that is.

Pairs are one to one, as many as possible, and of those with the least time between them. An expected event without a
partner was missed, unless it is in doubt; an event without a partner is wrong.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gtvision.domain.event import Event
from gtvision.domain.geometry import iou
from gtvision.pipeline.assignment import assign
from gtvision.pipeline.duplicates import FAMILY, covered
from gtvision.traffic.expectation import Expected

TOLERANCE_S = 2.0
PLACE_IOU = 0.2
HELD_SHARE = 0.5
_DOUBTFUL_COST = 100.0


@dataclass(frozen=True, slots=True)
class Score:
    """How well events fit the truth.

    Attributes:
        hits: Demanded events that were told, each with what was told.
        missed: Demanded events that nobody told.
        wrong: Events that nobody asked for.
        doubtful: Expected events that are neither demanded nor punished.
    """

    hits: tuple[tuple[Expected, Event], ...] = ()
    missed: tuple[Expected, ...] = ()
    wrong: tuple[Event, ...] = ()
    doubtful: tuple[Expected, ...] = ()

    @property
    def precision(self) -> float:
        """The share of the events that are right, 1 without events."""
        told = len(self.hits) + len(self.wrong)
        return len(self.hits) / told if told else 1.0

    @property
    def recall(self) -> float:
        """The share of the demanded events that were told, 1 without any."""
        demanded = len(self.hits) + len(self.missed)
        return len(self.hits) / demanded if demanded else 1.0

    @property
    def same_kind_share(self) -> float:
        """The share of the hits whose exact kind is right, 1 without hits."""
        return sum(e.kind is event.kind for e, event in self.hits) / len(self.hits) if self.hits else 1.0

    @property
    def excluded_share(self) -> float:
        """The share of what happened that nobody can be asked for; what the scene's end cuts off is not counted."""
        excluded = sum(e.doubt != "end" for e in self.doubtful)
        return excluded / max(excluded + len(self.hits) + len(self.missed), 1)

    @property
    def doubts(self) -> Counter[str]:
        """How many are in doubt for which reason."""
        return Counter(e.doubt for e in self.doubtful)

    def of(self, *trigger_ids: str) -> "Score":
        """The part of some triggers."""
        return Score(
            tuple(hit for hit in self.hits if hit[0].trigger_id in trigger_ids),
            tuple(e for e in self.missed if e.trigger_id in trigger_ids),
            tuple(event for event in self.wrong if event.trigger_id in trigger_ids),
            tuple(e for e in self.doubtful if e.trigger_id in trigger_ids),
        )

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.hits + other.hits,
            self.missed + other.missed,
            self.wrong + other.wrong,
            self.doubtful + other.doubtful,
        )


def score(wanted: Sequence[Expected], told: Iterable[Event]) -> Score:
    """The score of the newest state of each event."""
    events = list({event.id: event for event in told}.values())
    cost = np.full((len(wanted), len(events)), np.inf)
    for row, e in enumerate(wanted):
        for column, event in enumerate(events):
            if _may_be(e, event):
                gap_s = max(e.earliest_s - event.start_s, event.start_s - e.latest_s, 0.0)
                cost[row, column] = gap_s + _DOUBTFUL_COST * bool(e.doubt)
    pairs = assign(cost)
    taken = {column for _, column in pairs}
    answered = {row for row, _ in pairs}
    return Score(
        tuple((wanted[row], events[column]) for row, column in pairs if not wanted[row].doubt),
        tuple(e for row, e in enumerate(wanted) if not e.doubt and row not in answered),
        tuple(event for column, event in enumerate(events) if column not in taken),
        tuple(e for e in wanted if e.doubt),
    )


def _may_be(e: Expected, event: Event) -> bool:
    if e.trigger_id != event.trigger_id or e.direction is not event.direction:
        return False
    if not e.earliest_s - TOLERANCE_S <= event.start_s <= e.latest_s + TOLERANCE_S:
        return False
    passage = e.passage
    at = int(np.abs(passage.times_s - event.best_s).argmin())
    if abs(passage.times_s[at] - event.best_s) > passage.frame_s:
        return False
    true, shown = passage.boxes[[at]], np.array([event.best_box])
    if e.vehicles is not None:
        return bool(covered(true, shown)[0, 0] >= HELD_SHARE)
    return bool(FAMILY[e.kind] == FAMILY[event.kind] and iou(shown, true)[0, 0] >= PLACE_IOU)
