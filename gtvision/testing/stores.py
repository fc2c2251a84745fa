"""Fakes of the stores, in memory."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from threading import Lock

from gtvision.domain.camera import Camera
from gtvision.domain.count import CountRecord, interval_start_s
from gtvision.domain.errors import AlreadyExists, BadInput, NotFound
from gtvision.domain.event import Event
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction
from gtvision.domain.plate_query import spelled_beginnings
from gtvision.domain.receipt import Receipt
from gtvision.ports import (
    CountFilter,
    EventFilter,
    EventToSave,
    IntervalCount,
    StoredCamera,
    StoredEvent,
)


class FakeCameraStore:
    """Cameras in memory."""

    def __init__(self, *cameras: Camera) -> None:
        self._stored: dict[str, StoredCamera] = {}
        for camera in cameras:
            self.add_camera(camera)

    def cameras(self) -> list[StoredCamera]:
        """All of them by id, without passwords."""
        return [self.camera(camera_id) for camera_id in sorted(self._stored)]

    def camera(self, camera_id: str, *, with_secrets: bool = False) -> StoredCamera:
        """One of them. Raises `NotFound`."""
        if camera_id not in self._stored:
            raise NotFound(f"there is no camera {camera_id!r}")
        stored = self._stored[camera_id]
        return stored if with_secrets else replace(stored, camera=_without_passwords(stored.camera))

    def add_camera(self, camera: Camera) -> StoredCamera:
        """Stores a new camera. Raises `AlreadyExists`."""
        if camera.id in self._stored:
            raise AlreadyExists(f"there is a camera {camera.id!r} already")
        return self._keep(camera, version=1)

    def set_camera(self, camera: Camera) -> StoredCamera:
        """Replaces a camera's settings, keeping the passwords it does not give. Raises `NotFound`."""
        old = self.camera(camera.id, with_secrets=True)
        known = {(source.url, source.user): source.password for source in old.camera.sources}
        sources = tuple(
            source if source.password else replace(source, password=known.get((source.url, source.user)))
            for source in camera.sources
        )
        return self._keep(replace(camera, sources=sources), old.version + 1)

    def remove_camera(self, camera_id: str) -> None:
        """Removes a camera. Raises `NotFound`."""
        self.camera(camera_id)
        del self._stored[camera_id]

    def _keep(self, camera: Camera, version: int) -> StoredCamera:
        secret = frozenset(index for index, source in enumerate(camera.sources) if source.password)
        self._stored[camera.id] = StoredCamera(camera, version, time.time(), secret)
        return self.camera(camera.id)


def _without_passwords(camera: Camera) -> Camera:
    return replace(camera, sources=tuple(replace(source, password=None) for source in camera.sources))


class FakeEventStore:
    """Events in memory; the cursor is the number of events that came before."""

    def __init__(self) -> None:
        self._stored: dict[str, StoredEvent] = {}
        self._seq = 0
        self._lock = Lock()

    def save_events(self, events: Sequence[EventToSave]) -> None:
        """Stores new revisions; one that is not newer only brings missing media keys."""
        with self._lock:
            for new in events:
                old = self._stored.get(new.event.id)
                merged = _merged(old or StoredEvent(new.event, 0, None, None), new)
                if merged != old:
                    self._seq += 1
                    self._stored[new.event.id] = replace(merged, seq=self._seq)

    def event(self, event_id: str) -> StoredEvent:
        """One event. Raises `NotFound`."""
        if event_id not in self._stored:
            raise NotFound(f"there is no event {event_id!r}")
        return self._stored[event_id]

    def events(
        self, wanted: EventFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[StoredEvent], str | None]:
        """The newest first, and the cursor of the next page. Raises `BadInput` on a bad cursor."""
        if cursor is not None and not cursor.isdecimal():
            raise BadInput("that cursor is not one of this list; begin without a cursor")
        start = int(cursor or 0)
        newest_first = sorted(self._stored.values(), key=_start_and_id, reverse=True)
        matching = [stored for stored in newest_first if _matches(stored.event, wanted)]
        page = matching[start : start + limit]
        return page, str(start + limit) if len(matching) > start + limit else None

    def changes(self, after_seq: int, *, limit: int) -> list[StoredEvent]:
        """All events that changed after that number, by it."""
        with self._lock:
            changed = [stored for stored in self._stored.values() if stored.seq > after_seq]
        return sorted(changed, key=lambda stored: stored.seq)[:limit]

    def last_seq(self) -> int:
        """The number of the newest change."""
        return self._seq

    def open_events(self, camera_id: str) -> list[Event]:
        """The camera's events that have not ended."""
        wanted = EventFilter(camera_id=camera_id, is_open=True)
        return [stored.event for stored in self._stored.values() if _matches(stored.event, wanted)]


def _start_and_id(stored: StoredEvent) -> tuple[float, str]:
    return stored.event.start_s, stored.event.id


def _merged(old: StoredEvent, new: EventToSave) -> StoredEvent:
    first, then = (old, new) if new.event.revision > old.event.revision else (new, old)
    return StoredEvent(then.event, old.seq, then.snapshot_key or first.snapshot_key, then.clip_key or first.clip_key)


def _matches(event: Event, wanted: EventFilter) -> bool:
    return (
        wanted.camera_id in (None, event.camera_id)
        and wanted.trigger_type in (None, event.trigger_type)
        and wanted.kind in (None, event.kind)
        and (wanted.since_s is None or event.start_s >= wanted.since_s)
        and (wanted.until_s is None or event.start_s < wanted.until_s)
        and wanted.is_open in (None, event.is_open)
        and (wanted.plate is None or (event.plate or "").startswith(spelled_beginnings(wanted.plate)))
    )


class FakeCountStore:
    """Counts in memory; the cursor is the number of rows that came before."""

    def __init__(self) -> None:
        self._records: dict[str, CountRecord] = {}

    def save_counts(self, records: Sequence[CountRecord]) -> None:
        """Stores new revisions; one that is not newer changes nothing."""
        for new in records:
            old = self._records.get(new.id)
            if old is None or new.revision > old.revision:
                self._records[new.id] = new

    def counts(
        self, wanted: CountFilter, *, interval_s: float = 0.0, limit: int, cursor: str | None = None
    ) -> tuple[list[IntervalCount], str | None]:
        """The newest intervals first, and the cursor of the next page. Raises `BadInput` on a bad cursor."""
        if cursor is not None and not cursor.isdecimal():
            raise BadInput("that cursor is not one of this list; begin without a cursor")
        start = int(cursor or 0)
        sums: defaultdict[IntervalCount, int] = defaultdict(int)
        for record in self._records.values():
            length_s = max(record.interval_s, interval_s)
            begin_s = interval_start_s(record.start_s, length_s, record.time_zone)
            where = (record.camera_id, record.trigger_id, record.line_id, record.time_zone, begin_s, length_s)
            for count in record.counts:
                if _is_counted(record, count.kind, count.direction, wanted):
                    sums[IntervalCount(*where, count.kind, count.direction, 0)] += count.vehicles
        rows = [replace(row, vehicles=vehicles) for row, vehicles in sums.items() if vehicles]
        rows.sort(key=lambda row: (-row.start_s, row.camera_id, row.trigger_id, row.line_id, row.kind, row.direction))
        return rows[start : start + limit], str(start + limit) if len(rows) > start + limit else None


def _is_counted(record: CountRecord, kind: Kind, direction: Direction, wanted: CountFilter) -> bool:
    return (
        wanted.camera_id in (None, record.camera_id)
        and wanted.trigger_id in (None, record.trigger_id)
        and wanted.line_id in (None, record.line_id)
        and wanted.kind in (None, kind)
        and wanted.direction in (None, direction)
        and (wanted.since_s is None or record.start_s >= wanted.since_s)
        and (wanted.until_s is None or record.start_s < wanted.until_s)
    )


class FakeReceiptStore:
    """Receipts in memory."""

    def __init__(self) -> None:
        self._stored: dict[str, Receipt] = {}

    def save_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Stores them; one that is there already stays as it is."""
        for receipt in receipts:
            self._stored.setdefault(receipt.id, receipt)

    def receipts_of(self, ids: Collection[str]) -> list[Receipt]:
        """Those with these ids that are kept, in any order."""
        return [self._stored[each] for each in ids if each in self._stored]

    def receipts(self, camera_id: str, *, limit: int) -> list[Receipt]:
        """The newest of a camera, the oldest of them first."""
        own = (receipt for receipt in self._stored.values() if receipt.camera_id == camera_id)
        return sorted(own, key=lambda receipt: (receipt.done_s, receipt.id))[-limit:]


class FakeMediaStore:
    """Media in memory."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}

    def put(self, key: str, content: bytes) -> None:
        """Stores the content."""
        self.content[key] = content

    def get(self, key: str) -> bytes:
        """The content. Raises `NotFound`."""
        if key not in self.content:
            raise NotFound(f"there is nothing under {key!r}")
        return self.content[key]

    def remove(self, keys: Iterable[str]) -> None:
        """Removes what is there."""
        for key in keys:
            self.content.pop(key, None)
