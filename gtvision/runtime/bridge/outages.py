"""Cameras that take no frames for a while, as they are started or moved, or lack a detector: how long to wait."""

from collections import OrderedDict
from dataclasses import dataclass

_ADD_AGAIN_S = 60.0
_MOST_CAMERAS = 10_000


@dataclass(slots=True)
class _Seen:
    failing_since_s: float | None = None
    added_s: float | None = None


class Outages:
    """What is known of the cameras that frames were pushed to; of very many, the longest unused are forgotten.

    Times are seconds of one clock that never steps back. Used under a lock, or by one thread.
    """

    def __init__(self, window_s: float) -> None:
        """Args:
        window_s: How long a camera is waited for in each outage.
        """
        self._window_s = window_s
        self._cameras: OrderedDict[str, _Seen] = OrderedDict()

    def left_s(self, camera_id: str, now_s: float) -> float:
        """For how long a camera that did not answer now is still waited for; an outage begins with the first time."""
        seen = self._seen(camera_id)
        if seen.failing_since_s is None:
            seen.failing_since_s = now_s
        return max(0.0, seen.failing_since_s + self._window_s - now_s)

    def answered(self, camera_id: str) -> None:
        """The camera runs, and an outage is over; the next one is another."""
        self._seen(camera_id).failing_since_s = None

    def is_added(self, camera_id: str, now_s: float) -> bool:
        """Whether the camera was made within the last minute: what is refused then is refused for another reason."""
        added_s = self._seen(camera_id).added_s
        return added_s is not None and now_s - added_s < _ADD_AGAIN_S

    def added(self, camera_id: str, now_s: float) -> None:
        """The camera was made, and is waited for."""
        seen = self._seen(camera_id)
        seen.added_s, seen.failing_since_s = now_s, None

    def _seen(self, camera_id: str) -> _Seen:
        seen = self._cameras.setdefault(camera_id, _Seen())
        self._cameras.move_to_end(camera_id)
        if len(self._cameras) > _MOST_CAMERAS:
            self._cameras.popitem(last=False)
        return seen
