"""How plates are found among millions: each kind of query along the index that serves it."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, tuple_, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from gtvision.adapters.store.beginnings import RARE_ROWS, begins_with, is_rare, unindexed
from gtvision.adapters.store.cursor import cursor_of, position_of
from gtvision.adapters.store.tables import VehiclePlateRow
from gtvision.domain.errors import BadInput
from gtvision.domain.plate_match import converted
from gtvision.domain.plate_query import PlateMatch, PlateQuery
from gtvision.ports import PlateFilter

_LONGEST_PAGE = 1000
_MORE_IS_KNOWN = 10
_NO_WILDCARDS = str.maketrans("", "", "*?")
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
    query = wanted.query
    if query is None:
        return _newest(_along(wanted, cursor, col(_Row.camera_id)), rows)
    if query.match in (PlateMatch.EXACT, PlateMatch.NEAR):
        where = _along(wanted, cursor, unindexed(col(_Row.camera_id)))
        if query.match is PlateMatch.NEAR:
            return _newest_of_texts(query.near_texts, where, rows)
        return _newest([*where, col(_Row.canonical) == converted(query.text)], rows)
    rare = _rare_ones(session, query)
    if rare is None:
        fits = _fits(col(_Row.canonical), query.pattern, query)
        return _newest([*_along(wanted, cursor, col(_Row.camera_id)), fits], rows)
    columns = _unindexed_columns()
    of_query = select(_Row.id).where(*rare, *_conditions(wanted, cursor, *columns))
    newest = of_query.order_by(*(column.desc() for column in columns[1:])).limit(rows).subquery()
    return _ordered(select(_Row).join(newest, newest.c.id == _Row.id))


def _along(wanted: PlateFilter, cursor: str | None, camera_id: Any) -> list[ColumnElement[bool]]:
    """The conditions of a walk along the index of that camera, of one plate or of all, back in time."""
    return list(_conditions(wanted, cursor, camera_id, col(_Row.time_s), col(_Row.id)))


def _unindexed_columns() -> tuple[Any, ...]:
    """Camera, time and id."""
    time_s: Any = col(_Row.time_s)
    return unindexed(col(_Row.camera_id)), time_s + 0.0, unindexed(col(_Row.id))


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
    return _ordered(select(_Row).where(*where)).limit(rows)


def _ordered(query: Any) -> Any:
    return query.order_by(col(_Row.time_s).desc(), col(_Row.id).desc())


def _newest_of_texts(texts: Sequence[str], where: Sequence[ColumnElement[bool]], rows: int) -> Any:
    """The newest of each text, and of those the newest: no more is read than so many of each."""
    of_each = [
        _newest([col(_Row.canonical) == converted(text), col(_Row.text) == text, *where], rows).subquery()
        for text in texts
    ]
    found = aliased(_Row, union_all(*(select(each) for each in of_each)).subquery())
    return select(found).order_by(col(found.time_s).desc(), col(found.id).desc()).limit(rows)


def _fits(column: Any, pattern: str, query: PlateQuery) -> ColumnElement[bool]:
    """Whether the plate, or the other one of a converted vehicle, fits: the column its pattern, or the former plate."""
    return or_(unindexed(column).like(_like(pattern)), col(_Row.former).like(_like(query.pattern)))


def _like(pattern: str) -> str:
    return pattern.replace("*", "%").replace("?", "_")


def _rare_ones(session: Session, query: PlateQuery) -> tuple[ColumnElement[bool], ...] | None:
    """What finds the plates by their beginning or end, if few have it; None when many have, or none is known.

    All that it asks for, and all that such a search orders and filters by, is in one index. Where the pattern knows
    more than that beginning, going back in time would pass over many more, so that more are worth looking through.
    """
    forwards: tuple[Any, ...] = (col(_Row.canonical), query.beginnings, query.pattern)
    backwards: tuple[Any, ...] = (col(_Row.reversed), [ending[::-1] for ending in query.endings], query.pattern[::-1])
    ways = [way for way in (forwards, backwards) if way[1]]
    known = len(query.pattern.translate(_NO_WILDCARDS))
    for worth in (1, _MORE_IS_KNOWN):
        for column, beginnings, pattern in ways:
            if worth > 1 and known == len(beginnings[0]):
                continue
            if is_rare(session, condition := begins_with(column, beginnings), worth * RARE_ROWS):
                return condition, _fits(column, pattern, query)
    return None
