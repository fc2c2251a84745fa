import json
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from gtvision.domain.codec import camera_from_json
from gtvision.domain.errors import BadConfiguration
from gtvision.traffic import EFFECTS, LIGHTS, SCENES, Weather, scene, write_clip
from gtvision.traffic.bodies import car
from gtvision.traffic.light import light_of
from gtvision.traffic.paint import place
from gtvision.traffic.plates import plate_text
from gtvision.traffic.view import View

SIZE = (320, 180)


@pytest.mark.parametrize("weather", ["day", "night+rain+shake", "dusk+lightning+dirt+clouds", "24h+ir+wind+frozen"])
def test_the_same_seed_gives_the_same_bytes(weather: str) -> None:
    one, other = (scene("crossing", 5, weather=weather, size=SIZE, fps=2) for _ in range(2))
    for (_, a, told_a), (_, b, told_b) in zip(one.frames(25), other.frames(25), strict=True):
        assert np.array_equal(a, b)
        assert told_a == told_b
    assert one.truth() == other.truth()


def test_another_seed_gives_other_traffic() -> None:
    one, other = (scene("two-way", seed, size=SIZE, fps=1) for seed in (1, 2))
    for traffic in (one, other):
        list(traffic.frames(30))
    assert [story.path for story in one.truth()] != [story.path for story in other.truth()]


@pytest.mark.parametrize("name", sorted(SCENES))
def test_boxes_lie_in_the_picture_and_shares_between_nothing_and_all(name: str) -> None:
    for _, picture, told in scene(name, 2, weather="day+shake", size=SIZE, fps=2).frames(30):
        assert picture.shape == (SIZE[1], SIZE[0], 3)
        assert picture.dtype == np.uint8
        for seen in told.seen:
            x1, y1, x2, y2 = seen.box
            assert 0 <= x1 < x2 <= 1
            assert 0 <= y1 < y2 <= 1
            assert 0 <= seen.visible_share <= 1


def test_a_hidden_vehicle_is_told_as_hidden() -> None:
    shares = [
        seen.visible_share for *_, told in scene("crossing", 2, size=SIZE, fps=1).frames(45) for seen in told.seen
    ]
    assert min(shares) < 0.5 < max(shares)


def test_the_picture_changes_where_a_vehicle_is() -> None:
    traffic = scene("motorway", 1, size=SIZE, fps=5)
    empty = next(iter(traffic.frames(0.2)))[1].astype(int)
    for _, picture, told in traffic.frames(30):
        for seen in told.seen:
            x1, y1, x2, y2 = (np.array(seen.box) * (*SIZE, *SIZE)).astype(int)
            if y2 - y1 > 25 and seen.visible_share > 0.9:
                change = np.abs(picture.astype(int) - empty)
                assert change[y1:y2, x1:x2].mean() > 10
                return
    pytest.fail("no vehicle came near")


def test_time_goes_on_from_call_to_call() -> None:
    traffic = scene("one-way", 1, size=SIZE, fps=4)
    times = [time_s for time_s, *_ in traffic.frames(1)] + [time_s for time_s, *_ in traffic.frames(1)]
    assert times == [index / 4 for index in range(8)]


def test_night_is_dark_and_lightning_is_bright() -> None:
    def brightness(weather: str) -> list[float]:
        return [float(p.mean()) for _, p, _ in scene("two-way", 1, weather=weather, size=SIZE, fps=10).frames(8)]

    night, storm, day = brightness("night"), brightness("night+lightning"), brightness("day")
    assert max(night) < 0.5 * min(day)
    assert max(storm) > 1.5 * min(storm)


def test_a_frozen_picture_stands_while_the_truth_goes_on() -> None:
    frames = list(islice(scene("one-way", 1, weather="frozen", size=SIZE, fps=1).frames(32), 18, 32))
    assert all(np.array_equal(picture, frames[1][1]) for _, picture, _ in frames[1:12])
    assert not np.array_equal(frames[12][1], frames[1][1])
    assert frames[3][2].seen != frames[10][2].seen


def test_infrared_is_grey_in_its_turn() -> None:
    frames = [p for _, p, _ in scene("one-way", 1, weather="night+ir", size=SIZE, fps=0.5).frames(24)]
    colourful = [np.abs(p[:, :, 0].astype(int) - p[:, :, 2]).mean() for p in frames]
    assert min(colourful[:9]) > max(colourful[11:]) * 1.05


@pytest.mark.parametrize("text", ["fog", "day+night", "day+hail"])
def test_an_unknown_weather_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(BadConfiguration, match="rain"):
        Weather.parse(text)


def test_every_light_and_effect_has_a_picture() -> None:
    for light in LIGHTS:
        for effect in EFFECTS:
            assert len(list(scene("car-park", 1, weather=f"{light}+{effect}", size=(160, 90), fps=1).frames(1))) == 1


@pytest.mark.parametrize(
    ("name", "seed", "size", "fps"),
    [("beach", 1, SIZE, 1), ("one-way", -1, SIZE, 1), ("one-way", 1, (100, 100), 1), ("one-way", 1, SIZE, 0)],
)
def test_an_impossible_recording_is_refused(name: str, seed: int, size: tuple[int, int], fps: float) -> None:
    with pytest.raises(BadConfiguration):
        scene(name, seed, size=size, fps=fps)


def test_the_box_of_a_car_is_as_high_as_perspective_says() -> None:
    view = View(6.0, 15, 0, 1.0, (1000, 562))
    mesh, shape = car(np.random.default_rng(1))
    near, far = (place(mesh, (0.0, y, -np.pi / 2), view) for y in (20.0, 40.0))
    ratio = (near.box[2] - near.box[0]) / (far.box[2] - far.box[0])
    assert ratio == pytest.approx(2, rel=0.12)
    assert near.box[2] - near.box[0] == pytest.approx(shape.width_m / 19, rel=0.15)


def test_plates_come_in_both_formats() -> None:
    rng = np.random.default_rng(1)
    texts = [plate_text(rng) for _ in range(40)]
    assert {text[4].isalpha() for text in texts} == {True, False}
    assert all(len(text) == 7 and text[:3].isalpha() and text[5:].isdigit() for text in texts)


def test_lamps_are_lit_at_night_alone() -> None:
    assert light_of(12).lamps == 0
    assert light_of(0).lamps == 1
    assert light_of(12).gain.min() > light_of(18.1).gain.max() > light_of(0).gain.max()


def test_a_clip_has_a_keyframe_a_second_and_its_truth_beside_it(tmp_path: Path) -> None:
    traffic = scene("motorway", 1, size=SIZE, fps=5)
    clip = tmp_path / "motorway.mp4"
    truth = write_clip(traffic, 6, clip)
    with av.open(str(clip)) as container:
        keys = [packet.is_keyframe for packet in container.demux(video=0) if packet.size]
    assert keys == [index % 5 == 0 for index in range(30)]
    lines = [json.loads(line) for line in truth.read_text().splitlines()]
    assert truth.name == "motorway.truth.jsonl"
    assert camera_from_json(lines[0]["scene"]["camera"]) == traffic.camera
    assert len([line for line in lines if "frame" in line]) == 30
    assert [line["vehicle"]["id"] for line in lines if "vehicle" in line] == [story.id for story in traffic.truth()]


def test_a_clip_of_one_frame_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="2 frames"):
        write_clip(scene("one-way", 1, size=SIZE, fps=1), 1, tmp_path / "short.mp4")
