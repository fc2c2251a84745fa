"""The sampler: which packets to decode and which pictures to look at.

Theory of operation. Time is what the packets say; nothing is counted. The sampler is in one of two modes:

    idle ── active() ──► burst          active() prolongs a burst
    idle ◄── quiet() ─── burst          after `quiet_s` without active()

and has one schedule: the time at which the next sample is due. A sample that comes late leaves the next one where it
was, so that the mean rate is kept; one that comes early (by a small tolerance) pulls it forward.

Idle, keyframes suffice as long as the interval between them, as last seen and including the one that goes on now, is at
most a little more than the period: then only the keyframe that is due is decoded. Otherwise everything is fed, from any
packet on: who decodes catches up from the keyframe before. In a burst everything is fed.

A burst begins at the previous idle sample: from there on pictures are due again, a burst period apart, such that the
sample that began it is one of them. A gap in time that no camera makes by itself (a reconnect, a wrapped or corrected
clock) begins a new schedule and says nothing about the keyframe interval. What was noted for a time that now lies far
ahead is forgotten.
"""

from collections import deque
from enum import Enum
from math import ceil
from typing import Literal

from gtvision.domain.camera import Sampling

_KEYFRAMES_SEEN = 3
_SLACK = 1.25
"""Keyframes suffice up to this many periods apart."""
_EARLY_KEYFRAME = 0.2
_EARLY_PICTURE = 0.05
_GAP_S = 5.0
_JUMP_BACK_S = 2.0


class Decode(Enum):
    """What to do with a packet."""

    SKIP = "skip"
    KEYFRAME = "keyframe"
    """Decode that keyframe alone."""
    FEED = "feed"
    """Feed the running decoder, after it has caught up from the keyframe before."""


class Sampler:
    """Decides by time alone; one a camera, no I/O."""

    def __init__(self, sampling: Sampling) -> None:
        self._sampling = sampling
        self._mode: Literal["idle", "burst"] = "idle"
        self._intervals_s: deque[float] = deque(maxlen=_KEYFRAMES_SEEN)
        self._newest_s: float | None = None
        self._keyframe_s: float | None = None
        self._due_s = float("-inf")
        self._samples_s: deque[float] = deque(maxlen=2)
        self._active_s = float("-inf")

    @property
    def mode(self) -> Literal["idle", "burst"]:
        """`burst` while something moves."""
        return self._mode

    @property
    def keyframe_interval_s(self) -> float | None:
        """The longest of the last intervals between keyframes, None before there was one."""
        return max(self._intervals_s, default=None)

    def packet(self, time_s: float, is_keyframe: bool) -> Decode:
        """What to do with the packet of that time."""
        self._see_time(time_s)
        if is_keyframe:
            self._see_keyframe(time_s)
        if self._mode == "burst" or not self._keyframes_suffice():
            return Decode.FEED
        return Decode.KEYFRAME if is_keyframe and self._is_due(time_s) else Decode.SKIP

    def take(self, time_s: float) -> bool:
        """Whether the picture of that time is a sample; if so, the next one is due a period later."""
        if not self._is_due(time_s):
            return False
        lateness_s = time_s - self._due_s
        keeps_pace = 0 < lateness_s < self._period_s
        self._due_s = (self._due_s if keeps_pace else time_s) + self._period_s
        self._samples_s.append(time_s)
        return True

    def active(self, time_s: float) -> float | None:
        """Something moves: begins a burst or prolongs it.

        Returns:
            When it begins: the time of the previous idle sample, from which to catch up. Else None.
        """
        self._active_s = max(self._active_s, time_s)
        if self._mode == "burst":
            return None
        self._mode = "burst"
        previous_s = max((sample_s for sample_s in self._samples_s if sample_s < time_s), default=None)
        missed = 0 if previous_s is None else ceil((time_s - previous_s) / self._period_s - _EARLY_PICTURE) - 1
        self._due_s = time_s - missed * self._period_s if missed > 0 else time_s + self._period_s
        return previous_s

    def quiet(self, time_s: float) -> None:
        """Nothing moves; after `quiet_s` of that the camera is idle again."""
        if self._active_s > time_s + _JUMP_BACK_S:
            self._active_s = time_s
        if self._mode == "burst" and time_s - self._active_s >= self._sampling.quiet_s:
            self._mode = "idle"
            self._due_s = max(self._samples_s, default=time_s) + self._period_s

    @property
    def _period_s(self) -> float:
        return self._sampling.idle_period_s if self._mode == "idle" else self._sampling.burst_period_s

    def _keyframes_suffice(self) -> bool:
        if self._newest_s is None or self._keyframe_s is None:
            return True
        longest_s = max(self.keyframe_interval_s or 0.0, self._newest_s - self._keyframe_s)
        return longest_s <= _SLACK * self._sampling.idle_period_s

    def _is_due(self, time_s: float) -> bool:
        by_keyframes = self._mode == "idle" and self._keyframes_suffice()
        early_s = (_EARLY_KEYFRAME if by_keyframes else _EARLY_PICTURE) * self._period_s
        return time_s >= self._due_s - early_s or time_s < self._due_s - self._period_s - _JUMP_BACK_S

    def _see_time(self, time_s: float) -> None:
        newest_s = time_s if self._newest_s is None else self._newest_s
        if not -_JUMP_BACK_S <= time_s - newest_s <= _GAP_S:
            self._keyframe_s = None
            self._due_s = newest_s = time_s
            self._active_s = min(self._active_s, time_s)
            self._samples_s.clear()
        self._newest_s = max(newest_s, time_s)

    def _see_keyframe(self, time_s: float) -> None:
        if self._keyframe_s is not None and time_s > self._keyframe_s:
            self._intervals_s.append(time_s - self._keyframe_s)
        self._keyframe_s = time_s
