"""Events in the database: written in bulk by one recorder at a time, read by many."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Insert, SQLColumnExpression, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from gtvision.adapters.store.beginnings import begins_with, is_rare, unindexed
from gtvision.adapters.store.cursor import cursor_of, position_of
from gtvision.adapters.store.engine import Database
from gtvision.adapters.store.event_rows import event_columns, stored_event
from gtvision.adapters.store.plate_orders import order_plates
from gtvision.adapters.store.tables import EventRow, EventSeqRow
from gtvision.domain.errors import BadInput, NotFound
from gtvision.domain.event import Event
from gtvision.domain.plate_query import spelled_beginnings
from gtvision.ports import EventFilter, EventToSave, StoredEvent

_ROWS_A_STATEMENT = 500
_LONGEST_PAGE = 5000
_SEARCH_S = 5.0


class SqlEvents:
    """Events that happened, for `EventStore`."""

    _database: Database
    _plate_partners: tuple[str, ...]

    def save_events(self, events: Sequence[EventToSave]) -> None:
        """Stores new revisions in one transaction; a revision that is not newer than the stored one changes nothing
        but missing media keys. Raises `BadInput` when the database refuses a value; then none of them is stored."""
        if not events:
            return
        with self._database.writing() as session:
            EventWriter(session, self._plate_partners).save(events)

    def event(self, event_id: str) -> StoredEvent:
        """One event. Raises `NotFound`."""
        with self._database.reading() as session:
            row = session.get(EventRow, event_id)
            if row is None:
                raise NotFound(f"there is no event {event_id!r}")
            return stored_event(row)

    def events(
        self, wanted: EventFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[StoredEvent], str | None]:
        """The newest first, and the cursor of the next page, None after the last. Raises `BadInput` on a bad cursor."""
        database = self._database
        with database.reading() if wanted.plate is None else database.searching(_SEARCH_S) as session:
            by_plate = _plate_is_rare(session, wanted)
            rows = session.exec(page_query(wanted, limit=limit, cursor=cursor, by_plate=by_plate)).all()
        page = [stored_event(row) for row in rows[:limit]]
        has_more = len(rows) > limit
        return page, cursor_of((page[-1].event.start_s, page[-1].event.id)) if has_more else None

    def changes(self, after_seq: int, *, limit: int) -> list[StoredEvent]:
        """The newest state of all events that changed after that number, by `seq`."""
        _check_limit(limit)
        query = select(EventRow).where(col(EventRow.seq) > after_seq).order_by(col(EventRow.seq)).limit(limit)
        with self._database.reading() as session:
            return [stored_event(row) for row in session.exec(query)]

    def last_seq(self) -> int:
        """The number of the newest change, 0 when there is none."""
        with self._database.reading() as session:
            return session.exec(select(EventSeqRow.value)).one()

    def open_events(self, camera_id: str) -> list[Event]:
        """The camera's events that have not ended, the oldest first."""
        query = select(EventRow).where(*_conditions(EventFilter(camera_id=camera_id, is_open=True)))
        with self._database.reading() as session:
            return [stored_event(row).event for row in session.exec(query.order_by(col(EventRow.start_s)))]


class EventWriter:
    """Writes events inside a transaction. From the first moment it keeps every other writer of events waiting, so that
    the numbers of changes are in the order of commits."""

    def __init__(self, session: Session, plate_partners: Sequence[str] = ()) -> None:
        """Args:
        session: The transaction.
        plate_partners: Who reads the plates of vehicles whose event ends.
        """
        self._session = session
        self._partners = plate_partners
        self._counter = session.exec(select(EventSeqRow).with_for_update()).one()

    def events(self, event_ids: Sequence[str]) -> list[Event]:
        """Those that are stored."""
        if not event_ids:
            return []
        query = select(EventRow).where(col(EventRow.id).in_(event_ids))
        return [stored_event(row).event for row in self._session.exec(query)]

    def save(self, events: Iterable[EventToSave]) -> None:
        """Stores new revisions; one that is not newer than the stored one changes nothing but missing media keys."""
        waiting = iter(_newest_of_each(events))
        while batch := list(islice(waiting, _ROWS_A_STATEMENT)):
            changes = _changes(self._session, batch, self._counter.value)
            if changes.rows:
                self._session.execute(_upsert(self._session.get_bind().dialect.name), changes.rows)
            order_plates(self._session, changes.ended, self._partners)
            self._counter.value += len(changes.rows)


def close_open_events(session: Session, camera_id: str, plate_partners: Sequence[str] = ()) -> None:
    """Ends the camera's open events at the time each was last seen; every one is a change of its own.

    A newer revision that is still on its way from the camera's actor wins, as ever. The plates of their vehicles are
    ordered from those partners, as whenever an event ends.
    """
    counter = session.exec(select(EventSeqRow).with_for_update()).one()
    query = select(EventRow).where(*_conditions(EventFilter(camera_id=camera_id, is_open=True)))
    rows = session.exec(query.order_by(col(EventRow.start_s))).all()
    for row in rows:
        counter.value += 1
        row.end_s, row.revision, row.seq = max(row.seen_s, row.start_s), row.revision + 1, counter.value
    order_plates(session, [stored_event(row).event for row in rows], plate_partners)


def page_query(
    wanted: EventFilter, *, limit: int, cursor: str | None, by_plate: bool = False
) -> SelectOfScalar[EventRow]:
    """The statement that lists a page, and one event more to tell whether there is a next. Raises `BadInput`.

    With `by_plate` it goes along the index of plates and sorts what it finds, else back in time.
    """
    _check_limit(limit)
    start_s, event_id = _columns_to_search(by_plate)[:2]
    query = select(EventRow).where(*_conditions(wanted, by_plate=by_plate))
    if cursor is not None:
        query = query.where(tuple_(start_s, event_id) < position_of(cursor, (float, str)))
    return query.order_by(start_s.desc(), event_id.desc()).limit(limit + 1)


def _plate_is_rare(session: Session, wanted: EventFilter) -> bool:
    return wanted.plate is not None and is_rare(session, _has_plate(col(EventRow.plate), wanted.plate))


def _has_plate(column: Any, beginning: str) -> ColumnElement[bool]:
    return begins_with(column, spelled_beginnings(beginning))


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= _LONGEST_PAGE:
        raise BadInput(f"a page has 1 to {_LONGEST_PAGE} events, not {limit}")


def _columns_to_search(by_plate: bool) -> tuple[Any, ...]:
    """Start, id, camera, end and plate, as columns that the wanted index serves and expressions that none does."""
    start_s, end_s = col(EventRow.start_s), col(EventRow.end_s)
    event_id, camera_id, plate = col(EventRow.id), col(EventRow.camera_id), col(EventRow.plate)
    if by_plate:
        return start_s + 0.0, unindexed(event_id), unindexed(camera_id), end_s + 0.0, plate
    return start_s, event_id, camera_id, end_s, unindexed(plate)


def _conditions(wanted: EventFilter, *, by_plate: bool = False) -> Iterator[ColumnElement[bool]]:
    kind: SQLColumnExpression[int] = col(EventRow.kind)
    trigger_type: SQLColumnExpression[str] = col(EventRow.trigger_type)
    if by_plate or (wanted.is_open and wanted.camera_id is None):
        # SQLite would rather walk all events of a kind than the few that are open; an expression has no index.
        kind, trigger_type = kind + 0, unindexed(trigger_type)
    start_s, _, camera_id, end_s, plate = _columns_to_search(by_plate)
    if wanted.camera_id is not None:
        yield camera_id == wanted.camera_id
    if wanted.trigger_type is not None:
        yield trigger_type == wanted.trigger_type.value
    if wanted.kind is not None:
        yield kind == int(wanted.kind)
    if wanted.since_s is not None:
        yield start_s >= wanted.since_s
    if wanted.until_s is not None:
        yield start_s < wanted.until_s
    if wanted.is_open is not None:
        yield end_s.is_(None) if wanted.is_open else end_s.is_not(None)
    if wanted.plate is not None:
        yield _has_plate(plate, wanted.plate)


def _newest_of_each(events: Iterable[EventToSave]) -> Iterable[EventToSave]:
    newest: dict[str, EventToSave] = {}
    for item in events:
        known = newest.get(item.event.id)
        newest[item.event.id] = item if known is None else _merged(known, item)
    return newest.values()


def _merged(a: EventToSave, b: EventToSave) -> EventToSave:
    older, newer = (a, b) if b.event.revision > a.event.revision else (b, a)
    return EventToSave(newer.event, newer.snapshot_key or older.snapshot_key, newer.clip_key or older.clip_key)


@dataclass(frozen=True, slots=True)
class _Changes:
    """What a batch changes.

    Attributes:
        rows: New rows of events, by column, each with the number of its change.
        ended: Those of the events that end now.
    """

    rows: list[dict[str, Any]]
    ended: list[Event]


def _changes(session: Session, batch: Sequence[EventToSave], last_seq: int) -> _Changes:
    """What those of the batch change that change something; the first has the number after `last_seq`."""
    query = select(EventRow).where(col(EventRow.id).in_([item.event.id for item in batch]))
    stored = {row.id: stored_event(row) for row in session.exec(query)}
    changes = _Changes([], [])
    for item in batch:
        known = stored.get(item.event.id)
        merged = item if known is None else _merged(EventToSave(known.event, known.snapshot_key, known.clip_key), item)
        if known is None or merged != EventToSave(known.event, known.snapshot_key, known.clip_key):
            changes.rows.append(event_columns(merged, last_seq + len(changes.rows) + 1))
        if (known is None or known.event.is_open) and not merged.event.is_open:
            changes.ended.append(merged.event)
    return changes


def _upsert(dialect: str) -> Insert:
    insert = postgresql.insert(EventRow) if dialect == "postgresql" else sqlite.insert(EventRow)
    new = {column.name: column for column in insert.excluded if column.name != "id"}
    upsert: Insert = insert.on_conflict_do_update(index_elements=["id"], set_=new)
    return upsert
