"""What system tests share."""

import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
from chromium import Chromium
from http_server import Fakes, served

from gtvision.api.app import create_app
from gtvision.domain.camera import Camera, Source
from gtvision.domain.trigger import Profile
from gtvision.ports import CameraStatus
from gtvision.settings import Settings
from tests.rabbitmq import RabbitServer


@pytest.fixture(scope="session")
def rabbit(needs: Callable[[str], str]) -> Iterator[RabbitServer]:
    """A broker for tests that leave it as it was; each has queues of its own."""
    with RabbitServer(needs) as server:
        yield server


@pytest.fixture
def fakes() -> Fakes:
    """One camera that runs, and its picture."""
    fakes = Fakes()
    fakes.cameras.add_camera(Camera("north", (Source("rtsp://h/x"),), name="North <gate>"))
    fakes.live.running["north"] = CameraStatus(
        "north", "running", last_sample_s=time.time(), profile=Profile.NIGHT, samples=100, passed=7
    )
    fakes.live.pictures["north"] = _a_picture()
    fakes.media.put("s.jpg", _a_picture())
    return fakes


@pytest.fixture
def address(settings: Settings, fakes: Fakes) -> Iterator[str]:
    """Where the page is, over those fakes."""
    with served(create_app(settings, fakes.services())) as url:
        yield url


@pytest.fixture(scope="module")
def browser(needs: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One for all tests; each has its own address, so nothing is kept from one to the next but cookies."""
    with Chromium(needs("chromium"), tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def _a_picture() -> bytes:
    ramp = np.linspace(0, 255, 320 * 180 * 3).astype(np.uint8).reshape(180, 320, 3)
    return bytes(cv2.imencode(".jpg", ramp)[1])
