"""Fakes of every port, for tests of your own as well as ours."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Event as Flag
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.camera import Camera
from gtvision.domain.count import CountRecord, interval_start_s
from gtvision.domain.detections import Detections
from gtvision.domain.disclosure import Disclosure
from gtvision.domain.errors import AlreadyExists, BadInput, NotFound, SourceUnavailable, SpoolFull, StoreUnavailable
from gtvision.domain.event import Event, EventRecord
from gtvision.domain.kinds import Kind
from gtvision.domain.metrics import Metric, MetricKind
from gtvision.domain.places import Direction
from gtvision.domain.retention import Holding, Keepable, Swept
from gtvision.domain.stream import Packet, Sample, StreamInfo
from gtvision.pipeline.sample_log import LoggedSample
from gtvision.ports import (
    CameraStatus,
    CountFilter,
    DisclosureFilter,
    Due,
    EventFilter,
    EventToSave,
    IntervalCount,
    ProbeReport,
    SpoolRecord,
    StoredCamera,
    StoredEvent,
)


class FakeMetrics:
    """`Metrics` that remembers; as strict about kinds and labels as the real ones."""

    def __init__(self) -> None:
        """Nothing is measured yet."""
        self._values: defaultdict[tuple[str, frozenset[tuple[str, str]]], list[float]] = defaultdict(list)

    def add(self, metric: Metric, amount: float = 1.0, **labels: str) -> None:
        """Adds to a counter."""
        self._put("counter", metric, amount, labels)

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Sets a gauge."""
        self._put("gauge", metric, value, labels)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Puts a value into a histogram."""
        self._put("histogram", metric, value, labels)

    def _put(self, kind: MetricKind, metric: Metric, value: float, labels: dict[str, str]) -> None:
        metric.check(kind, labels)
        self._values[metric.name, frozenset(labels.items())].append(value)

    def value(self, metric: Metric, **labels: str) -> float:
        """A counter's sum, a gauge's last value, a histogram's count; 0 before anything was measured."""
        metric.check(metric.kind, labels)
        values = self._values.get((metric.name, frozenset(labels.items())), [])
        if metric.kind == "gauge":
            return values[-1] if values else 0.0
        return sum(values) if metric.kind == "counter" else float(len(values))


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


class FakeDisclosureLog:
    """Disclosures in memory; the cursor is the number of those that came before. It refuses the first so many."""

    def __init__(self, refusals: int = 0) -> None:
        self._logged: dict[str, Disclosure] = {}
        self.refusals = refusals

    def add_disclosure(self, disclosure: Disclosure) -> None:
        """Keeps it."""
        if self.refusals > 0:
            self.refusals -= 1
            raise StoreUnavailable("the log does not answer")
        self._logged.setdefault(disclosure.id, disclosure)

    def disclosures(
        self, wanted: DisclosureFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[Disclosure], str | None]:
        """The newest first, and the cursor of the next page. Raises `BadInput` on a bad cursor."""
        if cursor is not None and not cursor.isdecimal():
            raise BadInput("that cursor is not one of this list; begin without a cursor")
        start = int(cursor or 0)
        newest_first = sorted(self._logged.values(), key=lambda one: (one.time_s, one.id), reverse=True)
        matching = [
            one
            for one in newest_first
            if (wanted.since_s is None or one.time_s >= wanted.since_s)
            and (wanted.until_s is None or one.time_s < wanted.until_s)
        ]
        return matching[start : start + limit], str(start + limit) if len(matching) > start + limit else None


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


class FakeRetentionStore:
    """`RetentionStore` of things that have an id, a begin, an end or None, and media keys."""

    def __init__(self) -> None:
        self.kept: defaultdict[Keepable, dict[str, tuple[float, float | None, tuple[str, ...]]]] = defaultdict(dict)

    def oldest_s(self, kind: Keepable) -> float | None:
        """The beginning of the oldest."""
        return min((start_s for start_s, _, _ in self.kept[kind].values()), default=None)

    def count_due(self, kind: Keepable, before_s: float) -> int:
        """How many ended before that time."""
        return len(self._due(kind, before_s))

    def due(self, kind: Keepable, before_s: float, *, limit: int) -> Due | None:
        """Some of those that ended before that time, the oldest first; None when there are no more."""
        ids = self._due(kind, before_s)[:limit]
        keys = tuple(key for each in ids for key in self.kept[kind][each][2])
        return Due(kind, "", tuple(ids), keys) if ids else None

    def forget(self, due: Due) -> None:
        """Removes them."""
        for each in due.ids:
            self.kept[due.kind].pop(each, None)

    def _due(self, kind: Keepable, before_s: float) -> list[str]:
        ended = {each: what for each, what in self.kept[kind].items() if what[1] is not None and what[1] < before_s}
        return sorted(ended, key=lambda each: ended[each][0])


@dataclass(slots=True)
class FakeRetainer:
    """`Retainer` that says what it was given, and remembers how often it was asked to sweep."""

    held: list[Holding] = field(default_factory=list)
    swept: list[Swept] = field(default_factory=list)
    sweeps: int = 0

    def holdings(self) -> list[Holding]:
        """What it was given."""
        return self.held

    def sweep(self, budget_s: float) -> list[Swept]:  # noqa: ARG002
        """What it was given."""
        self.sweeps += 1
        return self.swept


@dataclass(slots=True)
class FakeLiveCameras:
    """Cameras that do as they are told: what is put into `running`, `pictures` and `logs`, by camera id."""

    running: dict[str, CameraStatus] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    logs: dict[str, list[LoggedSample]] = field(default_factory=dict)

    def statuses(self) -> list[CameraStatus]:
        """One for each running camera, by id."""
        return [self.running[camera_id] for camera_id in sorted(self.running)]

    def snapshot(self, camera_id: str) -> bytes:
        """The picture. Raises `NotFound`, or `SourceUnavailable` while there is none."""
        if camera_id not in self.running:
            raise NotFound(f"no camera {camera_id!r} runs")
        if camera_id not in self.pictures:
            raise SourceUnavailable(f"camera {camera_id!r} has no picture yet", "timeout")
        return self.pictures[camera_id]

    def samples(self, camera_id: str, after_s: float, limit: int) -> list[LoggedSample]:
        """The first after that time. Raises `NotFound`."""
        if camera_id not in self.running:
            raise NotFound(f"no camera {camera_id!r} runs")
        return [sample for sample in self.logs.get(camera_id, []) if round(sample.time_s, 3) > after_s][:limit]


_GOOD_SOURCE = ProbeReport(
    StreamInfo("h264", 1280, 720, 25.0),
    measured_fps=25.0,
    keyframe_interval_s=1.0,
    bit_rate_bps=2e6,
    open_s=0.4,
    first_picture_s=0.5,
)


@dataclass(slots=True)
class FakeProbe:
    """Finds the report that it was given, or fails with the error that it was given."""

    result: ProbeReport | SourceUnavailable = _GOOD_SOURCE
    probed: list[Camera] = field(default_factory=list)

    def probe(self, camera: Camera) -> ProbeReport:
        """The result; the camera is kept in `probed`."""
        self.probed.append(camera)
        if isinstance(self.result, SourceUnavailable):
            raise self.result
        return self.result


@dataclass(slots=True)
class FakeMetricsText:
    """Answers the text that it was given."""

    answer: str = "# no metrics\n"

    def text(self) -> str:
        """The text."""
        return self.answer


@dataclass(slots=True)
class FakeReadyChecks:
    """Answers the states that it was given."""

    states: dict[str, str] = field(default_factory=lambda: {"database": "ok"})

    def checks(self) -> Mapping[str, str]:
        """The states."""
        return self.states


@dataclass(frozen=True, slots=True, eq=False)
class FakePicture:
    """`Picture` of pixels that are there already; it is never scaled."""

    time_s: float
    pixels: NDArray[np.uint8]

    def grey(self, width: int) -> NDArray[np.uint8]:  # noqa: ARG002
        """The pixels' first channel."""
        return np.ascontiguousarray(self.pixels[..., 0])

    def bgr(self, width: int | None = None) -> NDArray[np.uint8]:  # noqa: ARG002
        """The pixels."""
        return self.pixels


def fake_packet(time_s: float, pixels: NDArray[np.uint8] | None, *, is_keyframe: bool) -> Packet:
    """A packet of 1000 bytes for `FakeDecoder`; without pixels it is a damaged one."""
    return Packet(time_s, time_s, is_keyframe, 1000, pixels)


SMALL_STREAM = StreamInfo("h264", 320, 180, 10.0)


class FakeSource:
    """`PacketSource` that plays packets and then ends, fails, or stays silent until somebody closes it."""

    def __init__(
        self,
        packets: Iterable[Packet],
        *,
        info: StreamInfo = SMALL_STREAM,
        then: SourceUnavailable | None = None,
        lingers: bool = False,
        before: Callable[[Packet], None] = lambda _: None,
    ) -> None:
        """Args:
        packets: What it plays.
        info: What it says of itself.
        then: How it fails after the packets.
        lingers: Whether it stays open after the packets, for 30 s at most.
        before: Called before each packet.
        """
        self.info = info
        self._packets = packets
        self._then = then
        self._lingers = lingers
        self._before = before
        self._closed = Flag()

    @property
    def is_closed(self) -> bool:
        """Whether somebody closed it."""
        return self._closed.is_set()

    def packets(self) -> Iterator[Packet]:
        """The packets."""
        for packet in self._packets:
            self._before(packet)
            if self.is_closed:
                return
            yield packet
        if self._then is not None:
            raise self._then
        if self._lingers:
            self._closed.wait(30)

    def close(self) -> None:
        """Ends it."""
        self._closed.set()


class FakeDecoder:
    """`PictureDecoder` of `fake_packet`s.

    Like a real one it needs a keyframe first, and with a delay its pictures come out some packets later.
    """

    def __init__(self, delay: int = 0) -> None:
        """`delay` is in packets."""
        self._delay = delay
        self._inside: list[FakePicture] = []
        self._has_keyframe = False
        self.decoded = 0

    def keyframe(self, packet: Packet) -> FakePicture | None:
        """The packet's pixels."""
        self.decoded += 1
        return None if packet.payload is None else FakePicture(packet.time_s, packet.payload)

    def restart(self) -> None:
        """Forgets what is inside."""
        self._inside.clear()
        self._has_keyframe = False

    def feed(self, packet: Packet) -> Sequence[FakePicture]:
        """The oldest picture inside, once there are more than the delay."""
        self._has_keyframe |= packet.is_keyframe
        if not self._has_keyframe or packet.payload is None:
            return ()
        self.decoded += 1
        self._inside.append(FakePicture(packet.time_s, packet.payload))
        return (self._inside.pop(0),) if len(self._inside) > self._delay else ()


class FakeDetector:
    """`Detector` that knows what is on each sample, and remembers what it was asked."""

    def __init__(self, truth: Callable[[Sample], Detections]) -> None:
        """`truth` may raise what a detector may."""
        self._truth = truth
        self.samples: list[Sample] = []

    def detect(self, sample: Sample) -> Detections:
        """The truth."""
        self.samples.append(sample)
        return self._truth(sample)


class FakePictureDetector:
    """`PictureDetector` that knows what is on each picture."""

    name = "fake"

    def __init__(self, truth: Callable[[NDArray[np.uint8]], Detections]) -> None:
        self._truth = truth

    def detect(self, pictures: Iterable[NDArray[np.uint8]]) -> list[Detections]:
        """The truth of each."""
        return [self._truth(picture) for picture in pictures]


class FakeSink:
    """`EventSink` that remembers, and refuses the first so many records."""

    def __init__(self, refusals: int = 0) -> None:
        self.records: list[EventRecord] = []
        self.counts: list[CountRecord] = []
        self.refusals = refusals

    def put(self, record: SpoolRecord) -> None:
        """Keeps the record."""
        if self.refusals > 0:
            self.refusals -= 1
            raise SpoolFull("no room")
        if isinstance(record, CountRecord):
            self.counts.append(record)
        else:
            self.records.append(record)
