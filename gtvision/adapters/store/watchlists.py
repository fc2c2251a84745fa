"""Watchlists in the database, and those that a recorder keeps in memory to match plates against."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from threading import Lock
from typing import Any

from sqlalchemy import delete, func, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from gtvision.adapters.store.cursor import cursor_of, position_of
from gtvision.adapters.store.engine import Database
from gtvision.adapters.store.tables import WatchlistEntryRow, WatchlistRow, WatchlistVersionRow
from gtvision.domain.errors import AlreadyExists, BadInput, NotFound
from gtvision.domain.plate_query import PlateMatch
from gtvision.domain.watchlist import Entry, WatchAction, Watchlist, check_length
from gtvision.pipeline.watching import WatchlistIndex
from gtvision.ports import StoredWatchlist

_LONGEST_PAGE = 5000


class SqlWatchlists:
    """The plates that people look out for, for `WatchlistStore`."""

    _database: Database

    def watchlists(self) -> list[StoredWatchlist]:
        """All of them by id."""
        with self._database.reading() as session:
            counted = select(WatchlistEntryRow.watchlist_id, func.count()).group_by(col(WatchlistEntryRow.watchlist_id))
            entries = dict(session.exec(counted).all())
            rows = session.exec(select(WatchlistRow).order_by(col(WatchlistRow.id)))
            return [StoredWatchlist(_watchlist(row), entries.get(row.id, 0), row.updated_s) for row in rows]

    def watchlist(self, watchlist_id: str) -> StoredWatchlist:
        """One of them. Raises `NotFound`."""
        with self._database.reading() as session:
            return _stored(session, _row(session, watchlist_id))

    def add_watchlist(self, watchlist: Watchlist) -> StoredWatchlist:
        """Stores a new list without entries. Raises `AlreadyExists`."""
        with self._database.writing() as session:
            row = WatchlistRow(**_columns(watchlist), updated_s=0.0, version=0)
            session.add(row)
            try:
                session.flush()
            except IntegrityError:
                raise AlreadyExists(f"there is already a watchlist {watchlist.id!r}") from None
            _count_change(session, row)
            return _stored(session, row)

    def set_watchlist(self, watchlist: Watchlist) -> StoredWatchlist:
        """Replaces a list's settings; its entries stay. Raises `NotFound`."""
        with self._database.writing() as session:
            row = _row(session, watchlist.id, locked=True)
            row.sqlmodel_update(_columns(watchlist))
            _count_change(session, row)
            return _stored(session, row)

    def remove_watchlist(self, watchlist_id: str) -> None:
        """Removes a list and its entries; the hits stay. Raises `NotFound`."""
        with self._database.writing() as session:
            row = _row(session, watchlist_id, locked=True)
            _count_change(session, row)
            session.delete(row)

    def entries(self, watchlist_id: str, *, limit: int, cursor: str | None = None) -> tuple[list[Entry], str | None]:
        """Its entries by text and match, and the cursor of the next page. Raises `NotFound`, `BadInput`."""
        if not 1 <= limit <= _LONGEST_PAGE:
            raise BadInput(f"a page has 1 to {_LONGEST_PAGE} entries, not {limit}")
        order = (col(WatchlistEntryRow.text), col(WatchlistEntryRow.match))
        query = select(WatchlistEntryRow).where(WatchlistEntryRow.watchlist_id == watchlist_id).order_by(*order)
        if cursor is not None:
            query = query.where(tuple_(*order) > position_of(cursor, (str, str)))
        with self._database.reading() as session:
            _row(session, watchlist_id)
            page = [_entry(row) for row in session.exec(query.limit(limit + 1))]
        last = page[:limit][-1] if len(page) > limit else None
        return page[:limit], None if last is None else cursor_of((last.text, last.match.value))

    def save_entries(self, watchlist_id: str, entries: Sequence[Entry]) -> int:
        """Puts all of them on the list or none; those of the same text and match are replaced.

        Returns how many were not there yet. Raises `NotFound`, or `BadInput` when the list would become too long.
        """
        with self._database.writing() as session:
            row = _row(session, watchlist_id, locked=True)
            before = _number_of_entries(session, watchlist_id)
            rows = {entry.id: asdict(entry) | {"id": entry.id, "match": entry.match.value} for entry in entries}
            if rows:
                session.execute(_upsert(session.get_bind().dialect.name), list(rows.values()))
            now = _number_of_entries(session, watchlist_id)
            check_length(now, _number_of_entries(session, watchlist_id, PlateMatch.PATTERN))
            _count_change(session, row)
            return now - before

    def remove_entry(self, watchlist_id: str, entry_id: str) -> None:
        """Takes an entry off the list. Raises `NotFound`."""
        with self._database.writing() as session:
            row = _row(session, watchlist_id, locked=True)
            is_it = col(WatchlistEntryRow.id) == entry_id, col(WatchlistEntryRow.watchlist_id) == watchlist_id
            if not session.exec(delete(WatchlistEntryRow).where(*is_it)).rowcount:
                raise NotFound(f"there is no entry {entry_id!r} on watchlist {watchlist_id!r}")
            _count_change(session, row)


class WatchedLists:
    """All lists as one process keeps them in memory; read again, list by list, once they have changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._version = -1
        self._versions: dict[str, int] = {}
        self._indexes: dict[str, WatchlistIndex] = {}

    def as_of(self, session: Session) -> dict[str, WatchlistIndex]:
        """The lists by id as that transaction sees them; while nothing has changed this reads one number."""
        version = session.exec(select(WatchlistVersionRow.value)).one()
        with self._lock:
            if version == self._version:
                return self._indexes
            rows = {row.id: row for row in session.exec(select(WatchlistRow))}
            changed = [row for row in rows.values() if self._versions.get(row.id) != row.version]
            kept = {list_id: index for list_id, index in self._indexes.items() if list_id in rows}
            self._indexes = kept | _read(session, changed)
            self._versions = {row.id: row.version for row in rows.values()}
            self._version = version
            return self._indexes


def _read(session: Session, rows: Iterable[WatchlistRow]) -> dict[str, WatchlistIndex]:
    entries: defaultdict[str, list[Entry]] = defaultdict(list)
    wanted = {row.id: row for row in rows}
    for row in session.exec(select(WatchlistEntryRow).where(col(WatchlistEntryRow.watchlist_id).in_(wanted))):
        entries[row.watchlist_id].append(_entry(row))
    return {list_id: WatchlistIndex(_watchlist(row), entries[list_id]) for list_id, row in wanted.items()}


def _row(session: Session, watchlist_id: str, *, locked: bool = False) -> WatchlistRow:
    row = session.get(WatchlistRow, watchlist_id, with_for_update=locked)
    if row is None:
        raise NotFound(f"there is no watchlist {watchlist_id!r}")
    return row


def _count_change(session: Session, row: WatchlistRow) -> None:
    """Gives the change its number. Its lock makes the order of numbers the order of commits."""
    version = session.exec(select(WatchlistVersionRow).with_for_update()).one()
    version.value += 1
    row.version, row.updated_s = version.value, time.time()


def _columns(watchlist: Watchlist) -> dict[str, Any]:
    names = {"cameras": sorted(watchlist.cameras), "groups": sorted(watchlist.groups)}
    return {"id": watchlist.id, "name": watchlist.name, "action": watchlist.action.value, **names}


def _watchlist(row: WatchlistRow) -> Watchlist:
    return Watchlist(row.id, row.name, WatchAction(row.action), frozenset(row.cameras), frozenset(row.groups))


def _stored(session: Session, row: WatchlistRow) -> StoredWatchlist:
    return StoredWatchlist(_watchlist(row), _number_of_entries(session, row.id), row.updated_s)


def _number_of_entries(session: Session, watchlist_id: str, match: PlateMatch | None = None) -> int:
    query = select(func.count()).select_from(WatchlistEntryRow)
    query = query.where(col(WatchlistEntryRow.watchlist_id) == watchlist_id)
    return session.exec(query if match is None else query.where(col(WatchlistEntryRow.match) == match.value)).one()


def _entry(row: WatchlistEntryRow) -> Entry:
    valid = (row.valid_from_s, row.valid_to_s)
    return Entry(row.watchlist_id, row.text, PlateMatch(row.match), *valid, row.reason)


def _upsert(dialect: str) -> Any:
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(WatchlistEntryRow)
    new = {name: insert.excluded[name] for name in ("valid_from_s", "valid_to_s", "reason")}
    return insert.on_conflict_do_update(index_elements=["watchlist_id", "text", "match"], set_=new)
