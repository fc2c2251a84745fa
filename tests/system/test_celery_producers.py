"""Real Celery clients, old and new, send frames in every way they can: the real system makes an event of each."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bridged import bridged
from drawn_car import one_car
from partners import VERSIONS, call, produce
from rabbitmq import RabbitServer
from running import System, until

pytestmark = pytest.mark.timeout(180)
COUNTDOWN_S = 4


@pytest.fixture(scope="module")
def system(rabbit: RabbitServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with bridged(tmp_path_factory.mktemp("system"), [rabbit.host], {"replies": True}) as system:
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
