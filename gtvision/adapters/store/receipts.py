"""Receipts of messages in the database."""

from collections.abc import Collection, Sequence

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from gtvision.adapters.store.engine import Database
from gtvision.adapters.store.tables import MessageReceiptRow
from gtvision.domain.receipt import Receipt


class SqlReceipts:
    """Which messages have been dealt with, for `ReceiptStore`."""

    _database: Database

    def save_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Stores them in one transaction; one that is there already stays as it is.

        Raises `BadInput` when the database refuses a value; then none of them is stored.
        """
        rows = [
            {"id": each.id, "camera_id": each.camera_id, "message_id": each.message_id, "done_s": each.done_s}
            for each in sorted(receipts, key=lambda receipt: receipt.id)  # nodes store the same rows in the same order
        ]
        if not rows:
            return
        with self._database.writing() as session:
            is_postgres = session.get_bind().dialect.name == "postgresql"
            insert = postgresql.insert(MessageReceiptRow) if is_postgres else sqlite.insert(MessageReceiptRow)
            session.execute(insert.on_conflict_do_nothing(index_elements=["id"]), rows)

    def receipts_of(self, ids: Collection[str]) -> list[Receipt]:
        """Those with these ids that are kept, in any order."""
        with self._database.reading() as session:
            rows = session.exec(select(MessageReceiptRow).where(col(MessageReceiptRow.id).in_(ids))).all()
            return [_receipt_of(row) for row in rows]

    def receipts(self, camera_id: str, *, limit: int) -> list[Receipt]:
        """The newest of a camera, the oldest of them first."""
        done_s, row_id = col(MessageReceiptRow.done_s), col(MessageReceiptRow.id)
        query = select(MessageReceiptRow).where(MessageReceiptRow.camera_id == camera_id)
        with self._database.reading() as session:
            rows = session.exec(query.order_by(done_s.desc(), row_id.desc()).limit(limit)).all()
            return [_receipt_of(row) for row in reversed(rows)]


def _receipt_of(row: MessageReceiptRow) -> Receipt:
    return Receipt(row.message_id, row.camera_id, row.done_s)
