"""What the triggers that measure came to: speeds, wrong ways, queues, and the counts that `count` triggers keep."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray
from report import print_table

from gtvision.domain.places import Direction
from gtvision.traffic import Crossing
from gtvision.traffic.expectation import CUT_OFF_S
from gtvision.traffic.scoring import Score
from judging.runs import Played

MEASURING = ("speed", "wrong-way", "queue")
"""Triggers whose precision and recall are figures of their own: `event_precision` and `event_recall` are of the others,
as they were before these were judged."""
PASSING = ("enter", "leave", "cross", "dwell", "stationary")


def measured(by_scene: Mapping[str, Score], detector: str) -> dict[str, float]:
    """The figures of the triggers that measure, of those that had something to tell; a table on the way."""
    errors = {name: _speed_errors(score) for name, score in by_scene.items()}
    errors["all"] = np.concatenate([np.empty(0), *errors.values()])
    rows = [(name, len(each), *_spread(each)) for name, each in errors.items()]
    columns = ("scene", "speeds", "mean error", "median of its size", "95 % below")
    print_table(f"Speed less the true one, km/h ({detector})", columns, rows)
    _, median, p95 = _spread(errors["all"])
    figures = {"speed_error_median_kmh": median, "speed_error_p95_kmh": p95}
    whole = sum(by_scene.values(), Score())
    for trigger in MEASURING:
        part, name = whole.of(trigger), trigger.replace("-", "_")
        if part.hits or part.missed or part.wrong:
            figures |= {f"{name}_precision": part.precision, f"{name}_recall": part.recall}
    off = list(_vehicles_off(whole.of("queue")))
    return figures | ({"queue_vehicles_error": float(np.mean(off))} if off else {})


@dataclass(frozen=True, slots=True)
class LineTotal:
    """Who crossed a line one way, in all runs of a scene.

    Attributes:
        true: The true crossings.
        told: The `cross` events.
        kept: What the `count` trigger kept.
        cut_off: True crossings so shortly before a run's end that a second look may never have come. They are in none
            of the others, nor is what was told of that time.
        unseen: True crossings, in none of the others either, of vehicles that were hidden behind others all the time:
            the camera never showed 0.3 of them for half a second.
    """

    true: int = 0
    told: int = 0
    kept: int = 0
    cut_off: int = 0
    unseen: int = 0

    @property
    def error_share(self) -> float:
        """By which share events or counts are wrong, whichever is worse."""
        return max(abs(self.told - self.true), abs(self.kept - self.true)) / max(self.true, 1)

    def __add__(self, other: "LineTotal") -> "LineTotal":
        return LineTotal(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def line_totals(these: Sequence[Played]) -> dict[Direction, LineTotal]:
    """The totals of a scene's line, of each direction in which anybody went or was told to have gone."""
    totals = {way: sum((_line_total(played, way) for played in these), LineTotal()) for way in Direction}
    return {way: total for way, total in totals.items() if total != LineTotal()}


def _line_total(played: Played, way: Direction) -> LineTotal:
    known_s = played.frames[-1].time_s - CUT_OFF_S
    met = [(crossing.time_s, is_unseen) for crossing, is_unseen in _crossings(played) if crossing.direction is way]
    true_s = [time_s for time_s, is_unseen in met if not is_unseen]
    told_s = [event.start_s for event in played.events if event.trigger_id == "cross" and event.direction is way]
    late, told_late = (sum(time_s > known_s for time_s in times_s) for times_s in (true_s, told_s))
    kept = sum(of_kind.get(way.value, 0) for line in played.summary.lines for of_kind in line.counts.values())
    return LineTotal(len(true_s) - late, len(told_s) - told_late, kept - told_late, late, len(met) - len(true_s))


def _crossings(played: Played) -> Iterator[tuple[Crossing, bool]]:
    """Each true crossing of the line, and whether its vehicle was hidden all the time."""
    trigger = next(trigger for trigger in played.camera.triggers if trigger.id == "cross")
    for passage in played.passages:
        if passage.kind in trigger.kinds:
            is_unseen = passage.doubt(np.arange(len(passage.times_s))) == "hidden"
            yield from ((met, is_unseen) for met in passage.story.crossings if met.line == trigger.line)


def _speed_errors(score: Score) -> NDArray[np.float64]:
    """Told less true speed of each event that is right, km/h."""
    pairs = ((e.speed_kmh, event.speed_kmh) for e, event in score.of("speed").hits)
    return np.array([told - true for true, told in pairs if true is not None and told is not None])


def _spread(errors: NDArray[np.float64]) -> tuple[float, float, float]:
    """Their mean, and the median and 95th percentile of their sizes; nothing is 0."""
    if not len(errors):
        return 0.0, 0.0, 0.0
    median, p95 = np.quantile(np.abs(errors), (0.5, 0.95))
    return float(errors.mean()), float(median), float(p95)


def _vehicles_off(score: Score) -> Iterable[float]:
    """By how many vehicles each queue that was told is wrong; the truth is a range."""
    for e, event in score.hits:
        if e.vehicles is not None and event.vehicles is not None:
            fewest, most = e.vehicles
            yield float(max(fewest - event.vehicles, event.vehicles - most, 0))
