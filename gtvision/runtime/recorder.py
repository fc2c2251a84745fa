"""The recorder: carries records of events and counts from the node's spool to the store, many in one transaction."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar

from gtvision.domain import metrics as m
from gtvision.domain.count import CountRecord
from gtvision.domain.errors import BadInput, StoreUnavailable
from gtvision.domain.event import Event, EventRecord
from gtvision.ports import CountStore, EventSpool, EventStore, EventToSave, MediaStore, Metrics, SpoolRecord

_BATCH_RECORDS = 256
_BATCH_BYTES = 32 * 2**20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    path: Path
    record: SpoolRecord


@dataclass(frozen=True, slots=True, eq=False)
class _Ready(Generic[_T]):
    """What the database takes of a record, whose media are stored."""

    path: Path
    item: _T


class Recorder:
    """Drains one spool. Killed at any moment it loses nothing: a record leaves the spool when the store has it, and
    storing it again changes nothing."""

    def __init__(
        self, spool: EventSpool, events: EventStore, counts: CountStore, media: MediaStore, metrics: Metrics
    ) -> None:
        self._spool = spool
        self._events = events
        self._counts = counts
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
        for waiting in batch:
            if isinstance(waiting.record, CountRecord):
                counts.append(_Ready(waiting.path, waiting.record))
            elif (event := self._with_media_stored(waiting.record, waiting.path)) is not None:
                events.append(_Ready(waiting.path, event))
        if stored := self._save(events, self._events.save_events):
            self._metrics.add(m.EVENTS_STORED, stored)
        self._save(counts, self._counts.save_counts)

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
            if isinstance(record, EventRecord):
                size += len(record.snapshot or b"") + len(record.clip or b"")
            batch.append(_Waiting(path, record))
        return sorted(batch, key=lambda waiting: waiting.record.revision)

    def _with_media_stored(self, record: EventRecord, path: Path) -> EventToSave | None:
        try:
            with self._failures_counted("media"):
                snapshot_key = self._put(record.event, "jpg", record.snapshot)
                clip_key = self._put(record.event, "mp4", record.clip)
        except BadInput:
            self._set_aside(path)
            return None
        return EventToSave(record.event, snapshot_key, clip_key)

    def _put(self, event: Event, extension: str, content: bytes | None) -> str | None:
        if content is None:
            return None
        key = f"{_day_of(event)}/{event.camera_id}/{event.id}.{extension}"
        self._media.put(key, content)
        return key

    def _save(self, batch: Sequence[_Ready[_T]], save: Callable[[Sequence[_T]], None]) -> int:
        """How many were stored: in one transaction, or one by one to find the record that the database refuses."""
        if not batch:
            return 0
        try:
            with self._failures_counted("database"):
                save([ready.item for ready in batch])
        except BadInput:
            if len(batch) > 1:
                return sum(self._save([ready], save) for ready in batch)
            self._set_aside(batch[0].path)
            return 0
        self._spool.done(ready.path for ready in batch)
        return len(batch)

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


def _day_of(event: Event) -> str:
    try:
        return f"{_EPOCH + timedelta(seconds=event.start_s):%Y/%m/%d}"
    except OverflowError as exc:
        raise BadInput(f"event {event.id} starts in no year of the calendar") from exc
