"""Records that the spool could not take yet."""

from dataclasses import replace

from gtvision.domain.count import CountRecord
from gtvision.domain.errors import TryLater
from gtvision.domain.event import EventRecord
from gtvision.domain.metrics import EVENTS_LOST, OUTBOX_RECORDS, SPOOL_REFUSED
from gtvision.domain.plate import PlateRecord
from gtvision.domain.receipt import MessageRecord
from gtvision.ports import EventSink, Metrics, SpoolRecord

_MAX_RECORDS = 1000
_MAX_BYTES = 32 * 1024 * 1024


class Outbox:
    """Sends records on, in order; keeps what is refused, one record an event, count, plate or message, and tries again.

    Over its bound in bytes the oldest lose their clips and pictures; an event itself is lost only when a thousand
    records wait. Used by one thread.
    """

    def __init__(self, camera_id: str, sink: EventSink, metrics: Metrics) -> None:
        self._camera_id = camera_id
        self._sink = sink
        self._metrics = metrics
        self._waiting: dict[str, SpoolRecord] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, record: SpoolRecord) -> None:
        """Sends the record on, or keeps it while others wait or the spool refuses it."""
        if self._waiting or not self._send(record):
            self._keep(record)
        self._metrics.set(OUTBOX_RECORDS, len(self._waiting), camera=self._camera_id)

    def retry(self) -> None:
        """Sends what waits, up to the first refusal."""
        for record_id, record in list(self._waiting.items()):
            if not self._send(record):
                break
            del self._waiting[record_id]
        self._metrics.set(OUTBOX_RECORDS, len(self._waiting), camera=self._camera_id)

    def _send(self, record: SpoolRecord) -> bool:
        try:
            self._sink.put(record)
        except TryLater:
            self._metrics.add(SPOOL_REFUSED, camera=self._camera_id)
            return False
        return True

    def _keep(self, record: SpoolRecord) -> None:
        self._waiting[record.id] = _joined(self._waiting.get(record.id), record)
        excess = sum(map(_size, self._waiting.values())) - _MAX_BYTES
        for record_id, kept in list(self._waiting.items()):
            if excess <= 0:
                break
            self._waiting[record_id] = _without_media(kept)
            excess -= _size(kept)
        if len(self._waiting) > _MAX_RECORDS:
            del self._waiting[next(iter(self._waiting))]
            self._metrics.add(EVENTS_LOST, camera=self._camera_id)


def _joined(older: SpoolRecord | None, newer: SpoolRecord) -> SpoolRecord:
    """The newest state of both, with the newest pictures there are."""
    if isinstance(older, EventRecord) and isinstance(newer, EventRecord):
        event = max(older.event, newer.event, key=lambda event: event.revision)
        return EventRecord(event, newer.snapshot or older.snapshot, newer.clip or older.clip)
    if isinstance(older, PlateRecord) and isinstance(newer, PlateRecord):
        seen = max(older.vehicle_plate, newer.vehicle_plate, key=lambda seen: seen.revision)
        return PlateRecord(seen, newer.crop or older.crop)
    return newer


def _without_media(record: SpoolRecord) -> SpoolRecord:
    if isinstance(record, EventRecord):
        return replace(record, snapshot=None, clip=None)
    if isinstance(record, MessageRecord):
        return replace(record, events=tuple(replace(each, snapshot=None, clip=None) for each in record.events))
    return replace(record, crop=None) if isinstance(record, PlateRecord) else record


def _size(record: SpoolRecord) -> int:
    return 0 if isinstance(record, CountRecord) else record.size_bytes
