"""The recorder of a node: owns the node's spool and is the node's only writer to the database."""

import time
from threading import Event as Flag
from threading import Lock, Thread
from typing import Any

import ray
import structlog

from actors.calls import on_node
from actors.metrics import RayMetrics
from actors.names import recorder_name
from gtvision.adapters.logs import configure_logs
from gtvision.adapters.media import open_media
from gtvision.adapters.spool import Spool
from gtvision.adapters.store import Store
from gtvision.domain.camera import Camera
from gtvision.domain.errors import GtVisionError, StoreUnavailable
from gtvision.domain.event import Event
from gtvision.ports import StoredCamera
from gtvision.runtime.recorder import Recorder
from gtvision.settings import Settings

_IDLE_S = 0.2
_RETRY_MIN_S = 0.5
_RETRY_MAX_S = 15.0
_CALLS_AT_ONCE = 8

_log = structlog.get_logger()


class RecorderActor:
    """A threaded actor. Its methods raise `StoreUnavailable` while the database is away."""

    def __init__(self, settings: Settings) -> None:
        """Begins to drain the spool, whatever an earlier process left there first."""
        configure_logs(settings.log)
        self._settings = settings
        self._metrics = RayMetrics()
        self._opening = Lock()
        self._store: Store | None = None
        self._wake = Flag()
        Thread(target=self._drain_always, name="drain", daemon=True).start()

    def nudge(self) -> None:
        """Looks into the spool now instead of a moment later."""
        self._wake.set()

    def cameras(self) -> list[StoredCamera]:
        """All cameras by id, without passwords."""
        return self._opened().cameras()

    def camera(self, camera_id: str, with_secrets: bool = False) -> StoredCamera:
        """One of them. Raises `NotFound`."""
        return self._opened().camera(camera_id, with_secrets=with_secrets)

    def add_camera(self, camera: Camera) -> StoredCamera:
        """Stores a new camera. Raises `AlreadyExists`."""
        return self._opened().add_camera(camera)

    def set_camera(self, camera: Camera) -> StoredCamera:
        """Replaces a camera's settings. Raises `NotFound`."""
        return self._opened().set_camera(camera)

    def remove_camera(self, camera_id: str) -> None:
        """Removes a camera; its events stay. Raises `NotFound`."""
        self._opened().remove_camera(camera_id)

    def open_events(self, camera_id: str) -> list[Event]:
        """The camera's events that have not ended, those included that were in the spool when this was asked."""
        self._drained()
        return self._opened().open_events(camera_id)

    def _opened(self) -> Store:
        with self._opening:
            if self._store is None:
                try:
                    self._store = Store(self._settings.database_url, writes=True)
                except StoreUnavailable:
                    raise
                except GtVisionError as exc:
                    raise StoreUnavailable(str(exc)) from exc
            return self._store

    def _drained(self, timeout_s: float = 5.0) -> None:
        """Waits until the drain has passed over the whole spool once more."""
        rounds, deadline_s = self._rounds, time.monotonic() + timeout_s
        while self._rounds < rounds + 2 and time.monotonic() < deadline_s:
            self._wake.set()
            time.sleep(_IDLE_S / 10)

    _rounds = 0

    def _drain_always(self) -> None:
        wait_s = _RETRY_MIN_S
        recorder: Recorder | None = None
        while True:
            try:
                recorder = recorder or self._made()
                while recorder.drain():
                    pass
            except StoreUnavailable as exc:
                _log.warning("store_unavailable", detail=str(exc), retry_s=wait_s)
                time.sleep(wait_s)
                wait_s = min(2 * wait_s, _RETRY_MAX_S)
                continue
            except Exception:
                _log.exception("drain_failed", retry_s=wait_s)
                time.sleep(wait_s)
                wait_s = min(2 * wait_s, _RETRY_MAX_S)
                continue
            wait_s = _RETRY_MIN_S
            self._rounds += 1
            self._wake.wait(_IDLE_S)
            self._wake.clear()

    def _made(self) -> Recorder:
        spool = Spool(self._settings.spool_dir, self._settings.recording.spool_mb * 2**20)
        return Recorder(spool, self._opened(), open_media(self._settings.media_url), self._metrics)


def start_recorder(node_id: str, settings: Settings) -> Any:
    """The recorder of that node, started there unless it runs already."""
    return (
        ray.remote(RecorderActor).options(**on_node(node_id, recorder_name(node_id), _CALLS_AT_ONCE)).remote(settings)
    )
