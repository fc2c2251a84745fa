"""The tables as SQLModel sees them; the migrations make them."""

from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Index, SmallInteger, String, text
from sqlmodel import Field, SQLModel

HEAD = "0007"
"""The schema revision that this code reads and writes; revisions sort as texts."""

_IS_OPEN = text("end_s IS NULL")
_HAS_PLATE = text("plate IS NOT NULL")
_BY_BYTE: Any = String().with_variant(String(collation="C"), "postgresql")
"""Text in the order of its bytes: only so does an index find what begins with another text."""


def _index_where_there(column: str) -> Index:
    """For the sweeper: the events that still have one, by time."""
    is_there = text(f"{column} IS NOT NULL")
    return Index(f"ix_event_{column}_start", "start_s", sqlite_where=is_there, postgresql_where=is_there)


class CameraRow(SQLModel, table=True):
    """A camera; `spec` holds all of it but the passwords."""

    __tablename__: ClassVar[Any] = "camera"

    id: str = Field(primary_key=True)
    name: str
    enabled: bool
    spec: dict[str, Any] = Field(sa_type=JSON)
    version: int
    updated_s: float


class CameraSecretRow(SQLModel, table=True):
    """The password of one source, apart, so that no listing can show it by accident."""

    __tablename__: ClassVar[Any] = "camera_secret"

    camera_id: str = Field(primary_key=True, foreign_key="camera.id", ondelete="CASCADE")
    url: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    password: str


class EventRow(SQLModel, table=True):
    """The newest revision of an event. Events outlive their camera, hence no foreign key."""

    __tablename__: ClassVar[Any] = "event"
    __table_args__: ClassVar[Any] = (
        Index("ix_event_start", "start_s", "id"),
        Index("ix_event_type_start", "trigger_type", "start_s", "id"),
        Index("ix_event_kind_start", "kind", "start_s", "id"),
        Index("ix_event_camera_start", "camera_id", "start_s", "id"),
        Index("ix_event_open", "start_s", "id", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index("ix_event_camera_open", "camera_id", "start_s", "id", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index("ix_event_plate", "plate", "start_s", "id", sqlite_where=_HAS_PLATE, postgresql_where=_HAS_PLATE),
        Index("ix_event_seq", "seq", unique=True),
        *(_index_where_there(name) for name in ("clip_key", "snapshot_key", "plate")),
    )

    id: str = Field(primary_key=True)
    camera_id: str
    trigger_id: str
    trigger_type: str
    zone_id: str | None
    line_id: str | None
    track: int = Field(sa_type=BigInteger)
    kind: int = Field(sa_type=SmallInteger)
    score: float
    direction: str | None
    start_s: float
    end_s: float | None
    seen_s: float
    best_s: float
    best_box: list[float] = Field(sa_type=JSON)
    box: list[float] = Field(sa_type=JSON)
    epoch: int = Field(sa_type=BigInteger)
    revision: int = Field(sa_type=BigInteger)
    plate: str | None = Field(sa_type=_BY_BYTE)
    speed_kmh: float | None
    vehicles: int | None
    length_m: float | None
    hit: dict[str, Any] | None = Field(sa_type=JSON(none_as_null=True))
    reads_plate: bool
    snapshot_key: str | None
    clip_key: str | None
    seq: int = Field(sa_type=BigInteger)


class EventSeqRow(SQLModel, table=True):
    """One row: the number of the newest change. Its lock makes the order of numbers the order of commits."""

    __tablename__: ClassVar[Any] = "event_seq"

    id: int = Field(primary_key=True)
    value: int = Field(sa_type=BigInteger)


class PlateOrderRow(SQLModel, table=True):
    """An event that is over, whose vehicle waits to be sent to a partner that reads its plate."""

    __tablename__: ClassVar[Any] = "plate_order"
    __table_args__: ClassVar[Any] = (Index("ix_plate_order_partner", "partner", "end_s", "event_id"),)

    partner: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    end_s: float
    taken_until_s: float
    """Somebody sends it until then, Unix seconds."""


class CountRow(SQLModel, table=True):
    """One number of a count record. Times are whole milliseconds, so that intervals are equal or are not."""

    __tablename__: ClassVar[Any] = "vehicle_count"
    __table_args__: ClassVar[Any] = (
        Index("ix_vehicle_count_start", "start_ms"),
        Index("ix_vehicle_count_camera_start", "camera_id", "start_ms"),
    )

    record_id: str = Field(primary_key=True)
    kind: int = Field(primary_key=True, sa_type=SmallInteger)
    direction: str = Field(primary_key=True)
    camera_id: str
    trigger_id: str
    line_id: str
    time_zone: str
    start_ms: int = Field(sa_type=BigInteger)
    local_ms: int = Field(sa_type=BigInteger)
    """The start on the clock of the camera's site, as if that were UTC."""
    interval_ms: int = Field(sa_type=BigInteger)
    part: int = Field(sa_type=BigInteger)
    vehicles: int = Field(sa_type=BigInteger)
    epoch: int = Field(sa_type=BigInteger)
    revision: int = Field(sa_type=BigInteger)


class DisclosureRow(SQLModel, table=True):
    """Who was shown personal data, what, and why."""

    __tablename__: ClassVar[Any] = "disclosure"
    __table_args__: ClassVar[Any] = (Index("ix_disclosure_time", "time_s", "id"),)

    id: str = Field(primary_key=True)
    time_s: float
    who: str
    what: str
    why: str
    results: int = Field(sa_type=BigInteger)


class MessageReceiptRow(SQLModel, table=True):
    """A message that has been dealt with."""

    __tablename__: ClassVar[Any] = "message_receipt"
    __table_args__: ClassVar[Any] = (
        Index("ix_message_receipt_done", "done_s"),
        Index("ix_message_receipt_camera_done", "camera_id", "done_s", "id"),
    )

    id: str = Field(primary_key=True)
    camera_id: str
    message_id: str
    done_s: float


class VehiclePlateRow(SQLModel, table=True):
    """The newest revision of a vehicle's plate. Like events it outlives its camera."""

    __tablename__: ClassVar[Any] = "vehicle_plate"
    __table_args__: ClassVar[Any] = (
        Index("ix_vehicle_plate_time", "time_s", "id"),
        Index("ix_vehicle_plate_reversed", "reversed", "time_s", "id", "camera_id", "former"),
        Index("ix_vehicle_plate_camera_time", "camera_id", "time_s", "id"),
        Index("ix_vehicle_plate_canonical", "canonical", "time_s", "id", "camera_id", "former"),
    )

    id: str = Field(primary_key=True)
    camera_id: str
    track: int = Field(sa_type=BigInteger)
    kind: int = Field(sa_type=SmallInteger)
    text: str
    canonical: str = Field(sa_type=_BY_BYTE)
    """The text as `converted`."""
    former: str | None
    """The plate that a converted vehicle had before, None when there is none."""
    reversed: str = Field(sa_type=_BY_BYTE)
    """The canonical text from its end to its beginning, for patterns that only know the end."""
    format: str
    score: float
    readings: int
    time_s: float
    box: list[float] = Field(sa_type=JSON)
    event_ids: list[str] = Field(sa_type=JSON)
    epoch: int = Field(sa_type=BigInteger)
    revision: int = Field(sa_type=BigInteger)
    crop_key: str | None
    hit_ids: list[str] = Field(sa_type=JSON)
    """The `watchlist` events that it made, those withdrawn included."""


class WatchlistRow(SQLModel, table=True):
    """A watchlist; `version` is the one of all lists at its last change."""

    __tablename__: ClassVar[Any] = "watchlist"

    id: str = Field(primary_key=True)
    name: str
    action: str
    cameras: list[str] = Field(sa_type=JSON)
    groups: list[str] = Field(sa_type=JSON)
    updated_s: float
    version: int = Field(sa_type=BigInteger)


class WatchlistEntryRow(SQLModel, table=True):
    """One plate or pattern on a list."""

    __tablename__: ClassVar[Any] = "watchlist_entry"

    watchlist_id: str = Field(primary_key=True, foreign_key="watchlist.id", ondelete="CASCADE")
    text: str = Field(primary_key=True, sa_type=_BY_BYTE)
    match: str = Field(primary_key=True)
    id: str = Field(unique=True)
    valid_from_s: float | None
    valid_to_s: float | None
    reason: str


class WatchlistVersionRow(SQLModel, table=True):
    """One row: the number of the newest change of any list or entry; who keeps lists in memory compares it."""

    __tablename__: ClassVar[Any] = "watchlist_version"

    id: int = Field(primary_key=True)
    value: int = Field(sa_type=BigInteger)
