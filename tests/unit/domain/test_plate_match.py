"""When two texts may mean one vehicle."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtvision.domain.plate import ALPHABET
from gtvision.domain.plate_match import (
    LOOK_ALIKES,
    converted,
    look_alike_distance,
    look_alike_key,
    matches_pattern,
    spellings,
    tidied,
    vehicle_distance,
)

OLD = st.from_regex(re.compile(r"[A-Z]{3}[0-9]{4}", re.ASCII), fullmatch=True)
TEXTS = st.text(ALPHABET, min_size=1, max_size=9)


def test_the_second_digit_of_an_old_plate_becomes_a_letter() -> None:
    assert [converted(f"ABC1{digit}34") for digit in range(10)] == [f"ABC1{letter}34" for letter in "ABCDEFGHIJ"]


@pytest.mark.parametrize("text", ["ABC1C34", "ABC1K34", "ABC123", "ABC12345", "WAU1234X", "1234ABC"])
def test_other_texts_are_not_converted(text: str) -> None:
    assert converted(text) == text


@given(OLD)
def test_a_converted_plate_and_the_old_one_know_each_other(old: str) -> None:
    new = converted(old)
    assert spellings(old) == (old, new)
    assert spellings(new) == (new, old)
    assert converted(new) == new
    assert vehicle_distance(old, new) == vehicle_distance(new, old) == 0


def test_a_plate_that_never_was_an_old_one_has_one_spelling() -> None:
    assert spellings("ABC1K34") == ("ABC1K34",)


@given(TEXTS)
def test_the_look_alike_key_is_its_own_key(text: str) -> None:
    key = look_alike_key(text)
    assert look_alike_key(key) == key
    assert look_alike_distance(text, text) == 0


@given(TEXTS, TEXTS)
def test_texts_have_a_distance_just_when_their_keys_are_equal(a: str, b: str) -> None:
    assert (look_alike_distance(a, b) is not None) == (look_alike_key(a) == look_alike_key(b))
    assert look_alike_distance(a, b) == look_alike_distance(b, a)


def test_the_distance_counts_the_places_that_differ() -> None:
    assert look_alike_distance("OLB4809", "OLB4809") == 0
    assert look_alike_distance("OLB4809", "QLB4809") == 1
    assert look_alike_distance("OLB4809", "0L84809") == 2
    assert look_alike_distance("OLB4809", "OLB4805") is None
    assert look_alike_distance("OLB4809", "OLB480") is None


def test_a_group_holds_one_digit_and_no_character_is_in_two() -> None:
    assert all(group[0].isdigit() and group[1:].isalpha() for group in LOOK_ALIKES)
    assert len("".join(LOOK_ALIKES)) == len(set("".join(LOOK_ALIKES)))


def test_a_look_alike_of_either_plate_of_the_listed_vehicle_is_near() -> None:
    assert vehicle_distance("ABC1434", "ABC1A34") == 1
    assert vehicle_distance("ABC1434", "A8C1E34") == 1
    assert vehicle_distance("ABC1E34", "A8C1434") == 1
    assert vehicle_distance("ABC1434", "ABC1C34") is None


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("ABC1234", "ABC1234"),
        ("ABC1234", "ABC1C34"),
        ("ABC*", "ABC1234"),
        ("ABC12*", "ABC1C34"),
        ("*34", "ABC1234"),
        ("ABC??34", "ABC1C34"),
        ("*", "WAU1234X"),
        ("***1***", "ABC1234"),
        ("ABC1234*", "ABC1234"),
    ],
)
def test_a_pattern_covers(pattern: str, text: str) -> None:
    assert matches_pattern(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("ABC?", "ABC1234"), ("ABC", "ABC1234"), ("ABC1234?", "ABC1234"), ("A[BC]C1234", "ABC1234"), ("", "ABC1234")],
)
def test_a_pattern_does_not_cover(pattern: str, text: str) -> None:
    assert not matches_pattern(pattern, text)


def test_what_is_typed_is_tidied() -> None:
    assert tidied(" abc-1234 ") == tidied("ABC 12.34") == "ABC1234"
    assert tidied("abc1*") == "ABC1*"
