import numpy as np
from events import an_event

from gtvision.domain.detections import Detections
from gtvision.domain.kinds import Kind
from gtvision.domain.privacy import Blurred
from gtvision.runtime.blurring import Blurring

STREET = np.random.default_rng(1).integers(0, 256, (90, 160, 3)).astype(np.uint8)
PERSON = Detections(
    np.array([[0.5, 0.2, 0.6, 0.8]], np.float32), np.array([0.3], np.float32), np.array([Kind.PERSON], np.int16)
)


def test_a_picture_is_blurred_by_what_was_found_at_its_own_time() -> None:
    event = an_event()
    blurring = Blurring(frozenset({Blurred.PEOPLE}), {event.best_s: PERSON}.get)
    after = blurring.of(event, STREET)
    assert after is not None
    assert not np.array_equal(after[30:60, 82:94], STREET[30:60, 82:94])


def test_a_picture_of_which_nobody_knows_what_is_in_it_is_not_stored() -> None:
    assert Blurring(frozenset({Blurred.PEOPLE}), lambda _: None).of(an_event(), STREET) is None
    assert Blurring(frozenset(), lambda _: None).of(an_event(), STREET) is STREET


def test_only_where_plates_are_blurred_each_vehicle_has_a_picture_of_its_own() -> None:
    event = an_event()
    assert Blurring(frozenset({Blurred.PEOPLE}), lambda _: PERSON).spared(event) is None
    assert Blurring(frozenset(Blurred), lambda _: PERSON).spared(event) == event.best_box
