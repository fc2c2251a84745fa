"""What the readings of one vehicle agree on."""

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtvision.domain.kinds import Kind
from gtvision.domain.plate import ALPHABET, PlateFormat, Reading
from gtvision.pipeline.plates import PlateVote

BOX = (0.4, 0.7, 0.6, 0.75)
PLATES = st.from_regex(re.compile(r"[A-Z]{3}[0-9][A-Z0-9][0-9]{2}", re.ASCII), fullmatch=True)


def reading(text: str, score: float = 0.8, sharpness: float = 1.0) -> Reading:
    return Reading(text, (score,) * len(text), BOX, sharpness=sharpness)


def vote(*seen: str | Reading) -> PlateVote:
    election = PlateVote()
    for each in seen:
        election.see(reading(each) if isinstance(each, str) else each)
    return election


def text(*seen: str | Reading) -> str | None:
    plate = vote(*seen).plate
    return plate.text if plate else None


def test_without_readings_there_is_no_plate() -> None:
    assert PlateVote().plate is None
    assert not PlateVote().is_settled


def test_two_agreeing_readings_make_a_plate() -> None:
    plate = vote("ABC1234", "ABC1234").plate
    assert plate is not None
    assert (plate.text, plate.format, plate.score, plate.readings) == ("ABC1234", PlateFormat.OLD, 0.8, 2)


def test_readings_that_do_not_agree_make_none() -> None:
    assert text("ABC1234") is None
    assert text("ABC1234", "ABC1235") is None


def test_one_reading_beyond_doubt_is_enough() -> None:
    assert text(reading("ABC1K34", 0.95)) == "ABC1K34"


@pytest.mark.parametrize(
    "one",
    [
        reading("ABC1K34", 0.85),
        reading("ABC1K34", 0.95, sharpness=0.3),
        reading("ABC1B34", 0.95),  # may be ABC1834
        reading("A8C1K34", 0.95),  # was corrected
        reading("WAU1234X", 0.99),
        Reading("ABC1K34", (0.99,) * 6 + (0.6,), BOX),
    ],
)
def test_one_reading_with_any_doubt_is_not(one: Reading) -> None:
    assert text(one) is None


def test_a_place_is_elected_by_itself() -> None:
    assert text("ABC1234", "XBC1234", "AYC1234", "ABC1294", "ABC1234") == "ABC1234"


def test_sure_characters_and_sharp_pictures_weigh_more() -> None:
    assert text(*[reading("ABC1234", 0.9)] * 2, *[reading("ABC1239", 0.4)] * 3) == "ABC1234"
    blurred = [reading("ABC1239", sharpness=0.2)] * 3
    assert text(*blurred, *[reading("ABC1234", sharpness=1.0)] * 2) == "ABC1234"


def test_a_reading_of_no_worth_is_not_counted() -> None:
    assert text(*[reading("ABC1234", sharpness=0.0)] * 5) is None


def test_look_alikes_are_votes_for_what_the_place_wants() -> None:
    assert text("J0G9221", "J0G9221", "JOG9Z21") == "JOG9221"


def test_both_formats_are_kept_until_the_fifth_character_is_clear() -> None:
    election = vote("ABC1834", "ABC1834")
    assert election.plate is not None
    assert election.plate.format is PlateFormat.OLD
    for _ in range(3):
        election.see(reading("ABC1B34"))
    assert (election.plate.text, election.plate.format) == ("ABC1B34", PlateFormat.MERCOSUL)


def test_a_published_text_changes_only_when_it_is_clearly_outweighed() -> None:
    election = vote("ABC1234", "ABC1234", "ABC1239", "ABC1239")
    assert election.plate is not None
    assert (election.plate.text, election.plate.score) == ("ABC1234", 0.4)
    election.see(reading("ABC1239"))
    assert election.plate.text == "ABC1239"


def test_agreement_makes_a_plate_surer_and_dispute_less_sure() -> None:
    agreed = vote("ABC1234", "ABC1234").plate
    disputed = vote("ABC1234", "ABC1234", "ABC1239").plate
    better = vote("ABC1234", "ABC1234", reading("ABC1234", 0.99)).plate
    assert agreed is not None
    assert disputed is not None
    assert better is not None
    assert disputed.score < agreed.score < better.score


def test_a_neighbours_plate_does_not_mix_in() -> None:
    assert text("OKM2371", "PYA2979", "OKM2371", "PYA2979", "OKM2371") == "OKM2371"


def test_a_plate_that_was_a_neighbours_gives_way_to_one_read_far_more_often() -> None:
    assert text(*["PYA2979"] * 2, *["OKM2371"] * 3) == "PYA2979"
    assert text(*["PYA2979"] * 2, *["OKM2371"] * 4) == "OKM2371"


def test_a_plate_that_is_mostly_cut_off_is_the_whole_one() -> None:
    assert text("KM2371", "KM2371", "OKM237", "OKM2371", "OKM2371", "OKM237") == "OKM2371"


def test_a_foreign_plate_needs_two_readings_that_are_the_same() -> None:
    assert text("WAU1234X", "WAU1284X") is None
    plate = vote("WAU1234X", "WAU1234X").plate
    assert plate is not None
    assert (plate.text, plate.format) == ("WAU1234X", PlateFormat.OTHER)


def test_a_foreign_plate_that_was_cut_off_is_no_brazilian_one() -> None:
    sure = reading("WAU1234", 0.99)
    assert text("WAU1234X", sure) is None
    assert text("WAU1234X", "WAU1234X", sure, sure) == "WAU1234X"


def test_two_lines_are_a_brazilian_plate_on_a_motorcycle_only() -> None:
    both = replace(reading("LZW9715", 0.99), lines=2)
    formats = {}
    for kind in (Kind.CAR, Kind.MOTORCYCLE, None):
        election = PlateVote()
        election.see(both, kind)
        election.see(both, kind)
        assert election.plate is not None
        formats[kind] = election.plate.format
    assert formats == {Kind.CAR: PlateFormat.OTHER, Kind.MOTORCYCLE: PlateFormat.OLD, None: PlateFormat.OLD}


def test_two_lines_and_one_line_on_a_car_are_two_plates() -> None:
    election = PlateVote()
    for lines in (2, 1, 1):
        election.see(replace(reading("LZW9715"), lines=lines), Kind.CAR)
    assert election.plate is not None
    assert (election.plate.format, election.plate.readings) == (PlateFormat.OLD, 2)


@pytest.mark.parametrize("word", ["TAXI", "POLICIA", "BASALVADOR", "HB20", "20FLEX", "99345230", "A1"])
def test_what_looks_like_no_plate_is_never_one(word: str) -> None:
    assert text(*[reading(word, 0.99)] * 5) is None


def test_it_is_settled_once_three_sure_readings_agree() -> None:
    election = vote(*[reading("ABC1234", 0.9)] * 2)
    assert not election.is_settled
    election.see(reading("ABC1234", 0.9))
    assert election.is_settled


def test_it_is_not_settled_while_readings_are_in_doubt() -> None:
    assert not vote(*[reading("ABC1234", 0.5)] * 6).is_settled
    assert not vote(*["ABC1234", "ABC1239"] * 4).is_settled


def test_it_is_not_settled_while_another_plate_is_read_nearly_as_often() -> None:
    election = vote(*[reading("ABC1234", 0.9), reading("PYA2979", 0.9)] * 3)
    assert not election.is_settled
    for _ in range(3):
        election.see(reading("ABC1234", 0.9))
    assert election.is_settled


def test_it_knows_which_readings_are_of_the_published_plate() -> None:
    election = vote("JOG9221", "JOG9221")
    assert election.agrees(reading("J0G9221"))
    assert not election.agrees(reading("PYA2979"))
    assert not PlateVote().agrees(reading("JOG9221"))


def misread(plate: str, rng: random.Random) -> str:
    """The plate with one or two wrong characters."""
    chars = list(plate)
    for place in rng.sample(range(len(chars)), rng.randint(1, 2)):
        chars[place] = rng.choice(ALPHABET)
    return "".join(chars)


@settings(max_examples=60, deadline=None)
@given(PLATES, st.integers(0, 2**32), st.integers(1, 6))
def test_a_plate_that_two_of_three_readings_show_is_found_whatever_the_rest_says(
    plate: str, seed: int, third: int
) -> None:
    rng = random.Random(seed)
    seen = [plate] * 2 * third + [misread(plate, rng) for _ in range(third)]
    rng.shuffle(seen)
    assert text(*seen) == plate


@settings(max_examples=40, deadline=None)
@given(PLATES, st.integers(0, 2**32))
def test_a_plate_of_which_each_character_is_misread_now_and_then_is_found(plate: str, seed: int) -> None:
    rng = random.Random(seed)
    seen = ["".join(rng.choice(ALPHABET) if rng.random() < 0.1 else char for char in plate) for _ in range(25)]
    assert text(*seen) == plate


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(ALPHABET, min_size=1, max_size=10), max_size=40), st.floats(0, 1))
def test_what_is_published_was_agreed_on_whatever_is_read(texts: list[str], score: float) -> None:
    plate = vote(*[reading(each, score) for each in texts]).plate
    if plate is not None:
        assert len(plate.text) in range(6, 9)
        assert plate.readings >= 1
        assert 0 <= plate.score <= 1


def test_random_texts_hardly_ever_agree_on_a_plate() -> None:
    rng = random.Random(11)
    published = 0
    for _ in range(150):
        texts = ("".join(rng.choices(ALPHABET, k=rng.randint(5, 9))) for _ in range(12))
        published += vote(*texts).plate is not None
    assert published / 150 < 0.01


def test_a_thousand_readings_of_a_plate_do_not_hide_that_it_is_read_otherwise_now() -> None:
    election = vote(*["ABC1234"] * 1000)
    for _ in range(200):
        election.see(reading("ABC1239", 0.9))
    assert election.plate is not None
    assert election.plate.text == "ABC1239"
