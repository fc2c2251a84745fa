from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from gtvision.domain.errors import BadConfiguration
from gtvision.simulate import SimulatedCamera, bus_scene, prepare_clip
from gtvision.simulate.clip import load_clip
from gtvision.simulate.encode import write_recording
from gtvision.simulate.programme import Cursor, Programme
from gtvision.simulate.stills import still_clip


def _pictures(count, width=160, height=96):
    for index in range(count):
        picture = np.full((height, width, 3), 90, np.uint8)
        picture[20:60, index * 2 : index * 2 + 30] = 220
        yield av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")


def _encode(path, codec, options, count=60, gop=60):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=20, options=options)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.codec_context.gop_size = gop
        for frame in _pictures(count):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def fit(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "fit.mp4"
    write_recording(path, _pictures(40), (160, 96), Fraction(20))
    return path


def test_a_clip_is_packetised_with_parameter_sets_before_every_keyframe(fit):
    clip = load_clip(fit)
    assert clip.keyframes == (0, 20)
    assert clip.fps == pytest.approx(20)
    assert clip.duration_s == pytest.approx(2.0)
    for index in clip.keyframes:
        frame = clip.frames[index]
        kinds = [frame.wire[at + 16] & 0x1F for at in frame.packets]
        assert kinds[:2] == [7, 8]


def test_a_programme_begins_with_the_last_keyframe_and_repeats_without_a_gap(fit):
    cursor = Cursor(Programme(load_clip(fit), origin_s=100.0), now_s=103.3)
    assert cursor.due_s == pytest.approx(103.0)
    assert cursor.keyframe == 1
    times = []
    for _ in range(60):
        times.append(cursor.due_s)
        cursor.advance()
    assert np.diff(times) == pytest.approx(0.05)


def test_h265_is_packetised_too(tmp_path):
    path = _encode(tmp_path / "a.mp4", "libx265", {"x265-params": "bframes=0:log-level=none"}, gop=20)
    clip = load_clip(path)
    assert clip.codec == "hevc"
    assert len(clip.parameter_sets) == 3
    assert clip.keyframes[0] == 0


def test_b_frames_are_shown_later_than_they_are_sent(tmp_path):
    clip = load_clip(_encode(tmp_path / "b.mp4", "libx264", {"bf": "2", "b-adapt": "0", "b-pyramid": "none"}))
    assert any(frame.shown_s > frame.sent_s for frame in clip.frames)
    assert len({round(frame.shown_s, 4) for frame in clip.frames}) == 60


def test_a_still_shows_one_keyframe_with_next_to_nothing_between(fit):
    still = still_clip(load_clip(fit), 1)
    assert still.keyframes == (0,)
    assert len(still.frames) == 20
    assert max(len(frame.wire) for frame in still.frames[1:]) < len(still.frames[0].wire) / 4


def test_a_fit_recording_is_left_as_it_is(fit, tmp_path):
    assert prepare_clip(fit, tmp_path) == fit
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("codec", "options", "suffix"),
    [
        ("libx264", {"bf": "2"}, "mp4"),
        ("libx264", {"bf": "0", "sc_threshold": "0"}, "mp4"),
        ("mpeg4", {}, "mp4"),
    ],
)
def test_other_recordings_are_encoded_anew_once(tmp_path, codec, options, suffix):
    source = _encode(tmp_path / f"source.{suffix}", codec, options)
    copy = prepare_clip(source, tmp_path / "cache")
    clip = load_clip(copy)
    made = copy.stat().st_mtime_ns
    assert clip.keyframes == (0, 20, 40)
    assert all(frame.sent_s == frame.shown_s for frame in clip.frames)
    assert len(clip.frames) == 60
    assert prepare_clip(source, tmp_path / "cache") == copy
    assert copy.stat().st_mtime_ns == made


def test_a_wide_recording_is_made_1280_wide(tmp_path):
    source = tmp_path / "wide.mp4"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for frame in _pictures(3, 1920, 1080):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with av.open(str(prepare_clip(source, tmp_path / "cache"))) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (1280, 720)


@pytest.mark.parametrize("content", [b"", b"no video at all" * 100])
def test_what_is_no_recording_is_refused_and_leaves_nothing(tmp_path, content):
    source = tmp_path / "source.mp4"
    source.write_bytes(content)
    with pytest.raises(BadConfiguration) as refused:
        prepare_clip(source, tmp_path / "cache")
    assert refused.value.field == "clip"
    with pytest.raises(BadConfiguration):
        load_clip(source)
    assert not list(tmp_path.glob("cache/*"))


def test_a_missing_recording_is_refused(tmp_path):
    with pytest.raises(BadConfiguration, match="there is no recording"):
        prepare_clip(tmp_path / "none.mp4", tmp_path)


def test_the_bus_scene_is_the_same_each_time_still_and_then_moving(tmp_path):
    first, second = bus_scene(tmp_path / "a.mp4", 4, 10), bus_scene(tmp_path / "b.mp4", 4, 10)
    assert first.read_bytes() == second.read_bytes()
    with av.open(str(first)) as container:
        pictures = [frame.to_ndarray(format="gray").astype(int) for frame in container.decode(video=0)]
    change = [np.abs(a - b).mean() for a, b in pairwise(pictures)]
    assert pictures[0].shape == (360, 640)
    assert max(change[:9]) < 1 < min(change[14:27])
    assert np.abs(pictures[-1] - pictures[0]).mean() < 2
    assert load_clip(first).keyframes == (0, 10, 20, 30)


@pytest.mark.parametrize(
    "fields", [{"name": "no spaces"}, {"user": "ana"}, {"password": "x"}], ids=["name", "user", "password"]
)
def test_a_camera_needs_a_slug_and_a_whole_login(fit, fields):
    with pytest.raises(BadConfiguration):
        SimulatedCamera(**{"name": "cam1", "clip": fit, **fields})


def test_a_camera_does_not_show_its_password(fit):
    assert "s3cret" not in repr(SimulatedCamera("cam1", fit, "ana", "s3cret"))
