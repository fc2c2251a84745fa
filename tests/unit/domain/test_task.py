"""Tasks are valid from birth, whoever makes them."""

from math import nan

import pytest

from gtvision.domain.errors import MessageRefused
from gtvision.domain.refusal import RefusalReason
from gtvision.domain.task import AskedTrigger, DetectVehicle, ProcessPlate, is_name
from gtvision.domain.trigger import TriggerType

JPEG = b"\xff\xd8\xff\xe0"
BOX = (1.0, 2.0, 30.0, 40.0)


@pytest.mark.parametrize("name", ["a", "x" * 200, "камера-№1 ☃", "../../etc/passwd", "a b"])
def test_a_name_is_anything_visible(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\n", "\x7f", "\u200b", "\u202e", "\ud800"])
def test_what_cannot_be_seen_is_no_name(name: str) -> None:
    assert not is_name(name)


@pytest.mark.parametrize("corner", [(nan, 0.0), (0.0, nan), (float("inf"), 0.0), (65_536.0, 0.0)])
def test_a_zone_lies_within_the_largest_picture(corner: tuple[float, float]) -> None:
    with pytest.raises(MessageRefused) as refused:
        DetectVehicle("north-gate", JPEG, (corner, (9.0, 0.0), (9.0, 9.0)))
    assert refused.value.reason == RefusalReason.BAD_ROI


def test_a_zone_may_reach_beyond_the_picture_and_name_its_first_corner_again() -> None:
    corners = ((-5.0, -5.0), (9.0, 0.0), (9.0, 9.0), (-5.0, -5.0))
    assert DetectVehicle("north-gate", JPEG, corners).roi == corners


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(MessageRefused, match="min_score"):
        AskedTrigger("t", TriggerType.ENTER, min_score=nan)
    with pytest.raises(MessageRefused, match="confidence"):
        ProcessPlate("north-gate", BOX, confidence=nan, crop=JPEG)
    with pytest.raises(MessageRefused, match="timestamp"):
        ProcessPlate("north-gate", BOX, time_s=nan, crop=JPEG)


def test_a_vehicle_with_a_picture_needs_no_time() -> None:
    assert ProcessPlate("north-gate", BOX, crop=JPEG).time_s is None
