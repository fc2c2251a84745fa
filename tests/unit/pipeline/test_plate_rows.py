"""Which texts on a vehicle are its plate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtvision.domain.errors import BadInput
from gtvision.domain.geometry import Box
from gtvision.pipeline.plate_rows import TextRow, readings


def row(text: str, box: Box = (0.4, 0.7, 0.6, 0.75), score: float = 0.97) -> TextRow:
    return TextRow(text, (score,) * len(text), box)


def texts(*rows: TextRow) -> list[str]:
    return [reading.text for reading in readings(rows)]


def test_a_plate_is_read_without_its_hyphen_and_with_a_score_for_each_character() -> None:
    (reading,) = readings([TextRow("OKM-2371", (0.9, 0.8, 0.7, 0.1, 0.6, 0.5, 0.4, 0.3), (0.1, 0.2, 0.3, 0.4))])
    assert reading.text == "OKM2371"
    assert reading.scores == (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
    assert (reading.box, reading.lines, reading.sharpness) == ((0.1, 0.2, 0.3, 0.4), 1, 1.0)


@pytest.mark.parametrize("decoration", ["BA-SALVADOR", "SP SÃO PAULO", "TAXI", "POLÍCIA", "BRASIL", "HB20", "SANDERO"])
def test_what_else_stands_on_a_vehicle_is_no_plate(decoration: str) -> None:
    above = row(decoration, (0.4, 0.6, 0.6, 0.63))
    assert texts(above) == []
    assert texts(above, row("OKM·2371")) == ["OKM2371"]


@pytest.mark.parametrize(
    "text", ["71 3452 2307", "(71) 99345-2307", "59.990,", "2.0 FLEX", "espacovittal.com.br", "----", "月", ""]
)
def test_telephone_numbers_prices_and_addresses_are_no_plates(text: str) -> None:
    assert texts(row(text)) == []


def test_the_surest_brazilian_plate_comes_before_others_and_before_foreign_ones() -> None:
    foreign = row("WAU 1234X", (0.1, 0.1, 0.3, 0.15), 0.99)
    doubtful = row("OKM-2371", (0.1, 0.3, 0.3, 0.35), 0.6)
    sure = row("BRA2E19", (0.1, 0.5, 0.3, 0.55), 0.9)
    assert texts(foreign, doubtful, sure) == ["BRA2E19", "OKM2371", "WAU1234X"]


@pytest.mark.parametrize(("upper", "lower"), [("ABC", "1234"), ("ABC", "1D23")])
def test_the_two_rows_of_a_motorcycles_plate_are_one_reading(upper: str, lower: str) -> None:
    town = row("SP-SAO PAULO", (0.4, 0.50, 0.6, 0.52))
    rows = [row(lower, (0.4, 0.62, 0.6, 0.70)), town, row(upper, (0.43, 0.53, 0.57, 0.61))]
    (reading,) = readings(rows)
    assert (reading.text, reading.lines, reading.box) == (upper + lower, 2, (0.4, 0.53, 0.6, 0.70))


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ((0.43, 0.63, 0.57, 0.71), (0.4, 0.53, 0.6, 0.61)),  # below
        ((0.10, 0.53, 0.24, 0.61), (0.4, 0.62, 0.6, 0.70)),  # beside
        ((0.43, 0.13, 0.57, 0.21), (0.4, 0.62, 0.6, 0.70)),  # far above
        ((0.43, 0.58, 0.57, 0.61), (0.4, 0.62, 0.6, 0.70)),  # much smaller
    ],
)
def test_rows_that_do_not_stand_one_above_the_other_are_not_joined(upper: Box, lower: Box) -> None:
    assert texts(row("ABC", upper), row("1234", lower)) == []


def test_two_pieces_of_a_line_are_one_reading() -> None:
    assert texts(row("2371", (0.51, 0.7, 0.6, 0.75)), row("OKM", (0.4, 0.7, 0.48, 0.75))) == ["OKM2371"]


@pytest.mark.parametrize(
    ("rows", "is_hyphenated"),
    [
        ([row("OKM-2371")], True),
        ([row("OKM·2371")], True),
        ([row("OKM - 2371")], True),
        ([row("OKM2371")], False),
        ([row("OKM 2371")], None),
        ([row("OKM", (0.4, 0.7, 0.48, 0.75)), row("2371", (0.51, 0.7, 0.6, 0.75))], None),
        ([row("OKM", (0.4, 0.7, 0.48, 0.75)), row("-2371", (0.5, 0.7, 0.6, 0.75))], True),
        ([row("OKM", (0.45, 0.7, 0.55, 0.75)), row("2371", (0.44, 0.76, 0.56, 0.81))], None),
    ],
)
def test_a_reading_says_whether_there_was_a_hyphen(rows: list[TextRow], is_hyphenated: bool | None) -> None:
    (reading,) = readings(rows)
    assert reading.text == "OKM2371"
    assert reading.is_hyphenated is is_hyphenated


def test_a_foreign_plate_in_pieces_is_no_brazilian_one() -> None:
    rows = [row("WAU", (0.4, 0.7, 0.5, 0.75)), row("1234", (0.51, 0.7, 0.62, 0.75)), row("X", (0.63, 0.7, 0.66, 0.75))]
    assert texts(*rows) == ["WAU1234X"]


def test_two_plates_side_by_side_are_two() -> None:
    rows = [row("OKM-2371", (0.1, 0.7, 0.3, 0.75)), row("OUM-7311", (0.6, 0.7, 0.8, 0.75))]
    assert sorted(texts(*rows)) == ["OKM2371", "OUM7311"]


def test_the_town_in_the_same_row_is_dropped_only_from_a_plate_that_fits_as_it_is() -> None:
    assert texts(row("SP SAO PAULO ABC-1234")) == ["ABC1234"]
    assert texts(row("SP SAO PAULO ABC-I234")) == []
    assert texts(row("SP SAO PAULO ABC-1234", score=0.7)) == []


@pytest.mark.parametrize("text", ["ABC 1234 E", "1 ABC 1234 56", "ABC 1234 56"])
def test_characters_that_may_belong_to_a_foreign_plate_are_not_dropped(text: str) -> None:
    assert "ABC1234" not in texts(row(text))


def test_accents_and_lower_case_are_read_as_capitals() -> None:
    assert texts(row("ábc-l234")) == ["ABCI234"]


def test_a_row_without_a_score_for_each_character_is_refused() -> None:
    with pytest.raises(BadInput):
        TextRow("ABC", (0.5,), (0, 0, 1, 1))


BOXES = st.tuples(*[st.floats(0, 1)] * 4).map(
    lambda c: (min(c[0], c[2]), min(c[1], c[3]), max(c[0], c[2]), max(c[1], c[3]))
)
ROWS = st.lists(st.builds(row, st.text(max_size=12), BOXES, st.floats(0, 1)), max_size=6)


@given(ROWS)
def test_any_rows_give_readings_whose_characters_all_stand_in_them(rows: list[TextRow]) -> None:
    found = readings(rows)
    assert sum(len(reading.text) for reading in found) <= sum(len(each.text) for each in rows)
    assert all(0 <= reading.box[0] <= reading.box[2] <= 1 for reading in found)
