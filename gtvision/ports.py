"""What the pipeline needs from the world. Each port has a fake in `gtvision.testing`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gtvision.domain.camera import Camera
from gtvision.domain.count import CountRecord
from gtvision.domain.detections import Detections
from gtvision.domain.disclosure import Disclosure
from gtvision.domain.event import Event, EventRecord
from gtvision.domain.kinds import Kind
from gtvision.domain.metrics import Metric
from gtvision.domain.places import Direction
from gtvision.domain.plate import PlateRecord, Reading, VehiclePlate
from gtvision.domain.plate_query import PlateQuery
from gtvision.domain.retention import Holding, Keepable, Swept
from gtvision.domain.stream import Packet, PlatePicture, Sample, StreamInfo
from gtvision.domain.trigger import Profile, TriggerType
from gtvision.domain.watchlist import Entry, Watchlist
from gtvision.pipeline.sample_log import LoggedSample


class Picture(Protocol):
    """A decoded frame. Both conversions cost; call each once."""

    @property
    def time_s(self) -> float:
        """When it was taken."""
        ...

    def grey(self, width: int) -> NDArray[np.uint8]:
        """Brightness, shape `(h, w)`, at most `width` wide, aspect kept."""
        ...

    def bgr(self, width: int | None = None) -> NDArray[np.uint8]:
        """Colour, shape `(h, w, 3)`, BGR, at most `width` wide (None: as it is), aspect kept."""
        ...


class PacketSource(Protocol):
    """One open stream or recording.

    Iterating raises `SourceUnavailable` on a stall, an error or the end of a live stream; a recording just ends.
    """

    @property
    def info(self) -> StreamInfo:
        """What the stream says of itself; changes when its resolution does."""
        ...

    def packets(self) -> Iterator[Packet]:
        """The packets of the video stream in decoding order."""
        ...

    def close(self) -> None:
        """Ends it; safe to call from another thread and more than once."""
        ...


class PictureDecoder(Protocol):
    """Turns packets into pictures; one a camera, used by one thread."""

    def keyframe(self, packet: Packet) -> Picture | None:
        """The picture of that keyframe alone, without touching the running decoder; None when it is damaged."""
        ...

    def restart(self) -> None:
        """Forgets all references; the next packet to `feed` must be a keyframe."""
        ...

    def feed(self, packet: Packet) -> Sequence[Picture]:
        """The pictures that come out when the packet goes in, in order of time; empty while references are missing."""
        ...


class Detector(Protocol):
    """Finds road users in a sample."""

    def detect(self, sample: Sample) -> Detections:
        """What is in the picture. Raises `DetectorBusy` when no replica answered in time, else `NotAPicture`."""
        ...


@dataclass(frozen=True, slots=True)
class DetectorInfo:
    """What finds road users in this system.

    Attributes:
        weights: Their name.
        is_simulated: Whether they know simulated traffic only, and are of no use with real cameras.
    """

    weights: str
    is_simulated: bool


class PictureDetector(Protocol):
    """A loaded model; used by one thread."""

    @property
    def name(self) -> str:
        """Which weights these are."""
        ...

    def detect(self, pictures: Iterable[NDArray[np.uint8]]) -> list[Detections]:
        """One result a picture, each of shape `(h, w, 3)`, BGR, any size; a lazy iterable is decoded on the way."""
        ...


class PlateReader(Protocol):
    """A loaded engine that reads plates; used by one thread."""

    @property
    def name(self) -> str:
        """Which engine it is."""
        ...

    def read(self, pictures: Iterable[NDArray[np.uint8]]) -> list[tuple[Reading, ...]]:
        """The plates in each picture, the best first, none where nothing looks like one.

        Each picture is of shape `(h, w, 3)`, BGR, any size: a vehicle, or a whole frame.
        """
        ...


class PlateDesk(Protocol):
    """Where pictures are handed in and their plates come back."""

    def read(self, picture: PlatePicture) -> tuple[Reading, ...]:
        """The plates in the picture, the best first, none where nothing looks like one.

        Each reading's box is relative to the picture handed in. Safe to call from several threads; each waits for its
        answer. Raises `PlateReaderBusy` when no replica answered in time, else `NotAPicture`.
        """
        ...


SpoolRecord = EventRecord | CountRecord | PlateRecord
"""What waits on disk until the store has confirmed it."""


class EventSink(Protocol):
    """Where events, counts and plates go first."""

    def put(self, record: SpoolRecord) -> None:
        """Returns once the record would survive a power cut. Raises `SpoolFull`."""
        ...


class EventSpool(EventSink, Protocol):
    """The records on this node's disk that the store has not confirmed."""

    @property
    def size_bytes(self) -> int:
        """Disk space they take, a few seconds old at most."""
        ...

    def waiting(self) -> list[Path]:
        """The records, the oldest first. Raises `StoreUnavailable` when the disk does not answer."""
        ...

    def read(self, path: Path) -> SpoolRecord:
        """One of them. Raises `BadInput` when it is damaged or gone, `StoreUnavailable` when the disk is away."""
        ...

    def done(self, paths: Iterable[Path]) -> None:
        """Removes records that the store has confirmed. Raises `StoreUnavailable` when the disk does not answer."""
        ...

    def set_aside(self, path: Path) -> bool:
        """Moves a record that will never be stored out of the way, where people can look at it; whether it was there.

        A newer state of the same count may have taken its place meanwhile. Raises `StoreUnavailable` when the disk does
        not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class StoredCamera:
    """A camera as the store holds it.

    Attributes:
        camera: Its settings; passwords are there only when asked for.
        version: One more at each change.
        updated_s: When it last changed, Unix seconds.
        secret_sources: Positions of the sources that have a stored password, asked for or not.
    """

    camera: Camera
    version: int
    updated_s: float
    secret_sources: frozenset[int] = frozenset()


class CameraStore(Protocol):
    """The cameras that should run. Raises `StoreUnavailable` when the database does not answer."""

    def cameras(self) -> list[StoredCamera]:
        """All of them by id, without passwords."""
        ...

    def camera(self, camera_id: str, *, with_secrets: bool = False) -> StoredCamera:
        """One of them. Raises `NotFound`."""
        ...

    def add_camera(self, camera: Camera) -> StoredCamera:
        """Stores a new camera. Raises `AlreadyExists`."""
        ...

    def set_camera(self, camera: Camera) -> StoredCamera:
        """Replaces a camera's settings; a source without password keeps the one stored for its url and user.

        Of a camera that is switched off the open events end: nobody may run who would close them. Raises `NotFound`.
        """
        ...

    def remove_camera(self, camera_id: str) -> None:
        """Removes a camera; its events stay, and those that were open end. Raises `NotFound`."""
        ...


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to list; None means any.

    Attributes:
        since_s: Started at or after, Unix seconds.
        until_s: Started before, Unix seconds.
        plate: Its plate, or the other plate of a converted vehicle, begins so; of A-Z and 0-9.
    """

    camera_id: str | None = None
    trigger_type: TriggerType | None = None
    kind: Kind | None = None
    since_s: float | None = None
    until_s: float | None = None
    is_open: bool | None = None
    plate: str | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the store holds it.

    Attributes:
        event: Its newest revision.
        seq: The number of its newest change; grows over all events, streams resume by it.
        snapshot_key: Where its picture lies in the media store, None when it has none yet.
        clip_key: Where its clip lies, None when it has none yet.
    """

    event: Event
    seq: int
    snapshot_key: str | None
    clip_key: str | None


@dataclass(frozen=True, slots=True)
class EventToSave:
    """A new revision and the keys under which its media were just stored; None keeps what the store has."""

    event: Event
    snapshot_key: str | None = None
    clip_key: str | None = None


class EventStore(Protocol):
    """Events that happened. Raises `StoreUnavailable` when the database does not answer."""

    def save_events(self, events: Sequence[EventToSave]) -> None:
        """Stores new revisions in one transaction; a revision that is not newer than the stored one changes nothing
        but missing media keys. Raises `BadInput` when the database refuses a value; then none of them is stored."""
        ...

    def event(self, event_id: str) -> StoredEvent:
        """One event. Raises `NotFound`."""
        ...

    def events(
        self, wanted: EventFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[StoredEvent], str | None]:
        """The newest first, and the cursor of the next page, None after the last. Raises `BadInput` on a bad cursor."""
        ...

    def changes(self, after_seq: int, *, limit: int) -> list[StoredEvent]:
        """The newest state of all events that changed after that number, by `seq`."""
        ...

    def last_seq(self) -> int:
        """The number of the newest change, 0 when there is none."""
        ...

    def open_events(self, camera_id: str) -> list[Event]:
        """The camera's events that have not ended."""
        ...


@dataclass(frozen=True, slots=True)
class CountFilter:
    """Which counts to list; None means any.

    Attributes:
        since_s: Of intervals that began at or after, Unix seconds.
        until_s: Of intervals that began before, Unix seconds.
    """

    camera_id: str | None = None
    trigger_id: str | None = None
    line_id: str | None = None
    kind: Kind | None = None
    direction: Direction | None = None
    since_s: float | None = None
    until_s: float | None = None


@dataclass(frozen=True, slots=True)
class IntervalCount:
    """How many vehicles of one kind went over a line one way in an interval, over all parts; at least one.

    Attributes:
        time_zone: IANA name of the zone of the camera's site; `start_s` is the start of an interval there.
        start_s: Unix seconds.
        interval_s: Length of the interval, in seconds of the site's clock.
    """

    camera_id: str
    trigger_id: str
    line_id: str
    time_zone: str
    start_s: float
    interval_s: float
    kind: Kind
    direction: Direction
    vehicles: int


class CountStore(Protocol):
    """What was counted. Raises `StoreUnavailable` when the database does not answer."""

    def save_counts(self, records: Sequence[CountRecord]) -> None:
        """Stores new revisions in one transaction; a revision that is not newer than the stored one changes nothing.

        Raises `BadInput` when the database refuses a value; then none of them is stored.
        """
        ...

    def counts(
        self, wanted: CountFilter, *, interval_s: float = 0.0, limit: int, cursor: str | None = None
    ) -> tuple[list[IntervalCount], str | None]:
        """The newest intervals first, and the cursor of the next page, None after the last.

        Stored intervals that are shorter than `interval_s` are added up to intervals of that length, each to the one
        in which it began. Raises `BadInput` on a bad cursor.
        """
        ...


@dataclass(frozen=True, slots=True)
class PlateFilter:
    """Which vehicles' plates to list; None means any.

    Attributes:
        query: What the plate agrees with.
        since_s: Pictured at or after, Unix seconds.
        until_s: Pictured before, Unix seconds.
    """

    query: PlateQuery | None = None
    camera_id: str | None = None
    since_s: float | None = None
    until_s: float | None = None


@dataclass(frozen=True, slots=True)
class StoredPlate:
    """A vehicle's plate as the store holds it, or as it is to be saved.

    Attributes:
        vehicle_plate: Its newest revision.
        crop_key: Where its picture lies in the media store, None when there is none yet; saved as None it stays.
    """

    vehicle_plate: VehiclePlate
    crop_key: str | None = None


class PlateStore(Protocol):
    """Plates that vehicles carried. Raises `StoreUnavailable` when the database does not answer."""

    def save_plates(self, plates: Sequence[StoredPlate]) -> None:
        """Stores new revisions in one transaction, and with them an event for each watchlist entry that they match.

        A revision that is not newer than the stored one changes nothing but a missing crop key. One that does not match
        any more withdraws its hit. Raises `BadInput` when the database refuses a value; then none of them is stored.
        """
        ...

    def plate(self, plate_id: str) -> StoredPlate:
        """One of them. Raises `NotFound`."""
        ...

    def plates(
        self, wanted: PlateFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[StoredPlate], str | None]:
        """The newest first, and the cursor of the next page, None after the last.

        Raises `BadInput` on a bad cursor, and when so little of the plate is known that the search takes too long.
        """
        ...


@dataclass(frozen=True, slots=True)
class StoredWatchlist:
    """A watchlist as the store holds it.

    Attributes:
        watchlist: Its settings.
        entries: How many plates and patterns are on it.
        updated_s: When it or its entries last changed, Unix seconds.
    """

    watchlist: Watchlist
    entries: int
    updated_s: float


class WatchlistStore(Protocol):
    """The plates that people look out for. Raises `StoreUnavailable` when the database does not answer."""

    def watchlists(self) -> list[StoredWatchlist]:
        """All of them by id."""
        ...

    def watchlist(self, watchlist_id: str) -> StoredWatchlist:
        """One of them. Raises `NotFound`."""
        ...

    def add_watchlist(self, watchlist: Watchlist) -> StoredWatchlist:
        """Stores a new list without entries. Raises `AlreadyExists`."""
        ...

    def set_watchlist(self, watchlist: Watchlist) -> StoredWatchlist:
        """Replaces a list's settings; its entries stay. Raises `NotFound`."""
        ...

    def remove_watchlist(self, watchlist_id: str) -> None:
        """Removes a list and its entries; the hits stay. Raises `NotFound`."""
        ...

    def entries(self, watchlist_id: str, *, limit: int, cursor: str | None = None) -> tuple[list[Entry], str | None]:
        """Its entries by text and match, and the cursor of the next page. Raises `NotFound`, `BadInput`."""
        ...

    def save_entries(self, watchlist_id: str, entries: Sequence[Entry]) -> int:
        """Puts all of them on the list or none; those of the same text and match are replaced.

        Returns how many were not there yet. Raises `NotFound`, or `BadInput` when the list would become too long.
        """
        ...

    def remove_entry(self, watchlist_id: str, entry_id: str) -> None:
        """Takes an entry off the list. Raises `NotFound`."""
        ...


@dataclass(frozen=True, slots=True)
class DisclosureFilter:
    """Which disclosures to list; None means any.

    Attributes:
        since_s: At or after, Unix seconds.
        until_s: Before, Unix seconds.
    """

    since_s: float | None = None
    until_s: float | None = None


class DisclosureLog(Protocol):
    """Who was shown personal data. Raises `StoreUnavailable` when the database does not answer."""

    def add_disclosure(self, disclosure: Disclosure) -> None:
        """Returns once it is committed; the same one again changes nothing. Raises `BadInput`."""
        ...

    def disclosures(
        self, wanted: DisclosureFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[Disclosure], str | None]:
        """The newest first, and the cursor of the next page, None after the last. Raises `BadInput` on a bad cursor."""
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """Some of what has been kept long enough.

    Attributes:
        kind: Of which kind it is.
        table: Where the store has it.
        ids: Its ids there.
        media_keys: What the media store has of it.
    """

    kind: Keepable
    table: str
    ids: tuple[str, ...]
    media_keys: tuple[str, ...] = ()


class RetentionStore(Protocol):
    """The rows that are kept for a bounded time. What still goes on is never due.

    Raises `StoreUnavailable` when the database does not answer.
    """

    def oldest_s(self, kind: Keepable) -> float | None:
        """The beginning of the oldest that is kept, Unix seconds; None when there is none."""
        ...

    def count_due(self, kind: Keepable, before_s: float, *, most: int) -> int:
        """How many ended before that time; `most` when there are more, which would take long to count."""
        ...

    def due(self, kind: Keepable, before_s: float, *, limit: int) -> Due | None:
        """Some of those that ended before that time, the oldest first; None when there are no more."""
        ...

    def forget(self, due: Due) -> None:
        """Removes them, or from events that stay what is of that kind, in one transaction; again changes nothing."""
        ...


class Retainer(Protocol):
    """Removes what has been kept long enough. Raises `StoreUnavailable`."""

    def holdings(self) -> list[Holding]:
        """What is kept of each kind and what of it is due; nothing is changed."""
        ...

    def sweep(self, budget_s: float) -> list[Swept]:
        """What was removed of each kind that is not kept for ever, within that time."""
        ...


class MediaStore(Protocol):
    """Snapshots and clips by key. Raises `StoreUnavailable`."""

    def put(self, key: str, content: bytes) -> None:
        """Stores the content whole or not at all; the same key again replaces it."""
        ...

    def get(self, key: str) -> bytes:
        """The content. Raises `NotFound`."""
        ...

    def remove(self, keys: Iterable[str]) -> None:
        """Removes the content under these keys; what is not there is no fault."""
        ...


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """What a running camera says of itself.

    Attributes:
        camera_id: Its slug.
        state: `starting`, `running`, `retrying` (no stream), or `stopped`.
        detail: What is wrong and what to do, empty when nothing is.
        node: The node it runs on.
        stream: What the stream says of itself, None before it was open.
        last_sample_s: When it was last looked at, Unix seconds; None before.
        mode: `idle` or `burst`.
        profile: Day or night there, None while neither its place nor a picture is known.
        samples: Samples since it started.
        passed: Those that the gate let pass.
        dropped: Those that passed but found no detector in time.
        reasons: Samples by the reason for which they passed or did not.
        reconnects: Times the stream was opened again.
        keyframe_interval_s: Seconds between keyframes as seen, None before two of them.
        open_events: Events that go on now.
        spool_waiting: Event records that could not be written to the spool yet.
    """

    camera_id: str
    state: str = "starting"
    detail: str = ""
    node: str = ""
    stream: StreamInfo | None = None
    last_sample_s: float | None = None
    mode: str = "idle"
    profile: Profile | None = None
    samples: int = 0
    passed: int = 0
    dropped: int = 0
    reconnects: int = 0
    keyframe_interval_s: float | None = None
    open_events: int = 0
    spool_waiting: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)


class LiveCameras(Protocol):
    """The cameras that run now, wherever they run."""

    def statuses(self) -> list[CameraStatus]:
        """One for each running camera, by id; bounded in time: a camera that does not answer says so in its state."""
        ...

    def snapshot(self, camera_id: str) -> bytes:
        """The newest picture as JPEG, within 2 s. Raises `NotFound`, or `SourceUnavailable` while there is none."""
        ...

    def samples(self, camera_id: str, after_s: float, limit: int) -> list[LoggedSample]:
        """The first samples after that time, of the last minutes, in order. Raises `NotFound` or `TryLater`."""
        ...


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What a source turned out to be.

    Attributes:
        stream: What it says of itself.
        measured_fps: Frames a second as seen.
        keyframe_interval_s: Seconds between keyframes as seen, None when only one came.
        bit_rate_bps: Bits a second as seen.
        open_s: Seconds until it was open.
        first_picture_s: Seconds until a picture was decoded.
        advice: What would be better, a sentence each.
    """

    stream: StreamInfo
    measured_fps: float | None
    keyframe_interval_s: float | None
    bit_rate_bps: float | None
    open_s: float
    first_picture_s: float
    advice: tuple[str, ...] = ()


class SourceProbe(Protocol):
    """Opens a source to see whether it would do."""

    def probe(self, camera: Camera) -> ProbeReport:
        """What the camera's analysed source is, within 15 s. Raises `SourceUnavailable` with what to do."""
        ...


class Metrics(Protocol):
    """Where measurements go. Labels must be those the metric declares."""

    def add(self, metric: Metric, amount: float = 1.0, **labels: str) -> None:
        """Adds to a counter."""
        ...

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Sets a gauge."""
        ...

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Puts a value into a histogram."""
        ...


class MetricsText(Protocol):
    """What `/metrics` answers."""

    def text(self) -> str:
        """The Prometheus text format."""
        ...


class ReadyChecks(Protocol):
    """What the system depends on."""

    def checks(self) -> Mapping[str, str]:
        """Each dependency by name, and `ok` or what is wrong with it."""
        ...
