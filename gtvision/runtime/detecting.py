"""The detecting half of a camera with a stream: its samples wait here for the detector, one after the other."""

import time
from collections.abc import Callable
from threading import Event as Flag
from threading import Lock

from gtvision.domain.errors import BadInput, TryLater
from gtvision.domain.metrics import SAMPLES_DROPPED
from gtvision.pipeline.camera import CameraCore
from gtvision.ports import Metrics
from gtvision.runtime.finding import Finding
from gtvision.runtime.sampling import Taken
from gtvision.runtime.waiting import WaitingSamples

_WAITING_SAMPLES = 6
_TICK_S = 1.0


class Detecting:
    """Asks the detector for one sample after the other, in a thread of its own, and lets time pass for the core."""

    def __init__(self, camera_id: str, core: CameraCore, lock: Lock, finding: Finding, metrics: Metrics) -> None:
        """Args:
        camera_id: Whose samples these are.
        core: Hears of samples that were missed.
        lock: Guards the core.
        finding: Has samples looked at.
        metrics: Where measurements go.
        """
        self._camera_id = camera_id
        self._core = core
        self._lock = lock
        self._finding = finding
        self._metrics = metrics
        self._waiting = WaitingSamples(_WAITING_SAMPLES)
        self.dropped = 0
        """Samples that found no detector in time."""

    def put(self, taken: Taken) -> None:
        """A sample that passed; when too many wait, one of them is dropped."""
        dropped = self._waiting.put(taken)
        if dropped is not None:
            self._miss(dropped, "camera")

    def drain(self, timeout_s: float) -> None:
        """Waits until all samples have been dealt with, at most that long."""
        self._waiting.drain(timeout_s)

    def run(self, stopping: Flag, now: Callable[[], float]) -> None:
        """Works until told to stop. `now` is the time that has passed for the core."""
        ticked_at_s = time.monotonic()
        while not stopping.is_set():
            with self._waiting.next(_TICK_S / 4) as taken:
                if taken is not None:
                    self._detect(taken)
            if time.monotonic() - ticked_at_s >= _TICK_S:
                ticked_at_s = time.monotonic()
                self._finding.pass_time(now(), is_seen=not self._waiting.count)

    def _detect(self, taken: Taken) -> None:
        try:
            found = self._finding.find(taken)
        except (TryLater, BadInput):
            self._miss(taken, "detector")
            return
        self._finding.tell(taken, found)

    def _miss(self, taken: Taken, where: str) -> None:
        with self._lock:
            self._core.missed(taken.time_s)
            self.dropped += 1
        self._metrics.add(SAMPLES_DROPPED, camera=self._camera_id, where=where)
