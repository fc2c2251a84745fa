"""What a scorer of speeds, wrong ways and queues needs of the scenes."""

from itertools import pairwise

import numpy as np
import pytest

from gtvision.domain.places import Line
from gtvision.domain.trigger import TriggerType
from gtvision.pipeline.calibration import Road
from gtvision.traffic import CLOSE_UPS, SCENES, scene
from gtvision.traffic.scenes import scene_of
from gtvision.traffic.truth import crossing

GREEN_S, TURN_S, AMBER_S = 13.0, 38.0, 3.0


@pytest.mark.parametrize("name", sorted(SCENES | CLOSE_UPS))
def test_a_zone_is_calibrated_as_the_camera_stands(name: str) -> None:
    place = scene_of(name)
    (zone, *_) = place.camera().zones
    assert zone.calibration is not None
    middle_m = np.mean(place.zone, axis=0)
    pixels, _ = place.view.project(np.array([(*middle_m, 0.0)]))
    assert Road(zone.calibration).metres(pixels / place.view.size)[0] == pytest.approx(middle_m, abs=0.02)


@pytest.mark.parametrize("name", sorted(SCENES | CLOSE_UPS))
def test_a_measuring_camera_watches_what_its_scene_has(name: str) -> None:
    place = scene_of(name)
    types = {trigger.type for trigger in place.measuring_camera().triggers}
    assert TriggerType.SPEED in types
    assert (TriggerType.WRONG_WAY in types) == any(flow.wrong_way for flow in place.flows)
    assert (TriggerType.QUEUE in types) == (place.lights is not None)


def test_nobody_drives_through_a_red_light() -> None:
    traffic = scene("crossing", 4, size=(160, 90), fps=2)
    for _ in traffic.frames(80):
        pass
    *_, near_right, near_left = traffic.scene.measuring_camera().zones[1].polygon
    line = Line("stop", near_left, near_right)
    steps = (step for story in traffic.truth() for step in pairwise(story.path))
    times_s = [met.time_s for step in steps if (met := crossing(line, *step)) is not None]
    assert len(times_s) > 5
    assert all(time_s % TURN_S < GREEN_S + AMBER_S for time_s in times_s)
