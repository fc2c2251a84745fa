import math

import numpy as np
import pytest
from scenes import LEFT_HALF, MIDDLE, UPRIGHT, found

from gtvision.domain.kinds import Kind
from gtvision.domain.places import Zone, ZoneKind
from gtvision.pipeline.zones import depth, offset, outside_ignored, size_of, watched

SIZE = (0.1, 0.2)


def test_depth_is_measured_in_sizes_of_the_vehicle_and_negative_outside():
    assert depth((LEFT_HALF,), (0.45, 0.5), SIZE) == pytest.approx(0.5)
    assert depth((LEFT_HALF,), (0.55, 0.5), SIZE) == pytest.approx(-0.5)
    assert depth((MIDDLE,), (0.5, 0.2), SIZE) == pytest.approx(0.5)


def test_nothing_lies_outside_the_border_of_the_picture():
    whole = Zone("whole", ((0, 0), (1, 0), (1, 1), (0, 1)))
    assert depth((whole,), (0.5, 1.0), SIZE) > 1000
    assert depth((whole,), (0.5, 1.2), SIZE) > 1000
    assert depth((LEFT_HALF,), (0.25, 1.3), SIZE) == pytest.approx(2.5)


def test_without_zones_everything_is_inside():
    assert depth((), (0.5, 0.5), SIZE) > 1000


def test_inside_one_of_two_zones_is_inside():
    assert depth((LEFT_HALF, MIDDLE), (0.6, 0.5), SIZE) == pytest.approx(0.5)
    assert depth((LEFT_HALF, MIDDLE), (0.9, 0.5), SIZE) < 0


def test_left_of_a_line_is_what_a_person_sees_looking_along_it():
    left, right = offset(UPRIGHT, (0.4, 0.5), SIZE), offset(UPRIGHT, (0.6, 0.25), SIZE)
    assert left.across == pytest.approx(-1.0)
    assert right.across == pytest.approx(1.0)
    assert (left.along, right.along) == pytest.approx((0.5, 0.75))


def test_the_direction_of_a_line_turns_with_its_ends():
    backwards = type(UPRIGHT)("back", UPRIGHT.end, UPRIGHT.start)
    assert offset(backwards, (0.4, 0.5), SIZE).across == pytest.approx(1.0)


def test_detections_that_stand_in_an_ignore_zone_are_left_out():
    ignore = Zone("sign", ((0.0, 0.5), (0.3, 0.5), (0.3, 1.0), (0.0, 1.0)), ZoneKind.IGNORE)
    stands_inside = ((0.1, 0.4, 0.2, 0.6), 0.9, Kind.CAR)
    only_overlaps = ((0.1, 0.3, 0.2, 0.45), 0.8, Kind.CAR)
    kept = outside_ignored(found(stands_inside, only_overlaps), (ignore, LEFT_HALF))
    assert kept.score.tolist() == pytest.approx([0.8])
    assert watched((ignore, LEFT_HALF)) == (LEFT_HALF,)


def test_no_detections_stay_no_detections():
    assert len(outside_ignored(found(), (LEFT_HALF,))) == 0


def test_a_box_without_extent_still_has_a_size():
    width, height = size_of((0.5, 0.5, 0.5, 0.5))
    assert width > 0
    assert height > 0
    assert math.isfinite(depth((MIDDLE,), (0.5, 0.5), (width, height)))
    assert np.isfinite(offset(UPRIGHT, (0.5, 0.5), (width, height)).across)
