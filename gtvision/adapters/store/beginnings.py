"""Rows by the beginning of a text, the newest first.

No index is in the order of texts and of time, so that there are two ways. A rare beginning is looked up by the text,
and what is found is sorted; a common one is met soon enough by going back in time. Which it is, an index tells that is
counted up to a bound. The planner of SQLite could not know, and that of PostgreSQL guesses wrong for texts that do not
exist, so that either is kept off the other way's index: an expression such as `id || ''` has none.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlmodel import Session

RARE_ROWS = 20_000


def begins_with(column: ColumnElement[str], beginnings: Iterable[str]) -> ColumnElement[bool]:
    """Whether the column, which is ordered by byte, begins with one of those texts of A-Z and 0-9."""
    ranges = ((start, start[:-1] + chr(ord(start[-1]) + 1)) for start in beginnings)
    return or_(*(and_(column >= start, column < after) for start, after in ranges))


def is_rare(session: Session, condition: ColumnElement[bool], most: int = RARE_ROWS) -> bool:
    """Whether fewer rows than that meet the condition, which an index serves."""
    some = select(literal(1)).where(condition).limit(most).subquery()
    found: int = session.execute(select(func.count()).select_from(some)).scalar_one()
    return found < most


def unindexed(column: Any) -> Any:
    """The text column's value without its index."""
    return column + ""
