from dataclasses import replace

import numpy as np
import pytest
from scenes import LEFT_HALF, MIDDLE, Noise, Vehicle, camera, found, newest, play

from gtvision.domain.camera import Sampling
from gtvision.domain.detections import Detections
from gtvision.domain.event import message_event_id
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Zone, ZoneKind
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.sampler import Decode

EVERY = Trigger("any", TriggerType.ENTER)
STAND = Trigger("stand", TriggerType.STATIONARY, min_s=20)
WHOLE = camera(EVERY, zones=())
PARKED = Vehicle((0.5, 0.6), (0.0, 0.0))
STREET = np.random.default_rng(0).integers(80, 120, (180, 320), dtype=np.uint8)


def with_car(x: int) -> np.ndarray:
    """The street with something bright on it."""
    grey = STREET.copy()
    grey[80:120, x : x + 60] = 250
    return grey


def warmed_up(cam=WHOLE, seconds: int = 30) -> CameraCore:
    """A core that knows its empty street."""
    core = CameraCore(cam)
    for time_s in range(seconds):
        assert core.packet(time_s, True) is not None
        core.take(time_s)
        if core.see(time_s, STREET).look.passed:
            core.detected(time_s, Detections.none())
    return core


def test_an_empty_street_is_seen_in_warm_up_and_then_left_alone():
    core = CameraCore(WHOLE)
    looks = [core.see(float(time_s), STREET).look for time_s in range(60)]
    assert looks[0].passed
    assert not any(look.passed for look in looks[30:])
    assert core.mode == "idle"


def test_motion_begins_a_burst_at_the_previous_idle_sample_and_quiet_ends_it():
    core = warmed_up()
    core.packet(30.0, True)
    assert core.take(30.0)
    seen = core.see(30.0, with_car(100))
    assert seen.look.passed
    assert seen.catch_up_from_s == 29.0
    assert core.mode == "burst"
    assert core.packet(30.04, False) is Decode.FEED
    for time_s in np.arange(30.2, 40, 0.2):
        core.see(time_s, STREET)
    assert core.mode == "idle"


def test_a_vehicle_that_moves_passes_whatever_the_gate_says():
    core = warmed_up()
    play(core, [Vehicle((0.2, 0.6), (0.05, 0.0), begins_s=30)], np.arange(30, 31, 0.2))
    seen = core.see(31.0, STREET)
    assert (seen.look.passed, seen.look.reason) == (True, "track")
    assert core.mode == "burst"


def test_a_parked_vehicle_is_looked_at_twice_a_minute():
    core = warmed_up()
    play(core, [PARKED], np.arange(30, 40, 0.2))
    core.see(40.0, STREET)
    passed = []
    for time_s in range(41, 241):
        look = core.see(float(time_s), STREET).look
        if look.passed:
            passed.append(look.reason)
            play(core, [PARKED], [time_s])
    assert core.mode == "idle"
    assert set(passed) == {"parked"}
    assert len(passed) == pytest.approx(200 / 30, abs=1)
    assert len(core.open_events) == 1


def test_a_parked_vehicle_that_was_not_found_is_looked_for_sooner():
    core = warmed_up()
    play(core, [PARKED], np.arange(30, 40, 0.2))
    passed = []
    for time_s in range(40, 120):
        if core.see(float(time_s), STREET).look.passed:
            passed.append(time_s)
            core.detected(float(time_s), Detections.none())
    assert np.diff(passed).tolist()[1:] == [5] * (len(passed) - 2)
    assert core.open_events


def test_a_sample_that_the_detector_missed_is_tried_again_and_ends_nothing():
    core = warmed_up()
    play(core, [PARKED], np.arange(30, 40, 0.2))
    asked = []
    for time_s in range(40, 100):
        if core.see(float(time_s), STREET).look.passed:
            asked.append(time_s)
            core.missed(float(time_s))
    assert np.diff(asked).tolist()[1:] == [5] * (len(asked) - 2)
    assert core.open_events


def test_silence_closes_the_events_of_moving_vehicles_and_not_those_of_parked_ones():
    core = CameraCore(WHOLE)
    moving = Vehicle((0.1, 0.9), (0.03, 0.0))
    told = play(core, [PARKED, moving], np.arange(0, 8, 0.2))
    last_s = max(event.seen_s for event in core.open_events)
    assert not core.tick(last_s + 9)
    (closed,) = core.tick(last_s + 11)
    assert closed.end_s == pytest.approx(last_s)
    assert len(newest(told)) == 2
    assert not core.tick(last_s + 7200)
    assert len(core.open_events) == 1


def test_detections_in_an_ignore_zone_make_no_event():
    ignore = Zone("sign", ((0.4, 0.4), (0.6, 0.4), (0.6, 0.8), (0.4, 0.8)), ZoneKind.IGNORE)
    core = CameraCore(camera(EVERY, zones=(ignore,)))
    assert not play(core, [PARKED], np.arange(0, 5, 0.2))


def test_detections_that_come_late_change_nothing():
    core = CameraCore(WHOLE)
    play(core, [PARKED], np.arange(0, 5, 0.2))
    assert not core.detected(3.0, found(((0.1, 0.1, 0.2, 0.2), 0.9, Kind.CAR)))
    assert len(core.open_events) == 1


def test_a_clock_that_was_set_back_closes_what_was_open_and_goes_on():
    core = CameraCore(WHOLE)
    play(core, [PARKED], np.arange(5000, 5010, 0.2))
    told = newest(play(core, [PARKED], np.arange(1000, 1005, 0.2)))
    assert sorted(event.is_open for event in told) == [False, True]


def test_a_clock_that_was_set_back_ends_the_silence_of_a_trigger():
    core = CameraCore(camera(Trigger("in", TriggerType.ENTER, cooldown_s=60), zones=()))
    play(core, [PARKED], np.arange(5000, 5010, 0.2))
    told = play(core, [PARKED], np.arange(1000, 1005, 0.2))
    assert [event.is_open for event in newest(told)] == [True, False]


def test_the_first_sample_after_a_restart_takes_the_open_event_up_again():
    before = CameraCore(camera(EVERY, STAND, zones=()))
    told = play(before, [PARKED], np.arange(0, 60, 1.0), Noise(), 2)
    after = CameraCore(camera(EVERY, STAND, zones=()), open_events=before.open_events)
    assert after.open_events == before.open_events
    told += play(after, [PARKED], np.arange(65, 95, 1.0), Noise(), 3)
    assert len(newest(told)) == 2
    driven_off = Vehicle((0.5, 0.6), (0.2, 0.0), begins_s=95)
    told += play(after, [driven_off], np.arange(95, 102, 0.2))
    assert [event.is_open for event in newest(told)] == [False, False]
    assert [event.revision for event in newest(told)] == [
        max(event.revision for event in told if event.id == last.id) for last in newest(told)
    ]


def test_an_event_whose_vehicle_is_not_found_after_a_restart_closes_when_it_was_last_seen():
    before = CameraCore(WHOLE)
    play(before, [PARKED], np.arange(0, 60, 1.0))
    (open_event,) = before.open_events
    after = CameraCore(WHOLE, open_events=before.open_events)
    assert not after.tick(10_000.0)
    told = play(after, [], np.arange(100, 115, 1.0))
    assert [(event.id, event.end_s) for event in told] == [(open_event.id, open_event.seen_s)]


def test_a_vehicle_that_drove_on_during_the_restart_is_not_a_new_event():
    car = Vehicle((0.2, 0.6), (0.1, 0.0))
    before = CameraCore(WHOLE)
    told = play(before, [car], np.arange(0, 3, 0.2))
    after = CameraCore(WHOLE, open_events=before.open_events)
    told += play(after, [car], np.arange(4, 9, 0.2))
    assert len(newest(told)) == 1


def test_an_open_event_of_a_trigger_that_is_gone_is_closed_at_the_first_occasion():
    before = CameraCore(WHOLE)
    play(before, [PARKED], np.arange(0, 10, 0.2))
    after = CameraCore(camera(STAND, zones=()), open_events=before.open_events)
    (closed,) = after.tick(12.0)
    assert closed.end_s == pytest.approx(9.8)
    assert not after.tick(13.0)


def test_changed_settings_keep_tracks_and_close_the_events_of_triggers_that_are_gone():
    core = CameraCore(camera(EVERY, STAND, zones=()))
    told = play(core, [PARKED], np.arange(0, 40, 0.5))
    assert len(core.open_events) == 2
    renamed = replace(camera(EVERY, zones=()), name="Main street", sampling=Sampling(idle_period_s=2.0))
    (closed,) = core.apply(renamed)
    assert closed.trigger_id == "stand"
    told += play(core, [PARKED], np.arange(40, 50, 0.5))
    assert len(newest(told)) == 2
    (still_open,) = core.open_events
    assert still_open.start_s == 0.0


def test_a_trigger_that_watches_another_place_begins_anew():
    here = Trigger("in", TriggerType.ENTER, zone="left")
    core = CameraCore(camera(here, zones=(LEFT_HALF,)))
    (opened,) = newest(play(core, [Vehicle((0.42, 0.6), (0.0, 0.0))], np.arange(0, 10, 0.5)))
    moved = Zone("left", MIDDLE.polygon)
    (closed,) = core.apply(camera(here, zones=(moved,)))
    assert closed.id == opened.id
    (again,) = newest(play(core, [Vehicle((0.42, 0.6), (0.0, 0.0))], np.arange(10, 20, 0.5)))
    assert again.track == opened.track
    assert again.id != opened.id


def test_the_end_of_a_recording_closes_everything():
    core = CameraCore(WHOLE)
    told = [*play(core, [PARKED], np.arange(0, 10, 0.5)), *core.close()]
    assert [event.end_s for event in newest(told)] == [9.5]
    assert not core.open_events


def test_events_carry_the_epoch_of_their_core():
    core = CameraCore(WHOLE, epoch=7)
    assert {event.epoch for event in play(core, [PARKED], np.arange(0, 3, 0.5))} == {7}


def test_what_stands_there_when_the_detector_comes_back_is_looked_at_though_nothing_moves():
    core = warmed_up()
    passed_s = []
    for time_s in np.arange(30, 60, 1.0):
        core.packet(float(time_s), True)
        core.take(float(time_s))
        if core.see(float(time_s), with_car(100)).look.passed:
            passed_s.append(float(time_s))
            core.missed(float(time_s))
    assert passed_s[-1] >= 50
    core.detected(60.0, Detections.none())
    later = [core.see(float(time_s), with_car(100)).look.passed for time_s in np.arange(61, 90, 1.0)]
    assert not any(later)


CAR = found(((0.4, 0.4, 0.6, 0.6), 0.9, Kind.CAR))


def test_an_event_that_a_message_makes_is_named_after_it_and_keeps_its_name():
    core = CameraCore(WHOLE)
    (opened,) = core.detected(1000.0, CAR, "m-1")
    assert opened.id == message_event_id("cam", "any", opened.track, "m-1")
    assert core.detected(1000.5, CAR, "m-2") == ()
    assert [event.id for event in core.open_events] == [opened.id]
    (closed,) = core.close()
    assert (closed.id, closed.revision) == (opened.id, 1)


def test_what_time_makes_after_a_message_is_not_named_after_it():
    leaves = camera(Trigger("out", TriggerType.LEAVE), zones=())
    core = CameraCore(leaves)
    for time_s in (1000.0, 1000.5, 1001.0):
        core.detected(time_s, CAR, "m-1")
    (left,) = core.tick(1020.0)
    assert left.id != message_event_id("cam", "out", left.track, "m-1")


def test_the_same_message_after_a_restart_goes_on_with_the_event_that_it_had_opened():
    (opened,) = CameraCore(WHOLE).detected(1000.0, CAR, "m-1")
    core = CameraCore(camera(zones=()))
    core.apply(WHOLE)
    core.resume([opened])
    assert core.detected(1005.0, CAR, "m-1") == ()
    assert [event.id for event in core.open_events] == [opened.id]


def test_a_picture_that_somebody_pushed_always_passes():
    core = CameraCore(WHOLE)
    core.given(1000.0)
    (sample,) = core.log.since(0, 9)
    assert (sample.look.passed, sample.look.reason) == (True, "pushed")
