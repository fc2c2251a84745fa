from datetime import datetime, timedelta, timezone

import cv2
import numpy as np
import pytest
from numpy.random import default_rng
from scenes import Vehicle, camera, newest, play

from gtvision.domain.camera import Location
from gtvision.domain.trigger import Profile, Trigger, TriggerType
from gtvision.pipeline.camera import CameraCore
from gtvision.pipeline.daylight import Infrared, is_colourless, profile_at, sun_deg
from gtvision.traffic import scene

SAO_PAULO = Location(-23.55, -46.63)
BRASILIA_TIME = timezone(timedelta(hours=-3))
NOON = datetime(2026, 6, 21, 12, 0, tzinfo=BRASILIA_TIME).timestamp()
MIDNIGHT = datetime(2026, 6, 22, 0, 0, tzinfo=BRASILIA_TIME).timestamp()
DUSK = datetime(2026, 6, 21, 17, 45, tzinfo=BRASILIA_TIME).timestamp()
PARKED = Vehicle((0.5, 0.6), (0.0, 0.0))
BY_NIGHT = Trigger("in", TriggerType.ENTER, zone="middle", profile=Profile.NIGHT)
BY_DAY = Trigger("day", TriggerType.ENTER, zone="middle", profile=Profile.DAY)
STANDS_BY_NIGHT = Trigger("stand", TriggerType.STATIONARY, zone="middle", min_s=20, profile=Profile.NIGHT)

# Civil dawn, sunrise, sunset and civil dusk of 1 January 2023 in the tables of stjerneskinn.com.
PUBLISHED = {
    "Itanhaém": (Location(-24.18, -46.79), ("04:57", "05:22", "18:58", "19:24")),
    "Chapecó": (Location(-27.10, -52.62), ("05:13", "05:39", "19:28", "19:54")),
    "Barcarena": (Location(-1.51, -48.62), ("05:49", "06:11", "18:24", "18:46")),
}


def seen(*pictures: tuple[float, bool]) -> Infrared:
    infrared = Infrared()
    for time_s, is_grey in pictures:
        infrared.saw(time_s, is_grey)
    return infrared


def noisy(bgr: np.ndarray, levels: float) -> np.ndarray:
    noise = default_rng(0).normal(0, levels, bgr.shape)
    return np.clip(bgr + noise, 0, 255).astype(np.uint8)


def as_sent(bgr: np.ndarray) -> np.ndarray:
    """The picture with its colours at half the size and compressed, as a camera sends it."""
    return cv2.imdecode(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 85])[1], cv2.IMREAD_COLOR)


@pytest.mark.parametrize(("place", "times"), PUBLISHED.values(), ids=PUBLISHED.keys())
def test_the_sun_rises_and_sets_when_the_tables_say(place: Location, times: tuple[str, ...]):
    for text, height_deg in zip(times, (-6.0, -0.833, -0.833, -6.0), strict=True):
        time_s = datetime.fromisoformat(f"2023-01-01T{text}").replace(tzinfo=BRASILIA_TIME).timestamp()
        assert sun_deg(place, time_s) == pytest.approx(height_deg, abs=0.5)  # the sun takes 2 minutes for half a degree


def test_it_is_night_from_the_middle_of_civil_twilight_on():
    assert profile_at(SAO_PAULO, False, NOON) is Profile.DAY
    assert profile_at(SAO_PAULO, False, DUSK - 180) is Profile.DAY
    assert profile_at(SAO_PAULO, False, DUSK + 180) is Profile.NIGHT
    assert profile_at(SAO_PAULO, False, MIDNIGHT) is Profile.NIGHT


def test_beyond_the_polar_circles_day_and_night_last_for_weeks():
    tromso, station = Location(69.65, 18.96), Location(-75.1, 123.35)
    for hour in range(24):
        june_s = datetime(2026, 6, 21, hour, tzinfo=BRASILIA_TIME).timestamp()
        assert profile_at(tromso, False, june_s) is Profile.DAY
        assert profile_at(station, False, june_s) is Profile.NIGHT


def test_infrared_is_night_whatever_the_sun_does_and_colour_is_not_day():
    assert profile_at(SAO_PAULO, True, NOON) is Profile.NIGHT
    assert profile_at(SAO_PAULO, False, MIDNIGHT) is Profile.NIGHT
    assert profile_at(SAO_PAULO, None, NOON) is Profile.DAY


def test_without_a_location_only_infrared_decides():
    assert profile_at(None, True, NOON) is Profile.NIGHT
    assert profile_at(None, False, MIDNIGHT) is Profile.DAY
    assert profile_at(None, None, NOON) is None


def test_the_first_picture_decides_at_once():
    assert seen().at(0.0) is None
    assert seen((0.0, True)).at(0.0) is True
    assert seen((0.0, False)).at(0.0) is False


def test_one_odd_picture_changes_nothing_however_far_apart_pictures_come():
    infrared = seen((0.0, False), (60.0, True), (120.0, False), (180.0, True))
    assert infrared.at(180.0) is False


def test_a_switch_counts_after_three_seconds_from_its_first_picture_on():
    infrared = seen((0.0, False), (10.0, True), (12.9, True))
    assert infrared.at(12.9) is False
    infrared.saw(13.0, True)
    assert [infrared.at(time_s) for time_s in (9.9, 10.0, 13.0)] == [False, True, True]


def test_the_state_survives_a_clock_that_was_set_back():
    infrared = seen((5000.0, False), (5010.0, True), (5020.0, True), (100.0, True))
    assert infrared.at(100.0) is True
    for time_s in (101.0, 105.0):
        infrared.saw(time_s, False)
    assert infrared.at(105.0) is False


@pytest.mark.parametrize("weather", ["day", "dusk", "night", "day+rain", "night+rain", "day+clouds+dirt"])
def test_streets_have_colour_by_any_light_and_none_in_infrared(weather: str):
    frames = scene("one-way", seed=3, weather=f"{weather}+ir", fps=0.04).frames(50)
    (_, in_colour, _), (_, in_infrared, _) = frames
    assert not is_colourless(as_sent(in_colour))
    assert is_colourless(as_sent(in_infrared))


def test_bare_asphalt_of_a_tint_of_four_levels_has_colour():
    assert not is_colourless(np.full((360, 640, 3), (92, 90, 88), np.uint8))
    assert is_colourless(np.full((360, 640, 3), (92, 90, 89), np.uint8))


def test_noise_and_a_yellow_caption_do_not_make_colour():
    grey = np.repeat(default_rng(1).integers(20, 200, (360, 640, 1), dtype=np.uint8), 3, axis=2)
    cv2.putText(grey, "2026-01-31 22:10:05", (10, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 255, 255), 2)
    assert is_colourless(noisy(grey, 3))


def test_a_tiny_picture_can_be_judged_too():
    assert is_colourless(np.zeros((6, 10, 3), np.uint8))


def core_of(*triggers: Trigger, **settings: object) -> CameraCore:
    return CameraCore(camera(*triggers, **settings))


def passing(begins_s: float) -> Vehicle:
    return Vehicle((-0.05, 0.6), (0.25, 0.0), begins_s=begins_s)


@pytest.mark.parametrize(("begins_s", "fired"), [(NOON, "day"), (MIDNIGHT, "in")])
def test_a_trigger_fires_only_in_its_half_of_the_day(begins_s: float, fired: str):
    core = core_of(BY_NIGHT, BY_DAY, location=SAO_PAULO)
    core.lit(begins_s, False)
    told = play(core, [passing(begins_s)], np.arange(begins_s, begins_s + 6, 0.2))
    assert [event.trigger_id for event in newest(told)] == [fired]


def test_infrared_arms_the_night_and_disarms_the_day():
    core = core_of(BY_NIGHT, BY_DAY)
    told = []
    for begins_s, is_grey in ((0.0, False), (20.0, True), (40.0, False)):
        core.lit(begins_s, is_grey)
        core.lit(begins_s + 3, is_grey)
        told += play(core, [passing(begins_s + 4)], np.arange(begins_s + 4, begins_s + 10, 0.2))
    assert [event.trigger_id for event in newest(told)] == ["day", "in", "day"]


def test_a_trigger_of_a_half_is_silent_while_nothing_is_known_and_others_are_not():
    core = core_of(BY_NIGHT, BY_DAY, Trigger("any", TriggerType.ENTER, zone="middle"))
    told = play(core, [passing(0.0)], np.arange(0, 6, 0.2))
    assert [event.trigger_id for event in newest(told)] == ["any"]


def test_what_stands_when_infrared_begins_is_told_then_and_goes_on_by_day():
    core = core_of(STANDS_BY_NIGHT)
    told = []
    for time_s in np.arange(0.0, 120.0, 1.0):
        core.lit(time_s, 60 <= time_s < 90)
        told += play(core, [PARKED], [time_s])
    (event,) = newest(told)
    assert event.is_open
    assert event.start_s == pytest.approx(63.0)


def test_what_stands_when_the_sun_goes_down_is_told_then():
    core = core_of(STANDS_BY_NIGHT, location=SAO_PAULO)
    core.lit(DUSK - 600, False)
    (event,) = newest(play(core, [PARKED], np.arange(DUSK - 600, DUSK + 600, 5.0)))
    assert event.start_s == pytest.approx(DUSK, abs=120)
    assert core.profile_at(event.start_s) is Profile.NIGHT
    assert core.profile_at(event.start_s - 10) is Profile.DAY


def test_a_camera_that_is_told_where_it_stands_knows_the_sun_at_once():
    core = core_of(BY_NIGHT)
    core.lit(MIDNIGHT, False)
    assert core.profile_at(MIDNIGHT) is Profile.DAY
    core.apply(camera(BY_NIGHT, location=SAO_PAULO))
    assert core.profile_at(MIDNIGHT) is Profile.NIGHT
