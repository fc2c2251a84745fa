"""What the characters of one reading may mean."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtvision.domain.plate import ALPHABET, PlateFormat, Reading
from gtvision.pipeline.plate_format import LAYOUTS, Meaning, choices, is_brazilian, may_be_foreign, meanings, plate_of

OLD, MERCOSUL, OTHER = PlateFormat.OLD, PlateFormat.MERCOSUL, PlateFormat.OTHER
PLATES = st.from_regex(re.compile(r"[A-Z]{3}[0-9][A-Z0-9][0-9]{2}", re.ASCII), fullmatch=True)
TEXTS = st.text(ALPHABET, min_size=1, max_size=14)


def reading(text: str, score: float = 0.95) -> Reading:
    return Reading(text, (score,) * len(text), (0.4, 0.7, 0.6, 0.75))


def meant(text: str, score: float = 0.95) -> tuple[Meaning, ...]:
    return meanings(text, (score,) * len(text))


def plates(text: str, score: float = 0.95) -> list[tuple[str, PlateFormat]]:
    return [(meaning.text, meaning.format) for meaning in meant(text, score)]


@given(PLATES)
def test_a_brazilian_plate_means_itself_first_and_for_nothing(text: str) -> None:
    first = meant(text)[0]
    assert (first.text, first.cost) == (text, 0.0)
    assert first.format is (MERCOSUL if text[4].isalpha() else OLD)


@given(TEXTS)
def test_what_a_reading_means_means_just_that(text: str) -> None:
    for meaning in meant(text):
        again = meant(meaning.text)[0]
        assert (again.text, again.format, again.cost) == (meaning.text, meaning.format, 0.0)


@given(TEXTS)
def test_what_is_brazilian_is_made_up_as_its_format_says(text: str) -> None:
    for meaning in meant(text):
        if meaning.format is not OTHER:
            assert [char.isalpha() for char in meaning.text] == [sort == "A" for sort in LAYOUTS[meaning.format]]
            assert len(meaning.seen) == len(meaning.scores) == 7


@pytest.mark.parametrize(
    ("read", "right"),
    [
        ("AY09034", "AYO9034"),
        ("OKY8O3O", "OKY8O30"),
        ("JST26S9", "JST2659"),
        ("NYY17I0", "NYY1710"),
        ("8RA2E19", "BRA2E19"),
        ("A6C1D23", "AGC1D23"),
        ("ABC1D2Z", "ABC1D22"),
    ],
)
def test_a_look_alike_is_corrected_where_the_place_wants_the_other_sort(read: str, right: str) -> None:
    assert plates(read)[0][0] == right


def test_a_doubtful_look_alike_is_corrected_only_where_it_was_read_with_doubt() -> None:
    scores = (0.95, 0.95, 0.95, 0.5, 0.95, 0.95, 0.95)
    first = meanings("ABCA234", scores)[0]
    assert first.text == "ABC4234"


@pytest.mark.parametrize(
    ("fifth", "other"), [("8", "B"), ("B", "8"), ("S", "5"), ("1", "I"), ("G", "6"), ("2", "Z"), ("D", "0"), ("O", "0")]
)
def test_a_look_alike_in_the_fifth_place_keeps_both_formats(fifth: str, other: str) -> None:
    first, second = plates(f"ABC1{fifth}34")
    assert (first[0], second[0]) == (f"ABC1{fifth}34", f"ABC1{other}34")
    assert {first[1], second[1]} == {OLD, MERCOSUL}


@pytest.mark.parametrize(("fifth", "format_"), [("3", OLD), ("9", OLD), ("C", MERCOSUL), ("K", MERCOSUL)])
def test_a_fifth_character_without_a_look_alike_decides_the_format(fifth: str, format_: PlateFormat) -> None:
    assert plates(f"ABC1{fifth}34") == [(f"ABC1{fifth}34", format_)]


@pytest.mark.parametrize(
    ("read", "is_hyphenated", "first", "second"),
    [
        ("LXO0195", False, "LXO0I95", "LXO0195"),
        ("LXO0095", False, "LXO0O95", "LXO0095"),
        ("LXO0295", False, "LXO0295", "LXO0Z95"),  # a 2 is seldom read for a Z
        ("LXO0I95", True, "LXO0195", "LXO0I95"),
        ("LXO0B95", True, "LXO0895", "LXO0B95"),
        ("LXO0195", True, "LXO0195", "LXO0I95"),
        ("LXO0195", None, "LXO0195", "LXO0I95"),
        ("LXOI0195", False, "LXO0195", "LXO0I95"),  # the hyphen, or a rivet, is among what was read
    ],
)
def test_a_hyphen_tells_what_a_look_alike_in_the_fifth_place_is(
    read: str, is_hyphenated: bool | None, first: str, second: str
) -> None:
    found = meanings(read, (0.9,) * len(read), is_hyphenated)
    assert [meaning.text for meaning in found] == [first, second]


FOREIGN_AND_NONSENSE = [
    "WAU1234X",  # Europe
    "AB12CDE",
    "MAB1234E",
    "1ABC234",  # the United States
    "7BMX219",
    "8ABS123",
    "AB123CD",  # Argentina
    "ABC123",
    "AAAA999",  # Paraguay
    "1234ABC",  # Bolivia
    "ABC12",
    "ABC12345",
    "ABCD1234",
    "11993452307",
    "TAXI",
    "POLICIA",
    "BRASIL",
    "SPSAOPAULO",
    "BASALVADOR",
    "SANDERO",
    "0800123",
    "WAU12345",
    "WAU12341",
    "2O2O2O2",
    "8888888",
    "SOLIDOS",
]


@pytest.mark.parametrize("text", FOREIGN_AND_NONSENSE)
def test_what_is_no_brazilian_plate_is_not_made_one(text: str) -> None:
    assert plates(text) == [(text, OTHER)]


@pytest.mark.parametrize("text", ["0B0I234", "ABCIZOS", "4BC1234", "ABCT234", "ABCA234"])
def test_too_many_or_too_doubtful_corrections_are_not_made(text: str) -> None:
    assert plates(text) == [(text, OTHER)]


def test_of_random_texts_of_seven_characters_few_are_taken_for_brazilian() -> None:
    rng = random.Random(5)
    texts = ["".join(rng.choices(ALPHABET, k=7)) for _ in range(20_000)]
    assert sum(is_brazilian(reading(text)) for text in texts) / len(texts) < 0.04  # 0.008 fit as they are


def test_no_random_text_of_six_or_ten_characters_is_brazilian() -> None:
    rng = random.Random(5)
    assert not any(is_brazilian(reading("".join(rng.choices(ALPHABET, k=k)))) for _ in range(5_000) for k in (6, 10))


@pytest.mark.parametrize("text", ["IABC1234", "ABC1234I", "ABCI1234", "ABCI1D23", "1ABCI1234", "BRASILABC1D23"])
def test_a_rivet_a_hyphen_or_a_strip_is_dropped_from_a_sure_plate(text: str) -> None:
    assert plates(text)[0][0] in ("ABC1234", "ABC1D23")


@pytest.mark.parametrize("text", ["ABC11231", "XABC1234", "ABC1234X", "RJABC1234", "ABC1D234", "IIIABC1234"])
def test_nothing_else_is_dropped(text: str) -> None:
    assert plates(text) == [(text, OTHER)]


def test_nothing_is_dropped_from_a_plate_that_was_read_with_doubt_or_needs_correction() -> None:
    assert plates("IABC1234", score=0.7) == [("IABC1234", OTHER)]
    assert plates("IA8C1234") == [("IA8C1234", OTHER)]


def test_a_single_readings_plate_is_less_sure_when_it_was_corrected() -> None:
    plain, corrected = plate_of(reading("ABO1234", 0.9)), plate_of(reading("AB01234", 0.9))
    assert plain.text == corrected.text
    assert corrected.score < plain.score == 0.9


@pytest.mark.parametrize("text", ["WAU1234X", "AB12CDE", "ABC123", "AAAA999", "1234ABC"])
def test_a_foreign_plate_may_be_one(text: str) -> None:
    assert may_be_foreign(text)


@pytest.mark.parametrize("text", ["TAXI", "POLICIA", "HB20", "20FLEX", "TURBO16V", "1993452", "ABCDEFG1", "A1", "10"])
def test_words_numbers_and_models_are_no_foreign_plates(text: str) -> None:
    assert not may_be_foreign(text)


@given(st.sampled_from(ALPHABET), st.sampled_from("A9"))
def test_a_character_may_only_be_one_of_the_sort_that_is_wanted(char: str, sort: str) -> None:
    options = choices(char, sort)
    assert all(option.isalpha() == (sort == "A") for option in options)
    assert (options.get(char) == 0.0) == (char.isalpha() == (sort == "A"))
