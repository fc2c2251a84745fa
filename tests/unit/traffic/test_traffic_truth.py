from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtvision.domain.geometry import contains, side
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction, Line, Zone
from gtvision.traffic import CLOSE_UPS, SCENES, Recording, Story, Traffic, scene
from gtvision.traffic.scenes import scene_of
from gtvision.traffic.truth import Step, border_s, crossing

SIZE = (320, 180)
ACROSS = Line("line", (0.1, 0.5), (0.9, 0.5))
SQUARE = Zone("road", ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)))
PLACES = st.tuples(st.floats(0, 1), st.floats(0, 1))


@pytest.fixture(scope="module", params=sorted(SCENES | CLOSE_UPS))
def told(request: pytest.FixtureRequest) -> Traffic:
    traffic = scene(request.param, 3, size=SIZE, fps=4)
    for _ in traffic.frames(32):
        pass
    return traffic


def steps(begin: tuple[float, float], end: tuple[float, float]) -> tuple[Step, Step]:
    return Step(1.0, begin, 30.0, 1.0), Step(1.5, end, 30.0, 1.0)


def test_a_line_is_crossed_forward_from_its_left_to_its_right() -> None:
    down, up = steps((0.5, 0.4), (0.5, 0.6)), steps((0.5, 0.6), (0.5, 0.4))
    assert (met := crossing(ACROSS, *down)) is not None
    assert (met.direction, met.time_s) == (Direction.FORWARD, pytest.approx(1.25))
    assert (met := crossing(ACROSS, *up)) is not None
    assert met.direction is Direction.BACKWARD


def test_passing_beside_a_line_is_no_crossing() -> None:
    assert crossing(ACROSS, *steps((0.95, 0.4), (0.95, 0.6))) is None


@given(PLACES, PLACES)
def test_a_crossing_changes_the_side_at_its_moment(begin: tuple[float, float], end: tuple[float, float]) -> None:
    met = crossing(ACROSS, *steps(begin, end))
    if met is not None:
        sides = [side(ACROSS.start, ACROSS.end, place) for place in (begin, end)]
        assert sides[0] * sides[1] < 0
        assert (met.direction is Direction.FORWARD) == (sides[0] < 0)
        y = begin[1] + (met.time_s - 1.0) / 0.5 * (end[1] - begin[1])
        assert y == pytest.approx(0.5, abs=1e-9)


def test_the_moment_of_entry_lies_on_the_zones_border() -> None:
    assert border_s(SQUARE, *steps((0.5, 0.1), (0.5, 0.3))) == pytest.approx(1.25, abs=1e-5)


def test_every_crossing_told_is_one_that_the_path_makes(told: Traffic) -> None:
    line = told.camera.lines[0]
    for story in told.truth():
        made = [met for a, b in pairwise(story.path) if (met := crossing(line, a, b)) is not None]
        assert story.crossings == made
        for one, other in pairwise(made):
            assert one.direction is not other.direction, "nobody crosses twice the same way without coming back"


def test_every_visit_told_is_one_that_the_path_makes(told: Traffic) -> None:
    zone = told.camera.zones[0]
    for story in told.truth():
        places = np.array([step.place for step in story.path])
        inside = contains(zone.polygon, places)
        begins = int(inside[0]) + int((~inside[:-1] & inside[1:]).sum())
        assert len(story.visits) == begins
        for step, is_in in zip(story.path, inside, strict=True):
            assert is_in == any(_covers(visit.enter_s, visit.leave_s, step.time_s) for visit in story.visits)


def _covers(begin_s: float, end_s: float | None, time_s: float) -> bool:
    return begin_s <= time_s and (end_s is None or time_s < end_s)


def test_traffic_comes_and_goes(told: Traffic) -> None:
    stories = told.truth()
    assert len(stories) >= 5
    assert [story.id for story in stories] == sorted({story.id for story in stories})
    assert any(story.visits for story in stories)


def test_speeds_are_those_of_the_scene(told: Traffic) -> None:
    fastest = max(step.speed_kmh for story in told.truth() for step in story.path)
    assert fastest <= 150
    if told.scene.name == "motorway":
        assert fastest >= 90


def test_plates_are_worn_by_motor_vehicles_alone(told: Traffic) -> None:
    for story in told.truth():
        assert (story.plate is None) == (story.kind in (Kind.PERSON, Kind.BICYCLE))


def test_a_parked_car_is_told_from_its_beginning_to_the_end() -> None:
    traffic = scene("one-way", 3, size=SIZE, fps=1)
    for _ in traffic.frames(20):
        pass
    first: Story = traffic.truth()[0]
    assert first.parked == [(0.0, None)]
    assert len({step.place for step in first.path}) == 1
    assert first.visits[0].leave_s is None


def test_cars_park_in_their_bays_and_leave_again() -> None:
    traffic = scene("car-park", 3, size=SIZE, fps=0.5)
    for _ in traffic.frames(200):
        pass
    stays = [stay for story in traffic.truth() for stay in story.parked if stay[1] is not None]
    assert stays
    assert all(12 <= end - begin <= 62 for begin, end in stays if end is not None)


def test_a_wrong_way_driver_goes_against_the_others() -> None:
    traffic = scene("one-way", 4, size=(160, 90), fps=1)
    for _ in traffic.frames(240):
        pass
    crossed = [(story, met) for story in traffic.truth() for met in story.crossings]
    assert any(story.wrong_way for story, _ in crossed)
    for story, met in crossed:
        assert met.direction is (Direction.BACKWARD if story.wrong_way else Direction.FORWARD)


def test_nobody_comes_after_the_last_arrival() -> None:
    traffic = Traffic(scene_of("motorway"), Recording(3, size=(160, 90), fps=2, arrivals_until_s=10))
    for _ in traffic.frames(30):
        pass
    assert traffic.truth()
    assert not [seen for *_, told in traffic.frames(2) for seen in told.seen]


@pytest.mark.parametrize("name", ["crossing", "two-way", "car-park"])
def test_nobody_waits_for_ever(name: str) -> None:
    traffic = scene(name, 6, size=(160, 90), fps=0.5)
    for _ in traffic.frames(160):
        pass
    for story in traffic.truth():
        standing_s = 0.0
        for a, b in pairwise(story.path):
            standing_s = standing_s + b.time_s - a.time_s if b.speed_kmh < 0.5 else 0.0
            is_parked = any(_covers(begin, end, b.time_s) for begin, end in story.parked)
            assert is_parked or standing_s < 60
