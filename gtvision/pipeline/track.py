"""One vehicle over time: what the tracker knows of it, and whether it stands."""

from collections import deque
from dataclasses import dataclass, field
from math import exp

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.geometry import Box, Point
from gtvision.domain.kinds import Kind

PARKED_AFTER_S = 5.0
AT_EDGE = 0.02
"""Boxes of what the picture's edge cuts end so near to it, share of the picture."""
_MOVED = 0.2  # of its own size: detected edges of a standing car scatter by about 0.05
_MOVED_FAR = 0.6  # one look is enough
_DRIFT_S = 60.0  # how slowly the place of a standing vehicle follows light and shadow
_PATH = 8


def displacement(a: Box, b: Box) -> float:
    """How far the second box is from the first, in sizes of the first.

    Of each pair of opposite edges the one that moved less counts: a vehicle that is half hidden keeps an edge, one that
    drives takes both along. An edge where the picture ends says nothing: it stays there while the vehicle drives out.
    """
    return max(_displacement(a[low], a[low + 2], b[low], b[low + 2]) for low in (0, 1))


def _displacement(low: float, high: float, now_low: float, now_high: float) -> float:
    """The same along one axis."""
    pairs = (low, now_low), (high, now_high)
    moves = [abs(now - before) for before, now in pairs if not (_is_cut(before) or _is_cut(now))]
    return min(moves, default=0.0) / max(high - low, 1e-6)


def _is_cut(edge: float) -> bool:
    """Whether the picture ends there, and the vehicle may go on."""
    return edge < AT_EDGE or edge > 1 - AT_EDGE


@dataclass(slots=True)
class Rest:
    """Whether a vehicle stands, from its boxes alone.

    It stands as long as its box stays near a place, which follows slowly what light and shadow do to the box. Two looks
    in a row beyond it, or one far beyond it, are movement, and the place begins anew.

    Attributes:
        place: The box it stands in.
        since_s: Since when.
        until_s: When it was last seen there.
    """

    place: Box
    since_s: float
    until_s: float
    _is_leaving: bool = False

    def see(self, time_s: float, box: Box) -> None:
        """Takes note of the newest box."""
        moved = displacement(self.place, box)
        if moved > _MOVED_FAR or (moved > _MOVED and self._is_leaving):
            self.place, self.since_s, self.until_s, self._is_leaving = box, time_s, time_s, False
            return
        self._is_leaving = moved > _MOVED
        if not self._is_leaving:
            share = 1 - exp(-(time_s - self.until_s) / _DRIFT_S)
            x1, y1, x2, y2 = (old + share * (new - old) for old, new in zip(self.place, box, strict=True))
            self.place, self.until_s = (x1, y1, x2, y2), time_s


@dataclass(slots=True, eq=False)
class Track:
    """One vehicle over time.

    Attributes:
        number: Unique in its camera and epoch; 0 until it is confirmed.
        first_s: When it was first seen.
        seen_s: When it was last seen.
        box: As last detected, corners 0-1.
        score: Of the last detection.
        lead_s: How long before it was first seen the detector had looked without seeing it, 0 when not just before.
        rest: Whether it stands.
        velocity: Of its ground point, picture widths and heights a second.
        hits: How often it was detected.
        missing_s: How long the detector has looked for it in vain.
        patience_s: How much of that it may have.
        path: Its newest ground points with their times, oldest first; smoothed, and true beyond the picture's edge.
    """

    first_s: float
    seen_s: float
    box: Box
    score: float
    lead_s: float
    rest: Rest
    number: int = 0
    velocity: Point = (0.0, 0.0)
    hits: int = 0
    missing_s: float = 0.0
    patience_s: float | None = None
    path: deque[tuple[float, Point]] = field(default_factory=lambda: deque(maxlen=_PATH))
    votes: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(Kind)))

    @classmethod
    def start(cls, time_s: float, box: Box, lead_s: float = 0.0) -> "Track":
        """A vehicle that nobody has seen before that time."""
        return cls(time_s, time_s, box, 0.0, lead_s, Rest(box, time_s, time_s))

    def see(self, time_s: float, box: Box, score: float, kind: Kind) -> None:
        """Takes note of a detection."""
        self.seen_s, self.box, self.score = time_s, box, score
        self.hits += 1
        self.missing_s, self.patience_s = 0.0, None
        self.votes[kind] += score
        self.rest.see(time_s, box)

    @property
    def kind(self) -> Kind:
        """The kind with the most votes, weighed by score."""
        return Kind(int(np.argmax(self.votes)))

    @property
    def is_confirmed(self) -> bool:
        """Whether it counts as a vehicle."""
        return self.number > 0

    @property
    def stood_s(self) -> float:
        """How long it had been standing when last seen, 0 while it moves."""
        return self.rest.until_s - self.rest.since_s

    @property
    def is_parked(self) -> bool:
        """Whether it has been standing long enough to be looked at rarely."""
        return self.stood_s >= PARKED_AFTER_S
