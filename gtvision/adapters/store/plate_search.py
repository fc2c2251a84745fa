"""How plates are found among millions: each kind of query along the index that serves it."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, tuple_, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from gtvision.adapters.store.beginnings import begins_with, is_rare, unindexed
from gtvision.adapters.store.cursor import cursor_of, position_of
from gtvision.adapters.store.tables import VehiclePlateRow
from gtvision.domain.errors import BadInput
from gtvision.domain.plate_match import converted
from gtvision.domain.plate_query import PlateMatch, PlateQuery
from gtvision.ports import PlateFilter

_LONGEST_PAGE = 1000
_Row = VehiclePlateRow


def page_of(
    session: Session, wanted: PlateFilter, *, limit: int, cursor: str | None
) -> tuple[Sequence[VehiclePlateRow], str | None]:
    """The newest first, and the cursor of the next page. Raises `BadInput`."""
    if not 1 <= limit <= _LONGEST_PAGE:
        raise BadInput(f"a page has 1 to {_LONGEST_PAGE} plates, not {limit}")
    rows = session.scalars(page_query(session, wanted, limit + 1, cursor)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], None if last is None else cursor_of((last.time_s, last.id))


def page_query(session: Session, wanted: PlateFilter, rows: int, cursor: str | None) -> Any:
    """The statement that lists so many; it counts first whether the beginning that is looked for is a rare one."""
    where = [*_conditions(wanted, cursor, col(_Row.camera_id), col(_Row.time_s), col(_Row.id))]
    query = wanted.query
    if query is None:
        return _newest(where, rows)
    if query.match is PlateMatch.EXACT:
        return _newest([*where, col(_Row.canonical) == converted(query.text)], rows)
    if query.match is PlateMatch.NEAR:
        return _newest_of_texts(query.near_texts, where, rows)
    fits = _fits(query.pattern)
    rare = _rare_part(session, query)
    if rare is None:
        return _newest([*where, fits], rows)
    camera_id, time_s, plate_id = unindexed(col(_Row.camera_id)), col(_Row.time_s) + 0.0, unindexed(col(_Row.id))
    found = select(_Row).where(rare, fits, *_conditions(wanted, cursor, camera_id, time_s, plate_id))
    return found.order_by(time_s.desc(), plate_id.desc()).limit(rows)


def _conditions(wanted: PlateFilter, cursor: str | None, *columns: Any) -> Iterator[ColumnElement[bool]]:
    camera_id, time_s, plate_id = columns
    if wanted.camera_id is not None:
        yield camera_id == wanted.camera_id
    if wanted.since_s is not None:
        yield time_s >= wanted.since_s
    if wanted.until_s is not None:
        yield time_s < wanted.until_s
    if cursor is not None:
        yield tuple_(time_s, plate_id) < position_of(cursor, (float, str))


def _newest(where: Sequence[ColumnElement[bool]], rows: int) -> Any:
    return select(_Row).where(*where).order_by(col(_Row.time_s).desc(), col(_Row.id).desc()).limit(rows)


def _newest_of_texts(texts: Sequence[str], where: Sequence[ColumnElement[bool]], rows: int) -> Any:
    """The newest of each text, and of those the newest: no more is read than so many of each."""
    of_each = [
        _newest([col(_Row.canonical) == converted(text), col(_Row.text) == text, *where], rows).subquery()
        for text in texts
    ]
    found = aliased(_Row, union_all(*(select(each) for each in of_each)).subquery())
    return select(found).order_by(found.time_s.desc(), found.id.desc()).limit(rows)


def _fits(pattern: str) -> ColumnElement[bool]:
    """Whether the plate, or the other one of a converted vehicle, fits the pattern."""
    like = pattern.replace("*", "%").replace("?", "_")
    return or_(unindexed(col(_Row.canonical)).like(like), col(_Row.former).like(like))


def _rare_part(session: Session, query: PlateQuery) -> ColumnElement[bool] | None:
    """What plates that fit begin or end with, if few do; None when many do, or nothing is known of either."""
    backwards = [ending[::-1] for ending in query.endings]
    for column, beginnings in ((col(_Row.canonical), query.beginnings), (col(_Row.reversed), backwards)):
        if beginnings and is_rare(session, condition := begins_with(column, beginnings)):
            return condition
    return None
