"""What the triggers that measure came to: speeds, wrong ways, queues, and the counts that `count` triggers keep."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from report import print_table

from gtvision.domain.places import Direction
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


def line_errors(these: Sequence[Played]) -> Iterable[tuple[Direction, int, int, int]]:
    """Of each direction of a line: the true crossings, the `cross` events, and what the `count` trigger kept."""
    for direction in Direction:
        true = sum(_crossings(played, direction) for played in these)
        told = sum(e.trigger_id == "cross" and e.direction is direction for p in these for e in p.events)
        lines = chain.from_iterable(played.summary.lines for played in these)
        kept = sum(of_kind.get(direction.value, 0) for line in lines for of_kind in line.counts.values())
        if true or told or kept:
            yield direction, true, told, kept


def _crossings(played: Played, direction: Direction) -> int:
    trigger = next(trigger for trigger in played.camera.triggers if trigger.id == "cross")
    return sum(
        met.direction is direction and met.line == trigger.line
        for passage in played.passages
        if passage.kind in trigger.kinds
        for met in passage.story.crossings
    )


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
