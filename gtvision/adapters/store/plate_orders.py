"""Vehicles that wait to be sent to partners that read plates: written along with the events that they are of."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from gtvision.adapters.store.engine import Database
from gtvision.adapters.store.event_rows import stored_event
from gtvision.adapters.store.tables import EventRow, PlateOrderRow
from gtvision.domain.event import Event
from gtvision.ports import DueOrder


class SqlPlateOrders:
    """What waits to be sent, for `PlateOrderStore`."""

    _database: Database

    def take_plate_orders(self, partner: str, now_s: float, until_s: float, limit: int) -> list[DueOrder]:
        """Some of the partner's orders, the oldest first, which nobody else gets until that time, Unix seconds."""
        due = (
            select(PlateOrderRow.event_id)
            .where(col(PlateOrderRow.partner) == partner, col(PlateOrderRow.taken_until_s) <= now_s)
            .order_by(col(PlateOrderRow.end_s), col(PlateOrderRow.event_id))
            .limit(limit)
        )
        with self._database.reading() as session:
            if session.exec(due.limit(1)).first() is None:
                return []  # as nearly always: no other writer is kept waiting
        with self._database.writing() as session:
            ids = list(session.exec(due.with_for_update(skip_locked=True)))
            session.execute(update(PlateOrderRow).where(*_which(partner, ids)).values(taken_until_s=until_s))
            rows = session.exec(select(EventRow).where(col(EventRow.id).in_(ids)))
            stored = {row.id: stored_event(row) for row in rows}
        return [DueOrder(event_id, stored.get(event_id)) for event_id in ids]

    def finish_plate_orders(self, partner: str, event_ids: Sequence[str]) -> None:
        """Removes orders of the partner; again changes nothing."""
        with self._database.writing() as session:
            session.execute(delete(PlateOrderRow).where(*_which(partner, event_ids)))


def order_plates(session: Session, ended: Iterable[Event], partners: Sequence[str]) -> None:
    """Orders the plates of those of the events that end now whose trigger has them read, from each of the partners."""
    rows = [
        {"partner": partner, "event_id": event.id, "end_s": event.end_s, "taken_until_s": 0.0}
        for event in ended
        for partner in partners
        if event.reads_plate and event.vehicles is None
    ]
    if rows:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(PlateOrderRow).on_conflict_do_nothing(), rows)


def _which(partner: str, event_ids: Sequence[str]) -> tuple[Any, Any]:
    return col(PlateOrderRow.partner) == partner, col(PlateOrderRow.event_id).in_(event_ids)
