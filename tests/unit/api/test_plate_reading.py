"""Pictures sent over HTTP, with a desk that is told what to read."""

import threading
from collections.abc import Iterator

import cv2
import httpx
import numpy as np
import pytest
from http_server import Fakes, served

from gtvision.adapters.jpeg import encode_jpeg
from gtvision.adapters.picture_file import MAX_BYTES
from gtvision.api.app import create_app
from gtvision.api.routes.plate_reading import MAX_READINGS, PATH
from gtvision.domain.errors import NotAPicture, PlateReaderBusy
from gtvision.domain.metrics import HTTP_REFUSED
from gtvision.domain.plate import Reading
from gtvision.domain.stream import PlatePicture
from gtvision.settings import Settings
from gtvision.testing import FakePlateDesk

JPEG = encode_jpeg(np.full((48, 64, 3), 99, np.uint8), 90)
MERCOSUL = Reading("ABC1D23", (0.9,) * 6 + (0.8,), (0.1, 0.25, 0.333333, 0.5))
SWAPPED = Reading("ABCI234", (0.95,) * 7, (0.5, 0.5, 0.75, 0.625))
FOREIGN = Reading("AB12CDE", (0.7,) * 7, (0.0, 0.0, 0.5, 0.5))


@pytest.fixture
def fakes() -> Fakes:
    return Fakes(plate_desk=FakePlateDesk(lambda _: (MERCOSUL, SWAPPED, FOREIGN)))


def test_a_picture_goes_in_and_its_plates_come_out_the_best_first(client: httpx.Client, fakes: Fakes) -> None:
    answer = client.post(PATH, content=JPEG, headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == 200
    said = answer.json()
    assert said["ms"] >= 0
    assert said["plates"][0] == {
        "text": "ABC1D23", "score": 0.8, "format": "mercosul", "box": [0.1, 0.25, 0.3333, 0.5],
    }  # fmt: skip
    assert [(plate["text"], plate["format"]) for plate in said["plates"][1:]] == [
        ("ABC1234", "old"), ("AB12CDE", "other"),
    ]  # fmt: skip
    assert [picture.jpeg for picture in fakes.plate_desk.pictures] == [JPEG]


@pytest.mark.parametrize(
    "body",
    [b"", b"GIF89a", JPEG[:20], b"no picture", cv2.imencode(".png", np.zeros((1, 20_000), np.uint8))[1].tobytes()],
    ids=["empty", "gif header", "cut header", "text", "20,000 wide"],
)
def test_what_is_no_picture_is_refused_before_a_reader_sees_it(client: httpx.Client, fakes: Fakes, body: bytes) -> None:
    answer = client.post(PATH, content=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "decode as an image" in answer.json()["detail"] or "20000 x 1 pixels" in answer.json()["detail"]
    assert fakes.plate_desk.pictures == []


def test_a_body_above_the_bound_is_refused_while_it_comes(client: httpx.Client, fakes: Fakes) -> None:
    assert client.post(PATH, content=JPEG + bytes(2_000_000)).status_code == 200  # more than other routes take
    assert client.post(PATH, content=bytes(MAX_BYTES + 1)).status_code == 413

    def chunks() -> Iterator[bytes]:
        yield from (bytes(1_000_000) for _ in range(MAX_BYTES // 1_000_000 + 2))

    assert client.post(PATH, content=chunks()).status_code == 413
    assert fakes.metrics.value(HTTP_REFUSED, bound="body") == 2
    assert client.post("/v1/cameras", content=bytes(2_000_000)).status_code == 413


@pytest.mark.parametrize(
    ("error", "status"), [(NotAPicture("9 bytes do not decode"), 422), (PlateReaderBusy("no replica answered"), 503)]
)
def test_what_the_desk_says_becomes_a_problem(settings: Settings, error: Exception, status: int) -> None:
    def refuse(_: PlatePicture) -> tuple[Reading, ...]:
        raise error

    with served(create_app(settings, Fakes(plate_desk=FakePlateDesk(refuse)).services())) as url:
        answer = httpx.post(url + PATH, content=JPEG, trust_env=False)
    assert (answer.status_code, answer.json()["detail"]) == (status, str(error))
    assert ("retry-after" in answer.headers) == (status == 503)


def test_only_so_many_pictures_are_read_at_once(settings: Settings) -> None:
    release, busy = threading.Event(), threading.Semaphore(0)

    def wait(_: PlatePicture) -> tuple[Reading, ...]:
        busy.release()
        release.wait(10)
        return ()

    fakes = Fakes(plate_desk=FakePlateDesk(wait))
    answers: list[int] = []
    with served(create_app(settings, fakes.services())) as url:

        def post() -> None:
            answers.append(httpx.post(url + PATH, content=JPEG, timeout=20, trust_env=False).status_code)

        threads = [threading.Thread(target=post) for _ in range(MAX_READINGS)]
        for thread in threads:
            thread.start()
        assert all(busy.acquire(timeout=10) for _ in range(MAX_READINGS))
        post()
        assert answers == [503]
        release.set()
        for thread in threads:
            thread.join()
        post()
    assert answers[1:] == [200] * (MAX_READINGS + 1)
    assert fakes.metrics.value(HTTP_REFUSED, bound="readings") == 1
