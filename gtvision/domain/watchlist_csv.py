"""Entries of a watchlist as a CSV file: UTF-8, a title first, a line an entry.

    text,match,valid_from,valid_to,reason
    ABC1D23,exact,,2027-01-01T00:00:00-03:00,Reported stolen

Only `text` has to be there. Spreadsheets in Portuguese write `;` for `,`: what the title has holds for the whole file.
A reason that a spreadsheet would compute has a `'` in front, which is not part of it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from gtvision.domain.errors import BadConfiguration
from gtvision.domain.plate_query import PlateMatch, PlateQuery
from gtvision.domain.spreadsheet import guarded, unguarded
from gtvision.domain.watchlist import MOST_ENTRIES, Entry

COLUMNS = ("text", "match", "valid_from", "valid_to", "reason")
_MATCHES = (PlateMatch.EXACT, PlateMatch.PATTERN, PlateMatch.NEAR)


def entries_as_csv(entries: Iterable[Entry]) -> str:
    """The file of those entries."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        valid = (_time_as_text(entry.valid_from_s), _time_as_text(entry.valid_to_s))
        writer.writerow((entry.text, entry.match.value, *valid, guarded(entry.reason)))
    return output.getvalue()


def entries_of_csv(watchlist_id: str, content: bytes) -> list[Entry]:
    """The entries in the file, in its order. Raises `BadConfiguration` for the first fault, naming line and column.

    Nothing is read behind the longest list that there may be.
    """
    lines: dict[str, int] = {}
    entries: list[Entry] = []
    for line, row in _rows(content):
        if len(entries) == MOST_ENTRIES:
            raise BadConfiguration(f"a watchlist has {MOST_ENTRIES} entries at most: split the file", f"line {line}")
        entry = _entry(watchlist_id, line, row)
        if entry.id in lines:
            raise _wrong(line, "text", f"{entry.text} ({entry.match}) stands in line {lines[entry.id]} already")
        lines[entry.id] = line
        entries.append(entry)
    return entries


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line's number and its values by column."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = 1 + content.count(b"\n", 0, exc.start)
        raise BadConfiguration("write the file as UTF-8", f"line {line}") from exc
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    title: list[str] | None = None
    try:
        for row in reader:
            if title is None:
                title = _checked_title(row)
            elif len(row) > len(title):
                raise BadConfiguration(f"it has {len(row)} values, the title {len(title)}", f"line {reader.line_num}")
            elif row:
                yield reader.line_num, dict(zip(title, row, strict=False))
    except csv.Error as exc:
        raise BadConfiguration(f"it is not CSV: {exc}", f"line {reader.line_num}") from exc
    if title is None:
        raise BadConfiguration(f"it begins with a title: {','.join(COLUMNS)}", "line 1")


def _checked_title(row: list[str]) -> list[str]:
    title = [name.strip().lower() for name in row]
    for name in title:
        if name not in COLUMNS or title.count(name) > 1:
            raise _wrong(1, name, f"the title has each of {', '.join(COLUMNS)} once at most, and no other")
    if "text" not in title:
        raise _wrong(1, "text", f"it is missing in the title; known are {', '.join(COLUMNS)}")
    return title


def _entry(watchlist_id: str, line: int, row: Mapping[str, str]) -> Entry:
    match = _match(line, row.get("match", "").strip().lower())
    valid_from_s, valid_to_s = (_time_s(line, name, row.get(name, "").strip()) for name in ("valid_from", "valid_to"))
    try:
        text = PlateQuery(row["text"], match).text
        return Entry(watchlist_id, text, match, valid_from_s, valid_to_s, unguarded(row.get("reason", "").strip()))
    except BadConfiguration as exc:
        raise _wrong(line, exc.field, str(exc.args[0])) from None


def _match(line: int, text: str) -> PlateMatch:
    if not text:
        return PlateMatch.EXACT
    if text not in _MATCHES:
        raise _wrong(line, "match", f"{text[:20]!r} is none of {', '.join(_MATCHES)}")
    return PlateMatch(text)


def _time_s(line: int, column: str, text: str) -> float | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _wrong(line, column, f"{text[:40]!r} is no time with its zone, such as 2026-01-31T12:00:00-03:00")
    return moment.timestamp()


def _time_as_text(time_s: float | None) -> str:
    return "" if time_s is None else datetime.fromtimestamp(time_s, UTC).isoformat().replace("+00:00", "Z")


def _wrong(line: int, column: str, sentence: str) -> BadConfiguration:
    return BadConfiguration(sentence, f"line {line}, column {column}")
