import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import Noise, Vehicle, found, look_at

from gtvision.domain.kinds import Kind
from gtvision.pipeline.duplicates import joined, without_duplicates
from gtvision.pipeline.track import Rest, displacement
from gtvision.pipeline.tracker import Tracker

SMALL_NOISE = Noise()
BOX = (0.4, 0.4, 0.52, 0.5)


def follow(tracker: Tracker, vehicles: list[Vehicle], times_s, noise: Noise = SMALL_NOISE, seed: int = 0):
    """The numbers seen at each look, and all tracks that ended."""
    rng = np.random.default_rng(seed)
    seen, ended = [], []
    for time_s in times_s:
        tracked = tracker.look(float(time_s), look_at(vehicles, float(time_s), rng, noise))
        seen.append(tuple(track.number for track in tracked.seen))
        ended += tracked.ended
    return seen, ended


def look(tracker: Tracker, time_s: float, *rows):
    return tracker.look(time_s, found(*rows))


def stand(tracker: Tracker, times_s, box=BOX, score=0.8, kind=Kind.CAR):
    for time_s in times_s:
        tracked = look(tracker, float(time_s), (box, score, kind))
    return tracked


@settings(max_examples=30, deadline=None)
@given(
    rate=st.sampled_from([1, 2, 5, 10]),
    speed=st.floats(0.06, 0.4),
    seed=st.integers(0, 1000),
    phase=st.floats(0, 1, exclude_max=True),  # numbers begin with the time
)
def test_a_vehicle_keeps_its_number_at_any_rate(rate, speed, seed, phase):
    times_s = np.arange(phase / rate, 1.2 / speed, 1 / rate)
    seen, _ = follow(Tracker(), [Vehicle((-0.05, 0.5), (speed, 0.0))], times_s, Noise(jitter=0.03), seed)
    assert {number for numbers in seen for number in numbers} == {1}


def test_a_motorcycle_that_comes_in_fast_and_seen_from_behind_is_one_vehicle_from_its_first_sight():
    away = [  # at 100 km/h on a motorway, 5 looks a second
        (0.935, 0.533, 0.990, 0.661),
        (0.861, 0.448, 0.894, 0.555),
        (0.807, 0.391, 0.834, 0.482),
        (0.769, 0.351, 0.789, 0.426),
    ]
    tracker = Tracker()
    for index, box in enumerate(away):
        look(tracker, index * 0.2, (box, 0.8, Kind.MOTORCYCLE))
    (track,) = tracker.tracks
    assert (track.first_s, track.hits) == (0.0, 4)


@pytest.mark.parametrize("rate", [1, 5])
def test_a_lane_of_vehicles_keeps_its_order(rate):
    lane = [Vehicle((-0.05, 0.5), (0.1, 0.0), begins_s=5.0 * i) for i in range(4)]
    seen, _ = follow(Tracker(), lane, np.arange(0, 30, 1 / rate))
    assert {number for numbers in seen for number in numbers} == {1, 2, 3, 4}


def test_vehicles_that_meet_keep_their_numbers():
    tracker = Tracker()
    east, west = Vehicle((0.1, 0.50), (0.2, 0.0)), Vehicle((0.9, 0.54), (-0.2, 0.0))
    seen, ended = follow(tracker, [east, west], np.arange(0, 3.9, 0.2), Noise(jitter=0.02))
    first, last = tracker.tracks
    assert not ended
    assert (first.path[-1][1][0] - 0.5) * (first.path[-1][1][1] - 0.52) < 0
    assert {number for numbers in seen for number in numbers} == {1, 2}
    assert last.velocity[0] * first.velocity[0] < 0


def test_car_and_truck_on_the_same_vehicle_are_one_track_of_the_kind_with_more_votes():
    tracker = Tracker()
    for index in range(10):
        kind, other = (Kind.TRUCK, Kind.CAR) if index % 3 == 0 else (Kind.CAR, Kind.TRUCK)
        tracked = look(tracker, index * 0.2, (BOX, 0.7, kind), ((0.405, 0.4, 0.52, 0.5), 0.5, other))
    assert [track.kind for track in tracked.seen] == [Kind.CAR]
    assert len(tracker.tracks) == 1


def test_the_cab_of_a_lorry_is_not_a_vehicle_but_a_car_in_front_of_it_is():
    lorry, cab, car = (0.2, 0.2, 0.6, 0.6), (0.45, 0.3, 0.59, 0.55), (0.3, 0.5, 0.42, 0.65)
    xyxy = np.array([lorry, cab, car])
    kinds = np.array([Kind.TRUCK, Kind.CAR, Kind.CAR], np.int16)
    assert without_duplicates(xyxy, np.array([0.9, 0.6, 0.7], np.float32), kinds).tolist() == [0, 2]


def test_front_and_rear_of_a_long_bus_are_one_bus_but_two_trucks_side_by_side_are_two():
    front, rear, beside = (0.05, 0.25, 0.36, 0.47), (0.2, 0.25, 0.5, 0.47), (0.55, 0.26, 0.7, 0.48)
    kinds = np.array([Kind.BUS, Kind.BUS, Kind.BUS], np.int16)
    whole = joined(np.array([front, rear, beside]), kinds)
    assert whole.tolist() == [[0.05, 0.25, 0.5, 0.47]] * 2 + [list(beside)]
    assert without_duplicates(whole, np.array([0.5, 0.4, 0.6], np.float32), kinds).tolist() == [2, 0]
    abreast = np.array([(0.3, 0.3, 0.4, 0.6), (0.39, 0.31, 0.49, 0.61)])
    assert joined(abreast, np.array([Kind.TRUCK, Kind.TRUCK], np.int16)).tolist() == abreast.tolist()


def test_the_wheel_of_a_bus_is_no_motorcycle_but_one_that_passes_before_it_is():
    bus, wheel, rider = (0.3, 0.25, 0.7, 0.48), (0.4, 0.41, 0.44, 0.48), (0.5, 0.4, 0.54, 0.52)
    kinds = np.array([Kind.BUS, Kind.MOTORCYCLE, Kind.MOTORCYCLE], np.int16)
    assert without_duplicates(np.array([bus, wheel, rider]), np.array([0.9, 0.6, 0.7], np.float32), kinds).tolist() == [
        0,
        2,
    ]


def test_a_rider_and_a_motorcycle_are_two_detections():
    rows = ((0.4, 0.3, 0.5, 0.5), 0.8, Kind.PERSON), ((0.4, 0.35, 0.5, 0.52), 0.7, Kind.MOTORCYCLE)
    tracker = Tracker()
    for time_s in (0.0, 0.2, 0.4):
        tracked = look(tracker, time_s, *rows)
    assert sorted(track.kind for track in tracked.seen) == [Kind.PERSON, Kind.MOTORCYCLE]


def test_weak_detections_prolong_a_track_but_begin_none():
    tracker = Tracker()
    assert not stand(tracker, np.arange(0, 2, 0.2), score=0.3).seen
    assert not tracker.tracks
    stand(tracker, np.arange(2, 3, 0.2))
    assert [track.number for track in stand(tracker, np.arange(3, 9, 0.2), score=0.3).seen] == [1]


def test_who_was_lost_for_a_second_is_not_found_by_a_weak_detection():
    tracker = Tracker()
    stand(tracker, np.arange(0, 1, 0.2))
    for time_s in np.arange(1, 2.1, 0.2):
        look(tracker, float(time_s))
    assert not look(tracker, 2.2, (BOX, 0.3, Kind.CAR)).seen
    assert [track.number for track in look(tracker, 2.4, (BOX, 0.8, Kind.CAR)).seen] == [1]


def looks_until_sure(*others, score: float) -> int:
    """How many looks at a box, five a second, make it one vehicle more than those others, which are known."""
    tracker = Tracker()
    stand(tracker, np.arange(0, 1, 0.2), *others) if others else look(tracker, 0.8)
    for looks in range(1, 10):
        rows = [(other, 0.8, Kind.CAR) for other in others]
        if len(look(tracker, 0.8 + 0.2 * looks, (BOX, score, Kind.CAR), *rows).seen) > len(others):
            return looks
    raise AssertionError("it is never sure")


def test_a_doubtful_detection_needs_three_more_in_a_row_and_a_good_one_only_one():
    assert (looks_until_sure(score=0.45), looks_until_sure(score=0.8)) == (4, 2)


def test_what_lies_within_another_vehicle_needs_more_proof():
    apart, behind = (0.6, 0.4, 0.72, 0.5), (0.46, 0.3, 0.58, 0.48)
    assert (looks_until_sure(apart, score=0.8), looks_until_sure(behind, score=0.8)) == (2, 4)


def test_who_walks_is_no_bicycle_but_who_rides_from_the_first_look_on_is_one():
    walks, bicycle = (BOX, 0.8, Kind.PERSON), (BOX, 0.6, Kind.BICYCLE)
    times_s = [float(time_s) for time_s in np.arange(0, 2, 0.2)]
    tracker = Tracker()
    seen = [look(tracker, time_s, *([walks] if time_s < 1 else [walks, bicycle])).seen for time_s in times_s]
    assert [[track.kind for track in tracks] for tracks in seen[-2:]] == [[Kind.PERSON]] * 2
    tracker = Tracker()
    seen = [look(tracker, time_s, walks, bicycle).seen for time_s in times_s]
    assert sorted(track.kind for track in seen[-1]) == [Kind.PERSON, Kind.BICYCLE]


def test_at_one_look_a_second_a_single_good_detection_is_a_vehicle():
    tracker = Tracker()
    look(tracker, 0.0)
    assert len(look(tracker, 1.0, (BOX, 0.8, Kind.CAR)).seen) == 1


def test_a_vehicle_that_left_the_picture_ends_at_once_and_a_lost_one_after_three_seconds():
    leaves, vanishes = Vehicle((0.5, 0.3), (0.25, 0.0)), Vehicle((0.2, 0.8), (0.05, 0.0), ends_s=2.0)
    tracker = Tracker()
    ended_s = {}
    for time_s in np.arange(0, 8, 0.2):
        _, ended = follow(tracker, [leaves, vanishes], [time_s])
        ended_s |= {track.number: time_s - track.seen_s for track in ended}
    assert sorted(ended_s.values()) == pytest.approx([0.6, 3.0], abs=0.4)


def test_seconds_without_looks_end_no_track_in_a_hurry():
    tracker = Tracker()
    stand(tracker, np.arange(0, 2, 0.2))
    assert [track.number for track in look(tracker, 8.0, (BOX, 0.8, Kind.CAR)).seen] == [1]


def test_a_moving_vehicle_is_given_up_ten_seconds_after_it_was_seen_and_a_parked_one_never():
    tracker = Tracker()
    parked, moving = Vehicle((0.8, 0.9), (0.0, 0.0)), Vehicle((0.1, 0.5), (0.02, 0.0))
    follow(tracker, [parked, moving], np.arange(0, 8, 0.2))
    assert not tracker.expire(17.0)
    assert [track.rest.place[0] < 0.5 for track in tracker.expire(18.0)] == [True]
    assert not tracker.expire(1e6)


def test_a_parked_vehicle_is_given_up_after_ten_looks_in_vain_half_a_minute_apart():
    tracker = Tracker()
    stand(tracker, np.arange(0, 10, 1.0))
    ended = [look(tracker, 9 + 30.0 * count).ended for count in range(1, 11)]
    assert [len(tracks) for tracks in ended] == [0] * 9 + [1]


def test_numbers_go_on_after_the_time_of_the_first_look_so_that_a_restart_repeats_none():
    tracker = Tracker()
    tracked = stand(tracker, (1_700_000_000.0, 1_700_000_000.2))
    assert [track.number for track in tracked.seen] == [1_700_000_001]


def test_a_half_hidden_vehicle_has_not_moved():
    assert displacement(BOX, (0.4, 0.4, 0.46, 0.5)) == pytest.approx(0.0)
    assert displacement(BOX, (0.46, 0.4, 0.58, 0.5)) == pytest.approx(0.5)


def test_an_edge_of_the_picture_does_not_hold_a_vehicle_that_drives_out_over_it():
    assert displacement((0.5, 0.0, 0.6, 0.3), (0.5, 0.01, 0.6, 0.15)) == pytest.approx(0.5)
    assert displacement((0.5, 0.7, 0.6, 1.0), (0.5, 0.85, 0.6, 1.0)) == pytest.approx(0.5)
    assert displacement((0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0)) == 0.0


def test_rest_follows_slow_change_but_not_a_vehicle_that_drives_off():
    rest = Rest(BOX, 0.0, 0.0)
    for minute in range(1, 100):
        x = 0.001 * minute
        rest.see(60.0 * minute, (BOX[0] + x, BOX[1], BOX[2] + x, BOX[3]))
    assert (rest.since_s, rest.until_s) == (0.0, 5940.0)
    x1, y1, x2, y2 = rest.place
    rest.see(5941.0, (x1 + 0.04, y1, x2 + 0.04, y2))
    assert rest.since_s == 0.0
    rest.see(5942.0, (x1 + 0.05, y1, x2 + 0.05, y2))
    assert rest.since_s == 5942.0


def test_the_same_detections_give_the_same_tracks():
    vehicles = [Vehicle((-0.05, y), (0.2, 0.0), begins_s=y) for y in (0.3, 0.5, 0.7)]
    noise = Noise(0.05, 0.1, 0.1)
    times_s = np.arange(0, 6, 0.2)
    assert follow(Tracker(), vehicles, times_s, noise, 7)[0] == follow(Tracker(), vehicles, times_s, noise, 7)[0]


@pytest.mark.parametrize("rate", [5, 10])
def test_a_car_that_passes_behind_a_standing_bus_keeps_its_number(rate):
    bus = (0.42, 0.3, 0.62, 0.62)

    def seen_of(time_s: float):
        x1, x2 = 0.1 + 0.12 * time_s, 0.22 + 0.12 * time_s
        hidden_from, hidden_to = max(x1, bus[0]), min(x2, bus[2])
        if hidden_to <= hidden_from:
            return (x1, 0.42, x2, 0.52)
        left, right = (x1, hidden_from), (hidden_to, x2)
        a, b = max(left, right, key=lambda side: side[1] - side[0])
        return (a, 0.42, b, 0.52) if b - a > 0.03 else None

    tracker, numbers = Tracker(), set()
    for time_s in np.arange(0, 5.5, 1 / rate):
        box = seen_of(float(time_s))
        rows = [(bus, 0.9, Kind.BUS)] + ([] if box is None else [(box, 0.8, Kind.CAR)])
        numbers |= {track.number for track in look(tracker, float(time_s), *rows).seen if track.kind is Kind.CAR}
    assert len(numbers) == 1
    assert tracker.tracks[-1].path[-1][1][0] > 0.7


def test_a_lorry_that_comes_in_over_the_edge_is_not_the_car_that_has_left_that_edge_behind():
    tracker = Tracker()
    for step in range(8):
        y2 = 1.06 - 0.025 * step
        look(tracker, 0.2 * step, ((0.55, y2 - 0.29, 0.72, min(y2, 1.0)), 0.8, Kind.CAR))
    car = {track.number for track in tracker.tracks}
    lorries: set[int] = set()
    for step in range(8, 14):
        seen = look(tracker, 0.2 * step, ((0.53, 0.76 - 0.02 * step, 0.8, 1.0), 0.8, Kind.TRUCK)).seen
        lorries |= {track.number for track in seen}
    assert len(car) == len(lorries) == 1
    assert not car & lorries


def test_what_comes_nearer_at_a_steady_speed_is_found_again_after_two_seconds():
    def coming(time_s: float):
        away = 60.0 - 11.0 * time_s
        half, y = 1.5 / away, 0.2 + 8.0 / away
        return (0.5 - half, y - 2 * half, 0.5 + half, y)

    tracker = Tracker()
    times_s = [*np.arange(0, 2.01, 0.2), *np.arange(4.0, 4.5, 0.2)]
    numbers = [look(tracker, float(time_s), (coming(time_s), 0.8, Kind.CAR)).seen for time_s in times_s]
    assert {track.number for seen in numbers for track in seen} == {1}


def test_a_car_and_a_motorcycle_in_one_place_are_one_vehicle_but_a_rider_and_the_motorcycle_are_two():
    place, nearly = (0.4, 0.4, 0.5, 0.6), (0.402, 0.4, 0.505, 0.6)
    score = np.array([0.9, 0.6], np.float32)
    for kinds, kept in (((Kind.MOTORCYCLE, Kind.CAR), [0]), ((Kind.PERSON, Kind.MOTORCYCLE), [0, 1])):
        assert without_duplicates(np.array([place, nearly]), score, np.array(kinds, np.int16)).tolist() == kept
