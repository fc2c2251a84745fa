"""Whether a vehicle came in, when no sight shows it inside."""

import pytest

from gtvision.domain.kinds import Kind
from gtvision.domain.places import Zone
from gtvision.pipeline.presence import Presence
from gtvision.pipeline.track import Track

CORNER = Zone("corner", ((0.45, 0.45), (0.55, 0.45), (0.55, 0.6), (0.45, 0.6)))
HALF = 0.05


def seen(places: list[tuple[float, float]], period_s: float) -> Presence:
    """The visit of a vehicle whose ground point was in these places, one after the other."""
    presence, track = Presence((CORNER,)), None
    for index, (x, y) in enumerate(places):
        box = (x - HALF, y - 2 * HALF, x + HALF, y)
        track = track or Track.start(0.0, box)
        track.see(index * period_s, box, 0.9, Kind.CAR)
        track.path.append((index * period_s, (x, y)))
        presence.see(track, True)
    return presence


def test_a_vehicle_that_is_known_and_jumps_across_the_zone_was_inside() -> None:
    presence = seen([(0.2, 0.5), (0.4, 0.5), (0.6, 0.5)], 0.2)
    assert presence.since_s == pytest.approx(0.3, abs=0.06)


def test_two_sights_shortly_after_one_another_on_both_sides_may_be_two_vehicles() -> None:
    assert seen([(0.4, 0.5), (0.6, 0.5)], 0.2).since_s is None


def test_two_sights_a_second_apart_are_all_that_can_be_had() -> None:
    assert seen([(0.4, 0.5), (0.6, 0.5)], 1.0).since_s is not None


def test_a_way_that_hardly_touches_the_corner_is_no_visit() -> None:
    assert seen([(0.2, 0.5), (0.35, 0.47), (0.6, 0.44)], 0.2).since_s is None
