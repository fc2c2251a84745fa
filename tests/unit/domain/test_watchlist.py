from collections.abc import Callable

import pytest

from gtvision.domain.errors import BadConfiguration, BadInput
from gtvision.domain.plate import ALPHABET, PlateFormat
from gtvision.domain.plate_match import spellings
from gtvision.domain.plate_query import PlateMatch, PlateQuery, is_brazilian, spelled_beginnings
from gtvision.domain.watchlist import MOST_ENTRIES, MOST_PATTERNS, Entry, WatchAction, Watchlist, check_length
from gtvision.domain.watchlist_csv import entries_as_csv, entries_of_csv

NOVEMBER_23_S = 1_795_392_000.0


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Watchlist("Stolen cars"), "id"),
        (lambda: Watchlist("stolen", "x" * 121), "name"),
        (lambda: Watchlist("stolen", "two\nlines"), "name"),
        (lambda: Watchlist("stolen", cameras=frozenset({"No Slug"})), "cameras"),
        (lambda: Watchlist("stolen", groups=frozenset({" "})), "groups"),
        (lambda: Entry("stolen", ""), "text"),
        (lambda: Entry("stolen", "abc1d23"), "text"),
        (lambda: Entry("stolen", "ABC-1D23"), "text"),
        (lambda: Entry("stolen", "ÇBC1D23"), "text"),
        (lambda: Entry("stolen", "A" * 13), "text"),
        (lambda: Entry("stolen", "ABC*"), "text"),
        (lambda: Entry("stolen", "*1?", PlateMatch.PATTERN), "text"),
        (lambda: Entry("stolen", "AB123CD", PlateMatch.NEAR), "text"),
        (lambda: Entry("stolen", "ABC", PlateMatch.PREFIX), "match"),
        (lambda: Entry("stolen", "ABC1D23", valid_from_s=2.0, valid_to_s=2.0), "valid_to"),
        (lambda: Entry("stolen", "ABC1D23", valid_from_s=-62_135_596_801.0), "valid_from"),
        (lambda: Entry("stolen", "ABC1D23", valid_from_s=float("nan")), "valid_from"),
        (lambda: Entry("stolen", "ABC1D23", valid_to_s=253_402_300_800.0), "valid_to"),
        (lambda: Entry("stolen", "ABC1D23", reason="x" * 501), "reason"),
        (lambda: Entry("Not a slug", "ABC1D23"), "watchlist_id"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(make: Callable[[], object], field: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        make()
    assert caught.value.field == field


def test_a_text_is_looked_for_as_people_write_it() -> None:
    assert PlateQuery(" abc-1d23").text == "ABC1D23"
    assert PlateQuery("abc*", PlateMatch.PATTERN).text == "ABC*"


def test_an_entry_is_the_same_however_often_it_is_imported() -> None:
    first, again = Entry("stolen", "ABC1D23", reason="a"), Entry("stolen", "ABC1D23", reason="b", valid_to_s=1.0)
    assert first.id == again.id
    assert len({first.id, Entry("other", "ABC1D23").id, Entry("stolen", "ABC1D23", PlateMatch.NEAR).id}) == 3


@pytest.mark.parametrize(
    ("pattern", "beginnings", "endings"),
    [
        ("ABC*", ("ABC",), ()),
        ("ABC12*", ("ABC12", "ABC1C"), ()),
        ("*1234", (), ("1234", "1C34")),
        ("?BC1D23", (), ("BC1D23",)),
        ("AB*34", ("AB",), ("34",)),
        ("*34*", (), ()),
        ("ABC1234", ("ABC1234", "ABC1C34"), ("ABC1234", "ABC1C34")),
    ],
)
def test_what_is_fixed_of_a_pattern_is_said_of_the_converted_form(
    pattern: str, beginnings: tuple[str, ...], endings: tuple[str, ...]
) -> None:
    query = PlateQuery(pattern, PlateMatch.PATTERN)
    assert (query.beginnings, query.endings) == (beginnings, endings)


@pytest.mark.parametrize(
    ("beginning", "texts"),
    [
        ("ABC1", ("ABC1",)),
        ("ABC12", ("ABC12", "ABC1C")),
        ("ABC1C3", ("ABC1C3", "ABC123")),
        ("ABC1Z3", ("ABC1Z3",)),
    ],
)
def test_a_beginning_is_spelled_as_both_plates_of_a_vehicle_have_it(beginning: str, texts: tuple[str, ...]) -> None:
    assert spelled_beginnings(beginning) == texts


@pytest.mark.parametrize("text", ["OBC1C34", "ABC1A34", "ABC1034", "ILZ8G50", "XYZ9K99"])
def test_near_texts_are_all_brazilian_texts_that_are_near(text: str) -> None:
    query = PlateQuery(text, PlateMatch.NEAR)
    changed = {t[:at] + char + t[at + 1 :] for t in spellings(text) for at in range(7) for char in ALPHABET}
    near = {other for other in changed if is_brazilian(other) and query.distance(other, PlateFormat.OLD) is not None}
    assert set(query.near_texts) == near
    assert near > set(spellings(text)) or text == "XYZ9K99"


ENTRIES = [
    Entry("stolen", "ABC1D23", PlateMatch.EXACT, NOVEMBER_23_S, NOVEMBER_23_S + 0.5, 'said "so", and so'),
    Entry("stolen", "ABC*23", PlateMatch.PATTERN, reason="ação"),
    Entry("stolen", "ABC1234", PlateMatch.NEAR),
]


def test_a_list_comes_back_from_its_own_file() -> None:
    assert entries_of_csv("stolen", entries_as_csv(ENTRIES).encode()) == ENTRIES


def test_a_file_of_a_spreadsheet_in_portuguese_is_read() -> None:
    content = "\ufefftext;reason\r\nabc-1d23;roubado, Centro\r\n\r\nXYZ9876;\r\n".encode()
    assert entries_of_csv("stolen", content) == [
        Entry("stolen", "ABC1D23", reason="roubado, Centro"),
        Entry("stolen", "XYZ9876"),
    ]


def test_an_empty_list_is_a_title() -> None:
    assert entries_of_csv("stolen", entries_as_csv([]).encode()) == []


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("", "line 1"),
        ("plate,match\nABC1D23,exact", "line 1, column plate"),
        ("match\nexact", "line 1, column text"),
        ("text,text\nABC1D23,ABC1D23", "line 1, column text"),
        ("text\nABC1D23\nÇa va", "line 3, column text"),
        ("text\nABC1D23\n\nabc 1d23\n", "line 4, column text"),
        ("text,match\nABC1D23,fuzzy", "line 2, column match"),
        ("text,match\nAB123CD,near", "line 2, column text"),
        ("text,match\nABC1D23,prefix", "line 2, column match"),
        ("text,valid_from\nABC1D23,2026-01-31", "line 2, column valid_from"),
        ("text,valid_from,valid_to\nABC1D23,2026-01-02T00:00Z,2026-01-01T00:00Z", "line 2, column valid_to"),
        ("text,reason\nABC1D23," + "x" * 501, "line 2, column reason"),
        ("text,reason\nABC1D23,one,two", "line 2"),
        ('text,reason\nABC1D23,"open', "line 2"),
        (b"text,reason\nABC1D23,ok\nABC1D24,\xe7\xe3o", "line 3"),
    ],
)
def test_a_fault_names_line_and_column(content: str | bytes, place: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        entries_of_csv("stolen", content if isinstance(content, bytes) else content.encode())
    assert caught.value.field == place


def test_the_first_choice_is_an_alert_everywhere() -> None:
    assert Watchlist("stolen").action is WatchAction.ALERT
    assert Watchlist("stolen").is_for("anywhere", frozenset())


@pytest.mark.parametrize(("entries", "patterns"), [(MOST_ENTRIES + 1, 0), (MOST_PATTERNS + 1, MOST_PATTERNS + 1)])
def test_a_list_that_is_too_long_is_refused_with_what_to_do(entries: int, patterns: int) -> None:
    check_length(MOST_ENTRIES, MOST_PATTERNS)
    with pytest.raises(BadInput, match="split it"):
        check_length(entries, patterns)


def test_the_first_and_the_last_second_of_the_calendar_are_exported_and_read_again() -> None:
    entry = Entry("stolen", "ABC1D23", valid_from_s=-62_135_596_800.0, valid_to_s=253_402_300_799.0)
    assert entries_of_csv("stolen", entries_as_csv([entry]).encode()) == [entry]


def test_a_time_that_only_its_zone_puts_beyond_the_calendar_is_told_with_its_line() -> None:
    content = b"text,valid_to\nABC1D23,9999-12-31T23:30:00-03:00\n"
    with pytest.raises(BadConfiguration, match="years 1 to 9999") as caught:
        entries_of_csv("stolen", content)
    assert caught.value.field == "line 2, column valid_to"


def test_a_file_longer_than_any_list_is_read_no_further() -> None:
    plates = "".join(f"{number:07}\n" for number in range(MOST_ENTRIES + 1))
    with pytest.raises(BadConfiguration, match="split the file") as caught:
        entries_of_csv("stolen", f"text\n{plates}no plate, and more than one\n".encode())
    assert caught.value.field == f"line {MOST_ENTRIES + 2}"


def test_a_reason_that_looks_like_a_formula_is_exported_as_text_and_read_as_it_was() -> None:
    entry = Entry("stolen", "ABC1D23", reason='=HYPERLINK("http://example.org")')
    content = entries_as_csv([entry])
    assert ",\"'=HYPERLINK(" in content
    assert entries_of_csv("stolen", content.encode()) == [entry]
