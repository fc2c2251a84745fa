"""What a camera shows when: a clip that repeats itself from a given moment on."""

from dataclasses import dataclass
from math import floor

from gtvision.simulate.clip import Clip
from gtvision.simulate.rtp import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """A clip that is repeated for ever.

    Attributes:
        clip: What is shown.
        origin_s: When its first frame is due for the first time, seconds of the monotonic clock; may lie in the past.
    """

    clip: Clip
    origin_s: float

    def position_s(self, now_s: float) -> float:
        """How far into the clip it is."""
        return (now_s - self.origin_s) % self.clip.duration_s


class Cursor:
    """The next frame to send of a programme."""

    def __init__(self, programme: Programme, now_s: float) -> None:
        """Stands on the last keyframe that is due."""
        self.programme = programme
        self._round = floor((now_s - programme.origin_s) / programme.clip.duration_s)
        self._index = programme.clip.keyframe_at(programme.position_s(now_s))

    @property
    def frame(self) -> Frame:
        """The frame it stands on."""
        return self.programme.clip.frames[self._index]

    @property
    def due_s(self) -> float:
        """When that frame is to be sent."""
        return self._origin_s + self.frame.sent_s

    @property
    def shown_s(self) -> float:
        """The time that its timestamp says."""
        return self._origin_s + self.frame.shown_s

    @property
    def keyframe(self) -> int:
        """Which of the clip's keyframes the frame follows, counted from 0."""
        return sum(1 for index in self.programme.clip.keyframes if index <= self._index) - 1

    def advance(self) -> None:
        """Goes to the next frame, after the last one to the first again."""
        self._index += 1
        if self._index == len(self.programme.clip.frames):
            self._index = 0
            self._round += 1

    @property
    def _origin_s(self) -> float:
        return self.programme.origin_s + self._round * self.programme.clip.duration_s
