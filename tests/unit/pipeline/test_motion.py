import cv2
import numpy as np
import pytest

from gtvision.domain.places import Zone, ZoneKind
from gtvision.pipeline.motion import Look, MotionGate

HEIGHT, WIDTH = 180, 320
LEFT_HALF = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
IGNORED_CORNER = Zone("tree", ((0.0, 0.0), (0.2, 0.0), (0.2, 0.4), (0.0, 0.4)), ZoneKind.IGNORE)
Box = tuple[int, int, int, int]


class Scene:
    """A street with sensor noise, the same one each time."""

    def __init__(self, noise: float = 4.0) -> None:
        self._rng = np.random.default_rng(7)
        grain = cv2.GaussianBlur(self._rng.normal(0, 1, (HEIGHT, WIDTH)), (0, 0), 3)
        self._street = cv2.normalize(grain, None, 80, 200, cv2.NORM_MINMAX)
        self._noise = noise

    def picture(self, *boxes: Box, light: float = 1.0) -> np.ndarray:
        """The street with dark boxes `x, y, w, h` on it."""
        street = self._street * light
        for x, y, w, h in boxes:
            street[y : y + h, x : x + w] = 20
        noisy = street + self._rng.normal(0, self._noise, street.shape)
        return np.clip(noisy, 0, 255).astype(np.uint8)


def warm(gate: MotionGate, scene: Scene, until_s: int = 20) -> None:
    for second in range(until_s):
        gate.see(float(second), scene.picture())


def test_one_sample_a_second_passes_while_it_learns():
    gate, scene = MotionGate(()), Scene()
    looks = [gate.see(n / 5, scene.picture()) for n in range(35)]
    assert sum(look.passed for look in looks) == 7
    assert {look.reason for look in looks} == {"warm_up"}


def test_learning_takes_a_number_of_samples_however_far_apart():
    gate, scene = MotionGate(()), Scene()
    looks = [gate.see(60.0 * n, scene.picture()) for n in range(7)]
    assert [look.reason for look in looks] == ["warm_up"] * 4 + ["still"] * 3


@pytest.mark.parametrize("noise", [2.0, 6.0, 12.0])
def test_sensor_noise_is_still(noise: float):
    gate, scene = MotionGate(()), Scene(noise)
    warm(gate, scene)
    assert {gate.see(20.0 + n, scene.picture()).reason for n in range(60)} == {"still"}


def test_compression_is_still():
    gate, scene = MotionGate(()), Scene()

    def compressed() -> np.ndarray:
        return cv2.imdecode(cv2.imencode(".jpg", scene.picture(), [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 0)

    passed = [gate.see(float(n), compressed()).passed for n in range(80)][20:]
    assert sum(passed) <= 3


def test_a_car_is_motion():
    gate, scene = MotionGate(()), Scene()
    warm(gate, scene)
    look = gate.see(20.0, scene.picture((100, 80, 40, 30)))
    assert look.passed
    assert look.reason == "motion"
    assert look.share == pytest.approx(40 * 30 / (HEIGHT * WIDTH), rel=0.2)


def test_a_far_motorcycle_passes_as_one_blob():
    gate, scene = MotionGate(()), Scene()
    warm(gate, scene)
    look = gate.see(20.0, scene.picture((100, 80, 3, 6)))
    assert look.passed
    assert look.reason == "blob"
    assert look.share < 0.01


def test_as_many_pixels_in_many_places_are_no_blob():
    gate, scene = MotionGate(()), Scene(noise=1.0)
    warm(gate, scene)
    specks: list[Box] = [(20 + 40 * n, 50 + 10 * n, 2, 2) for n in range(6)]
    assert gate.see(20.0, scene.picture(*specks)).reason == "still"


def test_what_moves_outside_the_zones_is_not_seen():
    gate, scene = MotionGate((LEFT_HALF, IGNORED_CORNER)), Scene()
    warm(gate, scene)
    assert not gate.see(20.0, scene.picture((200, 80, 40, 30))).passed
    assert not gate.see(21.0, scene.picture((10, 20, 40, 30))).passed
    assert gate.see(22.0, scene.picture((90, 80, 40, 30))).passed


def test_the_share_is_one_of_the_zones_own_area():
    small = Zone("small", ((0.5, 0.5), (0.6, 0.5), (0.6, 0.6), (0.5, 0.6)))
    gate, scene = MotionGate((small,)), Scene()
    warm(gate, scene)
    assert gate.see(20.0, scene.picture((160, 90, 16, 18))).share == pytest.approx(0.5, abs=0.1)


def test_only_ignored_zones_mean_the_rest_of_the_picture():
    gate, scene = MotionGate((IGNORED_CORNER,)), Scene()
    warm(gate, scene)
    assert not gate.see(20.0, scene.picture((10, 20, 40, 30))).passed
    assert gate.see(21.0, scene.picture((200, 80, 40, 30))).passed


def test_what_stays_becomes_background_after_the_same_time_at_any_rate():
    def absorbed_after_s(period_s: float) -> float:
        gate, scene = MotionGate(()), Scene()
        warm(gate, scene)
        steps = range(1, round(60 / period_s))
        parked = (100, 80, 40, 30)
        return next(n * period_s for n in steps if gate.see(19 + n * period_s, scene.picture(parked)).share < 1e-3)

    assert 5 < absorbed_after_s(1.0) < 30
    assert absorbed_after_s(0.2) == pytest.approx(absorbed_after_s(1.0), abs=2.0)


@pytest.mark.parametrize("light", [0.7, 1.2])
def test_a_cloud_is_still_and_a_car_under_it_is_not(light: float):
    gate, scene = MotionGate(()), Scene()
    warm(gate, scene)
    assert gate.see(20.0, scene.picture(light=light)).reason == "still"
    assert gate.see(21.0, scene.picture((100, 80, 40, 30), light=light)).reason == "motion"


def test_a_sudden_change_of_the_whole_picture_recalibrates_and_then_sees_again():
    gate, scene = MotionGate(()), Scene()
    warm(gate, scene)

    def infrared(*boxes: Box) -> np.ndarray:
        return 255 - scene.picture(*boxes)

    looks = [gate.see(20.0 + n, infrared()) for n in range(12)]
    assert looks[0] == Look(True, looks[0].share, "recalibrating")
    assert looks[-1].reason == "still"
    assert gate.see(40.0, infrared((100, 80, 40, 30))).reason == "motion"


def test_lightning_at_night_costs_one_sample():
    gate, scene = MotionGate(()), Scene()
    for second in range(20):
        gate.see(float(second), scene.picture(light=0.4))
    assert gate.see(20.0, scene.picture(light=1.2)).reason == "recalibrating"
    assert [gate.see(21.0 + n, scene.picture(light=0.4)).reason for n in range(5)] == ["still"] * 5
    assert gate.see(26.0, scene.picture((100, 80, 40, 30), light=0.4)).reason == "motion"


def test_a_bus_that_fills_the_zone_does_not_recalibrate():
    gate, scene = MotionGate((LEFT_HALF,)), Scene()
    warm(gate, scene)
    assert gate.see(20.0, scene.picture((0, 20, 150, 160))).reason == "motion"


def test_another_picture_size_is_a_new_scene():
    gate, scene = MotionGate(()), Scene()
    warm(gate, scene)
    smaller = cv2.resize(scene.picture(), (240, 180), interpolation=cv2.INTER_AREA)
    assert gate.see(20.0, smaller) == Look(True, 0.0, "recalibrating")


def test_a_car_seen_first_after_an_hour_without_pictures_is_no_background():
    gate, scene = MotionGate(()), Scene()
    warm(gate, scene)
    assert gate.see(3600.0, scene.picture((100, 80, 40, 30))).reason == "motion"
    assert gate.see(3601.0, scene.picture()).reason == "still"
    assert gate.see(3602.0, scene.picture((180, 80, 40, 30))).reason == "motion"


def test_an_older_picture_is_judged_but_not_learnt():
    gate, scene = MotionGate(()), Scene()
    warm(gate, scene)
    looks = [gate.see(18.5, scene.picture((100, 80, 40, 30))) for _ in range(100)]
    assert looks[0].reason == "motion"
    assert min(look.share for look in looks) > 0.01
    assert gate.see(20.0, scene.picture()).reason == "still"


def test_a_clock_set_back_does_not_stop_the_learning():
    gate, scene = MotionGate(()), Scene()
    for second in range(20):
        gate.see(5000.0 + second, scene.picture())
    looks = [gate.see(float(second), scene.picture((100, 80, 40, 30))) for second in range(60)]
    assert looks[-1].reason == "still"


def test_a_look_says_where_the_largest_change_is():
    gate, scene = MotionGate((LEFT_HALF,)), Scene()
    warm(gate, scene)
    assert gate.see(20.0, scene.picture()).box is None
    look = gate.see(21.0, scene.picture((100, 80, 40, 30), (20, 20, 6, 8)))
    assert look.box == pytest.approx((100 / WIDTH, 80 / HEIGHT, 140 / WIDTH, 110 / HEIGHT), abs=8 / WIDTH)


def test_while_it_learns_whatever_moves_passes():
    gate, scene = MotionGate(()), Scene()
    looks = [gate.see(n / 5, scene.picture((20 + 12 * n, 80, 30, 24))) for n in range(20)]
    assert all(look.passed for look in looks)
    assert {look.reason for look in looks} == {"warm_up"}


def test_the_shadow_of_a_cloud_that_moves_through_the_zone_is_still():
    gate, scene = MotionGate(()), Scene()
    warm(gate, scene)
    columns = np.arange(WIDTH)

    def shaded(second: int, *boxes: Box) -> np.ndarray:
        edge = 1 / (1 + np.exp((columns - 20 * second) / 8))
        return (scene.picture(*boxes) * (1 - 0.5 * edge)).astype(np.uint8)

    looks = [gate.see(20.0 + second, shaded(second)) for second in range(1, 16)]
    assert [look.reason for look in looks] == ["still"] * 15
    assert gate.see(36.0, shaded(8, (200, 80, 40, 30))).passed


def test_the_shake_of_a_camera_is_still_and_a_car_in_it_is_not():
    gate, scene = MotionGate(()), Scene()

    def shaken(second: int, *boxes: Box) -> np.ndarray:
        move = np.array([[1, 0, 1.7 * np.sin(second)], [0, 1, 1.3 * np.cos(3 * second)]])
        return cv2.warpAffine(scene.picture(*boxes), move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)

    looks = [gate.see(float(second), shaken(second)) for second in range(60)][20:]
    assert sum(look.passed for look in looks) <= 2
    assert gate.see(60.0, shaken(60, (100, 80, 40, 30))).reason == "motion"


def test_streaks_of_rain_are_still():
    gate, scene = MotionGate(()), Scene()
    rng = np.random.default_rng(3)

    def rainy(*boxes: Box) -> np.ndarray:
        picture = cv2.resize(scene.picture(*boxes), (2 * WIDTH, 2 * HEIGHT))
        streaks = np.zeros_like(picture)
        for x, y, long in rng.integers((640, 360, 18), size=(200, 3)).tolist():
            cv2.line(streaks, (x, y), (x - (7 + long) // 5, y + 7 + long), 40, 1, cv2.LINE_AA)
        return cv2.resize(cv2.add(picture, streaks), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)

    looks = [gate.see(float(second), rainy()) for second in range(80)][20:]
    assert sum(look.passed for look in looks) <= 6
    assert gate.see(80.0, rainy((100, 80, 40, 30))).passed


def test_a_vehicle_that_stands_on_the_far_edge_of_a_zone_is_seen_above_it():
    zone = Zone("road", ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)))
    gate, scene = MotionGate((zone,)), Scene()
    warm(gate, scene)
    assert gate.see(20.0, scene.picture((100, 84, 5, 7))).passed
    assert not gate.see(21.0, scene.picture((100, 60, 8, 12))).passed


def test_what_is_left_of_a_vehicle_that_leaves_in_the_rain_passes_as_a_blob():
    gate, scene = MotionGate(()), Scene(noise=1.0)
    warm(gate, scene)
    drops: list[Box] = [(20 + 40 * n, 50 + 10 * n, 3, 4) for n in range(6)]
    left_over: Box = (100, 80, 3, 3)
    assert gate.see(20.0, scene.picture(*drops)).reason == "still"
    assert gate.see(22.0, scene.picture((200, 100, 3, 3))).reason == "still"
    assert gate.see(23.0, scene.picture((90, 60, 30, 30))).reason == "motion"
    assert gate.see(23.4, scene.picture(left_over)).reason == "blob"


@pytest.mark.parametrize("changed", [(100, 80, 4, 4), (100, 80, 60, 40)])
def test_a_place_that_has_changed_for_good_passes_for_a_second_only(changed: Box):
    gate, scene = MotionGate(()), Scene()
    warm(gate, scene)
    looks = [gate.see(20.0 + n / 5, scene.picture(changed)) for n in range(10)]
    assert looks[0].passed
    assert [look.reason for look in looks[5:]] == ["still"] * 5


def test_a_motorcycle_that_passes_a_car_which_has_just_parked_is_seen():
    gate, scene = MotionGate(()), Scene()
    warm(gate, scene)
    parked: Box = (40, 80, 60, 40)
    for n in range(10):
        gate.see(20.0 + n / 5, scene.picture(parked))
    look = gate.see(22.0, scene.picture(parked, (200, 80, 5, 9)))
    assert look.box == pytest.approx((200 / WIDTH, 80 / HEIGHT, 205 / WIDTH, 89 / HEIGHT), abs=4 / WIDTH)


def test_a_car_that_creeps_is_seen():
    gate, scene = MotionGate(()), Scene()
    warm(gate, scene)
    looks = [gate.see(20.0 + n, scene.picture((20 + 4 * n, 80, 40, 30))) for n in range(20)]
    assert all(look.passed for look in looks)


def test_the_roof_of_a_car_beyond_the_far_edge_of_a_zone_is_not_in_it():
    zone = Zone("road", ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)))
    gate, scene = MotionGate((zone,)), Scene()
    warm(gate, scene)
    assert gate.see(20.0, scene.picture((100, 66, 30, 20))).reason == "still"
    assert gate.see(21.0, scene.picture((140, 72, 30, 20))).passed
