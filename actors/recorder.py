"""The recorder of a node: owns the node's spool and is the node's only writer to the database.

Ray imports this module wherever somebody asks for the actor's handle, and every camera does: so SQLModel, which takes
20 MB, is imported only once the recorder itself begins.
"""

import time
from collections.abc import Sequence
from threading import Condition, Lock, Thread
from typing import TYPE_CHECKING, Any

import ray
import structlog

from actors.calls import on_node
from actors.metrics import RayMetrics
from actors.names import recorder_name
from gtvision.adapters.logs import Incident, configure_logs
from gtvision.adapters.media import open_media
from gtvision.adapters.spool import Spool
from gtvision.domain.camera import Camera
from gtvision.domain.disclosure import Disclosure
from gtvision.domain.errors import GtVisionError, StoreUnavailable
from gtvision.domain.event import Event
from gtvision.domain.metrics import RECORDER_ERRORS
from gtvision.domain.receipt import Receipt
from gtvision.domain.retention import Swept
from gtvision.domain.watchlist import Entry, Watchlist
from gtvision.ports import PlateOrder, StoredCamera, StoredPicture, StoredWatchlist
from gtvision.runtime.plate_orders import OrderBook, PictureShelf
from gtvision.runtime.recorder import Recorder, RecordStores
from gtvision.runtime.sweeper import Sweeper
from gtvision.settings import Settings

if TYPE_CHECKING:
    from gtvision.adapters.store import Store

_LOOK_S = 0.1
_RETRY_MIN_S = 0.5
_RETRY_MAX_S = 5.0
_DRAINED_S = 5.0
_CALLS_AT_ONCE = 16

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
        self._passed = Condition()
        self._passes = 0
        Thread(target=self._drain_always, name="drain", daemon=True).start()

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

    def add_watchlist(self, watchlist: Watchlist) -> StoredWatchlist:
        """Stores a new list without entries. Raises `AlreadyExists`."""
        return self._opened().add_watchlist(watchlist)

    def set_watchlist(self, watchlist: Watchlist) -> StoredWatchlist:
        """Replaces a list's settings; its entries stay. Raises `NotFound`."""
        return self._opened().set_watchlist(watchlist)

    def remove_watchlist(self, watchlist_id: str) -> None:
        """Removes a list and its entries. Raises `NotFound`."""
        self._opened().remove_watchlist(watchlist_id)

    def save_entries(self, watchlist_id: str, entries: Sequence[Entry]) -> int:
        """Puts all of them on the list or none. Raises `NotFound`, `BadInput`."""
        return self._opened().save_entries(watchlist_id, entries)

    def remove_entry(self, watchlist_id: str, entry_id: str) -> None:
        """Takes an entry off the list. Raises `NotFound`."""
        self._opened().remove_entry(watchlist_id, entry_id)

    def open_events(self, camera_id: str) -> list[Event]:
        """The camera's events that have not ended, those included that were in the spool when this was asked."""
        if not self.drained(_DRAINED_S):
            raise StoreUnavailable(f"the spool is not stored yet, {_DRAINED_S:g} s after it was asked for")
        return self._opened().open_events(camera_id)

    def receipts(self, camera_id: str, limit: int) -> list[Receipt]:
        """The camera's newest receipts, the oldest of them first; those in the spool are not among them."""
        return self._opened().receipts(camera_id, limit=limit)

    def has_receipt(self, receipt_id: str) -> bool:
        """Whether there is a receipt of that id; those in the spool are not among them."""
        return bool(self._opened().receipts_of([receipt_id]))

    def drained(self, timeout_s: float) -> bool:
        """Whether all that was in the spool when this was asked has been dealt with, within that time."""
        with self._passed:
            enough = self._passes + 2  # the pass that goes on now may have listed the spool before
            return self._passed.wait_for(lambda: self._passes >= enough, timeout_s)

    def add_disclosure(self, disclosure: Disclosure) -> None:
        """Returns once it is committed."""
        self._opened().add_disclosure(disclosure)

    def sweep(self, budget_s: float) -> list[Swept]:
        """Removes what has been kept long enough, for about that time."""
        media = open_media(self._settings.media_url)
        sweeper = Sweeper(self._settings.retention, self._opened(), media, self._metrics)
        try:
            swept = sweeper.sweep(budget_s)
        except GtVisionError as exc:  # once an hour nobody waits for the answer
            _log.warning("sweep_failed", reason=str(exc))
            raise
        _log.info("swept", **{one.kind.value: one.removed for one in swept})
        return swept

    def take_plate_orders(self, partner: str, limit: int) -> list[PlateOrder]:
        """Some of the partner's orders, the oldest first, which no other bridge gets for a minute."""
        return self._orders().take(partner, limit)

    def finish_plate_orders(self, partner: str, event_ids: Sequence[str]) -> None:
        """They need not be sent any more."""
        self._orders().finish(partner, event_ids)

    def picture_of_event(self, event_id: str) -> StoredPicture | None:
        """The picture of an event, None when it is not kept."""
        return self._shelf().of_event(event_id)

    def picture_at(self, camera_id: str, time_s: float) -> StoredPicture | None:
        """The picture of the camera's event nearest to that time, None when none was taken near it."""
        return self._shelf().at(camera_id, time_s)

    def _shelf(self) -> PictureShelf:
        return PictureShelf(self._opened(), open_media(self._settings.media_url))

    def _orders(self) -> OrderBook:
        store = self._opened()
        return OrderBook(store, store, self._shelf())

    def _opened(self) -> "Store":
        from gtvision.adapters.store import Store

        with self._opening:
            if self._store is None:
                try:
                    self._store = Store(
                        self._settings.database_url,
                        writes=True,
                        plate_partners=self._settings.bridge.plate_partners,
                    )
                except StoreUnavailable:
                    raise
                except GtVisionError as exc:
                    raise StoreUnavailable(str(exc)) from exc
            return self._store

    def _drain_always(self) -> None:
        recorder: Recorder | None = None
        incident, retry_s = Incident("recorder"), _RETRY_MIN_S
        while True:
            try:
                recorder = recorder or self._made()
                stored = recorder.drain()
            except Exception as exc:
                if not isinstance(exc, StoreUnavailable):
                    self._metrics.add(RECORDER_ERRORS)
                    if retry_s == _RETRY_MIN_S:
                        _log.exception("recorder_failed")
                incident.failed(str(exc))
                time.sleep(retry_s)
                retry_s = min(2 * retry_s, _RETRY_MAX_S)
                continue
            incident.recovered()
            retry_s = _RETRY_MIN_S
            if not recorder.listed:
                with self._passed:
                    self._passes += 1
                    self._passed.notify_all()
            if not stored:
                time.sleep(_LOOK_S)

    def _made(self) -> Recorder:
        spool = Spool(self._settings.spool_dir, self._settings.recording.spool_mb * 2**20)
        store = self._opened()
        media = open_media(self._settings.media_url)
        return Recorder(spool, RecordStores(store, store, store, store), media, self._metrics)


_Remote = ray.remote(RecorderActor)


def start_recorder(node_id: str, settings: Settings) -> Any:
    """The recorder of that node, started there unless it runs already."""
    return _Remote.options(**on_node(node_id, recorder_name(node_id), _CALLS_AT_ONCE)).remote(settings)
