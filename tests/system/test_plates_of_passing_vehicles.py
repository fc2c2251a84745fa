"""Plates from end to end: a camera with a small stream that is analysed and a large one that plates are read from."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from running import System, new_system, until, up

from gtvision.adapters.weights import SIMULATED
from gtvision.simulate import RtspServer, SimulatedCamera, SimulatorThread
from gtvision.traffic import Loop, loop_clip

pytestmark = pytest.mark.timeout(300)
SECONDS = 45.0
SMALL, LARGE = (640, 360), (1920, 1080)
READABLE_PX = 60.0  # at the large size, head-on and dry: what is narrower may be read or not


@dataclass(frozen=True)
class Street:
    """What is played, and what is true of it."""

    server: RtspServer
    truth: list[dict[str, Any]]

    @property
    def camera(self) -> dict[str, Any]:
        """The settings of the scene's own camera, with both streams."""
        scene = next(line["scene"] for line in self.truth if "scene" in line)
        watched = {key: scene["camera"][key] for key in ("zones", "lines", "triggers")}
        sources = [
            {"url": self.server.url("small"), "roles": ["analyse"]},
            {"url": self.server.url("large"), "roles": ["detail"]},
        ]
        return {"id": "toll", "sources": sources, **watched}

    @property
    def plates(self) -> set[str]:
        return {line["vehicle"]["plate"] for line in self.truth if "vehicle" in line}

    def widest_px(self, plate: str) -> float:
        """How wide the plate ever is in the large stream."""
        vehicle = next(
            line["vehicle"] for line in self.truth if "vehicle" in line and line["vehicle"]["plate"] == plate
        )
        return max(step[-1] for step in vehicle["path"])


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("clips")
    small, large = (loop_clip(Loop("close-up", 5, "day", SECONDS, size), folder) for size in (SMALL, LARGE))
    lines = large.with_suffix(".truth.jsonl").read_text(encoding="utf-8").splitlines()
    with SimulatorThread(RtspServer([SimulatedCamera("small", small), SimulatedCamera("large", large)])) as server:
        yield Street(server, [json.loads(line) for line in lines])


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with up(new_system(tmp_path_factory.mktemp("system"), detector={"weights": str(SIMULATED)})) as running:
        yield running


def test_a_listed_vehicle_is_told_over_the_stream_and_every_plate_is_one_of_the_street(
    system: System, street: Street
) -> None:
    listed = [plate for plate in street.plates if street.widest_px(plate) >= READABLE_PX]
    assert len(listed) >= 3
    system.json("POST", "/v1/watchlists", json={"id": "stolen"})
    for plate in listed:
        system.json("POST", "/v1/watchlists/stolen/entries", json={"text": plate, "match": "exact"})
    system.json("POST", "/v1/cameras", json=street.camera)

    hit, late_s = _first_hit(system)
    print(f"the hit was on the stream {late_s:.2f} s after its picture was taken")
    assert hit["plate"] in listed
    assert hit["camera"] == "toll"

    found = until(lambda: _plates(system, 3), 120, "three plates")
    assert {plate["plate"] for plate in found} <= street.plates
    for plate in found:
        events = [system.json("GET", f"/v1/events/{event}") for event in plate["events"]]
        assert {event["plate"] for event in events} == {plate["plate"]}
        wide_px = _width_px(system.http("GET", plate["crop"]).content)
        assert wide_px > 2 * SMALL[0] * (plate["box"][2] - plate["box"][0])  # of the large stream, not of the small one


def _first_hit(system: System) -> tuple[dict[str, Any], float]:
    """The first hit, and how many seconds after its picture it was told."""
    address = f"http://127.0.0.1:{system.settings.http.port}/v1/events/stream?after=0"
    with httpx.stream("GET", address, timeout=120, trust_env=False) as stream:
        for line in stream.iter_lines():
            event = json.loads(line.removeprefix("data: ")) if line.startswith("data:") else {}
            if event.get("type") == "watchlist":
                return event, time.time() - _unix_s(event["start"])
    raise AssertionError("the stream ended without a hit")


def _plates(system: System, least: int) -> list[dict[str, Any]] | None:
    found = system.json("GET", "/v1/plates", params={"camera": "toll"})["items"]
    return found if len(found) >= least else None


def _unix_s(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _width_px(jpeg: bytes) -> int:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return int(picture.shape[1])
