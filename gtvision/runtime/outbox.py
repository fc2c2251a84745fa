"""Event records that the spool could not take yet."""

from dataclasses import replace

from gtvision.domain.errors import TryLater
from gtvision.domain.event import EventRecord
from gtvision.domain.metrics import EVENTS_LOST, OUTBOX_RECORDS, SPOOL_REFUSED
from gtvision.ports import EventSink, Metrics

_MAX_EVENTS = 1000
_MAX_BYTES = 32 * 1024 * 1024


class Outbox:
    """Sends records on, in order; keeps what is refused, one record an event, and sends it again.

    Over its bound in bytes the oldest lose their clips and pictures; an event itself is lost only when a thousand of
    them wait. Used by one thread.
    """

    def __init__(self, camera_id: str, sink: EventSink, metrics: Metrics) -> None:
        self._camera_id = camera_id
        self._sink = sink
        self._metrics = metrics
        self._waiting: dict[str, EventRecord] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, record: EventRecord) -> None:
        """Sends the record on, or keeps it while others wait or the spool refuses it."""
        if self._waiting or not self._send(record):
            self._keep(record)
        self._metrics.set(OUTBOX_RECORDS, len(self._waiting), camera=self._camera_id)

    def retry(self) -> None:
        """Sends what waits, up to the first refusal."""
        for event_id, record in list(self._waiting.items()):
            if not self._send(record):
                break
            del self._waiting[event_id]
        self._metrics.set(OUTBOX_RECORDS, len(self._waiting), camera=self._camera_id)

    def _send(self, record: EventRecord) -> bool:
        try:
            self._sink.put(record)
        except TryLater:
            self._metrics.add(SPOOL_REFUSED, camera=self._camera_id)
            return False
        return True

    def _keep(self, record: EventRecord) -> None:
        older = self._waiting.get(record.event.id)
        self._waiting[record.event.id] = record if older is None else _joined(older, record)
        excess = sum(map(_size, self._waiting.values())) - _MAX_BYTES
        for event_id, kept in list(self._waiting.items()):
            if excess <= 0:
                break
            self._waiting[event_id] = replace(kept, snapshot=None, clip=None)
            excess -= _size(kept)
        if len(self._waiting) > _MAX_EVENTS:
            del self._waiting[next(iter(self._waiting))]
            self._metrics.add(EVENTS_LOST, camera=self._camera_id)


def _joined(older: EventRecord, newer: EventRecord) -> EventRecord:
    newest = max(older.event, newer.event, key=lambda event: event.revision)
    return EventRecord(newest, newer.snapshot or older.snapshot, newer.clip or older.clip)


def _size(record: EventRecord) -> int:
    return len(record.snapshot or b"") + len(record.clip or b"")
