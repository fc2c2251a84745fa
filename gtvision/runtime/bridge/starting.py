"""Cameras that are just being started: for how long it is worth to wait for each."""

from collections import OrderedDict
from dataclasses import dataclass

_START_S = 15.0
_ADD_AGAIN_S = 60.0
_MOST_CAMERAS = 10_000


@dataclass(slots=True)
class _Seen:
    first_s: float | None = None
    added_s: float | None = None


class Starting:
    """What is known of the cameras that frames were pushed to; of very many, the longest unused are forgotten.

    Times are seconds of one clock that never steps back. Used under a lock, or by one thread.
    """

    def __init__(self) -> None:
        self._cameras: OrderedDict[str, _Seen] = OrderedDict()

    def left_s(self, camera_id: str, now_s: float) -> float:
        """For how long a camera that did not answer is waited for; 0 for one that has answered before."""
        seen = self._seen(camera_id)
        if seen.first_s is None:
            seen.first_s = now_s
        return max(0.0, seen.first_s + _START_S - now_s)

    def answered(self, camera_id: str) -> None:
        """The camera runs: what keeps it from answering later is not that it is new."""
        self._seen(camera_id).first_s = float("-inf")

    def is_added(self, camera_id: str, now_s: float) -> bool:
        """Whether the camera was made within the last minute: what is refused then is refused for another reason."""
        added_s = self._seen(camera_id).added_s
        return added_s is not None and now_s - added_s < _ADD_AGAIN_S

    def added(self, camera_id: str, now_s: float) -> None:
        """The camera was made, and is waited for."""
        seen = self._seen(camera_id)
        seen.added_s, seen.first_s = now_s, None

    def _seen(self, camera_id: str) -> _Seen:
        seen = self._cameras.setdefault(camera_id, _Seen())
        self._cameras.move_to_end(camera_id)
        if len(self._cameras) > _MOST_CAMERAS:
            self._cameras.popitem(last=False)
        return seen
