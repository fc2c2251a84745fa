"""The recorder: carries what waits in the node's spool to the store, many records at once."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from gtvision.domain import metrics as m
from gtvision.domain.count import CountRecord
from gtvision.domain.errors import BadInput, NotFound, StoreUnavailable
from gtvision.domain.event import EventRecord
from gtvision.domain.plate import PlateRecord, crop_key
from gtvision.domain.receipt import MessageRecord, Receipt
from gtvision.ports import (
    CountStore,
    EventSpool,
    EventStore,
    EventToSave,
    MediaStore,
    Metrics,
    PlateStore,
    ReceiptStore,
    SpoolRecord,
    StoredPlate,
)

_BATCH_RECORDS = 256
_BATCH_BYTES = 32 * 2**20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_T = TypeVar("_T")

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RecordStores:
    """Where each kind of record goes; one database may be all of them."""

    events: EventStore
    counts: CountStore
    plates: PlateStore
    receipts: ReceiptStore


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    path: Path
    record: SpoolRecord


@dataclass(frozen=True, slots=True, eq=False)
class _Ready(Generic[_T]):
    """What the database takes of a record, whose media are stored.

    Attributes:
        path: The record's.
        item: What is taken.
        is_last: Whether the record leaves the spool with it.
    """

    path: Path
    item: _T
    is_last: bool = True


class Recorder:
    """Drains one spool. Killed at any moment it loses nothing: a record leaves the spool when the store has it, and
    storing it again changes nothing."""

    def __init__(self, spool: EventSpool, stores: RecordStores, media: MediaStore, metrics: Metrics) -> None:
        self._spool = spool
        self._stores = stores
        self._media = media
        self._metrics = metrics
        self._listed: deque[Path] = deque()

    @property
    def listed(self) -> int:
        """How many of the records that the spool held when it was last listed are still to be dealt with."""
        return len(self._listed)

    def drain(self) -> int:
        """One pass: the number of records that left the spool, at most 256 and about 32 MB; 0 when nothing waits.

        Raises:
            StoreUnavailable: The database, the media store or the disk does not answer. What it did not confirm is
                still in the spool; wait a while and call again.
        """
        if not self._listed:
            self._listed.extend(self._spool.waiting())
        self._metrics.set(m.SPOOL_RECORDS, len(self._listed))
        self._metrics.set(m.SPOOL_BYTES, self._spool.size_bytes)
        before = len(self._listed)
        try:
            self._store(self._next_batch())
        except StoreUnavailable:
            self._listed.clear()
            raise
        return before - len(self._listed)

    def _store(self, batch: Sequence[_Waiting]) -> None:
        events: list[_Ready[EventToSave]] = []
        counts: list[_Ready[CountRecord]] = []
        plates: list[_Ready[StoredPlate]] = []
        receipts: list[_Ready[Receipt]] = []
        for waiting in self._first_sets(batch):
            for item in self._with_media_stored(waiting):
                if isinstance(item, EventToSave):
                    is_last = not isinstance(waiting.record, MessageRecord)
                    events.append(_Ready(waiting.path, item, is_last))
                elif isinstance(item, StoredPlate):
                    plates.append(_Ready(waiting.path, item))
                elif isinstance(item, Receipt):
                    receipts.append(_Ready(waiting.path, item))
                else:
                    counts.append(_Ready(waiting.path, item))
        if stored := self._save(events, self._stores.events.save_events):
            self._metrics.add(m.EVENTS_STORED, stored)
        if stored := self._save(plates, self._stores.plates.save_plates):
            self._metrics.add(m.PLATES_STORED, stored)
        self._save(counts, self._stores.counts.save_counts)
        self._save(receipts, self._stores.receipts.save_receipts)  # last: what they stand for is stored before

    def _first_sets(self, batch: Sequence[_Waiting]) -> list[_Waiting]:
        """The same, but of messages that were dealt with elsewhere as well only the events that were stored first.

        A node that dies with a message's record in its spool, before it has answered, comes back with it when the
        message has been delivered again to another placement of the camera, whose events have other ids.
        """
        ids = {waiting.record.id for waiting in batch if isinstance(waiting.record, MessageRecord)}
        if not ids:
            return list(batch)
        with self._failures_counted("database"):
            first = {receipt.id: receipt for receipt in self._stores.receipts.receipts_of(ids)}
        return [self._first_set(waiting, first) for waiting in batch]

    def _first_set(self, waiting: _Waiting, first: dict[str, Receipt]) -> _Waiting:
        """Without the events that it opens, when the first receipt of its message is another one's."""
        record = waiting.record
        if not isinstance(record, MessageRecord) or first.setdefault(record.id, record.receipt) == record.receipt:
            return waiting
        older = tuple(each for each in record.events if each.event.revision > 0)  # their end may stand nowhere else
        dropped, receipt = len(record.events) - len(older), record.receipt
        _log.warning("events_dropped", camera=receipt.camera_id, message=receipt.message_id, events=dropped)
        self._metrics.add(m.EVENTS_DROPPED, dropped)
        return replace(waiting, record=MessageRecord(receipt, older))

    def _next_batch(self) -> list[_Waiting]:
        """The next records, the older revisions before the newer; unreadable ones are set aside."""
        batch: list[_Waiting] = []
        size = 0
        while self._listed and len(batch) < _BATCH_RECORDS and size < _BATCH_BYTES:
            path = self._listed.popleft()
            try:
                record = self._spool.read(path)
            except BadInput:
                self._set_aside(path)
                continue
            size += 0 if isinstance(record, CountRecord) else record.size_bytes
            batch.append(_Waiting(path, record))
        return sorted(batch, key=lambda waiting: waiting.record.revision)

    def _with_media_stored(self, waiting: _Waiting) -> Sequence[EventToSave | StoredPlate | CountRecord | Receipt]:
        """What the database takes of the record; nothing when its media can never be stored."""
        record = waiting.record
        try:
            with self._failures_counted("media"):
                if isinstance(record, MessageRecord):
                    return (*map(self._event_with_media, record.events), record.receipt)
                if isinstance(record, EventRecord):
                    return (self._event_with_media(record),)
                return (self._plate_with_crop(record) if isinstance(record, PlateRecord) else record,)
        except BadInput:
            self._set_aside(waiting.path)
            return ()

    def _event_with_media(self, record: EventRecord) -> EventToSave:
        event = record.event
        name = f"{event.camera_id}/{event.id}"
        day = _day_of(event.start_s)
        snapshot_key = self._put(f"{day}/{name}.jpg", record.snapshot)
        return EventToSave(event, snapshot_key, self._put(f"{day}/{name}.mp4", record.clip))

    def _plate_with_crop(self, record: PlateRecord) -> StoredPlate:
        seen = record.vehicle_plate
        return StoredPlate(seen, self._put(crop_key(seen.camera_id, seen.id), record.crop))

    def _put(self, key: str, content: bytes | None) -> str | None:
        """Where the content lies now; None without content."""
        if content is None:
            return None
        self._media.put(key, content)
        return key

    def _save(self, batch: Sequence[_Ready[_T]], save: Callable[[Sequence[_T]], None]) -> int:
        """How many were stored: in one transaction, or one by one to find the record that the database refuses."""
        if not batch or self._is_taken(batch, save):
            return len(batch)
        refused = batch if len(batch) == 1 else [ready for ready in batch if not self._is_taken([ready], save)]
        for ready in refused:  # once the others are stored: one may be of the same event, and have put the same media
            self._remove_unknown_media(ready.item)
            self._set_aside(ready.path)
        return len(batch) - len(refused)

    def _is_taken(self, batch: Sequence[_Ready[_T]], save: Callable[[Sequence[_T]], None]) -> bool:
        """Whether the database takes all of them, which then leave the spool; else it takes none."""
        try:
            with self._failures_counted("database"):
                save([ready.item for ready in batch])
        except BadInput:
            return False
        self._spool.done(ready.path for ready in batch if ready.is_last)
        return True

    def _remove_unknown_media(self, item: object) -> None:
        """Takes back what was put for a record that the database refuses, unless it has a row that names it."""
        look: Callable[[], object]
        if isinstance(item, EventToSave):
            keys, look = (item.snapshot_key, item.clip_key), partial(self._stores.events.event, item.event.id)
        elif isinstance(item, StoredPlate):
            keys, look = (item.crop_key, None), partial(self._stores.plates.plate, item.vehicle_plate.id)
        else:
            return
        try:
            with self._failures_counted("database"):
                look()
        except (NotFound, BadInput):  # an id may be what it refuses
            with self._failures_counted("media"):
                self._media.remove(key for key in keys if key is not None)

    def _set_aside(self, path: Path) -> None:
        if self._spool.set_aside(path):
            self._metrics.add(m.SPOOL_DAMAGED)

    @contextmanager
    def _failures_counted(self, store: str) -> Iterator[None]:
        try:
            yield
        except StoreUnavailable:
            self._metrics.add(m.STORE_FAILURES, store=store)
            raise


def _day_of(time_s: float) -> str:
    try:
        return f"{_EPOCH + timedelta(seconds=time_s):%Y/%m/%d}"
    except OverflowError as exc:
        raise BadInput(f"{time_s:g} s lie in no year of the calendar") from exc
