from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scenes import Noise, Vehicle, camera, detected, newest, play

from gtvision.domain.detections import Detections
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Calibration, Zone
from gtvision.domain.trigger import Schedule, Trigger, TriggerType
from gtvision.pipeline.camera import CameraCore
from gtvision.traffic import SCENES, Recording, Traffic

CORNERS = ((0.05, 0.1), (0.95, 0.1), (0.95, 0.95), (0.05, 0.95))
SEEN_FROM_ABOVE = Calibration(CORNERS, ((0.0, 0.0), (45.0, 0.0), (45.0, 42.5), (0.0, 42.5)))  # 50 m a picture
LANE = Zone("lane", CORNERS, calibration=SEEN_FROM_ABOVE)
QUEUE = Trigger("jam", TriggerType.QUEUE, zone="lane", min_s=5)
STAND = Trigger("stand", TriggerType.STATIONARY, zone="lane", min_s=10)
BOTH = camera(QUEUE, STAND, zones=(LANE,))


def waiting(place: int, begins_s: float, ends_s: float = 1e9, **more: object) -> Vehicle:
    """A car that stands in the queue, the first at the right."""
    return Vehicle((0.85 - 0.15 * place, 0.6), (0.0, 0.0), begins_s=begins_s, ends_s=ends_s, **more)  # type: ignore[arg-type]


def leaving(place: int, begins_s: float) -> Vehicle:
    """The same car from when it drives on."""
    return Vehicle((0.85 - 0.15 * place, 0.6), (0.08, 0.0), begins_s=begins_s + 0.2)


def red_light(cars: int, from_s: float, green_s: float) -> list[Vehicle]:
    """Cars that stop behind each other, and start again one after the other."""
    starts = [(place, from_s + 2 * place, green_s + 1.2 * place) for place in range(cars)]
    return [waiting(place, stops_s, starts_s) for place, stops_s, starts_s in starts] + [
        leaving(place, starts_s) for place, _, starts_s in starts
    ]


def told_of(vehicles, times_s, cam=BOTH, seed: int = 0, noise: Noise | None = None):
    core = CameraCore(cam)
    told = play(core, vehicles, times_s, noise or Noise(jitter=0.03, dropout=0.05), seed)
    return newest([*told, *core.close()])


def test_a_red_light_is_one_queue_with_its_size_and_no_stationary_vehicle():
    (event,) = told_of(red_light(6, 2.0, 30.0), np.arange(0, 50, 0.2))
    assert event.trigger_id == "jam"
    assert event.vehicles == 6
    assert event.length_m == pytest.approx(5 * 7.5 + 4.5, abs=2.5)
    assert event.start_s == pytest.approx(6.0 + 5.0, abs=1.0)
    assert event.end_s == pytest.approx(30 + 3 * 1.2, abs=2.5)


def test_the_event_is_that_of_the_first_car_around_all_of_them():
    core = CameraCore(BOTH)
    told = play(core, red_light(5, 2.0, 40.0), np.arange(0, 30, 0.2))
    (event,) = core.open_events
    first = min((e for e in told), key=lambda e: e.start_s)
    assert event.track == first.track
    assert event.best_box == pytest.approx((0.19, 0.5, 0.91, 0.6), abs=0.04)
    assert event.vehicles == 5
    assert event.kind is Kind.CAR


def test_its_picture_is_of_when_it_was_longest():
    core = CameraCore(BOTH)
    told = play(core, red_light(6, 2.0, 40.0), np.arange(0, 60, 0.2))
    last = newest([*told, *core.close()])[0]
    assert last.best_s == pytest.approx(2 + 2 * 5 + 2, abs=2.5), "two seconds after the sixth has stopped"
    assert last.best_box[0] == pytest.approx(0.04, abs=0.04)


def test_fewer_than_asked_for_are_no_queue():
    assert not told_of(red_light(2, 2.0, 30.0), np.arange(0, 50, 0.2))


def test_each_red_light_is_a_queue_of_its_own():
    twice = red_light(4, 2.0, 20.0) + red_light(5, 40.0, 60.0)
    assert [event.vehicles for event in told_of(twice, np.arange(0, 70, 0.2))] == [4, 5]


def test_a_short_gap_does_not_split_a_queue():
    """Those at the front move up; those behind them have not moved yet."""
    still = [waiting(place, 2.0 + place) for place in (2, 3)]
    front = waiting(0, 1.0, 20.0)
    moves_up = Vehicle((0.85, 0.6), (0.05, 0.0), begins_s=20.2, ends_s=21.0)
    stands_again = Vehicle((0.89, 0.6), (0.0, 0.0), begins_s=21.2)
    events = told_of([*still, front, moves_up, stands_again], np.arange(0, 50, 0.2))
    assert [event.trigger_id for event in events] == ["jam"]


def test_without_calibration_a_queue_has_no_length():
    cam = camera(QUEUE, zones=(replace(LANE, calibration=None),))
    (event,) = told_of(red_light(4, 2.0, 30.0), np.arange(0, 50, 0.2), cam)
    assert (event.vehicles, event.length_m) == (4, None)


def test_a_car_that_broke_down_is_told_once_the_queue_has_dissolved():
    others = [vehicle for vehicle in red_light(5, 2.0, 25.0) if vehicle.start[0] < 0.8]
    broken = waiting(0, 2.0)
    jam, stand = told_of([broken, *others], np.arange(0, 70, 0.2))
    assert (jam.trigger_id, stand.trigger_id) == ("jam", "stand")
    assert stand.start_s == pytest.approx(jam.end_s + 10, abs=0.1)


def test_a_broken_down_car_is_not_counted_in_the_next_queue():
    others = [vehicle for vehicle in red_light(4, 2.0, 25.0) if vehicle.start[0] < 0.8]
    again = [vehicle for vehicle in red_light(4, 50.0, 70.0) if vehicle.start[0] < 0.8]
    events = told_of([waiting(0, 2.0), *others, *again], np.arange(0, 90, 0.2))
    assert Counter(event.trigger_id for event in events) == {"jam": 2, "stand": 1}
    assert [event.vehicles for event in events if event.trigger_id == "jam"] == [4, 3]


def test_the_first_car_at_a_red_light_waits_for_the_others_to_come():
    """It stands alone for much longer than `min_s` of the stationary trigger, and is told of neither."""
    alone = [waiting(0, 2.0, 55.0), leaving(0, 55.0)]
    assert not told_of(alone, np.arange(0, 70, 0.2))
    later = [waiting(place, 40.0, 70.0) for place in (1, 2)]
    (event,) = told_of([waiting(0, 2.0, 70.0), *later], np.arange(0, 75, 0.2))
    assert (event.trigger_id, event.vehicles) == ("jam", 3)


def test_a_car_that_stands_alone_for_a_minute_does_not_wait():
    (event,) = told_of([waiting(0, 2.0)], np.arange(0, 100, 0.2))
    assert event.trigger_id == "stand"
    assert event.start_s == pytest.approx(12, abs=0.5), "it has been standing since then, though nobody knew"


def test_where_no_queue_is_looked_for_standing_cars_are_stationary_at_once():
    elsewhere = Zone("lane", ((0.05, 0.7), (0.95, 0.7), (0.95, 0.95), (0.05, 0.95)))
    beside = Zone("beside", CORNERS)
    cam = camera(QUEUE, replace(STAND, zone="beside"), zones=(elsewhere, beside))
    events = told_of(red_light(4, 2.0, 30.0), np.arange(0, 50, 0.2), cam)
    assert [event.trigger_id for event in events] == ["stand"] * 4


def test_at_hours_when_no_queue_is_told_standing_cars_are():
    noon_s = 1_767_279_600.0  # 2026-01-01 12:00 in Sao Paulo
    evening = Schedule(start_min=18 * 60, end_min=20 * 60)
    cam = camera(replace(QUEUE, schedule=evening), STAND, zones=(LANE,))
    events = told_of(red_light(4, noon_s, noon_s + 30), noon_s + np.arange(0, 50, 0.2), cam)
    assert [event.trigger_id for event in events] == ["stand"] * 4


def test_after_a_queue_the_trigger_is_silent_for_its_cooldown():
    cam = camera(replace(QUEUE, cooldown_s=60.0), zones=(LANE,))
    twice = red_light(4, 2.0, 20.0) + red_light(5, 40.0, 60.0)
    assert [event.vehicles for event in told_of(twice, np.arange(0, 70, 0.2), cam)] == [4]


def test_only_the_kinds_asked_for_make_a_queue():
    lorries = camera(replace(QUEUE, kinds=frozenset({Kind.TRUCK})), zones=(LANE,))
    assert not told_of(red_light(5, 2.0, 30.0), np.arange(0, 50, 0.2), lorries)


def test_weak_detections_make_no_queue():
    sure = camera(replace(QUEUE, min_score=0.9), zones=(LANE,))
    assert not told_of(red_light(5, 2.0, 30.0), np.arange(0, 50, 0.2), sure)


def test_looked_at_twice_a_minute_a_jam_goes_on():
    cars = [waiting(place, 2.0) for place in range(5)]
    times_s = [*np.arange(0, 20, 0.2), *np.arange(20, 1800, 30.0)]
    core = CameraCore(BOTH)
    told = play(core, cars, times_s, Noise(jitter=0.03), 3)
    assert [event.trigger_id for event in newest(told)] == ["jam"]
    assert len(told) < 20


def test_a_jam_that_nobody_finds_any_more_is_over_though_nobody_looks():
    core = CameraCore(BOTH)
    told = play(core, [waiting(place, 2.0) for place in range(3)], np.arange(0, 20, 0.2))
    told += core.detected(50.0, Detections.none())
    assert not core.tick(55.0)
    (over,) = core.tick(63.0)
    assert over.end_s == pytest.approx(19.8)


def test_while_the_detector_is_away_a_jam_goes_on():
    core = CameraCore(BOTH)
    play(core, [waiting(place, 2.0) for place in range(3)], np.arange(0, 20, 0.2))
    assert not core.tick(3600.0)
    assert len(core.open_events) == 1


def test_a_restarted_camera_goes_on_with_the_queue():
    first = CameraCore(BOTH)
    play(first, red_light(5, 2.0, 60.0), np.arange(0, 30, 0.2))
    (left_open,) = first.open_events
    second = CameraCore(BOTH, open_events=first.open_events)
    told = play(second, red_light(5, 2.0, 60.0), np.arange(33, 80, 0.2), Noise(jitter=0.03, dropout=0.05), 1)
    events = newest([*told, *second.close()])
    assert [event.id for event in events] == [left_open.id]
    assert events[0].vehicles == 5
    assert events[0].end_s == pytest.approx(60 + 3 * 1.2, abs=3.0)


def test_a_queue_that_dissolved_while_the_camera_was_away_ended_when_it_was_last_seen():
    first = CameraCore(BOTH)
    play(first, red_light(4, 2.0, 60.0), np.arange(0, 30, 0.2))
    second = CameraCore(BOTH, open_events=first.open_events)
    (over,) = newest(play(second, [], np.arange(100, 115, 1.0)))
    assert over.end_s == pytest.approx(29.8)


def test_a_queue_whose_trigger_is_gone_is_closed():
    core = CameraCore(BOTH)
    play(core, red_light(4, 2.0, 60.0), np.arange(0, 30, 0.2))
    (closed,) = core.apply(camera(STAND, zones=(LANE,)))
    assert closed.end_s == pytest.approx(29.8)
    assert not core.open_events


def test_triggers_that_count_are_none_of_the_event_machines():
    count = Trigger("flow", TriggerType.COUNT, line="upright")
    assert not told_of([Vehicle((-0.05, 0.6), (0.2, 0.0))], np.arange(0, 8, 0.2), camera(count))


@pytest.fixture(scope="module")
def crossing():
    """Looks at the approach of a crossing through three red lights, and how many really stand there."""
    traffic = Traffic(SCENES["crossing"](), Recording(4, size=(160, 90), fps=4))
    return traffic.scene.measuring_camera(), [(time_s, told.seen) for time_s, _, told in traffic.frames(116)]


def test_traffic_at_a_crossing_is_one_queue_a_red_light_and_nobody_is_stationary(crossing):
    cam, frames = crossing
    queue = next(trigger for trigger in cam.triggers if trigger.type is TriggerType.QUEUE)
    core = CameraCore(replace(cam, triggers=(queue, replace(STAND, zone=queue.zone))))
    rng = np.random.default_rng(1)
    told = []
    for time_s, seen in frames:
        told += core.detected(time_s, detected(seen, rng))
    events = newest([*told, *core.close()])
    assert {event.trigger_id for event in events} == {queue.id}
    reds = [(13 + 38 * turn, 38 * (turn + 1)) for turn in range(3)]
    for event in events:
        begins = [red for red, green in reds if red < event.start_s < green]
        assert len(begins) == 1, "a queue begins in a red light"
        assert event.end_s < begins[0] + 25 + 13, "and dissolves in the green that follows"
        assert event.vehicles >= 3
        assert 10 < event.length_m < 60
    assert len(events) >= 2
