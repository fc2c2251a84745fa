"""Real Celery, old and new, on the other side of the real system: its clients send frames, its workers take plates."""

import base64
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from bridged import bridged, partner
from drawn_car import one_car
from partners import VERSIONS, CeleryWorker, call, produce
from rabbitmq import RabbitServer
from running import System, until

from gtvision.adapters.jpeg import encode_jpeg
from gtvision.traffic.plate_pictures import plate_picture

pytestmark = pytest.mark.timeout(180)
COUNTDOWN_S = 4


@pytest.fixture(scope="module")
def system(rabbit: RabbitServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """It takes frames of `city`, answers and sends plates to it, and reads the plates that `road` asks for."""
    folder = tmp_path_factory.mktemp("system")
    partners = [partner(folder, replies=True, sends_plates=True), partner(folder, "road", reads_plates=True)]
    with bridged(folder, [rabbit.host], bridge={"partners": partners}) as system:
        yield system


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def python(version: str, celery_of: Callable[[str], Path]) -> Path:
    return celery_of(version)


def frame(version: str, trigger: str, how: str = "apply_async", **other: Any) -> dict[str, Any]:
    """A call that asks for a trigger of that name."""
    camera = f"gate-{version.replace('.', '-')}"
    return call(one_car(), camera, how=how, triggers=[{"id": trigger, "type": "zone"}], **other)


def events_of(system: System, version: str, *triggers: str) -> list[dict[str, Any]]:
    every = system.events(camera=f"gate-{version.replace('.', '-')}")
    return [event for event in every if event["trigger"] in triggers]


def test_whatever_way_a_client_sends_a_frame_it_makes_one_event(
    system: System, rabbit: RabbitServer, version: str, python: Path
) -> None:
    ways: dict[str, dict[str, Any]] = {
        "delay": {"how": "delay"},
        "by-name": {"how": "send_task"},
        "keywords": {"as_keywords": True},
        "priority": {"options": {"priority": 9}},
        "expires": {"options": {"expires": 60}},
        "gzip": {"options": {"compression": "gzip"}},
        "bzip2": {"options": {"compression": "bzip2"}},
        "msgpack": {"options": {"serializer": "msgpack"}},
        "protocol-1": {"protocol": 1},
        "countdown": {"options": {"countdown": COUNTDOWN_S}},
        "too-late": {"options": {"countdown": 2, "expires": 1}},
    }
    sent_s = time.time()
    produce(python, rabbit.url(), [frame(version, way, **{"how": "apply_async", **how}) for way, how in ways.items()])
    wanted = [way for way in ways if way != "too-late"]
    until(lambda: events_of(system, version, "countdown"), 60, "the event of the frame whose time came later")
    assert time.time() >= sent_s + COUNTDOWN_S
    until(lambda: {event["trigger"] for event in events_of(system, version, *ways)} == set(wanted), 60, "the events")
    until(lambda: rabbit.depth("detection") == 0, 10, "an empty queue")
    time.sleep(1)
    events = events_of(system, version, *ways)
    assert Counter(event["trigger"] for event in events) == Counter(wanted)
    assert {event["kind"] for event in events} == {"car"}


def test_a_message_that_comes_again_makes_no_second_event(
    system: System, rabbit: RabbitServer, version: str, python: Path
) -> None:
    again = frame(version, "again", options={"task_id": f"the-same-{version}"})
    produce(python, rabbit.url(), [again, again, frame(version, "after")])
    until(lambda: events_of(system, version, "after"), 30, "the event of the last message")
    assert len(events_of(system, version, "again")) == 1


def test_a_client_that_waits_gets_the_result(system: System, rabbit: RabbitServer, version: str, python: Path) -> None:
    waits = [frame(version, "awaited", how="delay", result_s=30)]
    [told] = produce(python, rabbit.url(), waits, backend="rpc://")
    [event] = until(lambda: events_of(system, version, "awaited"), 20, "the event")
    assert event["id"] in told["result"]["events"]
    assert told["result"]["detections"] == 1


def test_a_worker_on_ocr_executes_what_we_send_and_gets_a_picture_of_the_vehicle(
    system: System, rabbit: RabbitServer, version: str, python: Path, tmp_path: Path
) -> None:
    camera = f"road-{version.replace('.', '-')}"
    with CeleryWorker(python, rabbit.url(), "ocr", tmp_path) as worker:
        asked = [[{"id": name, "type": "zone"}] for name in ("first", "next")]  # the next one ends the first
        produce(python, rabbit.url(), [call(one_car(), camera, triggers=triggers) for triggers in asked])
        [done] = until(
            lambda: [each for each in worker.executions() if each["camera_id"] == camera], 60, "an execution"
        )
    [event] = [event for event in system.events(camera=camera) if event["trigger"] == "first"]
    det = done["det"]
    assert (done["task"], done["camera_id"], done["retries"]) == ("process_plate", camera, 0)
    assert (det["event_id"], det["class"]) == (event["id"], "car")
    crop = cv2.imdecode(np.frombuffer(base64.b64decode(det["crop"]), np.uint8), cv2.IMREAD_COLOR)
    left, top, right, bottom = det["bbox"]
    assert crop.shape[0] >= bottom - top - 1 > 30
    assert crop.shape[1] >= right - left - 1 > 30


def test_we_read_the_plates_that_a_client_puts_on_ocr(
    system: System, rabbit: RabbitServer, version: str, python: Path
) -> None:
    drawn = plate_picture("mercosul", 101)
    height, width = drawn.bgr.shape[:2]
    crop = base64.b64encode(encode_jpeg(drawn.bgr, 95)).decode()
    det = {"bbox": [0, 0, width, height], "class": "car", "track_id": 7, "timestamp": time.time(), "crop": crop}
    camera = f"yard-{version.replace('.', '-')}"
    [sent] = produce(python, rabbit.url("road"), [{"task": "process_plate", "args": [camera, det]}])

    def read() -> list[str]:
        return [plate["plate"] for plate in system.json("GET", "/v1/plates", params={"camera": camera})["items"]]

    assert sent["id"]
    assert until(read, 60, "a plate") == [drawn.text]
