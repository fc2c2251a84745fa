"""What of the database is kept for a bounded time: where each kind of data lies, how old it is, and how it goes.

The picture of a hit is that of its plate and belongs to the plate: it goes with the plate, never with the event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, null, select, true, update
from sqlmodel import Session, SQLModel, col

from gtvision.adapters.store.engine import Database
from gtvision.adapters.store.tables import (
    CountRow,
    DisclosureRow,
    EventRow,
    MessageReceiptRow,
    PlateOrderRow,
    VehiclePlateRow,
)
from gtvision.domain.plate import is_crop_key
from gtvision.domain.retention import Keepable
from gtvision.ports import Due


@dataclass(frozen=True, slots=True)
class _Place:
    """Where data of a kind lie.

    Attributes:
        row: The table.
        began: The column that says when one began; it has an index, for the rows that have some as well.
        ended: The column that says when one ended, None for what has no duration.
        holds: The column without which a row has none; None when every row is one.
        media: Columns of media keys, whose content goes with it.
        clears: Columns that lose their value; without any the row goes.
        id: The column by which they are removed.
        unit: Of `began` and `ended`, how many make a second.
    """

    row: type[SQLModel]
    began: str
    ended: str | None = None
    holds: str | None = None
    media: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    id: str = "id"
    unit: int = 1

    @property
    def table(self) -> str:
        """Its name."""
        return str(self.row.__tablename__)

    def column(self, name: str) -> Any:
        """One of its columns."""
        return col(getattr(self.row, name))

    @property
    def has_some(self) -> ColumnElement[bool]:
        """Whether a row has some."""
        return self.column(self.holds).is_not(None) if self.holds else true()

    def is_due(self, before_s: float) -> ColumnElement[bool]:
        """Whether a row has some that ended before that time. It began before it as well, which an index can find."""
        before = before_s if self.unit == 1 else round(before_s * self.unit)  # of the column's type, for its index
        has_ended = self.column(self.ended) < before if self.ended else true()
        return and_(self.has_some, self.column(self.began) < before, has_ended)


def _of_events(holds: str | None, media: tuple[str, ...], clears: tuple[str, ...]) -> _Place:
    return _Place(EventRow, "start_s", "end_s", holds, media, clears)


_PLACES: dict[Keepable, tuple[_Place, ...]] = {
    Keepable.CLIPS: (_of_events("clip_key", ("clip_key",), ("clip_key",)),),
    Keepable.SNAPSHOTS: (_of_events("snapshot_key", ("snapshot_key",), ("snapshot_key",)),),
    Keepable.PLATES: (
        _Place(VehiclePlateRow, "time_s", media=("crop_key",)),
        _of_events("plate", (), ("plate", "hit")),
    ),
    Keepable.EVENTS: (_of_events(None, ("snapshot_key", "clip_key"), ()),),
    Keepable.COUNTS: (_Place(CountRow, "start_ms", id="record_id", unit=1000),),
    Keepable.DISCLOSURES: (_Place(DisclosureRow, "time_s"),),
    Keepable.RECEIPTS: (_Place(MessageReceiptRow, "done_s"),),
}


class SqlRetention:
    """The rows that are kept for a bounded time, for `RetentionStore`."""

    _database: Database

    def oldest_s(self, kind: Keepable) -> float | None:
        """The beginning of the oldest that is kept, Unix seconds; None when there is none."""
        with self._database.reading() as session:
            found = [session.execute(_oldest(place)).scalar_one() for place in _PLACES[kind]]
        oldest = [began / place.unit for began, place in zip(found, _PLACES[kind], strict=True) if began is not None]
        return min(oldest, default=None)

    def count_due(self, kind: Keepable, before_s: float, *, most: int) -> int:
        """How many ended before that time; `most` when there are more, which would take long to count."""
        with self._database.reading() as session:
            counts: list[int] = [session.execute(_count(place, before_s, most)).scalar_one() for place in _PLACES[kind]]
        return min(most, sum(counts))

    def due(self, kind: Keepable, before_s: float, *, limit: int) -> Due | None:
        """Some of those that ended before that time, the oldest first; None when there are no more."""
        with self._database.reading() as session:
            for place in _PLACES[kind]:
                rows = session.execute(due_query(place, before_s, limit)).all()
                if rows:
                    keys = tuple(key for row in rows for key in row[1:] if key is not None and _owns(place, key))
                    return Due(kind, place.table, tuple(dict.fromkeys(row[0] for row in rows)), keys)
        return None

    def forget(self, due: Due) -> None:
        """Removes them, or from events that stay what is of that kind, in one transaction; again changes nothing."""
        place = next(place for place in _PLACES[due.kind] if place.table == due.table)
        which = place.column(place.id).in_(due.ids)
        with self._database.writing() as session:
            if due.kind is Keepable.PLATES:
                _hide_crops(session, place, due.ids)
            if place.clears:
                session.execute(update(place.row).where(which).values(dict.fromkeys(place.clears, null())))
            else:
                session.execute(delete(place.row).where(which))
            if due.kind is Keepable.EVENTS:
                session.execute(delete(PlateOrderRow).where(col(PlateOrderRow.event_id).in_(due.ids)))


def due_query(place: _Place, before_s: float, limit: int) -> Select[Any]:
    """The statement that finds them: id and media keys."""
    columns = [place.column(name) for name in (place.id, *place.media)]
    return select(*columns).where(place.is_due(before_s)).order_by(place.column(place.began)).limit(limit)


def _owns(place: _Place, key: str) -> bool:
    """Whether what lies under a key that a row of that place names goes with the row."""
    return place.row is VehiclePlateRow or not is_crop_key(key)


def _hide_crops(session: Session, place: _Place, ids: Sequence[str]) -> None:
    """Takes the pictures of plates away from events: from these, or from the hits of these plates."""
    event_ids = list(ids)
    if place.row is VehiclePlateRow:
        hit_ids = session.scalars(select(col(VehiclePlateRow.hit_ids)).where(col(VehiclePlateRow.id).in_(ids)))
        event_ids = [event_id for of_one in hit_ids for event_id in of_one]
    shown = select(col(EventRow.id), col(EventRow.snapshot_key)).where(col(EventRow.id).in_(event_ids))
    with_crop = [event_id for event_id, key in session.execute(shown) if key is not None and is_crop_key(key)]
    session.execute(update(EventRow).where(col(EventRow.id).in_(with_crop)).values(snapshot_key=null()))


def _oldest(place: _Place) -> Select[Any]:
    return select(func.min(place.column(place.began))).where(place.has_some)


def _count(place: _Place, before_s: float, most: int) -> Select[Any]:
    due = select(place.column(place.id)).where(place.is_due(before_s)).distinct().limit(most)
    return select(func.count()).select_from(due.subquery())
