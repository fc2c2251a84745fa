"""The life of a camera whose frames others push: each is looked at when it comes, and acknowledged when that is kept.

A frame goes in once. What it causes goes to the spool in one piece with the receipt of the message that brought it.
The ids of the newest messages are known, be it after a restart; of an older message the receipt is asked for when it
may be a repetition. One that says nothing of the kind, and has the id of another longer ago, goes in again.

While the spool takes no more, no further frame goes in; the one that filled it was seen, and what it caused waits in
memory. Its message, and those of the frames that cannot go in, are to come again: who pushes them says for how long.

After a restart it is known only with the next frame what that asks the camera to watch: therefore events that were open
are taken up with it, or, when none comes, a minute later.
"""

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import inf
from threading import Event as Flag
from threading import Lock
from typing import Any

from gtvision.domain.camera import Camera
from gtvision.domain.detections import Detections
from gtvision.domain.errors import BadInput, MessageRefused, SourceUnavailable, SpoolFull, TryLater
from gtvision.domain.event import Event
from gtvision.domain.metrics import CAMERA_UP, RING_BYTES, SAMPLES, SAMPLES_PASSED
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.domain.receipt import Receipt
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.stream import SAMPLE_WIDTH, Packet, StreamInfo
from gtvision.pipeline.asked import Asking
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.sample_log import LoggedSample
from gtvision.ports import CameraStatus
from gtvision.runtime.background import in_background
from gtvision.runtime.blurring import Blurring
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.runtime.finding import Finding
from gtvision.runtime.moments import picture_at
from gtvision.runtime.plate_pictures import PlatePictures
from gtvision.runtime.plate_reading import PlateReading
from gtvision.runtime.pushed_frames import PushedFrames
from gtvision.runtime.reporting import Reporter
from gtvision.runtime.sampling import Taken
from gtvision.settings import Settings

MOST_RECEIPTS = 4096
"""So many of the newest messages are known of each camera without asking for their receipts."""

_TICK_S = 1.0
_UNTIL_RESUMED_S = 60.0
_LAST_PLATE_S = 0.5


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What an earlier placement of the camera left.

    Attributes:
        open_events: Its events that have not ended; they are taken up again.
        receipts: Of the camera's newest messages, the oldest first.
    """

    open_events: tuple[Event, ...] = ()
    receipts: tuple[Receipt, ...] = ()


class PushedRunner:
    """One camera at work, whose frames others push.

    Frames go in one after the other, whoever pushes them. The caller of `run` lets time pass; another thread has plates
    read. All other methods may be called from any thread.
    """

    def __init__(
        self,
        camera: Camera,
        ports: CameraPorts,
        settings: Settings,
        *,
        epoch: int = 0,
        left: LeftBehind = LeftBehind(),
    ) -> None:
        """Args:
        camera: What it watches where a frame asks for nothing else.
        ports: The world; the decoder is one of JPEG.
        settings: `recording` and `privacy` matter here.
        epoch: The placement that this is.
        left: What is known from before it.
        """
        ports = replace(ports, remux=_no_clip)
        self._camera = camera
        self._ports = ports
        self._quality = settings.recording.jpeg_quality
        self._pushing = Lock()  # held while a frame goes in, or time passes
        self._lock = Lock()  # guards core and status; held for milliseconds
        self._core = CameraCore(camera, epoch=epoch)
        self._asking = Asking(camera)
        self._watched = camera
        self._left_open = left.open_events
        self._resumed_by_s = ports.now() + _UNTIL_RESUMED_S
        self._known = OrderedDict.fromkeys(receipt.message_id for receipt in left.receipts)
        self._frames = PushedFrames(ports, settings.recording.ring_mb * 2**20)
        blurring = Blurring(frozenset(settings.privacy.blur), self._found_at)
        self._reporter = Reporter(camera.id, ports, settings.recording, self._frames.stretch, blurring)
        self._pictures = PlatePictures(camera, ports, settings, self._frames.stretch)
        self._plates = PlateReading(self._core, self._lock, ports, self._reporter, self._pictures)
        self._finding = Finding(self._core, self._lock, ports, self._reporter, self._plates)
        self._status = CameraStatus(camera.id, detail="no frame was pushed to it yet")
        self._stopping = Flag()
        self._closes_events = True

    def run(self) -> None:
        """Lets time pass until `stop`. Blocks."""
        reading = in_background(f"{self._camera.id}-plates", self._plates.run, self._stopping)
        self._note(state="running")
        self._ports.metrics.set(CAMERA_UP, 1, camera=self._camera.id)
        try:
            while not (self._stopping.wait(_TICK_S) or reading.done()):
                self.pass_time()
        finally:
            self._stopping.set()
            self._pictures.stop()
        with suppress(TimeoutError):  # a reader that hangs must not cost the last events
            reading.result(_LAST_PLATE_S)
        with self._pushing:
            if self._closes_events:
                self._resume()
            self._finding.end(closes_events=self._closes_events)
        self._note(state="stopped")
        self._ports.metrics.set(CAMERA_UP, 0, camera=self._camera.id)

    def stop(self, *, close_events: bool = True) -> None:
        """Makes `run` return soon. Keep events open when another placement takes the camera over."""
        self._closes_events = close_events
        self._stopping.set()

    def apply(self, camera: Camera) -> None:
        """Takes over changed settings with the next frame, keeping tracks."""
        self._camera = camera

    def push(self, frame: PushedFrame) -> PushedOutcome:
        """What came of the frame, once that would survive a power cut.

        Raises:
            MessageRefused: Its bytes are no picture, or what it asks for lies outside.
            TryLater: No detector answered, the spool is full, the camera is being stopped, or it cannot be known now
                whether a message that may be a repetition is one.
        """
        with self._pushing:
            if self._stopping.is_set():
                raise TryLater(f"camera {self._camera.id} is being stopped")
            self._check_spool()
            if self._is_done(frame):
                return PushedOutcome(is_repeated=True)
            outcome = self._take(frame)
            self._check_spool()
            return outcome

    def pass_time(self) -> None:
        """What changes because time passes; `run` calls it every second."""
        with self._pushing:
            if self._ports.now() >= self._resumed_by_s:
                self._resume()
            self._finding.pass_time(self._frames.now_s())

    def status(self) -> CameraStatus:
        """What the camera does now."""
        with self._lock:
            return replace(
                self._status,
                profile=self._core.profile_at(self._ports.now()),
                reasons=self._core.log.reasons,
                open_events=len(self._core.open_events),
                spool_waiting=self._reporter.waiting,
            )

    def samples(self, after_s: float, limit: int) -> list[LoggedSample]:
        """The first frames after that time, of the last minutes, in order."""
        with self._lock:
            return self._core.log.since(after_s, limit)

    def snapshot(self) -> bytes:
        """The newest frame as JPEG, full size. Raises `SourceUnavailable` when there is none."""
        picture = picture_at(self._frames.stretch, self._ports.decoder, inf)
        if picture is None:
            raise SourceUnavailable(f"frames are pushed to camera {self._camera.id}, and none has come yet", "no_video")
        return self._ports.encode_jpeg(picture.bgr(), self._quality)

    def _take(self, frame: PushedFrame) -> PushedOutcome:
        """Looks at a new frame. Nothing is changed before the detector has answered."""
        jpeg = frame.work.jpeg
        taken = self._frames.open(jpeg)
        height, width = taken.picture.bgr().shape[:2]
        wanted = self._asking.of(self._camera, frame.work, (width, height))
        found = self._found(taken, jpeg if width <= SAMPLE_WIDTH else None)
        self._count(taken, self._frames.keep(taken, jpeg))
        receipt = Receipt(frame.id, self._camera.id, taken.time_s)
        changed = (*self._watch(wanted), *self._finding.tell(taken, found, receipt))
        self._remember(frame.id)
        return PushedOutcome(tuple(dict.fromkeys(event.id for event in changed)), len(found))

    def _is_done(self, frame: PushedFrame) -> bool:
        """Whether its message has been dealt with. Raises `TryLater`."""
        if frame.id not in self._known and frame.may_be_repeated and self._ports.is_done(frame.id):
            self._remember(frame.id)
        return frame.id in self._known

    def _found(self, taken: Taken, jpeg: bytes | None) -> Detections:
        try:
            return self._finding.find(taken, jpeg)
        except BadInput as exc:
            raise MessageRefused(f"frame_bytes: {exc}", RefusalReason.NOT_JPEG) from exc

    def _count(self, taken: Taken, info: StreamInfo) -> None:
        with self._lock:
            self._core.given(taken.time_s)
            self._core.read_plates_from(self._pictures.width_px(info))
            frames = self._status.samples + 1
            self._status = replace(
                self._status, stream=info, last_sample_s=taken.time_s, samples=frames, passed=frames, detail=""
            )
        for metric in (SAMPLES, SAMPLES_PASSED):
            self._ports.metrics.add(metric, camera=self._camera.id)
        self._ports.metrics.set(RING_BYTES, self._frames.size_bytes, camera=self._camera.id)

    def _watch(self, wanted: Camera) -> tuple[Event, ...]:
        """What changes because the next frame asks for something else than the one before."""
        events: tuple[Event, ...] = ()
        if wanted != self._watched:
            with self._reporter.lock:
                with self._lock:
                    events = self._core.apply(wanted)
                self._reporter.report(events)
            self._watched = wanted
        self._resume()
        return events

    def _resume(self) -> None:
        """Takes up the events that an earlier placement left open, once."""
        left, self._left_open = self._left_open, ()
        if left:
            with self._lock:
                self._core.resume(left)

    def _remember(self, message_id: str) -> None:
        self._known[message_id] = None
        if len(self._known) > MOST_RECEIPTS:
            self._known.popitem(last=False)

    def _check_spool(self) -> None:
        """Raises `SpoolFull` unless all that was reported is in the spool."""
        with self._reporter.lock:
            self._reporter.retry()
            if self._reporter.waiting:
                raise SpoolFull("the spool takes no more: make room on its disk, or raise recording.spool_mb")

    def _note(self, **changes: Any) -> None:
        with self._lock:
            self._status = replace(self._status, **changes)

    def _found_at(self, time_s: float) -> Detections | None:
        with self._lock:
            return self._core.log.found_at(time_s)


def _no_clip(_packets: Sequence[Packet], _info: StreamInfo) -> bytes:
    raise BadInput("frames that were pushed make no clip")
