import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import Noise, Vehicle, camera, found, newest, play

from gtvision.domain.kinds import Kind
from gtvision.domain.places import Calibration, Zone
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.pipeline.camera import CameraCore

CORNERS = ((0.1, 0.2), (0.9, 0.2), (0.9, 0.95), (0.1, 0.95))
LANE = Zone("lane", CORNERS)
RIGHTWARDS = Trigger("wrong", TriggerType.WRONG_WAY, zone="lane", way=((0.2, 0.6), (0.8, 0.6)))


def told_of(
    *vehicles: Vehicle, until_s: float = 12.0, trigger: Trigger = RIGHTWARDS, zone: Zone = LANE, **more: object
):
    core = CameraCore(camera(trigger, zones=(zone,)))
    told = play(core, vehicles, np.arange(0, until_s, 0.2), **more)  # type: ignore[arg-type]
    return newest([*told, *core.close()])


def against(speed: float = 0.2, **more: object) -> Vehicle:
    return Vehicle((1.05, 0.6), (-speed, 0.0), **more)  # type: ignore[arg-type]


@settings(max_examples=15, deadline=None)
@given(speed=st.floats(0.06, 0.35), drift=st.floats(-0.4, 0.4), seed=st.integers(0, 10_000))
def test_who_goes_against_the_way_is_one_event(speed, drift, seed):
    vehicle = Vehicle((1.05, 0.6 - drift * 0.3), (-speed, drift * speed))
    events = told_of(vehicle, until_s=1.3 / speed, noise=Noise(dropout=0.1), seed=seed)
    assert [event.trigger_type for event in events] == [TriggerType.WRONG_WAY]


@settings(max_examples=15, deadline=None)
@given(speed=st.floats(0.06, 0.35), drift=st.floats(-0.7, 0.7), seed=st.integers(0, 10_000))
def test_who_goes_the_right_way_is_none(speed, drift, seed):
    vehicle = Vehicle((-0.05, 0.6 - drift * 0.3), (speed, drift * speed))
    assert not told_of(vehicle, until_s=1.3 / speed, noise=Noise(dropout=0.1), seed=seed)


def test_an_event_lasts_from_the_border_to_the_border():
    (event,) = told_of(against(0.2))
    assert event.start_s == pytest.approx(0.75, abs=0.5)
    assert event.end_s == pytest.approx(4.75, abs=0.4)


@pytest.mark.parametrize("velocity", [(0.0, 0.12), (0.0, -0.12), (-0.03, 0.12), (-0.03, -0.12)])
def test_who_crosses_the_road_goes_no_wrong_way(velocity):
    assert not told_of(Vehicle((0.5, 0.1 if velocity[1] > 0 else 1.05), velocity))


def test_a_car_that_reverses_into_a_bay_goes_no_wrong_way():
    comes = Vehicle((-0.05, 0.6), (0.15, 0.0), ends_s=4.0)
    reverses = Vehicle((0.55, 0.6), (-0.04, 0.01), begins_s=4.2, ends_s=9.0)  # 1.6 of its lengths
    stays = Vehicle((0.36, 0.65), (0.0, 0.0), begins_s=9.2)
    assert not told_of(comes, reverses, stays, until_s=20)


def test_a_car_that_rolls_back_by_its_own_length_goes_no_wrong_way():
    stands, rolls = (
        Vehicle((0.5, 0.6), (0.0, 0.0), ends_s=8.0),
        Vehicle((0.5, 0.6), (-0.03, 0.0), begins_s=8.2, ends_s=12),
    )
    stays = Vehicle((0.386, 0.6), (0.0, 0.0), begins_s=12.2)
    assert not told_of(stands, rolls, stays, until_s=25)


def test_who_turns_round_and_drives_back_goes_the_wrong_way():
    comes = Vehicle((-0.05, 0.6), (0.15, 0.0), ends_s=4.0)
    (event,) = told_of(comes, Vehicle((0.55, 0.6), (-0.15, 0.0), begins_s=4.2))
    assert event.start_s == pytest.approx(4.1, abs=0.5)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_box_that_scatters_where_it_stands_goes_nowhere(seed):
    assert not told_of(Vehicle((0.5, 0.6), (0.0, 0.0)), until_s=60, noise=Noise(jitter=0.06), seed=seed)


def test_a_box_that_grows_and_shrinks_goes_nowhere():
    upwards = Trigger("wrong", TriggerType.WRONG_WAY, zone="lane", way=((0.5, 0.9), (0.5, 0.2)))
    core = CameraCore(camera(upwards, zones=(LANE,)))
    told = []
    for index, time_s in enumerate(np.arange(0, 20, 0.2)):
        share = 0.5 + 0.5 * abs((index % 20) - 10) / 10  # a nearer vehicle hides its lower half, and leaves again
        told += core.detected(float(time_s), found(((0.45, 0.4, 0.57, 0.4 + 0.15 * share), 0.8, Kind.CAR)))
    assert not newest([*told, *core.close()])


def test_a_box_that_jumps_to_the_vehicle_behind_goes_nowhere():
    first, second = Vehicle((0.5, 0.6), (0.05, 0.0), ends_s=5.0), Vehicle((0.56, 0.6), (0.05, 0.0), begins_s=5.2)
    assert not told_of(first, second, until_s=15)


def test_on_a_calibrated_road_the_angle_is_that_of_the_road():
    """A lane that runs to the upper left in the picture, and the arrow drawn in another lane, straight up."""
    corners = ((0.4, 0.2), (0.6, 0.2), (1.0, 0.95), (0.0, 0.95))
    metres = ((0.0, 40.0), (20.0, 40.0), (20.0, 0.0), (0.0, 0.0))
    up = Trigger("wrong", TriggerType.WRONG_WAY, zone="lane", way=((0.5, 0.9), (0.5, 0.3)))
    zone = Zone("lane", CORNERS, calibration=Calibration(corners, metres))
    right_lane_down = Vehicle((0.62, 0.25), (0.08, 0.1))
    assert len(told_of(right_lane_down, trigger=up, zone=zone)) == 1
    right_lane_up = Vehicle((0.95, 0.95), (-0.08, -0.1))
    assert not told_of(right_lane_up, trigger=up, zone=zone)


def test_kinds_and_scores_hold():
    only_buses = Trigger("wrong", TriggerType.WRONG_WAY, zone="lane", way=RIGHTWARDS.way, kinds=frozenset({Kind.BUS}))
    assert not told_of(against(), trigger=only_buses)
    sure = Trigger("wrong", TriggerType.WRONG_WAY, zone="lane", way=RIGHTWARDS.way, min_score=0.9)
    assert not told_of(against(), trigger=sure)


def test_a_restarted_camera_goes_on_with_the_event():
    cam = camera(RIGHTWARDS, zones=(LANE,))
    first = CameraCore(cam)
    play(first, [against(0.1)], np.arange(0, 5, 0.2))
    (left_open,) = first.open_events
    second = CameraCore(cam, open_events=first.open_events)
    told = newest([*play(second, [against(0.1)], np.arange(5.4, 14, 0.2)), *second.close()])
    assert [event.id for event in told] == [left_open.id]
