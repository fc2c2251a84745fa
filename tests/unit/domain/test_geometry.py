import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtvision.domain.geometry import (
    clipped_line,
    clipped_polygon,
    contains,
    ground_point,
    iou,
    is_simple,
    polygon_area,
    segments_cross,
    side,
)

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
BOW_TIE = ((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0))
coordinate = st.floats(0, 1)
boxes = st.tuples(coordinate, coordinate, coordinate, coordinate)


def test_area_does_not_depend_on_the_order_of_the_corners():
    assert polygon_area(SQUARE) == 1.0
    assert polygon_area(SQUARE[::-1]) == 1.0
    assert polygon_area(((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))) == 0.5


def test_left_is_negative_as_a_person_sees_it_on_the_picture():
    upwards = ((0.5, 1.0), (0.5, 0.0))
    assert side(*upwards, (0.2, 0.5)) < 0
    assert side(*upwards, (0.8, 0.5)) > 0
    assert side(*upwards, (0.5, 0.3)) == 0


def test_segments_that_only_touch_do_not_cross():
    assert segments_cross((0, 0), (1, 1), (0, 1), (1, 0))
    assert not segments_cross((0, 0), (1, 1), (1, 1), (1, 0))
    assert not segments_cross((0, 0), (0.4, 0.4), (0, 1), (1, 0))


def test_a_polygon_whose_edges_cross_is_not_simple():
    assert is_simple(SQUARE)
    assert not is_simple(BOW_TIE)


def test_a_polygon_in_the_picture_is_left_as_it_is():
    triangle = ((0.1, 0.1), (0.9, 0.1), (0.5, 1.0))
    assert clipped_polygon(triangle) == triangle
    assert clipped_polygon(SQUARE) == SQUARE


def test_what_reaches_out_of_the_picture_is_cut_off_exactly_at_its_border():
    assert clipped_polygon(((-1.0, -1.0), (2.0, -1.0), (2.0, 2.0), (-1.0, 2.0))) == SQUARE[-1:] + SQUARE[:-1]
    half = clipped_polygon(((0.5, -0.3), (7.0, -0.3), (7.0, 1.9), (0.5, 1.9)))
    assert set(half) == {(0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)}
    comb = ((0.2, 0.2), (1.5, 0.2), (1.5, 0.4), (0.4, 0.5), (1.5, 0.6), (1.5, 0.8), (0.2, 0.8))
    teeth = clipped_polygon(comb)
    assert is_simple(teeth)
    assert contains(teeth, np.array([(0.9, 0.25), (0.9, 0.5), (0.9, 0.75)])).tolist() == [True, False, True]


def test_nothing_is_left_of_a_polygon_outside():
    assert clipped_polygon(((1.5, 0.0), (2.0, 0.0), (2.0, 1.0))) == ()
    assert clipped_polygon(((2.0, -0.9), (3.0, 0.5), (2.0, 3.0))) == ()


any_points = st.tuples(st.floats(-70_000, 70_000), st.floats(-70_000, 70_000))


@given(st.lists(any_points, min_size=3, max_size=8))
def test_what_is_left_of_any_polygon_lies_in_the_picture(points):
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in clipped_polygon(tuple(points)))


@pytest.mark.parametrize(
    ("start", "end", "left"),
    [
        ((0.1, 0.2), (0.9, 0.8), ((0.1, 0.2), (0.9, 0.8))),
        ((-1.0, 0.5), (2.0, 0.5), ((0.0, 0.5), (1.0, 0.5))),
        ((0.5, 2.0), (0.5, 0.25), ((0.5, 1.0), (0.5, 0.25))),
        ((-0.5, 0.0), (0.5, 1.0), ((0.0, 0.5), (0.5, 1.0))),
        ((0.0, 0.0), (1.0, 0.0), ((0.0, 0.0), (1.0, 0.0))),
        ((-0.5, 0.4), (0.5, -0.6), None),
        ((1.5, 0.0), (1.5, 1.0), None),
        ((-1.0, 0.0), (0.0, 0.0), None),
    ],
)
def test_a_line_keeps_its_direction_when_its_ends_are_cut_off(start, end, left):
    assert clipped_line(start, end) == left


@given(any_points, any_points)
def test_what_is_left_of_any_line_lies_in_the_picture(start, end):
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in clipped_line(start, end) or ())


few_points = st.tuples(st.integers(0, 6), st.integers(0, 6))


@given(st.lists(few_points, min_size=3, max_size=8))
def test_a_polygon_is_simple_when_no_pair_of_its_edges_crosses(points):
    edges = list(zip(points, points[1:] + points[:1], strict=True))
    assert is_simple(tuple(points)) == (not any(segments_cross(*a, *b) for a in edges for b in edges))


def test_points_are_inside_by_the_even_odd_rule():
    notch = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.2), (0.0, 1.0))
    points = np.array([(0.5, 0.1), (0.5, 0.5), (0.1, 0.5), (1.1, 0.5)])
    assert contains(notch, points).tolist() == [True, False, True, False]
    assert contains(notch, np.empty((0, 2))).shape == (0,)


def test_iou_is_one_for_the_same_box_and_zero_for_empty_ones():
    a = np.array([(0.0, 0.0, 0.5, 0.5), (0.2, 0.2, 0.2, 0.2)])
    b = np.array([(0.0, 0.0, 0.5, 0.5), (0.25, 0.0, 0.75, 0.5), (0.6, 0.6, 0.9, 0.9)])
    assert iou(a, b) == pytest.approx(np.array([[1.0, 1 / 3, 0.0], [0.0, 0.0, 0.0]]))


@given(boxes, boxes)
def test_iou_is_symmetric_and_between_zero_and_one(a, b):
    first, second = (np.array([(min(x, u), min(y, v), max(x, u), max(y, v))]) for x, y, u, v in (a, b))
    share = iou(first, second)[0, 0]
    assert 0 <= share <= 1 + 1e-9
    assert share == pytest.approx(iou(second, first)[0, 0])


def test_a_vehicle_stands_at_the_middle_of_its_lower_edge():
    assert ground_point((0.2, 0.1, 0.4, 0.5)) == pytest.approx((0.3, 0.5))
