"""What the detector finds in samples, and what that changes: events, counts and plates on their way."""

import time
from math import inf
from threading import Lock

from gtvision.domain.detections import Detections
from gtvision.domain.event import Event
from gtvision.domain.metrics import VEHICLES_COUNTED
from gtvision.domain.receipt import Receipt
from gtvision.domain.stream import SAMPLE_WIDTH, Sample
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.daylight import is_colourless
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.runtime.plate_reading import PlateReading
from gtvision.runtime.reporting import Reporter
from gtvision.runtime.sampling import Taken

_SAMPLE_QUALITY = 85
_FLUSH_S = 3.0


class Finding:
    """Asks the detector, tells the core, and reports what comes of it; one thread at a time."""

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
        self._vehicles = 0

    def find(self, taken: Taken, jpeg: bytes | None = None) -> Detections:
        """What is in the sample; `jpeg` is it, where it is there already and no wider than samples are.

        Raises:
            TryLater: No detector answered in time.
            BadInput: The detector cannot read the picture.
        """
        bgr = taken.picture.bgr(SAMPLE_WIDTH)
        looks_infrared = is_colourless(bgr)
        with self._lock:
            self._core.lit(taken.time_s, looks_infrared)
        sample = jpeg or self._ports.encode_jpeg(bgr, _SAMPLE_QUALITY)
        return self._ports.detector.detect(Sample(self._camera_id, taken.time_s, taken.is_burst, sample))

    def tell(self, taken: Taken, found: Detections, receipt: Receipt | None = None) -> tuple[Event, ...]:
        """The events that change because of what was found, on their way; with the receipt of the message behind it."""
        with self._reporter.lock:
            with self._lock:
                events = self._core.detected(taken.time_s, found, None if receipt is None else receipt.message_id)
            if receipt is None:
                self._reporter.report(events, taken)
            else:
                self._reporter.report_message(receipt, events, taken)
            self.tell_counts(taken.time_s)
        self._plates.order(taken)
        return events

    def pass_time(self, now_s: float, *, is_seen: bool = True) -> None:
        """Tells what changes because it is that time; the core hears of it only once it has seen what was before."""
        with self._reporter.lock:
            with self._lock:
                events = self._core.tick(now_s) if is_seen else ()
            self._reporter.report(events)
            self.tell_counts(now_s)
            self._reporter.advance(now_s)
        self._plates.order(None)

    def tell_counts(self, now_s: float) -> None:
        """Sends the counts on that are due at that time, at `inf` all; the caller holds the reporter's lock."""
        with self._lock:
            records, vehicles = self._core.counts(now_s), self._core.vehicles_counted
        self._reporter.report_counts(records)
        if vehicles > self._vehicles:
            self._ports.metrics.add(VEHICLES_COUNTED, vehicles - self._vehicles, camera=self._camera_id)
            self._vehicles = vehicles

    def end(self, *, closes_events: bool) -> None:
        """Closes what is open, tells counts, cuts the last clips, and gives the spool a few seconds for all that."""
        with self._reporter.lock:
            if closes_events:
                with self._lock:
                    events = self._core.close()
                self._reporter.report(events)
            self.tell_counts(inf)
            self._plates.tell()
            self._reporter.cut_all()
            deadline_s = time.monotonic() + _FLUSH_S
            while self._reporter.waiting and time.monotonic() < deadline_s:
                time.sleep(_FLUSH_S / 12)
                self._reporter.cut_all()
