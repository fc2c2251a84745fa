"""Pictures through dispatcher and Serve to real weights, and what happens when replicas die or are too few."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import psutil
import pytest
import ray
from ray import serve

import serve_app
from actors.dispatcher_actor import start_dispatcher
from actors.names import NAMESPACE, dispatcher_name
from actors.remote_detector import RemoteDetector
from actors.served_models import Pool
from gtvision.adapters.weights import find_weights
from gtvision.domain.errors import DetectorBusy, NotAPicture
from gtvision.domain.kinds import Kind
from gtvision.domain.stream import SAMPLE_WIDTH, Sample
from gtvision.settings import Settings, settings_of

pytestmark = pytest.mark.timeout(180)
TIMEOUT_S = 8.0


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("data")
    detector = {"timeout_s": TIMEOUT_S, "queue": 8, "batch_size": 4, "cpu_threads": 1}
    detector |= {"gpu": {"min": 1, "max": 1}}  # this cluster has no GPU: its pool never starts
    return settings_of({"data_dir": str(folder), "detector": detector})


@pytest.fixture(scope="module")
def node_id(settings: Settings, models: Path) -> Iterator[str]:
    ray.init(
        address="local", num_cpus=4, include_dashboard=False, namespace=NAMESPACE, object_store_memory=100 * 2**20,
        log_to_driver=False,
    )  # fmt: skip
    try:
        deploy(settings, models)
        node = ray.get_runtime_context().get_node_id()
        start_dispatcher(node, settings.detector, settings.plates)
        yield node
    finally:
        serve.shutdown()
        ray.shutdown()


def deploy(settings: Settings, models: Path) -> None:
    serve.start(proxy_location="Disabled")
    apps = serve_app.build_detectors(settings, find_weights(None, models))
    for pool in Pool:
        serve.run_many(
            [serve.RunTarget(apps[pool], name=pool.app, route_prefix=None)],
            wait_for_applications_running=pool is Pool.CPU,
        )


@pytest.fixture(scope="module")
def jpegs(clips: Path) -> list[bytes]:
    video = cv2.VideoCapture(str(clips / "motorway.mp4"))
    pictures = [video.read()[1] for _ in range(8)]
    video.release()
    small = [cv2.resize(picture, (SAMPLE_WIDTH, 360), interpolation=cv2.INTER_AREA) for picture in pictures]
    return [cv2.imencode(".jpg", picture)[1].tobytes() for picture in small]


def sample(jpeg: bytes, camera: str = "gate", at_s: float = 0.0) -> Sample:
    return Sample(camera, at_s, is_burst=True, jpeg=jpeg)


def test_pictures_of_a_motorway_show_cars_though_the_gpu_pool_never_started(node_id: str, jpegs: list[bytes]) -> None:
    found = RemoteDetector(node_id, TIMEOUT_S).detect(sample(jpegs[0]))
    assert (found.kind == Kind.CAR).sum() >= 3
    assert found.score[0] == found.score.max() > 0.5


def test_bytes_that_are_no_picture_fail_alone_in_their_batch(node_id: str, jpegs: list[bytes]) -> None:
    detector = RemoteDetector(node_id, TIMEOUT_S)
    pictures = [sample(jpeg, f"cam{index}") for index, jpeg in enumerate([jpegs[0], b"no picture", jpegs[1]])]
    with ThreadPoolExecutor(3) as threads:
        answers = [threads.submit(detector.detect, picture) for picture in pictures]
    bad = answers[1].exception()
    assert isinstance(bad, NotAPicture)
    assert str(bad).startswith("10 bytes do not decode as an image")
    assert len(answers[0].result()) > 0
    assert len(answers[2].result()) > 0


def test_under_overload_every_sample_is_answered_in_time_and_most_with_busy(node_id: str, jpegs: list[bytes]) -> None:
    detector = RemoteDetector(node_id, TIMEOUT_S)
    began_s = time.monotonic()
    with ThreadPoolExecutor(48) as threads:
        answers = [threads.submit(detector.detect, sample(jpegs[0], f"cam{index}")) for index in range(48)]
    errors = [answer.exception() for answer in answers]
    assert time.monotonic() - began_s < TIMEOUT_S
    assert any(error is None for error in errors)
    assert any(isinstance(error, DetectorBusy) and "full" in str(error) for error in errors)
    assert all(error is None or isinstance(error, DetectorBusy) for error in errors)


def test_samples_in_flight_when_their_replica_is_killed_are_answered_by_the_next_one(
    node_id: str, jpegs: list[bytes]
) -> None:
    detector = RemoteDetector(node_id, TIMEOUT_S)
    old, killed = replica_pid(), threading.Event()

    def camera(name: str) -> list[int]:
        """Cars in one picture after another: always one in flight, and two more after the kill."""
        found, after = [], 0
        while after < 2:
            after += killed.is_set()
            found.append(len(detector.detect(sample(jpegs[0], name, float(len(found))))))
        return found

    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(camera, f"cam{index}") for index in range(4)]
        time.sleep(0.5)
        os.kill(old, signal.SIGKILL)
        killed.set()
    assert all(min(answer.result()) > 0 for answer in answers)
    assert replica_pid() != old


def test_the_dispatcher_is_found_again_after_it_was_killed(node_id: str, jpegs: list[bytes]) -> None:
    detector = RemoteDetector(node_id, TIMEOUT_S)
    detector.detect(sample(jpegs[0]))
    ray.kill(ray.get_actor(dispatcher_name(node_id), NAMESPACE), no_restart=False)
    until(lambda: detects(detector, jpegs[0]))


def test_the_dispatcher_finds_serve_again_after_it_was_started_anew(
    node_id: str, jpegs: list[bytes], settings: Settings, models: Path
) -> None:
    detector = RemoteDetector(node_id, TIMEOUT_S)
    detector.detect(sample(jpegs[0]))
    serve.shutdown()
    with pytest.raises(DetectorBusy):
        detector.detect(sample(jpegs[0]))
    deploy(settings, models)
    until(lambda: detects(detector, jpegs[0]))


def detects(detector: RemoteDetector, jpeg: bytes) -> bool:
    try:
        return len(detector.detect(sample(jpeg))) > 0
    except DetectorBusy:
        return False


def until(condition: Callable[[], Any], timeout_s: float = 40.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.05)


def replica_pid() -> int:
    """The process of the one replica, of those below this test only."""
    children = psutil.Process().children(recursive=True)
    return next(child.pid for child in children if "ServeReplica" in " ".join(child.cmdline()[:1]))
