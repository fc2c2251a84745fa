import numpy as np
import pytest
from scenes import Noise, Vehicle, camera, detected, found, newest, play

from gtvision.domain.camera import Camera, Source
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Calibration, Line, Zone
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.pipeline.calibration import Road
from gtvision.pipeline.camera import CameraCore
from gtvision.traffic import scene

CORNERS = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.9), (0.2, 0.9))
FLAT = Calibration(CORNERS, ((0.0, 0.0), (30.0, 0.0), (30.0, 35.0), (0.0, 35.0)))  # seen from above: 50 m a picture
LANE = Zone("lane", CORNERS, calibration=FLAT)
SPEED = Trigger("fast", TriggerType.SPEED, zone="lane")
KMH = 50 * 3.6  # what a picture a second is


def told_of(
    *vehicles: Vehicle, trigger: Trigger = SPEED, until_s: float = 14.0, seed: int = 0, noise: Noise | None = None
):
    core = CameraCore(camera(trigger, zones=(LANE,)))
    told = play(core, vehicles, np.arange(0, until_s, 0.2), noise or Noise(), seed)
    return newest([*told, *core.close()])


def passing(speed: float, **more: object) -> Vehicle:
    return Vehicle((-0.05, 0.6), (speed, 0.0), **more)  # type: ignore[arg-type]


def test_four_points_take_the_picture_to_the_road():
    road = Road(Calibration(((0.4, 0.4), (0.6, 0.4), (0.9, 0.9), (0.1, 0.9)), ((0, 30), (7, 30), (7, 0), (0, 0))))
    assert road.metres(np.array([(0.1, 0.9), (0.6, 0.4)])) == pytest.approx(np.array([(0, 0), (7, 30)]), abs=1e-9)
    _, middle_m = road.metres(np.array([(0.5, 0.65)]))[0]
    assert 0 < middle_m < 15, "what is half way in the picture is nearer than half way on the road"


def test_beyond_the_horizon_there_is_no_road():
    road = Road(Calibration(((0.4, 0.4), (0.6, 0.4), (0.9, 0.9), (0.1, 0.9)), ((0, 30), (7, 30), (7, 0), (0, 0))))
    assert np.isnan(road.metres(np.array([(0.5, 0.1)]))).all()


@pytest.mark.parametrize("speed", [0.1, 0.2, 0.4])
def test_a_vehicle_is_as_fast_as_it_drives_whatever_its_box_does(speed):
    errors = []
    for seed in range(8):
        (event,) = told_of(passing(speed), seed=seed)
        errors.append(abs(event.speed_kmh / (speed * KMH) - 1))
    assert np.median(errors) < 0.03
    assert max(errors) < 0.1


def test_a_pass_is_one_event_from_coming_in_to_going_out():
    (event,) = told_of(passing(0.2))
    assert not event.is_open
    assert event.start_s == pytest.approx(1.25, abs=0.3)
    assert event.end_s == pytest.approx(4.25, abs=0.3)
    assert (event.zone_id, event.vehicles, event.length_m) == ("lane", None, None)


def test_the_picture_is_of_the_pass_and_not_of_the_moment_after_it():
    leaves_the_picture = Vehicle((0.5, 0.3), (0.0, 0.15))
    (event,) = told_of(leaves_the_picture)
    x1, y1, x2, y2 = event.best_box
    assert y2 < 0.995
    assert (x2 - x1) * (y2 - y1) > 0.9 * 0.12 * 0.1


def test_only_vehicles_at_least_so_fast_are_told():
    limit = Trigger("fast", TriggerType.SPEED, zone="lane", min_kmh=30)
    (event,) = told_of(passing(0.1), passing(0.3, begins_s=4), trigger=limit)
    assert event.speed_kmh == pytest.approx(0.3 * KMH, rel=0.1)


def test_a_parked_car_has_no_speed_though_its_box_scatters_while_others_drive_past():
    core = CameraCore(camera(SPEED, zones=(LANE,)))
    for index in range(100):
        hidden = 0.05 * abs(np.sin(index / 3)) if index > 40 else 0.0
        core.detected(index * 0.2, found(((0.4, 0.4, 0.6, 0.6 - hidden), 0.8, Kind.CAR)))
    assert not core.close()


def test_what_stands_has_no_speed():
    assert not told_of(Vehicle((0.5, 0.6), (0.0, 0.0)), until_s=60, noise=Noise(jitter=0.05))


def test_waiting_in_the_zone_does_not_make_the_pass_slower():
    comes, waits = passing(0.1, ends_s=5.0), Vehicle((0.45, 0.6), (0.0, 0.0), begins_s=5.2, ends_s=25)
    goes_on = Vehicle((0.45, 0.6), (0.1, 0.0), begins_s=25.2)
    (event,) = told_of(comes, waits, goes_on, until_s=40)
    assert event.speed_kmh == pytest.approx(0.1 * KMH, rel=0.15)


LINES = (Line("from", (0.3, 1.0), (0.3, 0.0)), Line("to", (0.7, 1.0), (0.7, 0.0)))
BETWEEN = Trigger("between", TriggerType.SPEED, line="from", until_line="to", distance_m=20.0)


def between(*vehicles: Vehicle, until_s: float = 14.0, trigger: Trigger = BETWEEN, seed: int = 0):
    core = CameraCore(Camera("cam", (Source("rtsp://host/stream"),), zones=(LANE,), lines=LINES, triggers=(trigger,)))
    told = play(core, vehicles, np.arange(0, until_s, 0.2), seed=seed)
    return newest([*told, *core.close()])


@pytest.mark.parametrize("speed", [0.1, -0.1, 0.25, -0.4])
def test_between_two_lines_the_time_tells_the_speed_both_ways_though_a_zone_is_calibrated(speed):
    vehicle = Vehicle((-0.05 if speed > 0 else 1.05, 0.6), (speed, 0.0))
    errors = []
    for seed in range(6):
        (event,) = between(vehicle, seed=seed)
        assert event.start_s == pytest.approx(0.75 / abs(speed), abs=0.3)
        errors.append(abs(event.speed_kmh / (abs(speed) * KMH) - 1))
    assert np.median(errors) < 0.05


def test_who_crosses_one_line_alone_has_no_speed():
    turns_off = Vehicle((-0.05, 0.6), (0.1, 0.0), ends_s=5.0)
    assert not between(turns_off)


def test_who_turns_back_between_the_lines_has_no_speed():
    there, back = Vehicle((0.1, 0.6), (0.1, 0.0), ends_s=4.0), Vehicle((0.5, 0.6), (-0.1, 0.0), begins_s=4.2)
    assert not between(there, back)


def test_the_slower_ones_between_the_lines_are_not_told():
    limit = Trigger("between", TriggerType.SPEED, line="from", until_line="to", distance_m=20.0, min_kmh=30)
    (event,) = between(passing(0.1), passing(0.3, begins_s=3), trigger=limit)
    assert event.speed_kmh == pytest.approx(0.3 * KMH, rel=0.1)


def test_on_a_simulated_motorway_speeds_are_those_that_were_driven():
    traffic = scene("motorway", 3, size=(160, 90), fps=5)
    core = CameraCore(traffic.scene.measuring_camera())
    rng = np.random.default_rng(3)
    told, frames = [], {}
    for time_s, _, truth in traffic.frames(40):
        frames[time_s] = truth.seen
        told += core.detected(time_s, detected(truth.seen, rng))
    stories = {story.id: story for story in traffic.truth()}
    errors = []
    for event in newest([*told, *core.close()]):
        if event.trigger_type is TriggerType.SPEED:
            near = min(frames[event.seen_s], key=lambda one: np.abs(np.subtract(one.box, event.box)).sum())
            driven = [step.speed_kmh for step in stories[near.id].path if event.start_s <= step.time_s <= event.end_s]
            errors.append(abs(event.speed_kmh / np.median(driven) - 1))
    assert len(errors) > 15
    assert np.median(errors) < 0.03
    assert np.quantile(errors, 0.9) < 0.1
