"""`gtvision analyse` on real traffic with real weights."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# Between a vehicle or two fewer and more than a person counts who watches the clip.
PLAUSIBLE = {"motorway": (9, 16), "crossing": (18, 32), "street": (4, 9), "approach": (1, 4)}


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


def _without_the_clock(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    *events, last = lines
    return [*events, {key: value for key, value in last["summary"].items() if key not in ("wall_s", "speed_x")}]


@pytest.mark.parametrize("name", PLAUSIBLE)
def test_a_real_clip_gives_plausible_events_and_the_same_twice(analysed: Any, clips: Path, name: str) -> None:
    lines = analysed(clips / f"{name}.mp4")
    *events, last = lines
    low, high = PLAUSIBLE[name]

    assert low <= last["summary"]["events"] == len(events) <= high
    assert all(0 <= event["start_s"] <= event["end_s"] <= last["summary"]["duration_s"] for event in events)
    assert _without_the_clock(lines) == _without_the_clock(analysed(clips / f"{name}.mp4"))


def test_a_line_is_counted_by_direction_with_samples_and_snapshots(analysed: Any, clips: Path, tmp_path: Path) -> None:
    rows, pictures = tmp_path / "samples.csv", tmp_path / "pictures"
    options = ("--line", "0,0.6,1,0.6", "--samples", str(rows), "--snapshots", str(pictures))
    *events, last = analysed(clips / "motorway.mp4", *options)
    counted = last["summary"]["counts"]

    assert {event["trigger"] for event in events} == {"line"}
    assert sum(count for ways in counted.values() for count in ways.values()) == len(events) > 0
    assert set(counted["car"]) == {"forward", "backward"}
    assert len(list(pictures.iterdir())) == len(events)
    table = list(csv.DictReader(rows.read_text(encoding="utf-8").splitlines()))
    assert len(table) == last["summary"]["samples"]
    assert list(table[0]) == ["time_s", "foreground_share", "passed", "reason"]
