"""Plates of vehicles in the database, and the events of those that are on a watchlist."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from gtvision.adapters.store.engine import Database
from gtvision.adapters.store.events import EventWriter
from gtvision.adapters.store.plate_search import page_of
from gtvision.adapters.store.tables import CameraRow, VehiclePlateRow
from gtvision.adapters.store.watchlists import WatchedLists
from gtvision.domain.errors import NotFound
from gtvision.domain.kinds import Kind
from gtvision.domain.plate import Plate, PlateFormat, VehiclePlate
from gtvision.domain.plate_match import converted, spellings
from gtvision.pipeline.watching import Indexes, hit_events
from gtvision.ports import EventToSave, PlateFilter, StoredPlate

_ROWS_A_STATEMENT = 500
_SEARCH_S = 5.0


class SqlPlates:
    """Plates that vehicles carried, for `PlateStore`."""

    _database: Database
    _watched: WatchedLists

    def save_plates(self, plates: Sequence[StoredPlate]) -> None:
        """Stores new revisions in one transaction, and with them an event for each watchlist entry that they match.

        A revision that is not newer than the stored one changes nothing but a missing crop key. One that does not match
        any more withdraws its hit. Raises `BadInput` when the database refuses a value; then none of them is stored.
        """
        if not plates:
            return
        newest = list(_newest_of_each(plates))
        with self._database.writing() as session:
            writer = EventWriter(session)  # its lock keeps other recorders from storing the same plates meanwhile
            lists = self._watched.as_of(session)
            for start in range(0, len(newest), _ROWS_A_STATEMENT):
                _save(session, newest[start : start + _ROWS_A_STATEMENT], lists, writer)

    def plate(self, plate_id: str) -> StoredPlate:
        """One of them. Raises `NotFound`."""
        with self._database.reading() as session:
            row = session.get(VehiclePlateRow, plate_id)
            if row is None:
                raise NotFound(f"there is no plate {plate_id!r}")
            return _stored(row)

    def plates(
        self, wanted: PlateFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[StoredPlate], str | None]:
        """The newest first, and the cursor of the next page, None after the last.

        Raises `BadInput` on a bad cursor, and when so little of the plate is known that the search takes too long.
        """
        with self._database.searching(_SEARCH_S) as session:
            rows, following = page_of(session, wanted, limit=limit, cursor=cursor)
            return [_stored(row) for row in rows], following


def _newest_of_each(plates: Iterable[StoredPlate]) -> Iterable[StoredPlate]:
    newest: dict[str, StoredPlate] = {}
    for item in plates:
        known = newest.get(item.vehicle_plate.id)
        newest[item.vehicle_plate.id] = item if known is None else _merged(known, item)
    return newest.values()


def _merged(known: StoredPlate, item: StoredPlate) -> StoredPlate:
    is_newer = item.vehicle_plate.revision > known.vehicle_plate.revision
    newer, older = (item, known) if is_newer else (known, item)
    return StoredPlate(newer.vehicle_plate, newer.crop_key or older.crop_key)


def _save(session: Session, batch: Sequence[StoredPlate], lists: Indexes, writer: EventWriter) -> None:
    """Writes those of the batch that change something, and their hits."""
    query = select(VehiclePlateRow).where(col(VehiclePlateRow.id).in_([item.vehicle_plate.id for item in batch]))
    rows = {row.id: row for row in session.exec(query)}
    groups = _groups_of(session, batch, lists)
    columns: list[dict[str, Any]] = []
    hits: list[EventToSave] = []
    for item in batch:
        row = rows.get(item.vehicle_plate.id)
        known = None if row is None else _stored(row)
        newest = item if known is None else _merged(known, item)
        if newest == known:
            continue
        seen = newest.vehicle_plate
        old_hits = writer.events([] if row is None else row.hit_ids)
        new_hits = hit_events(seen, groups.get(seen.camera_id, frozenset()), lists, old_hits)
        events = {event.id: event for event in (*old_hits, *new_hits)}
        hits += (EventToSave(event, newest.crop_key) for event in events.values())
        columns.append(_columns(newest) | {"hit_ids": list(events)})
    if columns:
        session.execute(_upsert(session.get_bind().dialect.name), columns)
    writer.save(hits)


def _groups_of(session: Session, batch: Sequence[StoredPlate], lists: Indexes) -> dict[str, frozenset[str]]:
    """The groups of the cameras of the batch, as far as any list asks for them."""
    if not any(index.watchlist.groups for index in lists.values()):
        return {}
    cameras = {item.vehicle_plate.camera_id for item in batch}
    rows = session.exec(select(CameraRow).where(col(CameraRow.id).in_(cameras)))
    return {row.id: frozenset(row.spec["groups"]) for row in rows}


def _columns(item: StoredPlate) -> dict[str, Any]:
    seen = item.vehicle_plate
    canonical = converted(seen.plate.text)
    former = next((text for text in spellings(canonical) if text != canonical), None)
    return {
        "id": seen.id,
        "camera_id": seen.camera_id,
        "track": seen.track,
        "kind": int(seen.kind),
        "text": seen.plate.text,
        "canonical": canonical,
        "former": former,
        "reversed": canonical[::-1],
        "format": seen.plate.format.value,
        "score": seen.plate.score,
        "readings": seen.plate.readings,
        "time_s": seen.time_s,
        "box": list(seen.box),
        "event_ids": list(seen.event_ids),
        "epoch": seen.epoch,
        "revision": seen.revision,
        "crop_key": item.crop_key,
    }


def _upsert(dialect: str) -> Any:
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(VehiclePlateRow)
    new = {column.name: column for column in insert.excluded if column.name != "id"}
    return insert.on_conflict_do_update(index_elements=["id"], set_=new)


def _stored(row: VehiclePlateRow) -> StoredPlate:
    x1, y1, x2, y2 = row.box
    seen = VehiclePlate(
        id=row.id,
        camera_id=row.camera_id,
        track=row.track,
        kind=Kind(row.kind),
        plate=Plate(row.text, PlateFormat(row.format), row.score, row.readings),
        time_s=row.time_s,
        box=(x1, y1, x2, y2),
        event_ids=tuple(row.event_ids),
        epoch=row.epoch,
        revision=row.revision,
    )
    return StoredPlate(seen, row.crop_key)
