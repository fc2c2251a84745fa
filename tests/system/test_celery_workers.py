"""Real Celery workers beside ours: they take our plates, we take theirs, and together they try a failing task again."""

import base64
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pytest
from bridged import bridged, partner
from drawn_car import one_car
from partners import VERSIONS, CeleryWorker, call, produce
from rabbitmq import RabbitServer
from raw_messages import take_all
from real_bridge import RealBridge
from running import System, until

from gtvision.adapters.celery_wire import read_message
from gtvision.adapters.jpeg import encode_jpeg
from gtvision.domain.errors import TryLater
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.domain.queues import dead_queue
from gtvision.domain.task import Task
from gtvision.traffic.plate_pictures import plate_picture

pytestmark = pytest.mark.timeout(180)
TASKS = 8
ATTEMPTS = [0, 1, 2, 3]


@pytest.fixture(scope="module")
def broker(needs: Callable[[str], str]) -> Iterator[RabbitServer]:
    with RabbitServer(needs) as broker:
        yield broker


@pytest.fixture(scope="module")
def system(broker: RabbitServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """It sends plates to `city`, and reads those that `road` sends."""
    folder = tmp_path_factory.mktemp("system")
    partners = [partner(folder, sends_plates=True), partner(folder, "road", reads_plates=True)]
    with bridged(folder, [broker.host], bridge={"partners": partners}) as system:
        yield system


@pytest.mark.parametrize("version", VERSIONS)
def test_a_worker_on_ocr_executes_what_we_send_and_gets_a_picture_of_the_vehicle(
    version: str, system: System, broker: RabbitServer, celery_of: Callable[[str], Path], tmp_path: Path
) -> None:
    python, camera = celery_of(version), f"gate-{version.replace('.', '-')}"
    with CeleryWorker(python, broker.url(), "ocr", tmp_path) as worker:
        asked = [[{"id": name, "type": "zone"}] for name in ("first", "next")]  # the next one ends the first
        produce(python, broker.url(), [call(one_car(), camera, triggers=triggers) for triggers in asked])
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
    version: str, system: System, broker: RabbitServer, celery_of: Callable[[str], Path]
) -> None:
    drawn = plate_picture("mercosul", 101)
    height, width = drawn.bgr.shape[:2]
    crop = base64.b64encode(encode_jpeg(drawn.bgr, 95)).decode()
    det = {"bbox": [0, 0, width, height], "class": "car", "track_id": 7, "timestamp": time.time(), "crop": crop}
    camera = f"yard-{version.replace('.', '-')}"
    [sent] = produce(celery_of(version), broker.url("road"), [{"task": "process_plate", "args": [camera, det]}])

    def read() -> list[str]:
        return [plate["text"] for plate in system.json("GET", "/v1/plates", params={"camera": camera})["items"]]

    assert sent["id"]
    assert until(read, 60, "a plate") == [drawn.text]


def without_detector(_: PushedFrame) -> PushedOutcome:
    raise TryLater("no detector answered")


def test_a_failing_task_is_tried_four_times_whoever_of_a_mixed_fleet_runs_it(
    broker: RabbitServer, celery_of: Callable[[str], Path], tmp_path: Path
) -> None:
    pythons = {version: celery_of(version) for version in VERSIONS}
    bridge = RealBridge(broker, tmp_path, without_detector)
    with bridge.running(), ExitStack() as stack:
        workers = []
        for version, python in pythons.items():
            folder = tmp_path / version
            folder.mkdir()
            workers.append(stack.enter_context(CeleryWorker(python, broker.url(), "detection", folder)))
        sent = [
            told["id"]
            for version, python in pythons.items()
            for told in produce(python, broker.url(), [call(one_car(), f"gate-{version}")] * TASKS)
        ]

        def attempts() -> dict[str, list[int]]:
            """Of each task, whoever made them."""
            made = defaultdict(list, {task: list(failed) for task, failed in bridge.codec.failed.items()})
            for worker in workers:
                for execution in worker.executions():
                    made[execution["id"]].append(execution["retries"])
            return made

        until(lambda: all(len(attempts()[task]) >= len(ATTEMPTS) for task in sent), 120, "the last attempts")
        time.sleep(6)  # another one would come now
        assert {task: sorted(made) for task, made in attempts().items()} == dict.fromkeys(sent, ATTEMPTS)
        shares = Counter({"ours": sum(map(len, bridge.codec.failed.values()))})
        shares.update({log.pid: len(log.executions()) for log in workers})
        print(f"attempts by us and by each worker: {sorted(shares.values())}")
        assert all(shares.values())
    ours_at_last = {task for task, failed in bridge.codec.failed.items() if ATTEMPTS[-1] in failed}
    letters = [read_message(letter) for letter in take_all(broker, dead_queue("detection"))]
    assert {letter.id for letter in letters if isinstance(letter, Task)} == ours_at_last
    assert len(letters) == len(ours_at_last)
