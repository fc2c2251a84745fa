"""The clips of a server, each packetised once, however many cameras send it."""

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from gtvision.simulate.clip import Clip, load_clip
from gtvision.simulate.stills import still_clip

_log = logging.getLogger(__name__)


class ClipLibrary:
    """Clips by path, and stills of their keyframes. `load` takes time; `clip` and `still` do not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clips: dict[Path, Clip] = {}
        self._stills: dict[tuple[Clip, int], Future[Clip]] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="stills")

    def load(self, path: Path) -> Clip:
        """The packetised recording. Raises `BadConfiguration` when it cannot be sent."""
        with self._lock:
            if path not in self._clips:
                self._clips[path] = load_clip(path)
            return self._clips[path]

    def clip(self, path: Path) -> Clip:
        """A recording that was loaded before."""
        return self._clips[path]

    def still(self, clip: Clip, keyframe: int) -> Clip | None:
        """One second of that keyframe on and on, None until the background has made it."""
        key = (clip, keyframe)
        if key not in self._stills:
            self._stills[key] = self._pool.submit(still_clip, clip, keyframe)
            self._stills[key].add_done_callback(_log_failure)
        made = self._stills[key]
        return made.result() if made.done() and not made.cancelled() and made.exception() is None else None

    def close(self) -> None:
        """Makes no more stills."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _log_failure(made: Future[Clip]) -> None:
    if not made.cancelled() and (error := made.exception()) is not None:
        _log.warning("no still for a frozen picture could be made: %s", type(error).__name__)
