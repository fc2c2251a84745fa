"""Disclosures in the database."""

from collections.abc import Iterator
from dataclasses import asdict

from sqlalchemy import ColumnElement, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from gtvision.adapters.store.cursor import cursor_of, position_of
from gtvision.adapters.store.engine import Database
from gtvision.adapters.store.tables import DisclosureRow
from gtvision.domain.disclosure import Disclosure
from gtvision.domain.errors import BadInput
from gtvision.ports import DisclosureFilter

_LONGEST_PAGE = 5000


class SqlDisclosures:
    """Who was shown personal data, for `DisclosureLog`."""

    _database: Database

    def add_disclosure(self, disclosure: Disclosure) -> None:
        """Returns once it is committed; the same one again changes nothing. Raises `BadInput`."""
        with self._database.writing() as session:
            dialect = session.get_bind().dialect.name
            insert = postgresql.insert(DisclosureRow) if dialect == "postgresql" else sqlite.insert(DisclosureRow)
            session.execute(insert.on_conflict_do_nothing(index_elements=["id"]), asdict(disclosure))

    def disclosures(
        self, wanted: DisclosureFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[Disclosure], str | None]:
        """The newest first, and the cursor of the next page, None after the last. Raises `BadInput` on a bad cursor."""
        if not 1 <= limit <= _LONGEST_PAGE:
            raise BadInput(f"a page has 1 to {_LONGEST_PAGE} disclosures, not {limit}")
        time_s, row_id = col(DisclosureRow.time_s), col(DisclosureRow.id)
        query = select(DisclosureRow).where(*_conditions(wanted))
        if cursor is not None:
            query = query.where(tuple_(time_s, row_id) < position_of(cursor, (float, str)))
        with self._database.reading() as session:
            rows = session.exec(query.order_by(time_s.desc(), row_id.desc()).limit(limit + 1)).all()
            page = [Disclosure(row.id, row.time_s, row.who, row.what, row.why, row.results) for row in rows[:limit]]
        return page, cursor_of((page[-1].time_s, page[-1].id)) if len(rows) > limit else None


def _conditions(wanted: DisclosureFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.since_s is not None:
        yield col(DisclosureRow.time_s) >= wanted.since_s
    if wanted.until_s is not None:
        yield col(DisclosureRow.time_s) < wanted.until_s
