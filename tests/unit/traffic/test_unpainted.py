"""Traffic for those who look rarely, or not at all; and as packets without a codec."""

from dataclasses import replace

import numpy as np
import pytest

from gtvision.adapters.pixels import PixelPicture
from gtvision.domain.detections import Detections
from gtvision.domain.stream import GREY_WIDTH
from gtvision.domain.trigger import Trigger, TriggerType
from gtvision.runtime.analyse import Models, analyse
from gtvision.traffic import Recording, Traffic, Weather, scene
from gtvision.traffic.scenes import quiet_street
from gtvision.traffic.uncoded import UncodedDecoder, UncodedSource


def test_the_truth_is_the_same_whether_pictures_are_painted_or_not():
    painted, unpainted = scene("one-way", 3, fps=4), scene("one-way", 3, fps=4)
    assert list(unpainted.unpainted(10)) == [truth for _, _, truth in painted.frames(10)]
    assert [story.as_json() for story in unpainted.truth()] == [story.as_json() for story in painted.truth()]


def test_a_moment_is_drawn_as_it_was_though_time_has_gone_on():
    frames = list(scene("two-way", 3, fps=2).frames(5))
    moments = list(scene("two-way", 3, fps=2).moments(5))
    for (time_s, picture, truth), moment in reversed(list(zip(frames, moments, strict=True))):
        drawn, shown = moment.draw()
        assert (moment.time_s, shown) == (time_s, truth)
        assert np.array_equal(drawn, picture)


def test_on_the_quiet_street_a_car_parks_at_once_and_leaves_after_its_time():
    moments = list(Traffic(quiet_street(30.0), Recording(1, fps=2)).moments(60))
    parked_s = [moment.time_s for moment in moments if 1 in moment.parked]
    assert parked_s[0] < 15
    assert parked_s[-1] - parked_s[0] == pytest.approx(30.0, abs=1.0)


def test_a_day_can_begin_at_any_hour():
    noon, late = Weather("24h"), Weather("24h", from_hour=18.0)
    assert late.light_at(0.0) == noon.light_at(6 * 3600.0)


def test_the_pipeline_runs_over_packets_that_were_never_encoded():
    traffic = scene("one-way", 1, fps=5)
    camera = replace(traffic.camera, triggers=(Trigger("enter", TriggerType.ENTER),))
    drawings = ((time_s, lambda picture=picture: picture) for time_s, picture, _ in traffic.frames(12))
    pictures = []

    class Looks:
        name = "looks"

        def detect(self, shown):
            pictures.extend(shown)
            return [Detections.none()]

    source = UncodedSource((640, 360), 5.0, drawings)
    summary = analyse(camera, source, lambda _: UncodedDecoder(), Models(Looks()), on_event=lambda _: None)
    assert summary.duration_s == pytest.approx(12.0)
    assert len(pictures) == summary.passed > 5
    assert pictures[0].shape == (360, 640, 3)


def test_an_uncoded_picture_is_scaled_like_a_decoded_one():
    picture = PixelPicture(1.0, np.full((360, 640, 3), 90, np.uint8))
    assert picture.grey(GREY_WIDTH).shape == (180, GREY_WIDTH)
    assert picture.bgr(1920).shape == (360, 640, 3)
    assert int(picture.grey(GREY_WIDTH)[5, 5]) == 90
