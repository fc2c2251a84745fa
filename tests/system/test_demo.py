"""`gtvision demo` on a machine with nothing on it: no network, no recordings, no weights but those that ship."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from running import COMMAND, new_system

pytestmark = pytest.mark.timeout(300)


def test_the_demo_of_drawn_traffic_tells_what_its_truth_asks_for(tmp_path: Path) -> None:
    system = new_system(tmp_path)
    environment = {k: v for k, v in os.environ.items() if k not in ("GTVISION_MODELS", "GTVISION_MEDIA")}
    environment["GTVISION_CONFIG"] = str(system.file)
    done = subprocess.run(
        [COMMAND, "demo", "--for", "60", "--headless", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *events, last = (json.loads(line) for line in done.stdout.splitlines())
    summary = last["summary"]
    truth = summary["truth"]

    assert summary["weights"] == "simulated-traffic_openvino_model"
    assert {event["event"] for event in events}
    assert set(summary["by_camera"]) == {"crossing", "motorway", "two-way", "one-way"}
    assert summary["snapshots"] == summary["events"]
    assert truth["demanded"] > 30  # what it sees depends on when it is up
    assert truth["difference_share"] <= 0.05, truth
