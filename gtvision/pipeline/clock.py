"""From the timestamps of a stream to the time at which its pictures were taken.

Theory of operation. A packet cannot arrive before it was taken, so `arrival - pts` is the unknown start of the stream's
clock plus a delay that is never negative; its running minimum is the best guess of that start. The guess creeps up
slowly, so that a camera whose clock runs slow is followed. Three things disturb it:

- What was buffered before we looked (the probe, a server's cached group of pictures) arrives at once. It is held until
  packets arrive at the pace at which they were taken, and is then stamped with what was learnt.
- The network pauses: packets come late but their timestamps go on. They keep their true, earlier times.
- The stream's clock steps, wraps or loops. Forwards, the minimum follows by itself; backwards, or when packets have
  stayed late for `PATIENCE_S`, a new timeline begins at the arrival.

The rule for consumers: a time is never after the packet's arrival, and in decoding order without B-frames it never runs
backwards. With B-frames it runs backwards only as far as the reordering.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

JUMP_S = 1.0
PATIENCE_S = 5.0
LONGEST_HOLD_S = 2.0
LARGEST_HOLD = 1024
CREEP = 1e-3
RECORDING_GAP_S = 10.0
USUAL_FRAME_S = 0.04

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Arrival(Generic[T]):
    """A packet as it came in.

    Attributes:
        item: What is to be stamped.
        at_s: When it came in, on a clock that never steps.
        pts_s: The stream's own time of it, None when it carries none.
        dts_s: The stream's time of its decoding, which never runs backwards on one timeline; None when unknown.
    """

    item: T
    at_s: float
    pts_s: float | None
    dts_s: float | None = None


class StreamClock(Generic[T]):
    """Stamps the packets of one connection with the time at which they were taken."""

    def __init__(self) -> None:
        self._held: list[Arrival[T]] | None = []
        self._latest: tuple[float, float] | None = None  # arrival and pts, while a backlog is held
        self._last: Arrival[T] | None = None
        self._late_since_s: float | None = None
        self._offset_s: float | None = None
        self._newest_s: float | None = None

    def push(self, arrival: Arrival[T]) -> Sequence[tuple[T, float]]:
        """What can be stamped now, each with its time in the arrivals' clock; empty while a backlog comes in."""
        if self._held is None:
            return [(arrival.item, self._time_of(arrival))]
        if self._steps_back(arrival):
            return [*self._release(), (arrival.item, self._time_of(arrival))]
        is_live = self._is_live(self._held, arrival)
        self._learn(arrival)
        self._held.append(arrival)
        return self._release() if is_live else []

    def _is_live(self, held: Sequence[Arrival[T]], arrival: Arrival[T]) -> bool:
        """Whether pictures arrive as slowly as they were taken, or have been held for long enough.

        Only pictures later than all before are compared: those come without the delay of B-frames.
        """
        if held and (arrival.at_s - held[0].at_s > LONGEST_HOLD_S or len(held) >= LARGEST_HOLD):
            return True
        latest, pts_s = self._latest, arrival.pts_s
        if pts_s is None or (latest is not None and pts_s <= latest[1]):
            return False
        self._latest = (arrival.at_s, pts_s)
        return latest is not None and pts_s - latest[1] < 2 * (arrival.at_s - latest[0])

    def _release(self) -> list[tuple[T, float]]:
        """All that was held, stamped with what was learnt.

        A packet without a time gets that of the newest before it; the first ones come a frame before all others.
        """
        held, self._held = self._held or [], None
        known_s = [mapped_s for arrival in held if (mapped_s := self._mapped(arrival.pts_s)) is not None]
        newest_s = min(known_s) - _frame_s(known_s) if known_s else held[-1].at_s
        stamped: list[tuple[T, float]] = []
        for arrival in held:
            mapped_s = self._mapped(arrival.pts_s)
            time_s = min(arrival.at_s, newest_s if mapped_s is None else mapped_s)
            newest_s = max(newest_s, time_s)
            stamped.append((arrival.item, time_s))
        self._newest_s = newest_s
        return stamped

    def _mapped(self, pts_s: float | None) -> float | None:
        return None if pts_s is None or self._offset_s is None else pts_s + self._offset_s

    def _time_of(self, arrival: Arrival[T]) -> float:
        if arrival.pts_s is None:
            return arrival.at_s if self._newest_s is None else self._newest_s
        if self._steps_back(arrival) or self._stays_late(arrival):
            self._offset_s = None
            self._late_since_s = None
        time_s = arrival.pts_s + self._learn(arrival)
        self._newest_s = time_s if self._newest_s is None else max(self._newest_s, time_s)
        return time_s

    def _learn(self, arrival: Arrival[T]) -> float:
        """The offset from the stream's clock to the arrivals', after this packet."""
        offset_s = 0.0 if self._offset_s is None else self._offset_s
        if arrival.pts_s is None:
            return offset_s
        seen_s = arrival.at_s - arrival.pts_s
        if self._offset_s is None or self._last is None:
            offset_s = seen_s
        else:
            offset_s = min(offset_s + CREEP * (arrival.at_s - self._last.at_s), seen_s)
        self._offset_s, self._last = offset_s, arrival
        return offset_s

    def _steps_back(self, arrival: Arrival[T]) -> bool:
        if self._last is None or self._last.pts_s is None or arrival.pts_s is None:
            return False
        if arrival.dts_s is not None and self._last.dts_s is not None:
            return arrival.dts_s < self._last.dts_s
        return arrival.pts_s < self._last.pts_s - JUMP_S

    def _stays_late(self, arrival: Arrival[T]) -> bool:
        assert arrival.pts_s is not None
        if self._offset_s is None or arrival.at_s - arrival.pts_s - self._offset_s <= JUMP_S:
            self._late_since_s = None
            return False
        if self._late_since_s is None:
            self._late_since_s = arrival.at_s
        return arrival.at_s - self._late_since_s > PATIENCE_S


def _frame_s(times_s: Sequence[float]) -> float:
    """The shortest step between pictures, as far as it can be told."""
    steps = [after - before for before, after in pairwise(sorted(times_s))]
    return min((step for step in steps if 0 < step < JUMP_S), default=USUAL_FRAME_S)


class RecordingClock:
    """Seconds from a recording's start; a step of its timestamps is taken for a cut and closed up."""

    def __init__(self) -> None:
        self._offset_s: float | None = None
        self._last_s: float | None = None
        self._newest_s = 0.0
        self._frame_s = USUAL_FRAME_S

    def time_of(self, pts_s: float | None, dts_s: float | None) -> float:
        """When the packet was taken, from the first one on; None is one frame after the newest."""
        if pts_s is None:
            return self._advance(self._newest_s + self._frame_s)
        order_s = pts_s if dts_s is None else dts_s
        step_s = 0.0 if self._last_s is None else order_s - self._last_s
        if self._offset_s is None:
            self._offset_s = -pts_s
        elif not -JUMP_S < step_s < RECORDING_GAP_S:
            self._offset_s = self._newest_s + self._frame_s - pts_s
        elif 0 < step_s < JUMP_S:
            self._frame_s = step_s
        self._last_s = order_s
        return self._advance(pts_s + self._offset_s)

    def _advance(self, time_s: float) -> float:
        self._newest_s = max(self._newest_s, time_s)
        return time_s
