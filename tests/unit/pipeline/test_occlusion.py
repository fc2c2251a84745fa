import numpy as np
import pytest

from gtvision.pipeline.occlusion import completed

CAR = (0.4, 0.3, 0.5, 0.4)
BUS_BEFORE = (0.45, 0.2, 0.8, 0.5)
SURE = np.array([True])


def whole(expected, *found, is_vehicle=SURE):
    boxes = np.array(found, dtype=np.float64)
    return completed(np.array([expected], dtype=np.float64), boxes, is_vehicle)[0].round(4).tolist()


def test_a_box_in_full_view_stays_as_it_is():
    assert whole(CAR, (0.41, 0.3, 0.47, 0.4)) == [[0.41, 0.3, 0.47, 0.4]]


def test_what_a_nearer_vehicle_hides_is_added_at_the_known_size():
    assert whole(CAR, (0.41, 0.31, 0.45, 0.41), BUS_BEFORE)[0] == [0.41, 0.31, 0.51, 0.41]


def test_a_sliver_beside_a_nearer_vehicle_is_no_proof_of_what_is_hidden():
    assert whole(CAR, (0.43, 0.31, 0.455, 0.41), BUS_BEFORE)[0] == [0.43, 0.31, 0.455, 0.41]


def test_a_vehicle_behind_hides_nothing():
    bus_behind = (0.45, 0.1, 0.8, 0.35)
    assert whole(CAR, (0.41, 0.31, 0.45, 0.41), bus_behind)[0] == [0.41, 0.31, 0.45, 0.41]


def test_a_vehicle_before_it_that_was_missed_this_time_hides_it_too():
    expected, found = np.array([CAR, BUS_BEFORE]), np.array([(0.41, 0.31, 0.45, 0.41)])
    sure = completed(expected, found, np.array([True, True]))
    fresh = completed(expected, found, np.array([True, False]))
    assert sure[0, 0].tolist() == pytest.approx([0.41, 0.31, 0.51, 0.41])
    assert fresh[0, 0].tolist() == pytest.approx([0.41, 0.31, 0.45, 0.41])


def test_a_vehicle_does_not_hide_itself():
    twice = (0.4, 0.3, 0.5, 0.405)
    assert whole(CAR, (0.4, 0.3, 0.45, 0.4), twice)[0] == [0.4, 0.3, 0.45, 0.4]


@pytest.mark.parametrize(
    ("expected", "found", "is_whole"),
    [
        ((-0.05, 0.3, 0.05, 0.4), (0.0, 0.3, 0.06, 0.4), (-0.04, 0.3, 0.06, 0.4)),
        ((0.95, 0.3, 1.05, 0.4), (0.94, 0.3, 1.0, 0.4), (0.94, 0.3, 1.04, 0.4)),
        ((0.4, 0.9, 0.5, 1.1), (0.4, 0.92, 0.5, 1.0), (0.4, 0.92, 0.5, 1.12)),
    ],
)
def test_beyond_the_edge_of_the_picture_a_vehicle_keeps_its_size(expected, found, is_whole):
    assert whole(expected, found)[0] == pytest.approx(is_whole)


def test_a_box_at_the_edge_is_never_made_smaller():
    assert whole((0.0, 0.3, 0.05, 0.4), (0.0, 0.3, 0.08, 0.4)) == [[0.0, 0.3, 0.08, 0.4]]


def test_nothing_found_or_nothing_expected_is_nothing():
    none = np.empty((0, 4))
    assert completed(none, np.array([CAR]), np.empty(0, dtype=np.bool_)).shape == (0, 1, 4)
    assert completed(np.array([CAR]), none, SURE).shape == (1, 0, 4)
