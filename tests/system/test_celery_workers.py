"""Real Celery on the other side of `ocr`: its workers take the plates that we send, and we read those that it sends."""

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path

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


@pytest.fixture(scope="module")
def system(rabbit: RabbitServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """It sends plates to `city`, and reads those that `road` sends."""
    folder = tmp_path_factory.mktemp("system")
    partners = [partner(folder, sends_plates=True), partner(folder, "road", reads_plates=True)]
    with bridged(folder, [rabbit.host], bridge={"partners": partners}) as system:
        yield system


@pytest.mark.parametrize("version", VERSIONS)
def test_a_worker_on_ocr_executes_what_we_send_and_gets_a_picture_of_the_vehicle(
    version: str, system: System, rabbit: RabbitServer, celery_of: Callable[[str], Path], tmp_path: Path
) -> None:
    python, camera = celery_of(version), f"gate-{version.replace('.', '-')}"
    with CeleryWorker(python, rabbit.url(), "ocr", tmp_path) as worker:
        asked = [[{"id": name, "type": "zone"}] for name in ("first", "next")]  # the next one ends the first
        produce(python, rabbit.url(), [call(one_car(), camera, triggers=triggers) for triggers in asked])
        [done, *_] = until(worker.executions, 60, "an execution")
    [event] = [event for event in system.events(camera=camera) if event["trigger"] == "first"]
    det = done["det"]
    assert (done["task"], done["camera_id"], done["retries"]) == ("process_plate", camera, 0)
    assert (det["event_id"], det["class"]) == (event["id"], "car")
    crop = cv2.imdecode(np.frombuffer(base64.b64decode(det["crop"]), np.uint8), cv2.IMREAD_COLOR)
    left, top, right, bottom = det["bbox"]
    assert crop.shape[0] >= bottom - top - 1 > 30
    assert crop.shape[1] >= right - left - 1 > 30


@pytest.mark.parametrize("version", VERSIONS)
def test_we_read_the_plates_that_a_client_puts_on_ocr(
    version: str, system: System, rabbit: RabbitServer, celery_of: Callable[[str], Path]
) -> None:
    drawn = plate_picture("mercosul", 101)
    height, width = drawn.bgr.shape[:2]
    crop = base64.b64encode(encode_jpeg(drawn.bgr, 95)).decode()
    det = {"bbox": [0, 0, width, height], "class": "car", "track_id": 7, "timestamp": time.time(), "crop": crop}
    camera = f"yard-{version.replace('.', '-')}"
    [sent] = produce(celery_of(version), rabbit.url("road"), [{"task": "process_plate", "args": [camera, det]}])

    def read() -> list[str]:
        return [plate["plate"] for plate in system.json("GET", "/v1/plates", params={"camera": camera})["items"]]

    assert sent["id"]
    assert until(read, 60, "a plate") == [drawn.text]
