from dataclasses import replace

import numpy as np
import pytest

from gtvision.domain.detections import Detections
from gtvision.domain.errors import BadInput
from gtvision.domain.event import Event, event_id, message_event_id
from gtvision.domain.kinds import VEHICLES, Kind
from gtvision.domain.trigger import TriggerType

BOX = (0.1, 0.1, 0.2, 0.2)
EVENT = Event("id", "cam", "t", TriggerType.ENTER, None, None, 1, Kind.CAR, 0.9, None, 5.0, None, 6.0, 5.0, BOX, BOX)


def test_the_same_firing_has_the_same_id_and_another_one_has_not():
    assert event_id("cam", "t", 1, 5.0004) == event_id("cam", "t", 1, 5.0)
    others = {event_id("cam", "t", 1, 5.001), event_id("cam", "t", 2, 5.0), event_id("cam", "u", 1, 5.0)}
    assert event_id("cam", "t", 1, 5.0) not in others
    assert len(others) == 3


def test_an_id_stays_the_same_from_release_to_release():
    assert event_id("cam", "enter", 1, 0.0) == "47005cb8-6327-5336-8da1-067c31902bde"


def test_a_message_names_its_events_by_camera_trigger_and_track_whenever_it_comes():
    named = message_event_id("cam", "t", 1, "m-1")
    assert named == message_event_id("cam", "t", 1, "m-1")
    others = {
        message_event_id("cam", "t", 1, "m-2"),
        message_event_id("cam", "t", 2, "m-1"),
        message_event_id("cam", "u", 1, "m-1"),
        message_event_id("mac", "t", 1, "m-1"),
        event_id("cam", "t", 1, 5.0),
    }
    assert len(others - {named}) == 5
    assert message_event_id("cam", "enter", 1, "m") == "73151dc4-f152-5e52-854f-adafb6dadd81"


def test_an_event_is_open_until_it_has_an_end():
    assert EVENT.is_open
    assert not replace(EVENT, end_s=5.0).is_open


def test_kinds_are_found_by_their_label_and_people_are_no_vehicles():
    assert [Kind.of(kind.label) for kind in Kind] == list(Kind)
    assert Kind.PERSON not in VEHICLES
    with pytest.raises(KeyError):
        Kind.of("tram")


def test_detections_of_different_lengths_are_refused():
    assert len(Detections.none()) == 0
    with pytest.raises(BadInput, match="xyxy"):
        Detections(np.zeros((2, 4), np.float32), np.zeros(1, np.float32), np.zeros(2, np.int16))
