"""The actor of one camera: gives the live loop its life, and its ports to the rest of the node.

Kept small, for there are hundreds: nothing here imports Ray Serve, FastAPI, torch, Ultralytics or SQLModel.
"""

import os
import time
from dataclasses import dataclass, replace
from threading import Event as Flag
from threading import Lock, Thread
from typing import Any

import cv2
import ray
import structlog

from actors.calls import actor, answer, on_node
from actors.metrics import RayMetrics
from actors.names import camera_name, recorder_name
from actors.remote_detector import RemoteDetector
from actors.remote_plate_reader import RemotePlateReader
from gtvision import __version__
from gtvision.adapters import clip, decode, rtsp
from gtvision.adapters.jpeg import encode_jpeg
from gtvision.adapters.logs import configure_logs
from gtvision.adapters.spool import Spool
from gtvision.domain.errors import GtVisionError, MessageRefused, NotFound, SourceUnavailable, TryLater
from gtvision.domain.metrics import CAMERA_ERRORS
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.domain.receipt import Receipt
from gtvision.domain.refusal import RefusalReason
from gtvision.pipeline.sample_log import LoggedSample
from gtvision.ports import CameraStatus, StoredCamera
from gtvision.runtime.camera import CameraRunner
from gtvision.runtime.camera_ports import CameraPorts
from gtvision.runtime.pushed import MOST_RECEIPTS, LeftBehind, PushedRunner
from gtvision.settings import Settings

_CALL_S = 10.0
_RETRY_S = 1.0
_AFTER_CRASH_S = 5.0
_GOODBYE_S = 10.0
_CALLS_AT_ONCE = 4
_FRAMES = "frames"
"""The calls that push frames: one at a time, and so that they hold up no other call."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a camera runs, and what it runs.

    Attributes:
        camera_id: The camera's slug.
        node: Ray's id of the node.
        epoch: The interval granted to this placement.
        changed_s: When the settings that it has were changed, Unix seconds.
        software: Of the code that it runs.
    """

    camera_id: str
    node: str
    epoch: int = 0
    changed_s: float = 0.0
    software: str = __version__


class CameraActor:
    """A threaded actor. Ray restarts its process in place; only the fleet moves it."""

    def __init__(self, placement: Placement, settings: Settings) -> None:
        """Begins to work at once, on a thread of its own; the settings of the camera are fetched there, by its id."""
        configure_logs(settings.log)
        cv2.setNumThreads(1)
        self._placement = placement
        self._settings = settings
        self._metrics = RayMetrics()
        self._recorder = recorder_name(placement.node)
        self._runner: CameraRunner | PushedRunner | None = None
        self._waits_for = ""
        self._applying = Lock()
        self._stopping = Flag()
        self._closes_events = False
        self._thread = self._started()

    def placement(self) -> Placement:
        """Where it runs, and what."""
        return self._placement

    def apply(self) -> float:
        """Fetches the camera's settings again and takes them over: when they were changed.

        Raises:
            NotFound: It was removed meanwhile.
            TryLater: It is still starting, with settings that may be older.
        """
        with self._applying:
            if self._runner is None:
                raise TryLater(f"camera {self._placement.camera_id} is starting")
            stored = self._fetch()
            if stored.camera.analysed.is_pushed is isinstance(self._runner, PushedRunner):
                self._runner.apply(stored.camera)
            else:
                self._turn(self._runner)
            self._placement = replace(self._placement, changed_s=stored.updated_s)
            return stored.updated_s

    def status(self) -> CameraStatus:
        """What the camera does now."""
        camera_id, runner = self._placement.camera_id, self._runner
        own = CameraStatus(camera_id, detail=self._waits_for) if runner is None else runner.status()
        return replace(own, node=self._placement.node)

    def snapshot(self) -> bytes:
        """The newest picture as JPEG. Raises `SourceUnavailable` while there is none."""
        if self._runner is None:
            raise SourceUnavailable(f"camera {self._placement.camera_id} is starting", "no_video")
        return self._runner.snapshot()

    def samples(self, after_s: float, limit: int) -> list[LoggedSample]:
        """The first samples after that time, of the last minutes; none before the camera has started."""
        return [] if self._runner is None else self._runner.samples(after_s, limit)

    @ray.method(concurrency_group=_FRAMES)  # type: ignore[untyped-decorator]  # ray is untyped here
    def push(self, frame: PushedFrame) -> PushedOutcome:
        """What came of the frame, once that would survive a power cut. Raises `MessageRefused` or `TryLater`."""
        camera_id, runner = self._placement.camera_id, self._runner
        if runner is None:
            raise TryLater(f"camera {camera_id} is starting")
        if not isinstance(runner, PushedRunner):
            raise MessageRefused(f"camera {camera_id} has a stream of its own", RefusalReason.CAMERA_REFUSED)
        return runner.push(frame)

    def stop(self, close_events: bool) -> None:
        """Ends the loop and returns when its last events are in the spool, within 10 s."""
        self._closes_events = close_events
        self._stopping.set()
        if self._runner is not None:
            self._runner.stop(close_events=close_events)
        self._thread.join(_GOODBYE_S)

    def _started(self) -> Thread:
        thread = Thread(target=self._run, name=self._placement.camera_id, daemon=True)
        thread.start()
        return thread

    def _turn(self, runner: CameraRunner | PushedRunner) -> None:
        """Begins anew: the camera has frames pushed now and had a stream, or the other way round."""
        self._runner = None
        runner.stop(close_events=True)
        self._thread.join(_GOODBYE_S)
        self._thread = self._started()

    def _run(self) -> None:
        try:
            self._work()
        except Exception:
            _log.exception("camera_crashed", camera=self._placement.camera_id)
            self._metrics.add(CAMERA_ERRORS, camera=self._placement.camera_id)
            self._stopping.wait(_AFTER_CRASH_S)
            os._exit(1)  # Ray starts the process again, and with it everything that may have gone wrong in it

    def _work(self) -> None:
        runner = self._begun_patiently()
        if runner is None:
            return
        self._runner = runner
        if self._stopping.is_set():
            runner.stop(close_events=self._closes_events)
        runner.run()

    def _begun_patiently(self) -> CameraRunner | PushedRunner | None:
        while not self._stopping.is_set():
            try:
                return self._begun()
            except NotFound:
                return None  # it was removed meanwhile; the fleet stops this actor
            except GtVisionError as exc:
                self._waits_for = f"it waits for its settings: {exc}"
                self._stopping.wait(_RETRY_S)
        return None

    def _begun(self) -> CameraRunner | PushedRunner:
        """What the camera's source needs, with all that an earlier placement left. Raises `GtVisionError`."""
        stored, camera_id, epoch = self._fetch(), self._placement.camera_id, self._placement.epoch
        opened = answer(actor(self._recorder).open_events.remote(camera_id), _CALL_S)
        self._placement = replace(self._placement, changed_s=stored.updated_s)
        if not stored.camera.analysed.is_pushed:
            return CameraRunner(stored.camera, self._ports(), self._settings, epoch=epoch, open_events=opened)
        known = answer(actor(self._recorder).receipts.remote(camera_id, MOST_RECEIPTS), _CALL_S)
        left = LeftBehind(tuple(opened), tuple(known))
        return PushedRunner(stored.camera, self._pushed_ports(), self._settings, epoch=epoch, left=left)

    def _fetch(self) -> StoredCamera:
        stored: StoredCamera = answer(actor(self._recorder).camera.remote(self._placement.camera_id, True), _CALL_S)
        return stored

    def _ports(self) -> CameraPorts:
        recording = self._settings.recording
        return CameraPorts(
            open_source=lambda source: rtsp.open_source(source, self._settings.streams),
            decoder=decode.Decoder,
            detector=RemoteDetector(self._placement.node, self._settings.detector.timeout_s),
            sink=Spool(self._settings.spool_dir, recording.spool_mb * 2**20),
            remux=clip.remux,
            encode_jpeg=encode_jpeg,
            metrics=self._metrics,
            plate_desk=self._plate_desk(),
            now=time.time,
        )

    def _pushed_ports(self) -> CameraPorts:
        from gtvision.adapters.jpeg_frames import JpegDecoder  # only here: other cameras do without Pillow

        return replace(self._ports(), decoder=lambda _: JpegDecoder(), is_done=self._is_done)

    def _is_done(self, message_id: str) -> bool:
        receipt_id = Receipt(message_id, self._placement.camera_id, 0.0).id
        has_receipt: bool = answer(actor(self._recorder).has_receipt.remote(receipt_id), _CALL_S)
        return has_receipt

    def _plate_desk(self) -> RemotePlateReader | None:
        plates = self._settings.plates
        return RemotePlateReader(self._placement.node, plates.timeout_s) if plates.replicas.max else None


_Remote = ray.remote(concurrency_groups={_FRAMES: 1})(CameraActor)


def start_camera(placement: Placement, settings: Settings) -> Any:
    """The camera's actor, started on the placement's node unless it runs already."""
    options = on_node(placement.node, camera_name(placement.camera_id), _CALLS_AT_ONCE)
    return _Remote.options(**options).remote(placement, settings.without_secrets())
