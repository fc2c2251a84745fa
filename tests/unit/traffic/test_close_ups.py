"""The scene whose plates can be read: how wide they show, for how long, and what the truth says of it."""

import numpy as np
import pytest

from gtvision.domain.camera import Camera, Source
from gtvision.domain.kinds import Kind
from gtvision.traffic import FrameTruth, Recording, Story, Traffic, scene
from gtvision.traffic.plate_faces import plate_face
from gtvision.traffic.plates import PlateInView, PlatePlace, line_kernel, plate_in_view, smear_px, stick
from gtvision.traffic.scenes import scene_of
from gtvision.traffic.truth import Step
from gtvision.traffic.view import View

LARGE = (2560, 1440)
CAMERA = Camera("street", (Source("file:///traffic.mp4"),))


@pytest.fixture(scope="module")
def told() -> tuple[Traffic, list[FrameTruth]]:
    traffic = Traffic(scene_of("close-up"), Recording(5, size=LARGE, fps=10, arrivals_until_s=30))
    return traffic, list(traffic.unpainted(55))


def story_of(widths: list[float]) -> Story:
    story = Story(1, Kind.CAR, "ABC1D23", False)
    for index, width_px in enumerate(widths):
        story.go(Step(index / 10, (0.5, 0.5), 30.0, 1.0, width_px), CAMERA)
    return story


def test_every_plate_but_a_motorcycles_is_90_pixels_wide_for_half_a_second(
    told: tuple[Traffic, list[FrameTruth]],
) -> None:
    stories = told[0].truth()
    assert {story.kind for story in stories} >= {Kind.CAR, Kind.MOTORCYCLE}
    for story in stories:
        stretch = story.readable()
        assert (stretch is None) == (story.kind is Kind.MOTORCYCLE)
        assert stretch is None or stretch[1] - stretch[0] >= 0.5


def test_motorcycles_show_a_plate_when_they_leave_and_none_when_they_come() -> None:
    traffic = Traffic(scene_of("close-up"), Recording(5, fps=10, arrivals_until_s=60))
    list(traffic.unpainted(90))
    motorcycles = [story for story in traffic.truth() if story.kind is Kind.MOTORCYCLE]
    leaving = [story for story in motorcycles if story.path[0].place[0] > 0.5]
    assert 0 < len(leaving) < len(motorcycles)
    for story in motorcycles:
        assert (story.readable(48.0 * 640 / LARGE[0]) is not None) == (story in leaving)


def test_vehicles_drive_at_20_to_60_kmh(told: tuple[Traffic, list[FrameTruth]]) -> None:
    fastest = [max(step.speed_kmh for step in story.path) for story in told[0].truth()]
    assert min(fastest) > 18
    assert 45 < max(fastest) < 62


def test_the_plates_box_lies_within_the_vehicles(told: tuple[Traffic, list[FrameTruth]]) -> None:
    plates = [(seen.box, seen.plate) for frame in told[1] for seen in frame.seen if seen.plate is not None]
    assert plates
    for (x1, y1, x2, y2), plate in plates:
        a, b, c, d = plate.box
        assert x1 <= a < c <= x2
        assert y1 <= b
        assert d <= y2 + 0.02
        assert (c - a) * LARGE[0] == pytest.approx(plate.width_px, rel=0.05, abs=1)


def test_the_same_traffic_is_seen_in_both_sizes(told: tuple[Traffic, list[FrameTruth]]) -> None:
    small = Traffic(scene_of("close-up"), Recording(5, fps=10, arrivals_until_s=30))
    for few, many in zip(small.unpainted(55), told[1], strict=True):
        assert few.time_s == many.time_s
        for a, b in zip(few.seen, many.seen, strict=True):
            assert (a.id, a.box) == (b.id, pytest.approx(b.box, abs=1e-9))


def test_the_longest_stretch_of_a_readable_plate_is_told_from_its_first_frame_to_its_last() -> None:
    assert story_of([0, 95, 89, 91, 92, 99, 0, 90]).readable() == (0.3, 0.5)
    assert story_of([0, 95, 89, 91, 92, 99, 0, 90]).readable(80.0) == (0.1, 0.5)
    assert story_of([0, 89]).readable() is None


def test_the_truth_file_tells_the_plates_box_width_and_stretch() -> None:
    story = story_of([80, 91, 92]).as_json()["vehicle"]
    assert story["readable"] == [0.1, 0.2]
    assert [step[5] for step in story["path"]] == [80, 91, 92]
    (_, _, frame), *_ = [each for each in scene("close-up", 5, size=(640, 360), fps=2).frames(20) if each[2].seen][-1:]
    boxes = frame.as_json()["frame"]["boxes"]
    assert [("plate" in box) for box in boxes] == [seen.plate is not None for seen in frame.seen]


def test_a_plate_shows_to_whom_it_faces_and_to_nobody_else() -> None:
    view, away, towards = View(8.0, 4.7, 0, 6.0, LARGE), np.pi / 2, -np.pi / 2
    rear, front = PlatePlace(-2.0, 0.6, -1), PlatePlace(2.0, 0.5, 1)
    for heading, shows in ((away, rear), (towards, front)):
        seen = plate_in_view((rear, front), (0.0, 75.0, heading), view)
        assert seen is not None
        assert seen.place == shows
        assert seen.corners[0, 0] < seen.corners[1, 0]
        assert seen.corners[0, 1] < seen.corners[3, 1]
    assert plate_in_view((front,), (0.0, 75.0, away), view) is None


def test_who_drives_faster_is_smeared_further() -> None:
    view, place = View(8.0, 4.7, 0, 6.0, LARGE), PlatePlace(-2.0, 0.6, -1)
    slow, fast = (np.hypot(*smear_px(place, (0.0, 75.0, np.pi / 2), speed, view)) for speed in (5.0, 15.0))
    assert 0 < slow < fast
    assert fast == pytest.approx(3 * slow, rel=0.05)


def test_a_smear_keeps_the_light_and_goes_the_way_it_is_told() -> None:
    kernel = line_kernel((0.0, 5.0))
    assert kernel.sum() == pytest.approx(1)
    assert kernel.sum(axis=0).max() == pytest.approx(1)
    assert np.count_nonzero(kernel.sum(axis=1) > 0.01) in (5, 6, 7)


def test_a_plate_that_is_cut_by_the_pictures_edge_is_drawn_as_far_as_it_reaches() -> None:
    picture = np.zeros((60, 100, 3), np.uint8)
    corners = np.array([[70.0, 20], [130, 20], [130, 40], [70, 40]])
    stick(picture, plate_face("ABC1D23", two_lines=False), corners, np.ones(3))
    assert picture[30, 72:].mean() > 100
    assert picture[:18].max() == picture[:, :68].max() == 0
    assert PlateInView(PlatePlace(0, 0, 1), corners).width_px == 60
