"""The whole system, started as a user starts it: simulated RTSP, Ray actors, Ray Serve, database, HTTP.

The tests share one running system and run in order; each leaves it whole.
"""

import io
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import av
import cv2
import httpx
import numpy as np
import pytest
from buses import parked_bus, passing_bus
from events import an_event
from plates import a_plate
from running import System, new_system, until, up

from gtvision.adapters.spool import Spool
from gtvision.domain.event import EventRecord
from gtvision.domain.plate import PlateRecord
from gtvision.pipeline.retention import DAY_S
from gtvision.simulate import RtspServer, SimulatedCamera, SimulatorThread

pytestmark = pytest.mark.timeout(180)
PASSWORD = "n0t-for-any-log"
WRONG = "wr0ng-but-secret-too"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtspServer]:
    folder = tmp_path_factory.mktemp("clips")
    passing, parked = passing_bus(folder), parked_bus(folder)
    cameras = [
        SimulatedCamera("passing", passing),
        SimulatedCamera("parked", parked),
        SimulatedCamera("locked", passing, "ana", PASSWORD),
        SimulatedCamera("later", passing, offset_s=3),
    ]
    with SimulatorThread(RtspServer(cameras)) as server:
        yield server


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, simulator: RtspServer, models: Path) -> Iterator[System]:
    recording = {"pre_roll_s": 1, "post_roll_s": 1}
    installed = new_system(tmp_path_factory.mktemp("system"), recording=recording)
    with up(installed) as running:
        for name in ("passing", "parked"):
            running.json("POST", "/v1/cameras", json={"id": name, "sources": [{"url": simulator.url(name)}]})
        locked = {"url": simulator.url("locked"), "user": "ana", "password": WRONG}
        running.json("POST", "/v1/cameras", json={"id": "locked", "sources": [locked]})
        until(lambda: all(is_sampling(running, name) for name in ("passing", "parked")), 60, "sampling")
        yield running
    assert Spool(installed.settings.spool_dir, 2**30).waiting() == []  # the last events were stored before it went down


def is_sampling(system: System, camera: str) -> bool:
    age_s = system.status(camera)["last_sample_age_s"]
    return age_s is not None and age_s < 2


def test_events_of_a_camera_arrive_over_http_with_pictures_that_decode_and_clips_that_play(system: System) -> None:
    def finished() -> dict | None:
        events = system.events(camera="passing", open="false")
        return next((event for event in events if event["end"] and event["snapshot"] and event["clip"]), None)

    event = until(finished, 60, "a finished event")
    assert event["kind"] in ("bus", "truck")
    picture = cv2.imdecode(np.frombuffer(system.http("GET", event["snapshot"]).content, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (360, 640, 3)
    with av.open(io.BytesIO(system.http("GET", event["clip"]).content)) as clip:
        frames = list(clip.decode(video=0))
    assert len(frames) > 15
    assert (frames[0].width, frames[0].height) == (640, 360)


def test_events_arrive_over_the_stream_as_they_happen(system: System) -> None:
    address = f"http://127.0.0.1:{system.settings.http.port}/v1/events/stream?after=0"
    with httpx.stream("GET", address, timeout=30, trust_env=False) as stream:
        told = next(json.loads(line.removeprefix("data: ")) for line in stream.iter_lines() if line.startswith("data:"))
    assert told["camera"] in ("passing", "parked")
    assert told["seq"] >= 1


def test_status_and_rays_state_api_show_every_camera_actor_by_name(system: System) -> None:
    listed = system.json_of("status")
    assert {camera["camera"] for camera in listed["cameras"]} == {"passing", "parked", "locked"}
    assert listed["ready"] == dict.fromkeys(("database", "recorder", "fleet", "detector", "plate_reader"), "ok")
    assert Path(listed["logs"]).is_dir()
    named = system.actors()
    assert {"camera:passing", "camera:parked", "camera:locked"} <= named.keys()
    assert named["camera:passing"]["class_name"] == "CameraActor"


def test_what_was_kept_long_enough_is_swept_while_the_system_runs(system: System) -> None:
    end_s = time.time() - 40 * DAY_S
    old = an_event(start_s=end_s - 5, end_s=end_s, camera_id="gone")
    Spool(system.settings.spool_dir, 2**30).put(EventRecord(old, snapshot=b"a picture", clip=b"a clip"))
    until(lambda: system.http("GET", f"/v1/events/{old.id}/clip.mp4").content == b"a clip", 20, "the old event")
    due = {row["kind"]: row["due"] for row in system.json_of("sweep", "--dry-run")["retention"]}
    swept = {row["kind"]: row["removed"] for row in system.json_of("sweep")["retention"]}
    assert due == swept == {**dict.fromkeys(due, 0), "clips": 1}
    assert "expired" in system.http("GET", f"/v1/events/{old.id}/clip.mp4").json()["detail"]
    assert system.http("GET", f"/v1/events/{old.id}/snapshot.jpg").content == b"a picture"
    media = Path(system.settings.media_url)
    assert [file.suffix for file in media.rglob(f"{old.id}.*")] == [".jpg"]


def test_a_plate_on_a_list_that_was_just_made_is_told_over_the_stream_with_its_picture(system: System) -> None:
    system.json("POST", "/v1/watchlists", json={"id": "stolen"})
    file = b"text,match,reason\nQBC1234,near,BO 12/2026\n"
    done = system.json("POST", "/v1/watchlists/stolen/entries.csv", content=file, headers={"Content-Type": "text/csv"})
    assert done == {"added": 1, "entries": 1}
    seq = system.json("GET", "/v1/events")["seq"]
    seen = a_plate("OBC1C34", camera_id="made", time_s=time.time())
    put_s = time.time()
    Spool(system.settings.spool_dir, 2**30).put(PlateRecord(seen, b"a plate"))
    address = f"http://127.0.0.1:{system.settings.http.port}/v1/events/stream?after={seq}"
    with httpx.stream("GET", address, timeout=30, trust_env=False) as stream:
        told = (json.loads(line.removeprefix("data: ")) for line in stream.iter_lines() if line.startswith("data:"))
        event = next(each for each in told if each["type"] == "watchlist")
    print(f"the hit was on the stream {time.time() - put_s:.2f} s after the plate was in the spool")
    assert (event["plate"], event["hit"]["text"], event["hit"]["distance"]) == ("OBC1C34", "QBC1234", 1)
    assert system.http("GET", event["snapshot"]).content == b"a plate"
    (found,) = system.json("GET", "/v1/plates", params={"plate": "OBC1234"})["items"]
    assert found["id"] == seen.id
    system.json("DELETE", "/v1/watchlists/stolen")


def test_a_camera_with_a_wrong_password_says_so_and_nothing_tells_the_password(system: System) -> None:
    status = until(lambda: (said := system.status("locked"))["detail"] and said, 30, "a reason")
    assert status["state"] == "retrying"
    assert "password" in status["detail"] or "user" in status["detail"]
    assert is_sampling(system, "passing")
    told = [system.http("GET", path).content for path in ("/v1/cameras", "/v1/cameras/locked", "/v1/status")]
    told += [path.read_bytes() for path in (system.settings.data_dir / "run").rglob("*") if path.is_file()]
    assert len(told) > 20  # Ray's logs are among them
    assert not [text for text in told if WRONG.encode() in text]


def test_a_killed_camera_samples_again_soon_and_takes_its_open_event_up_again(system: System) -> None:
    (before,) = until(lambda: system.events(camera="parked"), 30, "an event of the parked bus")
    pid = system.pid("camera:parked")
    killed_s = time.time()
    os.kill(pid, signal.SIGKILL)

    def samples_again() -> bool:
        status = system.status("parked")
        age_s = status["last_sample_age_s"]
        return status["state"] == "running" and age_s is not None and time.time() - age_s > killed_s

    until(samples_again, 10, "sampling again")
    print(f"the killed camera sampled again after {time.time() - killed_s:.1f} s")
    assert system.pid("camera:parked") != pid
    until(lambda: system.status("parked")["samples"] >= 6, 20, "a few looks at the bus")
    assert system.status("parked")["open_events"] == 1
    (after,) = system.events(camera="parked")
    assert (after["id"], after["end"]) == (before["id"], None)


def test_a_recorder_that_is_killed_while_events_come_loses_none_and_stores_none_twice(system: System) -> None:
    spool = Spool(system.settings.spool_dir, 2**30)
    day = str(uuid4())[:8]
    sent = [an_event(number, camera_id=f"made-{day}") for number in range(400)]
    killed = threading.Event()

    def send() -> None:
        for number, event in enumerate(sent):
            spool.put(EventRecord(event, snapshot=b"a picture", clip=b"a clip"))
            if number == 150:
                killed.wait(30)

    sending = threading.Thread(target=send)
    sending.start()
    os.kill(system.pid("recorder"), signal.SIGKILL)
    killed.set()
    sending.join(60)
    until(lambda: not any(event.id in path.name for path in spool.waiting() for event in sent), 30, "an empty spool")
    stored = [event["id"] for event in system.events(camera=f"made-{day}")]
    assert sorted(stored) == sorted(event.id for event in sent)
    assert system.http("GET", f"/v1/events/{sent[0].id}/clip.mp4").content == b"a clip"
    assert not list((system.settings.spool_dir / "damaged").iterdir())


def test_a_killed_fleet_disturbs_no_camera_and_starts_the_next_one(system: System, simulator: RtspServer) -> None:
    cameras = ("camera:passing", "camera:parked", "camera:locked")
    before = {name: system.pid(name) for name in cameras}
    fleet = system.pid("fleet")
    os.kill(fleet, signal.SIGKILL)
    assert system.http("GET", "/v1/cameras/passing/snapshot.jpg").content[:2] == b"\xff\xd8"  # it needs no fleet
    system.json("POST", "/v1/cameras", json={"id": "later", "sources": [{"url": simulator.url("later")}]})
    until(lambda: "camera:later" in system.actors(), 30, "the new camera's actor")
    until(lambda: is_sampling(system, "later"), 30, "sampling of the new camera")
    assert system.pid("fleet") != fleet
    assert {name: system.pid(name) for name in cameras} == before


def test_zones_and_triggers_change_while_the_camera_runs_and_its_actor_stays(system: System) -> None:
    pid = system.pid("camera:later")
    zone = {"id": "all", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}
    trigger = {"id": "seen", "type": "enter", "zone": "all"}
    system.json("PATCH", "/v1/cameras/later", json={"zones": [zone], "triggers": [trigger]})

    def seen() -> bool:
        return any((event["trigger"], event["zone"]) == ("seen", "all") for event in system.events(camera="later"))

    until(seen, 40, "an event of the new trigger")
    assert system.pid("camera:later") == pid
    assert not [event for event in system.events(camera="later", open="true") if event["trigger"] != "seen"]


def test_a_camera_is_disabled_enabled_and_removed_while_the_others_run(system: System) -> None:
    system.json("PATCH", "/v1/cameras/later", json={"enabled": False})
    until(lambda: "camera:later" not in system.actors(), 20, "the end of its actor")
    assert system.status("later")["state"] == "disabled"
    system.json("PATCH", "/v1/cameras/later", json={"enabled": True})
    until(lambda: is_sampling(system, "later"), 30, "sampling again")
    system.json("DELETE", "/v1/cameras/later")
    until(lambda: "camera:later" not in system.actors(), 20, "the end of its actor")
    assert system.http("GET", "/v1/cameras/later").status_code == 404
    assert is_sampling(system, "passing")


def test_detection_resumes_after_its_replica_was_killed(system: System) -> None:
    replica = next(process for process in system.processes() if "ServeReplica:detector" in process.cmdline()[0])
    replica.kill()
    since = time.time()

    until(lambda: system.events(camera="passing", since=iso(since + 1)), 60, "an event after the kill")


def iso(unix_s: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(unix_s))


def test_starting_it_twice_says_that_it_runs(system: System) -> None:
    again = system.run("up")
    assert again.returncode == 2
    assert "already runs" in again.stderr
    assert is_sampling(system, "passing")


def test_the_parked_bus_was_one_event_through_all_of_that(system: System) -> None:
    (event,) = system.events(camera="parked")
    assert event["end"] is None
