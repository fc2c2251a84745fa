"""The counts by hand, and the comparison with them."""

from dataclasses import replace

import pytest
from events import an_event

from benchmarks.hand_counts import CLIPS, ClipCount, HandCount, LineCount, hand_count
from gtvision.domain.event import Event
from gtvision.domain.places import Direction


@pytest.fixture
def by_hand() -> HandCount:
    return hand_count("approach")


def _event(line: str, start_s: float, direction: Direction = Direction.FORWARD) -> Event:
    return replace(an_event(), trigger_id=line, line_id=line, start_s=start_s, direction=direction)


@pytest.mark.parametrize("clip", [*CLIPS, "overhead"])
def test_each_clip_on_record_has_vehicles_that_cross_its_lines(clip: str) -> None:
    count = hand_count(clip)

    assert {crossing.line for crossing in count.crossings} == {line.id for line in count.camera.lines}
    assert 0 < count.fewest <= count.most


def test_a_crossing_is_the_same_up_to_a_second_later(by_hand: HandCount) -> None:
    assert ClipCount(by_hand, (_event("far", 3.8), _event("near", 3.2))).error == 0
    assert ClipCount(by_hand, (_event("far", 3.9), _event("near", 3.2))).error == 2


def test_a_crossing_the_other_way_is_one_missed_and_one_too_many(by_hand: HandCount) -> None:
    count = ClipCount(by_hand, (_event("far", 2.9, Direction.BACKWARD), _event("near", 3.2)))
    missed, surplus = count.differences

    assert ([each.line for each in missed], [each.line for each in surplus]) == (["far"], ["far"])
    assert count.error > count.allowed


def test_each_line_and_direction_has_both_counts(by_hand: HandCount) -> None:
    assert ClipCount(by_hand, (_event("far", 2.9), _event("far", 5.0))).lines == (
        LineCount("far", Direction.FORWARD, 1, 2),
        LineCount("far", Direction.BACKWARD, 0, 0),
        LineCount("near", Direction.FORWARD, 1, 0),
        LineCount("near", Direction.BACKWARD, 0, 0),
    )


def test_who_enters_crosses_no_line(by_hand: HandCount) -> None:
    count = ClipCount(by_hand, (an_event(), _event("far", 2.9)))

    assert (count.vehicles, len(count.crossings)) == (1, 1)
