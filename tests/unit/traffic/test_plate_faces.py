"""Glyphs and faces of plates: that they differ where they must, fill what they should and keep to their colours."""

from itertools import combinations

import cv2
import numpy as np
import pytest

from gtvision.domain.plate import ALPHABET
from gtvision.traffic.glyphs import TYPEFACES, glyph, written
from gtvision.traffic.plate_faces import plate_face

HEIGHT = 63


def likeness(typeface: str, one: str, other: str) -> float:
    """The share of ink that two characters have in common when they are made equally wide."""
    a, b = (cv2.resize(glyph(typeface, each, HEIGHT), (40, HEIGHT)) > 127 for each in (one, other))
    return float((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("typeface", sorted(TYPEFACES))
@pytest.mark.parametrize("character", ALPHABET)
def test_a_glyph_fills_its_box_from_top_to_bottom_and_from_side_to_side(typeface: str, character: str) -> None:
    inked = glyph(typeface, character, HEIGHT) > 127
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    assert rows[0] <= 1
    assert rows[-1] >= HEIGHT - 2
    assert columns[0] <= 1
    assert columns[-1] >= inked.shape[1] - 2


@pytest.mark.parametrize("typeface", sorted(TYPEFACES))
def test_no_two_characters_are_alike_but_o_and_zero_of_the_old_typeface(typeface: str) -> None:
    alike = {a + b for a, b in combinations(ALPHABET, 2) if likeness(typeface, a, b) > 0.93}
    assert alike <= {"O0"}


def test_o_is_wider_than_zero() -> None:
    for typeface, least in (("mandatory", 1.05), ("fe-schrift", 1.15)):
        o, zero = (glyph(typeface, each, HEIGHT).shape[1] for each in "O0")
        assert o / zero >= least


def test_a_line_is_as_long_as_its_characters_and_the_gaps_between() -> None:
    widths = [glyph("mandatory", each, 50).shape[1] for each in "SP"]
    assert written("mandatory", "SP", 50, 0.2).shape == (50, sum(widths) + 10)


def test_faces_have_the_sizes_of_the_regulation() -> None:
    assert plate_face("ABC1D23", two_lines=False).shape == (130, 400, 3)
    assert plate_face("ABC1234", two_lines=True).shape == (170, 200, 3)


def ground_and_ink(text: str, *, two_lines: bool, commercial: bool) -> tuple[list[int], list[int]]:
    """The commonest colour of the characters' part, and the commonest of what is far from it."""
    pixels = plate_face(text, two_lines=two_lines, commercial=commercial)[45:-12, 40:-12].reshape(-1, 3).astype(int)
    ground = np.median(pixels, axis=0)
    ink = np.median(pixels[np.abs(pixels - ground).sum(axis=1) > 200], axis=0)
    return ground.tolist(), ink.tolist()


@pytest.mark.parametrize("two_lines", [False, True])
def test_private_plates_are_dark_on_light_in_both_formats(two_lines: bool) -> None:
    for text in ("EHM4B88", "EHM4888"):
        ground, ink = ground_and_ink(text, two_lines=two_lines, commercial=False)
        assert min(ground) > 150
        assert max(ink) < 60


def test_commercial_plates_are_red_letters_on_white_or_white_ones_on_red() -> None:
    ground, ink = ground_and_ink("EHM4B88", two_lines=False, commercial=True)
    assert min(ground) > 200
    assert ink[2] > ink[0] + 100
    ground, ink = ground_and_ink("EHM4888", two_lines=False, commercial=True)
    assert ground[2] > ground[0] + 100
    assert min(ink) > 200


def test_only_mercosul_plates_have_a_blue_band() -> None:
    newer, old = (plate_face(text, two_lines=False)[4:26, 40:150].mean(axis=(0, 1)) for text in ("ABC1D23", "ABC1234"))
    assert newer[0] > newer[2] + 80
    assert abs(old[0] - old[2]) < 20


def test_the_widest_text_stays_within_the_frame() -> None:
    for text in ("MWM0A00", "WMW8888"):
        beside_the_rim = plate_face(text, two_lines=False)[50:110, -6].astype(int)
        assert np.ptp(beside_the_rim) < 10
