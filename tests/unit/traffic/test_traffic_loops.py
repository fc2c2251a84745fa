"""Loops of traffic: what is drawn, what its truth says, and what it asks for between two moments."""

import json
from pathlib import Path
from typing import Any

import av
import pytest

from gtvision.domain.errors import BadConfiguration
from gtvision.traffic import Due, Loop, Recording, Traffic, due, loop_clip, truth_of
from gtvision.traffic.scenes import scene_of

SMALL = Loop("two-way", 5, seconds=45, size=(160, 90), fps=4)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return loop_clip(SMALL, tmp_path_factory.mktemp("loops"))


def lines_of(clip: Path, kind: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in truth_of(clip).read_text(encoding="utf-8").splitlines()]
    return [line[kind] for line in lines if kind in line]


def test_a_loop_is_a_recording_with_its_truth_beside_it(clip: Path) -> None:
    with av.open(str(clip)) as opened:
        video = opened.streams.video[0]
        assert (video.width, video.height, video.frames) == (160, 90, 45 * 4)
    assert lines_of(clip, "scene")[0]["camera"]["zones"]
    assert len(lines_of(clip, "frame")) == 45 * 4
    known = {vehicle["id"] for vehicle in lines_of(clip, "vehicle")}
    events = lines_of(clip, "event")
    assert events
    assert {event["vehicle"] for event in events} <= known


def test_a_loop_is_drawn_once(clip: Path) -> None:
    before = clip.stat().st_mtime_ns
    assert loop_clip(SMALL, clip.parent) == clip
    assert clip.stat().st_mtime_ns == before


def test_at_the_end_of_a_loop_only_those_who_always_stand_there_stand() -> None:
    traffic = Traffic(scene_of("one-way"), Recording(2, size=(160, 90), fps=2, arrivals_until_s=50))
    for _ in traffic.frames(80):
        pass
    leave_or_stay = {
        end is None and begin == 0 for story in traffic.truth() for begin, end in story.parked if end is None
    }
    assert leave_or_stay == {True}


def test_the_demand_of_whole_rounds_is_that_many_times_the_demand_of_one(clip: Path) -> None:
    one = due(clip, 100.0, 100.0, 145.0)
    three = due(clip, 100.0, 100.0, 100.0 + 3 * 45.0)
    assert one.demanded > 0
    assert (three.demanded, three.doubtful) == (3 * one.demanded, 3 * one.doubtful)


def test_two_halves_ask_for_as_much_as_the_whole(clip: Path) -> None:
    parts = [due(clip, 0.0, since, since + 22.5) for since in (450.0, 472.5)]
    whole = due(clip, 0.0, 450.0, 495.0)
    assert sum(part.demanded for part in parts) == whole.demanded


def test_who_always_stands_there_is_not_asked_for(clip: Path) -> None:
    standing = {v["id"] for v in lines_of(clip, "vehicle") if v["parked"] == [[0.0, None]]}
    asked = [event for event in lines_of(clip, "event") if event["vehicle"] not in standing]
    found = due(clip, 0.0, 0.0, 45.0)
    assert standing
    assert found.demanded + found.doubtful == len(asked) < len(lines_of(clip, "event"))


@pytest.mark.parametrize(("told", "share"), [(20, 0.0), (22, 0.0), (19, 0.05), (24, 0.1), (0, 1.0)])
def test_the_difference_counts_only_what_the_truth_does_not_allow(told: int, share: float) -> None:
    assert Due(20, 2).difference_share(told) == pytest.approx(share)


@pytest.mark.parametrize(
    ("loop", "says"),
    [(("nix", 1), "no scene"), (("crossing", 1, "hail"), "no weather")],
)
def test_a_loop_of_nothing_known_is_refused(loop: tuple[Any, ...], says: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=says):
        loop_clip(Loop(*loop), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seconds", [44.0, 3601.0, float("nan")])
def test_a_loop_is_long_enough_to_empty_its_street(seconds: float) -> None:
    with pytest.raises(BadConfiguration, match="between 45 and 3600"):
        Loop("crossing", 1, seconds=seconds)
