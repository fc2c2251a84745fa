"""Which events the truth asks for: for each type of trigger a function from what happened to what should be told.

An expected event has a window: its start may be as early and as late as the truth allows. A vehicle meets a border from
when it is a tenth of its size before it until it is as far behind it; one that is hidden there may be told when it is
seen again.

Some cannot be asked for, since the truth itself cannot decide; they are neither demanded nor punished, and the reason
stands beside them:

- `border`: its place comes nearer to the border, or to the line's end, than a tenth of its size, and no further in;
- `hidden`: less than 0.3 of it is visible, but for less than half a second, all the time; for a line, but for a
  fifth of a second in the 3 s before or after it;
- `small`: it is lower than 0.03 of the picture all the time;
- `brief`: it stays, or stands, within a second of as long as the trigger asks, or hardly stands; for a speed, it is
  seen whole for less than a second or 8 m; against the traffic, it goes less far than three times its size;
- `queue`: it stands where another trigger looks for queues, which hold back who waits;
- `end`: the scene ends within two seconds, or before it leaves.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.camera import Camera
from gtvision.domain.places import Direction, Line, Zone
from gtvision.domain.trigger import TriggerType
from gtvision.pipeline.triggers import Watch, watches
from gtvision.pipeline.zones import offset
from gtvision.traffic.expectation import LENGTH_S, Expectation, Expected, asked, doubt_of, of_each
from gtvision.traffic.measures import queues, speed, wrong_way
from gtvision.traffic.passages import MARGIN, MAY_STAND, SURELY_STANDS, Passage, depths, rests, stays

_AROUND_S, _GLIMPSE_S = 3.0, 0.2


def expected(camera: Camera, told: tuple[Passage, ...]) -> tuple[Expected, ...]:
    """The events of all triggers of the camera."""
    watched = watches(camera)
    queued = [watch.zones for watch in watched if watch.trigger.type is TriggerType.QUEUE]
    found: list[Expected] = []
    for watch in watched:
        wanted = EXPECTATIONS[watch.trigger.type](watch, [p for p in told if p.kind in watch.trigger.kinds])
        if watch.trigger.type is TriggerType.STATIONARY:
            wanted = (_unless_it_waits(stood, queued) for stood in wanted)
        found += wanted
    return tuple(found)


def _unless_it_waits(stood: Expected, queued: Iterable[tuple[Zone, ...]]) -> Expected:
    """In doubt where a trigger looks for queues: the vehicle may be part of one."""
    at = int(np.abs(stood.passage.times_s - stood.earliest_s).argmin())
    may_wait = any(depths(stood.passage, zones)[at] > -MARGIN for zones in queued)
    return replace(stood, doubt=stood.doubt or "queue") if may_wait else stood


def _enter(watch: Watch, passage: Passage) -> Iterator[Expected]:
    for stay in stays(passage, watch.zones):
        window = (float(passage.times_s[stay.near[0]]), passage.seen_after(int(stay.sure[0])))
        yield asked(watch.trigger, passage, window, doubt_of(passage, stay))


def _leave(watch: Watch, passage: Passage) -> Iterator[Expected]:
    for stay in stays(passage, watch.zones):
        if stay.is_open:
            begin_s = float(passage.times_s[stay.near[0]])
            yield Expected(watch.trigger.id, passage, begin_s, passage.end_s, doubt="end")
            continue
        window = (passage.seen_before(int(stay.sure[-1])), float(passage.times_s[stay.near[-1]]))
        yield asked(watch.trigger, passage, window, doubt_of(passage, stay))


def _dwell(watch: Watch, passage: Passage) -> Iterator[Expected]:
    min_s = watch.trigger.min_s
    for stay in stays(passage, watch.zones):
        begin_s, latest_s = float(passage.times_s[stay.near[0]]), passage.seen_after(int(stay.sure[0]))
        surely_s, maybe_s = passage.seen_before(int(stay.sure[-1])) - latest_s, _long(passage, stay.near)
        if maybe_s < min_s - LENGTH_S:
            continue
        doubt = doubt_of(passage, stay) or ("brief" if surely_s < min_s + LENGTH_S else "")
        yield asked(watch.trigger, passage, (begin_s + min_s, latest_s + min_s), doubt)


def _stationary(watch: Watch, passage: Passage) -> Iterator[Expected]:
    min_s = watch.trigger.min_s
    for stay in stays(passage, watch.zones):
        runs = rests(passage, stay.near, SURELY_STANDS)
        sure = [run for run in runs if _long(passage, run) >= min_s + LENGTH_S]
        for run in rests(passage, stay.near, MAY_STAND):
            if _long(passage, run) < min_s - LENGTH_S:
                continue
            begins = [passage.seen_after(int(s[0])) for s in sure if s[0] <= run[-1] and s[-1] >= run[0]]
            doubt = "border" if stay.is_at_border(run) else passage.doubt(run) or ("" if begins else "brief")
            begin_s, end_s = float(passage.times_s[run[0]]), float(passage.times_s[run[-1]])
            latest_s = max(begins) if begins else end_s - min_s
            yield asked(watch.trigger, passage, (begin_s + min_s, max(begin_s, latest_s) + min_s), doubt)


def _cross(watch: Watch, passage: Passage) -> Iterator[Expected]:
    assert watch.line is not None
    for met in passage.story.crossings:
        wanted = watch.trigger.direction in (None, met.direction)
        if met.line == watch.line.id and wanted:
            ago_s = met.time_s - passage.times_s
            before, later = ((sign * ago_s > 0) & (sign * ago_s <= _AROUND_S) for sign in (1, -1))
            after = min(int(np.searchsorted(passage.times_s, met.time_s)), len(passage.times_s) - 1)
            window = (passage.seen_before(max(after - 1, 0)), passage.seen_after(after))
            window = (min(window[0], met.time_s), max(window[1], met.time_s))
            doubt = (
                passage.doubt(np.flatnonzero(before), _GLIMPSE_S)
                or passage.doubt(np.flatnonzero(later), _GLIMPSE_S)
                or _at_the_end_of(watch.line, passage, after)
            )
            yield replace(asked(watch.trigger, passage, window, doubt), direction=met.direction)
    yield from _near_misses(watch, watch.line, passage)


def _near_misses(watch: Watch, line: Line, passage: Passage) -> Iterator[Expected]:
    """Crossings of the line's extension, so near to its end that nobody can tell."""
    wheres = [
        offset(line, _point(place), _point(size)) for place, size in zip(passage.places, passage.sizes, strict=True)
    ]
    met_s = [met.time_s for met in passage.story.crossings if met.line == line.id]
    for index in range(1, len(wheres)):
        before, after = wheres[index - 1], wheres[index]
        time_s = float(passage.times_s[index])
        if (before.across < 0) == (after.across < 0) or any(abs(time_s - s) < 2 * passage.frame_s for s in met_s):
            continue
        if _at_the_end_of(line, passage, index):
            way = Direction.FORWARD if before.across < 0 else Direction.BACKWARD
            yield Expected(watch.trigger.id, passage, time_s, time_s, way, "border")


def _at_the_end_of(line: Line, passage: Passage, index: int) -> str:
    size = passage.sizes[index]
    (x, y), place = (np.array(line.end) - line.start) / size, (passage.places[index] - line.start) / size
    length = float(np.hypot(x, y))
    along = float(place @ (x, y)) / length
    return "border" if min(abs(along), abs(along - length)) < MARGIN else ""


def _long(passage: Passage, frames: NDArray[np.intp]) -> float:
    return float(passage.times_s[frames[-1]] - passage.times_s[frames[0]])


def _point(pair: NDArray[np.float64]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


EXPECTATIONS: dict[TriggerType, Expectation] = {
    TriggerType.ENTER: of_each(_enter),
    TriggerType.LEAVE: of_each(_leave),
    TriggerType.CROSS: of_each(_cross),
    TriggerType.DWELL: of_each(_dwell),
    TriggerType.STATIONARY: of_each(_stationary),
    TriggerType.SPEED: of_each(speed),
    TriggerType.WRONG_WAY: of_each(wrong_way),
    TriggerType.QUEUE: queues,
}
"""Each type of trigger has its function; `count` makes no events."""
