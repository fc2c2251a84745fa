"""Recordings of real traffic with real weights: counted as by hand, and by `gtvision analyse` as well."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks.hand_counts import CLIPS, ClipCount, clip_count, detector_of


@pytest.fixture(scope="module")
def counted(models: Path, clips: Path) -> Callable[[str], ClipCount]:
    """`counted(clip)` is what the product counts in that clip beside what a person did; each is analysed once."""
    detector = detector_of(models)
    return cache(lambda clip: clip_count(clips / f"{clip}.mp4", detector))


@pytest.fixture
def analysed(models: Path, tmp_path: Path) -> Any:
    """`analysed(clip, *options)` is each line that the command prints, the summary last."""
    config = tmp_path / "gtvision.yaml"
    config.write_text(f"data_dir: {tmp_path / 'data'}\n", encoding="utf-8")
    environment = os.environ | {"GTVISION_MODELS": str(models)}

    def run(clip: Path, *options: str) -> list[dict[str, Any]]:
        command = [Path(sys.executable).with_name("gtvision"), "--config", config, "analyse", clip, "--json", *options]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=100, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


@pytest.mark.parametrize("clip", CLIPS)
def test_who_crosses_a_line_of_a_real_clip_is_counted_as_by_hand(counted: Any, clip: str) -> None:
    count = counted(clip)
    missed, surplus = count.differences

    assert count.error <= count.allowed, f"missed: {[*map(str, missed)]}; too many: {[*map(str, surplus)]}"


@pytest.mark.parametrize("clip", CLIPS)
def test_each_vehicle_of_a_real_clip_enters_about_once(counted: Any, clip: str) -> None:
    count = counted(clip)
    fewest, most = count.by_hand.fewest, count.by_hand.most

    assert fewest - max(1, 0.1 * fewest) <= count.vehicles <= most + max(1, 0.1 * most)


def test_the_command_counts_a_line_the_same_with_samples_and_snapshots(
    analysed: Any, counted: Any, clips: Path, tmp_path: Path
) -> None:
    rows, pictures = tmp_path / "samples.csv", tmp_path / "pictures"
    options = ("--line", "0,0.7,1,0.7", "--samples", str(rows), "--snapshots", str(pictures))
    *events, last = analysed(clips / "motorway.mp4", *options)
    summary = last["summary"]

    once = [(event["track"], event["kind"], event["direction"], event["start_s"], event["end_s"]) for event in events]
    assert {event["trigger"] for event in events} == {"line"}
    assert once == [
        (event.track, event.kind.label, event.direction, round(event.start_s, 3), round(event.end_s, 3))
        for event in counted("motorway").events
        if event.line_id == "near"
    ]
    assert summary["events"] == len(events) == len(list(pictures.iterdir())) > 0
    assert summary["counts"] == {"car": {"forward": len(events), "backward": 0}}
    assert all(0 <= event["start_s"] <= event["end_s"] <= summary["duration_s"] for event in events)
    table = list(csv.DictReader(rows.read_text(encoding="utf-8").splitlines()))
    assert len(table) == summary["samples"]
    assert list(table[0]) == ["time_s", "foreground_share", "passed", "reason"]
