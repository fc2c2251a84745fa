"""A detector made from the truth: what it does wrong is known, so that the rest is judged by itself."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from gtvision.domain.detections import Detections
from gtvision.domain.geometry import Box
from gtvision.domain.kinds import Kind
from gtvision.pipeline.duplicates import covered
from gtvision.traffic import FrameTruth, Seen

JITTER = 0.04
"""Standard deviation of each edge, in sizes of the box."""
MISSED = 0.08
"""Share of the vehicles in full view that a picture's detections lack; all are missed below `_BLIND`."""
GHOSTS = 0.03
"""Share of the pictures with something that is not there."""
_BLIND, _CLEAR = 0.2, 0.6
_WHOLE = 0.9
_SMALLEST = 0.012
_EDGE = 0.001
_OTHER_KIND = 0.03
_FOUR_WHEELS = (Kind.CAR, Kind.BUS, Kind.TRUCK)


class StandIn:
    """`PictureDetector` that is told the truth and spoils it."""

    name = "simulated detector"

    def __init__(self, truth_now: Callable[[], FrameTruth], seed: int) -> None:
        self._truth_now = truth_now
        self._rng = default_rng((seed, 4711))

    def detect(self, pictures: Iterable[NDArray[np.uint8]]) -> list[Detections]:
        return [spoilt(self._truth_now(), self._rng) for _ in pictures]


def spoilt(truth: FrameTruth, rng: Generator) -> Detections:
    """What such a detector finds in that frame."""
    rows: list[tuple[NDArray[np.float64], float, Kind]] = []
    for index, seen in enumerate(truth.seen):  # the nearest is last
        nearer = [other.box for other in truth.seen[index + 1 :]]
        clear = clear_share(seen, nearer)
        unclear = min(max((_CLEAR - clear) / (_CLEAR - _BLIND), 0.0), 1.0)
        is_missed = rng.random() < MISSED + (1 - MISSED) * unclear
        box = np.array(visible_part(seen.box, nearer if clear < _WHOLE else ()))
        size = np.tile(box[2:] - box[:2], 2)
        off = np.where(_is_cut(box), 0.0, rng.normal(0, JITTER, 4))
        score = float(np.clip(rng.normal(0.78, 0.1) * (0.5 + 0.5 * clear), 0.25, 0.97))
        kind = _called(seen, rng)
        if not is_missed and size.min() >= _SMALLEST:
            rows.append((np.clip(box + off * size, 0, 1), score, kind))
    if rng.random() < GHOSTS:
        corner = rng.uniform((0.1, 0.3), (0.8, 0.8))
        rows.append(
            (np.concatenate([corner, corner + rng.uniform(0.04, 0.12)]), float(rng.uniform(0.25, 0.6)), Kind.CAR)
        )
    rows.sort(key=lambda row: -row[1])
    return Detections(
        np.array([row[0] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[2] for row in rows], np.int16),
    )


def clear_share(seen: Seen, nearer: Sequence[Box]) -> float:
    """How much of the part inside the picture is not hidden.

    The truth's share counts what the picture's edge cuts off as not visible; there the nearer boxes have to tell.
    """
    if not _is_cut(np.array(seen.box)).any():
        return seen.visible_share
    return 1 - float(covered(np.array([seen.box]), np.array(nearer).reshape(-1, 4)).max(initial=0.0))


def _is_cut(box: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which edges are the picture's, where no detector errs."""
    return np.concatenate([box[:2] < _EDGE, box[2:] > 1 - _EDGE])


def visible_part(box: Box, nearer: Iterable[Box]) -> Box:
    """The box without the side that nearer ones hide; what is hidden in the middle leaves it as it is."""
    x1, y1, x2, y2 = box
    for a1, b1, a2, b2 in nearer:
        if a1 >= x2 or a2 <= x1 or b1 >= y2 or b2 <= y1:
            continue
        if a1 <= x1 and a2 >= x2:
            y2 = b1 if b2 >= y2 and b1 > y1 else y2
        elif b1 <= y1 and b2 >= y2:
            x1, x2 = (a2, x2) if a1 <= x1 else (x1, a1) if a2 >= x2 else (x1, x2)
    return (x1, y1, x2, y2)


def _called(seen: Seen, rng: Generator) -> Kind:
    if seen.kind in _FOUR_WHEELS and rng.random() < _OTHER_KIND:
        return _FOUR_WHEELS[int(rng.integers(len(_FOUR_WHEELS)))]
    return seen.kind
