"""The detecting half of a running camera: samples to the detector, its answers to the core, events and counts on."""

import time
from collections.abc import Callable
from threading import Event as Flag
from threading import Lock

from gtvision.domain.errors import BadInput, TryLater
from gtvision.domain.metrics import SAMPLES_DROPPED, VEHICLES_COUNTED
from gtvision.domain.stream import SAMPLE_WIDTH, Sample
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.daylight import is_colourless
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.runtime.plate_reading import PlateReading
from gtvision.runtime.reporting import Reporter
from gtvision.runtime.sampling import Taken
from gtvision.runtime.waiting import WaitingSamples

_WAITING_SAMPLES = 6
_SAMPLE_QUALITY = 85
_TICK_S = 1.0


class Detecting:
    """Asks the detector for one sample after the other, in a thread of its own, and lets time pass for the core."""

    def __init__(
        self, core: CameraCore, lock: Lock, ports: CameraPorts, reporter: Reporter, plates: PlateReading
    ) -> None:
        """Args:
        core: What the detections are for.
        lock: Guards the core.
        ports: The detector, and what it needs.
        reporter: Where events go.
        plates: Has pictures of vehicles read.
        """
        self._camera_id = reporter.camera_id
        self._core = core
        self._lock = lock
        self._ports = ports
        self._reporter = reporter
        self._plates = plates
        self._waiting = WaitingSamples(_WAITING_SAMPLES)
        self._vehicles = 0
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
                self._tick(now())

    def tell_counts(self, now_s: float) -> None:
        """Sends the counts on that are due at that time, at `inf` all; the caller holds the reporter's lock."""
        with self._lock:
            records, vehicles = self._core.counts(now_s), self._core.vehicles_counted
        self._reporter.report_counts(records)
        if vehicles > self._vehicles:
            self._ports.metrics.add(VEHICLES_COUNTED, vehicles - self._vehicles, camera=self._camera_id)
            self._vehicles = vehicles

    def _detect(self, taken: Taken) -> None:
        bgr = taken.picture.bgr(SAMPLE_WIDTH)
        looks_infrared = is_colourless(bgr)
        with self._lock:
            self._core.lit(taken.time_s, looks_infrared)
        try:
            jpeg = self._ports.encode_jpeg(bgr, _SAMPLE_QUALITY)
            detections = self._ports.detector.detect(Sample(self._camera_id, taken.time_s, taken.is_burst, jpeg))
        except (TryLater, BadInput):
            self._miss(taken, "detector")
            return
        with self._reporter.lock:
            with self._lock:
                events = self._core.detected(taken.time_s, detections)
            self._reporter.report(events, taken)
            self.tell_counts(taken.time_s)
        self._plates.order(taken)

    def _miss(self, taken: Taken, where: str) -> None:
        with self._lock:
            self._core.missed(taken.time_s)
            self.dropped += 1
        self._ports.metrics.add(SAMPLES_DROPPED, camera=self._camera_id, where=where)

    def _tick(self, now_s: float) -> None:
        """Lets time pass, unless samples of that time are still on their way."""
        with self._reporter.lock:
            with self._lock:
                events = () if self._waiting.count else self._core.tick(now_s)
            self._reporter.report(events)
            self.tell_counts(now_s)
            self._reporter.advance(now_s)
        self._plates.order(None)
