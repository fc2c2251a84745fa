"""Pictures over HTTP through dispatcher and Serve to the real engine, hostile ones too, and a replica that dies."""

import io
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psutil
import pytest
from PIL import Image
from running import System, new_system, until, up

from gtvision.adapters.jpeg import encode_jpeg
from gtvision.api.routes.plate_reading import MAX_READINGS
from gtvision.traffic.plate_pictures import plate_picture

pytestmark = pytest.mark.timeout(240)
DRAWN = plate_picture("mercosul", 900_003)
JPEG = encode_jpeg(DRAWN.bgr, 92)
PATH = "/v1/plates/read"
REPLICA = "ServeReplica:plate-reader"
MOST_GROWTH_MB = 600


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with up(new_system(tmp_path_factory.mktemp("system"), plates={"timeout_s": 8.0})) as running:
        yield running


def read(system: System, content: bytes) -> httpx.Response:
    return system.http("POST", PATH, content=content)


def texts(answer: httpx.Response) -> list[str]:
    return [plate["text"] for plate in answer.json()["plates"]] if answer.is_success else []


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def replicas(system: System) -> list[psutil.Process]:
    return [process for process in system.processes() if REPLICA in " ".join(process.cmdline()[:1])]


def test_a_plate_goes_from_http_through_the_dispatcher_to_the_engine_and_back(system: System) -> None:
    best = read(system, JPEG).raise_for_status().json()["plates"][0]
    assert (best["text"], best["format"]) == (DRAWN.text, "mercosul")
    assert system.json("GET", "/ready")["checks"]["plate_reader"] == "ok"


def test_hostile_pictures_get_a_problem_or_no_plate_and_little_memory(system: System) -> None:
    drawn = Image.fromarray(DRAWN.bgr[:, :, ::-1])
    rotated = Image.Exif()
    rotated[0x0112] = 6
    [replica] = replicas(system)
    before_mb = replica.memory_info().rss / 1e6
    refused = {
        "empty": b"",
        "text": b"not an image",
        "truncated": JPEG[: len(JPEG) // 2],
        "wide": encoded(Image.new("1", (20_000, 10)), "PNG"),
        "bomb": encoded(Image.new("1", (10_000, 10_000)), "PNG"),
    }
    for name, content in refused.items():
        answer = read(system, content)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), name
    taken = {
        "1x1": (encoded(Image.new("RGB", (1, 1)), "PNG"), []),
        "cmyk": (encoded(drawn.convert("CMYK"), "JPEG", quality=92), [DRAWN.text]),
        "turned": (encoded(drawn.rotate(90, expand=True), "JPEG", exif=rotated, quality=92), [DRAWN.text]),
        "animated": (
            encoded(drawn, "WEBP", save_all=True, append_images=[Image.new("RGB", drawn.size)] * 3, quality=92),
            [DRAWN.text],
        ),
        "large": (encoded(Image.new("RGB", (5000, 4900), (9, 99, 199)), "PNG"), []),
    }
    for name, (content, expected) in taken.items():
        assert texts(read(system, content).raise_for_status()) == expected, name
    assert replica.memory_info().rss / 1e6 - before_mb < MOST_GROWTH_MB


def test_pictures_sent_at_once_are_all_answered(system: System) -> None:
    with ThreadPoolExecutor(MAX_READINGS) as threads:
        answers = list(threads.map(lambda _: read(system, JPEG), range(24)))
    assert all(texts(answer) == [DRAWN.text] for answer in answers)


def test_a_picture_is_read_again_after_the_replica_was_killed(system: System) -> None:
    [replica] = replicas(system)
    os.kill(replica.pid, signal.SIGKILL)
    until(lambda: texts(read(system, JPEG)) == [DRAWN.text], 60, "a reading by the next replica")
    assert replica.pid not in {process.pid for process in replicas(system)}


def test_the_time_of_readings_is_measured(system: System) -> None:
    until(lambda: "gtvision_plate_seconds_count" in system.http("GET", "/metrics").text, 40, "the metric")
