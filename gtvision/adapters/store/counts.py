"""Counts in the database: a row a record, kind and direction; what is listed is always a sum over records.

A record keeps every kind and direction that it ever named, so that each row alone can tell which revision is newer: one
statement stores a batch, whatever was stored before, in whatever order.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Insert,
    Row,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from gtvision.adapters.store.cursor import cursor_of, position_of
from gtvision.adapters.store.engine import Database
from gtvision.adapters.store.tables import CountRow
from gtvision.domain.count import LONGEST_REAL_S, CountRecord
from gtvision.domain.errors import BadInput
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction
from gtvision.ports import CountFilter, IntervalCount

_LONGEST_PAGE = 5000
_WALL = datetime(1970, 1, 1)
_KEY = ("camera_id", "trigger_id", "line_id", "length_ms", "kind", "direction", "ahead_ms", "time_zone")
_POSITION = (int, str, str, str, int, int, str, int, str)


class SqlCounts:
    """What was counted, for `CountStore`."""

    _database: Database

    def save_counts(self, records: Sequence[CountRecord]) -> None:
        """Stores new revisions in one transaction; a revision that is not newer than the stored one changes nothing.

        Raises `BadInput` when the database refuses a value; then none of them is stored.
        """
        rows = {(row["record_id"], row["kind"], row["direction"]): row for row in _rows(records)}
        if not rows:
            return
        with self._database.writing() as session:  # nodes that store the same rows take them in the same order
            session.execute(_upsert(session.get_bind().dialect.name), [rows[key] for key in sorted(rows)])

    def counts(
        self, wanted: CountFilter, *, interval_s: float = 0.0, limit: int, cursor: str | None = None
    ) -> tuple[list[IntervalCount], str | None]:
        """The newest intervals first, and the cursor of the next page, None after the last.

        Stored intervals that are shorter than `interval_s` are added up to intervals of that length, each to the one
        in which it began. Raises `BadInput` on a bad cursor.
        """
        if not 1 <= limit <= _LONGEST_PAGE:
            raise BadInput(f"a page has 1 to {_LONGEST_PAGE} counts, not {limit}")
        query = _page_query(wanted, round(interval_s * 1000), cursor).limit(limit + 1)
        with self._database.reading() as session:
            rows = session.execute(query).all()
        page = [_interval_count(row) for row in rows[:limit]]
        return page, cursor_of(tuple(rows[limit - 1])[: len(_POSITION)]) if len(rows) > limit else None


def _rows(records: Sequence[CountRecord]) -> Iterator[dict[str, Any]]:
    """A row for each number, older revisions first."""
    for record in sorted(records, key=lambda record: record.revision):
        try:
            local = datetime.fromtimestamp(record.start_s, ZoneInfo(record.time_zone))
        except (ValueError, OverflowError, OSError) as exc:
            raise BadInput(f"count {record.id} begins in no year of the calendar") from exc
        start_ms = round(record.start_s * 1000)
        ahead = local.utcoffset() or timedelta()
        shared = {
            "record_id": record.id,
            "camera_id": record.camera_id,
            "trigger_id": record.trigger_id,
            "line_id": record.line_id,
            "time_zone": record.time_zone,
            "start_ms": start_ms,
            "local_ms": start_ms + round(ahead.total_seconds() * 1000),
            "interval_ms": round(record.interval_s * 1000),
            "part": record.part,
            "epoch": record.epoch,
            "revision": record.revision,
        }
        for count in record.counts:
            yield {**shared, "kind": int(count.kind), "direction": count.direction.value, "vehicles": count.vehicles}


def _upsert(dialect: str) -> Insert:
    insert = postgresql.insert(CountRow) if dialect == "postgresql" else sqlite.insert(CountRow)
    new = {name: insert.excluded[name] for name in ("vehicles", "epoch", "revision")}
    is_newer = insert.excluded.revision > col(CountRow.revision)
    keys = ["record_id", "kind", "direction"]
    upsert: Insert = insert.on_conflict_do_update(index_elements=keys, set_=new, where=is_newer)
    return upsert


def _page_query(wanted: CountFilter, asked_ms: int, cursor: str | None) -> Select[Any]:
    """The statement that lists a page: (begin on the wall, *_KEY, vehicles)."""
    asked = literal(asked_ms, BigInteger)
    length = case((col(CountRow.interval_ms) > asked, col(CountRow.interval_ms)), else_=asked)
    local = col(CountRow.local_ms)
    ahead = case((length > round(LONGEST_REAL_S * 1000), cast(0, BigInteger)), else_=local - col(CountRow.start_ms))
    columns: list[Any] = [
        (local - (local % length + length) % length).label("begin_ms"),
        length.label("length_ms"),
        ahead.label("ahead_ms"),
        *(getattr(CountRow, name) for name in _KEY if not name.endswith("_ms")),
        CountRow.vehicles,
    ]
    rows = select(*columns).where(*_conditions(wanted)).subquery()
    begin: Any = rows.c.begin_ms
    key: list[Any] = [rows.c[name] for name in _KEY]
    vehicles = func.sum(rows.c.vehicles)
    query = select(begin, *key, vehicles.label("vehicles")).group_by(begin, *key).having(vehicles > 0)
    if cursor is not None:
        begin_ms, *after = position_of(cursor, _POSITION)
        query = query.where(or_(begin < begin_ms, and_(begin == begin_ms, tuple_(*key) > tuple(after))))
    return query.order_by(begin.desc(), *key)


def _conditions(wanted: CountFilter) -> Iterator[ColumnElement[bool]]:
    for column, value in (
        (col(CountRow.camera_id), wanted.camera_id),
        (col(CountRow.trigger_id), wanted.trigger_id),
        (col(CountRow.line_id), wanted.line_id),
        (col(CountRow.kind), None if wanted.kind is None else int(wanted.kind)),
        (col(CountRow.direction), None if wanted.direction is None else wanted.direction.value),
    ):
        if value is not None:
            yield column == value
    if wanted.since_s is not None:
        yield col(CountRow.start_ms) >= round(wanted.since_s * 1000)
    if wanted.until_s is not None:
        yield col(CountRow.start_ms) < round(wanted.until_s * 1000)


def _interval_count(row: Row[Any]) -> IntervalCount:
    wall = _WALL + timedelta(milliseconds=row.begin_ms)
    if row.length_ms > round(LONGEST_REAL_S * 1000):
        start_s = wall.replace(tzinfo=ZoneInfo(row.time_zone)).timestamp()
    else:
        start_s = wall.replace(tzinfo=UTC).timestamp() - row.ahead_ms / 1000
    where = (row.camera_id, row.trigger_id, row.line_id, row.time_zone)
    what = (Kind(row.kind), Direction(row.direction), int(row.vehicles))
    return IntervalCount(*where, start_s, row.length_ms / 1000, *what)
