import cv2
import numpy as np
import pytest

from gtvision.pipeline.shift import Shift, aligned, moved

HEIGHT, WIDTH = 90, 160


def street(seed: int = 3) -> np.ndarray:
    """A picture with edges, as large as a thumbnail."""
    rng = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH), 100, np.float32)
    for x, y, w, h in rng.integers((0, 0, 4, 4), (WIDTH - 30, HEIGHT - 30, 30, 30), (25, 4)).tolist():
        cv2.rectangle(picture, (x, y), (x + w, y + h), float(rng.uniform(20, 220)), -1)
    return cv2.GaussianBlur(picture, (0, 0), 0.7)


def noisy(picture: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 6, picture.shape)
    return (picture + noise).astype(np.float32)


def shaken(picture: np.ndarray, dx: float, dy: float) -> np.ndarray:
    return moved(picture, (-dx / WIDTH, -dy / HEIGHT))


def pixels(shift: Shift) -> tuple[float, float]:
    return shift[0] * WIDTH, shift[1] * HEIGHT


@pytest.mark.parametrize(("dx", "dy"), [(0.4, 0.0), (1.0, -0.6), (-1.5, 1.2), (2.0, 0.5)])
def test_a_shift_is_found_to_a_tenth_of_a_pixel_in_noise(dx: float, dy: float):
    shift, back = aligned(street(), noisy(shaken(street(), dx, dy), 1))
    assert pixels(shift) == pytest.approx((dx, dy), abs=0.12)
    assert np.abs(back - street())[5:-5, 5:-5].mean() < 7


def test_a_picture_that_has_not_moved_is_left_as_it_is():
    still, picture = street(), noisy(street(), 2)
    shift, back = aligned(still, picture)
    assert shift == (0.0, 0.0)
    assert back is picture


def test_what_drives_through_the_picture_does_not_shift_it():
    with_bus = street()
    with_bus[30:70, 40:110] = 200
    assert aligned(street(), noisy(with_bus, 3))[0] == (0.0, 0.0)


def test_a_bus_in_a_shaken_picture_does_not_change_the_shift():
    with_bus = street()
    with_bus[30:70, 40:80] = 200
    shift, _ = aligned(street(), noisy(shaken(with_bus, 1.0, -0.6), 4))
    assert pixels(shift) == pytest.approx((1.0, -0.6), abs=0.2)


def test_a_picture_without_edges_is_left_as_it_is():
    flat = np.full((HEIGHT, WIDTH), 90, np.float32)
    assert aligned(flat, noisy(flat, 5))[0] == (0.0, 0.0)


def test_another_scene_is_no_shift():
    assert aligned(street(3), street(4))[0] == (0.0, 0.0)
