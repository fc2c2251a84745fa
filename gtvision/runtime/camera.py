"""The live loop of one camera: from its stream to event records. A Ray actor wraps it; tests run it as it is."""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import replace
from threading import Event as Flag
from threading import Lock
from typing import Any

import structlog

from gtvision.domain.camera import Camera
from gtvision.domain.detections import Detections
from gtvision.domain.errors import SourceUnavailable
from gtvision.domain.event import Event
from gtvision.domain.metrics import CAMERA_UP, RING_BYTES, SAMPLES, SAMPLES_CUT, SAMPLES_PASSED, STREAM_FAILURES
from gtvision.domain.stream import Packet, StreamInfo
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.ring import PacketRing
from gtvision.pipeline.sample_log import LoggedSample
from gtvision.ports import CameraStatus, PacketSource
from gtvision.runtime.background import in_background
from gtvision.runtime.backoff import backoff_s
from gtvision.runtime.blurring import Blurring
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.runtime.detecting import Detecting
from gtvision.runtime.finding import Finding
from gtvision.runtime.plate_pictures import PlatePictures
from gtvision.runtime.plate_reading import PlateReading
from gtvision.runtime.reporting import Reporter
from gtvision.runtime.sampling import Looker, Taken
from gtvision.settings import Settings

_LONGEST_GROUP_S = 10.0
_DRAIN_S = 30.0
_LAST_PLATE_S = 0.5

Workers = Sequence["Future[None]"]

_log = structlog.get_logger()


class CameraRunner:
    """One camera at work.

    Three threads: the caller of `run` reads the stream and looks at it; a second one asks the detector, in order, and
    sends the events on; a third one has plates read. All other methods may be called from any thread.
    """

    def __init__(
        self,
        camera: Camera,
        ports: CameraPorts,
        settings: Settings,
        *,
        epoch: int = 0,
        open_events: Sequence[Event] = (),
    ) -> None:
        """Args:
        camera: What it watches, secrets included.
        ports: The world.
        settings: `streams`, `recording` and `privacy` matter here.
        epoch: The placement that this is.
        open_events: Events of this camera that an earlier placement left open; they are taken up again.
        """
        self._camera = camera
        self._ports = ports
        self._streams = settings.streams
        self._recording = settings.recording
        self._core = CameraCore(camera, epoch=epoch, open_events=open_events)
        kept_s = self._recording.pre_roll_s + self._recording.max_clip_s + self._recording.post_roll_s
        self._ring = PacketRing(kept_s + _LONGEST_GROUP_S, self._recording.ring_mb * 1024 * 1024)
        self._lock = Lock()  # guards core, ring, status and the decoder's scaler; held for milliseconds
        blurring = Blurring(frozenset(settings.privacy.blur), self._found_at)
        self._reporter = Reporter(camera.id, ports, self._recording, self._stretch, blurring)
        self._pictures = PlatePictures(camera, ports, settings, self._stretch)
        self._plates = PlateReading(self._core, self._lock, ports, self._reporter, self._pictures)
        self._finding = Finding(self._core, self._lock, ports, self._reporter, self._plates)
        self._detecting = Detecting(camera.id, self._core, self._lock, self._finding, ports.metrics)
        self._status = CameraStatus(camera.id)
        self._source: PacketSource | None = None
        self._newest_s: float | None = None
        self._picture_at_s = 0.0
        self._was_running = False
        self._cut = 0
        self._stopping = Flag()
        self._wake = Flag()
        self._closes_events = True

    def run(self) -> None:
        """Reads and re-reads the stream until `stop`, or until a recording ends. Blocks."""
        detecting = in_background(f"{self._camera.id}-detect", self._detecting.run, self._stopping, self._now)
        reading = in_background(f"{self._camera.id}-plates", self._plates.run, self._stopping)
        for worker in (detecting, reading):
            worker.add_done_callback(lambda _: self._interrupt())
        try:
            self._keep_reading((detecting, reading))
        finally:
            self._stopping.set()
            self._pictures.stop()
        detecting.result()
        with suppress(TimeoutError):  # a reader that hangs must not cost the last events
            reading.result(_LAST_PLATE_S)
        self._finding.end(closes_events=self._closes_events)
        self._note(state="stopped")
        self._ports.metrics.set(CAMERA_UP, 0, camera=self._camera.id)

    def stop(self, *, close_events: bool = True) -> None:
        """Makes `run` return soon. Keep events open when another placement takes the camera over."""
        self._closes_events = close_events
        self._stopping.set()
        self._interrupt()

    def apply(self, camera: Camera) -> None:
        """Takes over changed settings, keeping tracks; opens the stream again only if its source changed."""
        with self._reporter.lock:
            with self._lock:
                is_moved = camera.analysed != self._camera.analysed
                self._camera = camera
                events = self._core.apply(camera)
            self._reporter.report(events)
        self._pictures.apply(camera)
        if is_moved:
            self._interrupt()

    def status(self) -> CameraStatus:
        """What the camera does now."""
        with self._lock:
            return replace(
                self._status,
                mode=self._core.mode,
                profile=self._core.profile_at(self._ports.now()),
                dropped=self._detecting.dropped,
                reasons=self._core.log.reasons,
                keyframe_interval_s=self._core.keyframe_interval_s,
                open_events=len(self._core.open_events),
                spool_waiting=self._reporter.waiting,
            )

    def samples(self, after_s: float, limit: int) -> list[LoggedSample]:
        """The first samples after that time, of the last minutes, in order."""
        with self._lock:
            return self._core.log.since(after_s, limit)

    def snapshot(self) -> bytes:
        """The newest keyframe as JPEG, full size.

        Raises:
            SourceUnavailable: There is none yet, or it is damaged.
        """
        with self._lock:
            packets, info = self._ring.since(float("inf")), self._status.stream
        picture = self._ports.decoder(info).keyframe(packets[0]) if packets and info is not None else None
        if picture is None:
            raise SourceUnavailable(f"camera {self._camera.id} has no picture yet", "no_video")
        return self._ports.encode_jpeg(picture.bgr(), self._recording.jpeg_quality)

    def _interrupt(self) -> None:
        self._wake.set()
        with self._lock:
            source = self._source
        if source is not None:
            source.close()

    def _keep_reading(self, workers: Workers) -> None:
        failures = 0
        while not self._has_to_end(workers):
            self._wake.clear()
            try:
                self._read(workers)
            except SourceUnavailable as exc:
                if self._wake.is_set():
                    continue
                failures = 1 if self._status.state == "running" else failures + 1
                self._lose(exc, failures)
                self._wake.wait(backoff_s(self._streams, failures))
                continue
            if self._camera.analysed.is_file and not self._wake.is_set():
                self._detecting.drain(_DRAIN_S)
                self._plates.drain(_DRAIN_S)
                self._note(detail="the recording has ended")
                return

    def _read(self, workers: Workers) -> None:
        """Reads until the recording ends, or somebody interrupts. Raises `SourceUnavailable`."""
        analysed = self._camera.analysed
        with closing(self._ports.open_source(analysed)) as source:
            with self._lock:
                self._source = source
            if self._wake.is_set() or self._has_to_end(workers):
                return
            info, looker = source.info, self._begin(source.info)
            for packet in source.packets():
                if self._wake.is_set():
                    return
                if packet.is_keyframe:
                    self._ports.metrics.set(RING_BYTES, self._ring.size_bytes, camera=self._camera.id)
                if packet.is_keyframe and source.info != info:
                    info, looker = source.info, self._begin(source.info)
                self._newest_s = packet.time_s
                pictures = looker.pictures
                for taken in looker.step(packet):
                    self._offer(taken)
                self._check_pictures(looker.pictures > pictures)
        if not (analysed.is_file or self._wake.is_set()):
            raise SourceUnavailable("the camera ended the stream; it may be restarting", "ended")

    def _has_to_end(self, workers: Workers) -> bool:
        return self._stopping.is_set() or any(worker.done() for worker in workers)

    def _begin(self, info: StreamInfo) -> Looker:
        """A new stream, or one of another size: what the ring holds does not fit to it."""
        with self._reporter.lock:
            self._reporter.cut_all()
        with self._lock:
            self._ring.clear()
            self._status = replace(self._status, stream=info)
        self._picture_at_s = time.monotonic()
        return Looker(self._core, self._ring, self._ports.decoder(info), self._lock)

    def _check_pictures(self, has_picture: bool) -> None:
        now_s = time.monotonic()
        if has_picture:
            self._picture_at_s = now_s
            if self._status.state != "running":
                self._be_running()
        limit_s = 2 * (self._streams.read_timeout_s + self._camera.sampling.idle_period_s)
        if now_s - self._picture_at_s > limit_s:
            raise SourceUnavailable(
                f"packets arrive, but none has become a picture for {limit_s:.0f} s; restart the camera, "
                "or set its codec to H.264",
                "invalid",
            )

    def _be_running(self) -> None:
        is_back = self._status.state == "retrying" and self._was_running
        self._was_running = True
        self._note(state="running", detail="", reconnects=self._status.reconnects + is_back)
        self._ports.metrics.set(CAMERA_UP, 1, camera=self._camera.id)
        _log.info("stream_open", camera=self._camera.id)

    def _lose(self, exc: SourceUnavailable, failures: int) -> None:
        with self._reporter.lock:
            self._reporter.cut_all()
        self._note(state="retrying", detail=str(exc))
        self._ports.metrics.set(CAMERA_UP, 0, camera=self._camera.id)
        self._ports.metrics.add(STREAM_FAILURES, camera=self._camera.id, reason=exc.reason)
        if failures == 1:
            _log.warning("stream_lost", camera=self._camera.id, reason=exc.reason, detail=str(exc))

    def _offer(self, taken: Taken) -> None:
        passed = taken.look.passed
        with self._lock:
            self._core.read_plates_from(self._pictures.width_px(self._status.stream))
            self._status = replace(
                self._status,
                last_sample_s=taken.time_s,
                samples=self._status.samples + 1,
                passed=self._status.passed + passed,
            )
            cut, self._cut = self._core.log.cut - self._cut, self._core.log.cut
        if cut:
            self._ports.metrics.add(SAMPLES_CUT, cut, camera=self._camera.id)
        self._ports.metrics.add(SAMPLES, camera=self._camera.id)
        if passed:
            self._ports.metrics.add(SAMPLES_PASSED, camera=self._camera.id)
            self._detecting.put(taken)

    def _note(self, **changes: Any) -> None:
        with self._lock:
            self._status = replace(self._status, **changes)

    def _now(self) -> float:
        """The stream's own time, or the clock's while there is no stream."""
        with self._lock:
            is_away = self._newest_s is None or self._status.state == "retrying"
            return self._ports.now() if self._newest_s is None or is_away else self._newest_s

    def _stretch(self, start_s: float, end_s: float) -> tuple[Sequence[Packet], StreamInfo | None]:
        with self._lock:
            return self._ring.between(start_s, end_s), self._status.stream

    def _found_at(self, time_s: float) -> Detections | None:
        with self._lock:
            return self._core.log.found_at(time_s)
