"""A camera whose frames are pushed, in the real system: its actor is killed meanwhile, and every frame comes twice.

Each frame shows one car and asks for a trigger of its own, so that each makes one event by whose trigger it is known.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_car import SIZE, one_car
from running import System, new_system, until, up

from gtvision.adapters.store import Store
from gtvision.adapters.weights import SIMULATED
from gtvision.domain.receipt import Receipt

pytestmark = pytest.mark.timeout(240)

FRAMES = 60
LONG_NAME = "their gate ".ljust(200, "e")

PUSH = """
import json, sys, time
from pathlib import Path
from actors.head import find_head, prepare_environment
from gtvision.settings import load_settings

settings = load_settings(Path(sys.argv[1]), {})
prepare_environment(settings)

import ray
from actors.pushing import ClusterPushedCameras
from gtvision.cli.cluster import connected
from gtvision.domain.errors import GtVisionError, TryLater
from gtvision.domain.pushed import PushedFrame
from gtvision.domain.task import AskedTrigger, DetectVehicle
from gtvision.domain.trigger import TriggerType

def patiently(frame):
    deadline_s = time.monotonic() + 90
    while True:
        try:
            return cameras.push(frame)
        except TryLater:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.1)

with connected(find_head(settings).address):
    cameras = ClusterPushedCameras(ray.get_runtime_context().get_node_id(), 60.0)
    for line in sys.stdin:
        asked = json.loads(line)
        if "add" in asked:
            cameras.add(asked["add"], asked["name"])
            print("added", flush=True)
            continue
        trigger = AskedTrigger(asked["id"], TriggerType.ENTER)
        work = DetectVehicle(asked["camera"], Path(asked["file"]).read_bytes(), (), (trigger,))
        try:
            outcome = patiently(PushedFrame(asked["id"], asked["camera"], work, "again" in asked))
            print(json.dumps([outcome.event_ids, outcome.detections, outcome.is_repeated]), flush=True)
        except GtVisionError as exc:
            print(json.dumps(f"{type(exc).__name__}: {exc}"), flush=True)
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    settings = {"detector": {"weights": str(SIMULATED)}, "plates": {"replicas": {"min": 0, "max": 0}}}
    with up(new_system(tmp_path_factory.mktemp("system"), **settings)) as running:
        yield running


class Partner:
    """Another process of the cluster that pushes frames."""

    def __init__(self, system: System, folder: Path) -> None:
        self._picture = folder / "car.jpg"
        self._picture.write_bytes(one_car())
        self._process = subprocess.Popen(
            [sys.executable, "-c", PUSH, str(system.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self, **asked: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def push(self, message_id: str, camera: str = "theirs", **other: str) -> list[object] | str:
        said: list[object] | str = json.loads(self.tell(id=message_id, camera=camera, file=str(self._picture), **other))
        return said

    def stop(self) -> None:
        self._process.communicate(timeout=30)
        assert self._process.returncode == 0


@pytest.fixture(scope="module")
def partner(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    partner = Partner(system, tmp_path_factory.mktemp("frames"))
    yield partner
    partner.stop()


def test_no_frame_is_lost_or_counted_twice_when_its_camera_is_killed_and_all_of_them_come_again(
    system: System, partner: Partner
) -> None:
    assert [partner.tell(add="theirs", name=LONG_NAME) for _ in range(2)] == ["added", "added"]
    assert system.json("GET", "/v1/cameras/theirs")["name"] == LONG_NAME
    ids = [f"frame-{number}" for number in range(FRAMES)]
    outcomes = []
    for number, message_id in enumerate(ids):
        if number in (15, 40):
            os.kill(system.pid("camera:theirs"), signal.SIGKILL)
        outcomes.append(partner.push(message_id))
    assert [outcome[1:] for outcome in outcomes] == [[1, False]] * FRAMES
    assert all(len(outcome[0]) in (1, 2) for outcome in outcomes)  # its own, and the end of the one before
    assert [partner.push(message_id) for message_id in ids] == [[[], 0, True]] * FRAMES
    until(lambda: len(system.events(camera="theirs")) >= FRAMES, 30, "all events in the database")
    os.kill(system.pid("camera:theirs"), signal.SIGKILL)
    assert [partner.push(message_id) for message_id in ids] == [[[], 0, True]] * FRAMES
    made = Counter(event["trigger"] for event in system.events(camera="theirs"))
    assert made == Counter(ids)


def test_a_pushed_camera_shows_its_newest_frame_and_how_it_does(system: System, partner: Partner) -> None:
    partner.push("one-more")
    picture = system.http("GET", "/v1/cameras/theirs/snapshot.jpg").content
    assert cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR).shape == (SIZE[1], SIZE[0], 3)
    status = system.status("theirs")
    assert (status["state"], status["detail"], status["stream"]["codec"]) == ("running", "", "mjpeg")
    assert status["reasons"].keys() == {"pushed"}
    (event,) = (event for event in system.events(camera="theirs") if event["trigger"] == "one-more")
    stored = system.http("GET", event["snapshot"]).content
    assert cv2.imdecode(np.frombuffer(stored, np.uint8), cv2.IMREAD_COLOR).shape == (SIZE[1], SIZE[0], 3)


def test_a_message_of_long_ago_that_comes_again_is_known_by_its_receipt(system: System, partner: Partner) -> None:
    assert partner.push("never-done", again="yes")[1:] == [1, False]
    with Store(system.settings.database_url, writes=False) as store:
        until(
            lambda: "never-done" in (each.message_id for each in store.receipts("theirs", limit=9)), 30, "its receipt"
        )
    receipt = Receipt("long-ago", "theirs", 1.0)
    with closing(sqlite3.connect(system.settings.data_dir / "gtvision.db", timeout=20)) as database, database:
        row = (receipt.id, receipt.camera_id, receipt.message_id, receipt.done_s)
        database.execute("INSERT INTO message_receipt (id, camera_id, message_id, done_s) VALUES (?, ?, ?, ?)", row)
    assert partner.push("long-ago", again="yes") == [[], 0, True]


def test_frames_of_cameras_that_take_none_are_refused(system: System, partner: Partner) -> None:
    system.json("POST", "/v1/cameras", json={"id": "streamed", "sources": [{"url": "rtsp://127.0.0.1:9/main"}]})
    system.json("POST", "/v1/cameras", json={"id": "off", "enabled": False, "sources": [{"url": "pushed:"}]})
    assert partner.push("m", "nobody") == "MessageRefused: there is no camera 'nobody'"
    assert partner.push("m", "off") == "MessageRefused: camera off is switched off: gtvision camera set off --enable"
    assert partner.push("m", "streamed") == "MessageRefused: camera streamed has a stream of its own"


def test_a_camera_with_a_stream_becomes_one_whose_frames_are_pushed_while_it_runs(
    system: System, partner: Partner
) -> None:
    pid = system.pid("camera:streamed")
    system.json("PATCH", "/v1/cameras/streamed", json={"sources": [{"url": "pushed:"}]})
    until(lambda: "no frame" in system.status("streamed")["detail"], 30, "waiting for frames")
    outcome = partner.push("m", "streamed")
    assert outcome[1:] == [1, False]
    assert system.pid("camera:streamed") == pid
