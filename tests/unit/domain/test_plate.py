"""What a reading is, and how a vehicle's plate is named."""

import pytest

from gtvision.domain.errors import BadInput
from gtvision.domain.plate import Reading, vehicle_plate_id

BOX = (0.4, 0.7, 0.6, 0.75)


@pytest.mark.parametrize(("text", "scores"), [("", ()), ("ABC-1234", (0.9,) * 8), ("abc", (0.9,) * 3), ("ABC", (0.9,))])
def test_a_reading_has_plate_characters_and_a_score_for_each(text: str, scores: tuple[float, ...]) -> None:
    with pytest.raises(BadInput):
        Reading(text, scores, BOX)


def test_a_reading_is_as_sure_as_its_least_certain_character() -> None:
    assert Reading("ABC", (0.9, 0.4, 0.8), BOX).score == 0.4


def test_the_id_of_a_vehicles_plate_is_made_once() -> None:
    assert vehicle_plate_id("gate", 2, 7, 12.5) == vehicle_plate_id("gate", 2, 7, 12.5)
    others = [("yard", 2, 7, 12.5), ("gate", 3, 7, 12.5), ("gate", 2, 8, 12.5), ("gate", 2, 7, 12.6)]
    assert len({vehicle_plate_id(*each) for each in [("gate", 2, 7, 12.5), *others]}) == 5
