"""Who plays in the demo: real clips with weights for them, else drawn traffic with the weights that know it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gtvision.adapters.weights import SIMULATED
from gtvision.cli.demo_cameras import LOOPS, cast_of
from gtvision.settings import Settings
from gtvision.traffic import Loop, loop_clip, truth_of


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """This process's own, without folders of models and media; put back afterwards."""
    before = dict(os.environ)
    for name in ("GTVISION_MODELS", "GTVISION_MEDIA"):
        os.environ.pop(name, None)
    yield os.environ  # type: ignore[misc]
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def drawn(settings: Settings) -> None:
    """Stand-ins of the demo's loops, small enough to be drawn at once, where the demo keeps its own."""
    folder = settings.data_dir / "clips"
    for wanted in LOOPS:
        small = loop_clip(Loop(wanted.scene, 1, seconds=45, size=(160, 90), fps=1), folder)
        truth_of(small).rename(truth_of(folder / wanted.file_name))
        small.rename(folder / wanted.file_name)


def test_without_clips_the_demo_draws_traffic_for_our_own_weights(
    settings: Settings, environment: dict[str, str], drawn: None
) -> None:
    cast = cast_of(settings, 6)
    assert (cast.is_drawn, cast.weights) == (True, SIMULATED)
    names = [camera.name for camera in cast.cameras]
    assert names == ["crossing", "motorway", "two-way", "one-way", "crossing-2", "motorway-2"]
    watched = cast.watched(cast.cameras[0])
    assert [line["id"] for line in watched["lines"]] == ["line"]
    assert {trigger["type"] for trigger in watched["triggers"]} >= {"enter", "cross"}


def test_clips_without_weights_for_them_are_not_shown(
    settings: Settings, environment: dict[str, str], drawn: None, tmp_path: Path
) -> None:
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "street.mp4").write_bytes(b"")
    environment["GTVISION_MEDIA"] = str(tmp_path)
    assert cast_of(settings, 1).is_drawn
