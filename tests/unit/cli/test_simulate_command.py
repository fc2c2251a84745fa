"""`gtvision simulate` up to the moment when it begins to serve."""

from pathlib import Path

import pytest

from gtvision.cli.simulate import cameras_of
from gtvision.simulate.clip import load_clip
from gtvision.traffic import Loop, loop_clip
from tests.unit.cli.conftest import Run


def test_a_detail_camera_begins_at_the_same_place_of_its_clip_as_the_camera_it_belongs_to() -> None:
    small, large = [Path("a.mp4"), Path("b.mp4")], [Path("A.mp4"), Path("B.mp4")]
    cameras = cameras_of(small, 3, (None, None))
    details = cameras_of(large, 3, (None, None), suffix="-detail")
    assert [camera.name for camera in details] == [f"{camera.name}-detail" for camera in cameras]
    assert [camera.offset_s for camera in details] == [camera.offset_s for camera in cameras]
    assert [camera.clip.stem for camera in details] == [camera.clip.stem.upper() for camera in cameras]


def test_the_clips_of_both_sizes_are_equally_long_with_keyframes_at_the_same_moments(tmp_path: Path) -> None:
    small, large = (
        load_clip(loop_clip(Loop("close-up", 3, seconds=45, size=size, fps=2), tmp_path))
        for size in ((160, 90), (320, 180))
    )
    assert small.duration_s == large.duration_s
    assert small.keyframes == large.keyframes
    assert [frame.shown_s for frame in small.frames] == [frame.shown_s for frame in large.frames]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--detail", "1920x1080"), "give --detail with --traffic"),
        (("--traffic", "close-up", "--clip", "a.mp4", "--detail", "1920x1080"), "without --clip"),
        (("--traffic", "close-up", "--detail", "1080p"), "write it as 1920x1080"),
        (("--traffic", "close-up", "--detail", "800x800"), "about 16:9"),
    ],
)
def test_a_detail_that_cannot_be_drawn_is_refused(run: Run, arguments: tuple[str, ...], says: str) -> None:
    refused = run("simulate", *arguments)
    assert refused.code == 2
    assert says in refused.err
