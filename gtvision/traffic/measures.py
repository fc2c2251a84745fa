"""What the truth asks of the triggers that measure: `speed` in a zone, `wrong_way` and `queue`."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gtvision.pipeline.motion import SMALLEST_HEIGHT
from gtvision.pipeline.triggers import Watch
from gtvision.traffic.expectation import LENGTH_S, Expected, asked, cut_off, doubt_of
from gtvision.traffic.passages import (
    MARGIN,
    MAY_STAND,
    SURELY_STANDS,
    Floats,
    Passage,
    Stay,
    depths,
    rests,
    runs,
    stays,
)

_MOVES_KMH = 3.0
_MEASURED_S, _MEASURED_M = 1.0, 8.0  # so long, and so far, it has to be seen whole to have a speed
_MPS = 1 / 3.6
_WHOLE = 0.995  # a box that reaches further down is cut off by the picture's edge
_AGAINST = (1.5, 3.0)  # sizes: who goes less far has not driven the wrong way, who goes further surely has
_STANDS_S, _GAP_S = 2.0, 4.0


def speed(watch: Watch, passage: Passage) -> Iterator[Expected]:
    """A speed for each stay in a calibrated zone: the one that the vehicle kept for half of its way."""
    for stay in stays(passage, watch.zones):
        kmh = _kept_kmh(passage.speeds_kmh[stay.near])
        if kmh is None or kmh < watch.trigger.min_kmh:
            continue
        window = (float(passage.times_s[stay.near[0]]), passage.seen_after(int(stay.sure[0])))
        doubt = ("end" if stay.is_open else "") or doubt_of(passage, stay) or _hardly_measured(passage, stay)
        yield Expected(watch.trigger.id, passage, *window, doubt=doubt, speed_kmh=kmh)


def wrong_way(watch: Watch, passage: Passage) -> Iterator[Expected]:
    """An event for each stay of a vehicle that drives against the traffic, from when it came in."""
    for stay in stays(passage, watch.zones) if passage.story.wrong_way else ():
        places, sizes = passage.places[stay.sure], passage.sizes[stay.sure]
        far = np.append(0.0, np.hypot(*(np.diff(places, axis=0) / sizes[1:]).T).cumsum())
        if far[-1] < _AGAINST[0] and not stay.is_open:
            continue
        window = (float(passage.times_s[stay.near[0]]), passage.seen_after(int(stay.sure[0])))
        known = np.flatnonzero(far >= _AGAINST[1])
        if not len(known):
            yield Expected(watch.trigger.id, passage, *window, doubt="end" if stay.is_open else "brief")
            continue
        doubt = doubt_of(passage, stay) or cut_off(passage, float(passage.times_s[stay.sure[known[0]]]))
        yield asked(watch.trigger, passage, window, doubt)


def queues(watch: Watch, told: Sequence[Passage]) -> Iterator[Expected]:
    """An event each time that enough vehicles stand in the zone for long enough.

    The window reaches from when enough may be said to stand to when they surely do.
    """
    if not told:
        return
    min_s, enough = watch.trigger.min_s, watch.trigger.min_vehicles
    times_s = np.arange(round(told[0].end_s / told[0].frame_s) + 1, dtype=np.float64) * told[0].frame_s
    stand = np.array([_standing(watch, passage, len(times_s)) for passage in told])
    surely, maybe = stand.sum(axis=0)
    for run in runs(np.flatnonzero(maybe >= enough), times_s, _GAP_S):
        if times_s[run[-1]] - times_s[run[0]] < min_s - LENGTH_S:
            continue
        parts = runs(run[surely[run] >= enough], times_s, 1.5 * told[0].frame_s)
        sure = next((part for part in parts if times_s[part[-1]] - times_s[part[0]] >= min_s + LENGTH_S), None)
        begin = int(run[0] if sure is None else sure[0])
        first = told[_first(stand[:, 1], begin)]
        latest_s = float(times_s[begin]) + min_s + LENGTH_S
        doubt = ("brief" if sure is None else "") or cut_off(first, latest_s)
        vehicles = (int(surely[run].max()), int(maybe[run].max()))
        window = (float(times_s[run[0]]) + min_s, latest_s)
        yield Expected(watch.trigger.id, first, *window, doubt=doubt, vehicles=vehicles)


def _standing(watch: Watch, passage: Passage, frames: int) -> NDArray[np.bool_]:
    """In which of the scene's frames it surely stands in the zone, and in which it may, shape `(2, frames)`."""
    deep = depths(passage, watch.zones)
    is_plain = passage.is_seen & (passage.sizes[:, 1] >= SMALLEST_HEIGHT)
    near = np.flatnonzero(deep > -MARGIN)
    at = np.rint(passage.times_s / passage.frame_s).astype(np.intp)
    stands = np.zeros((2, frames), np.bool_)
    for row, moved in enumerate((SURELY_STANDS, MAY_STAND)):
        for run in rests(passage, near, moved):
            stands[row, at[run]] = passage.times_s[run[-1]] - passage.times_s[run[0]] >= _STANDS_S
    stands[0, at] &= (deep >= MARGIN) & is_plain
    return stands


def _first(stands: NDArray[np.bool_], frame: int) -> int:
    """The row of the one that stands in that frame and has for longest."""
    since = [frame - int(np.argmin(row[frame::-1])) if row[frame] else frame + 1 for row in stands]
    return int(np.argmin(since))


def _kept_kmh(speeds_kmh: Floats) -> float | None:
    """The speed kept for half of the way, None of one that never moves."""
    moving = np.sort(speeds_kmh[speeds_kmh >= _MOVES_KMH])
    way = moving.cumsum()
    return float(moving[np.searchsorted(way, way[-1] / 2)]) if len(moving) else None


def _hardly_measured(passage: Passage, stay: Stay) -> str:
    """`brief` when it is not seen whole for long or far enough to have a speed."""
    whole = stay.sure[passage.is_seen[stay.sure] & (passage.boxes[stay.sure, 3] < _WHOLE)]
    way_m = passage.speeds_kmh[whole].sum() * _MPS * passage.frame_s
    return "brief" if len(whole) * passage.frame_s < _MEASURED_S or way_m < _MEASURED_M else ""
