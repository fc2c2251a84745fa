"""Whatever breaks around the bridge while frames come in: each makes one event, none is lost and none doubled."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bridged import (
    CAMERAS,
    Bridged,
    DatabaseAway,
    Fault,
    bridge_is_killed,
    bridged,
    broker_restarts,
    connections_are_cut,
    memory_is_short,
    queue_is_deleted,
    settled,
)
from frame_load import FrameLoad
from postgres import PostgresServer
from rabbitmq import RabbitServer
from raw_messages import put, take_all
from running import until

from gtvision.adapters.celery_wire import read_message, revived
from gtvision.adapters.queue_case import read_case
from gtvision.adapters.store import migrate
from gtvision.domain.queues import dead_queue
from gtvision.domain.refusal import Refusal

pytestmark = pytest.mark.timeout(240)
PER_S, AROUND_S = 5.0, 1.5
BACKLOG = 40  # messages that come at once, so that all slots are taken when it happens
FAULTS: dict[str, Fault] = {
    "the broker restarts": broker_restarts,
    "connections are cut": connections_are_cut,
    "memory is short": memory_is_short,
    "the bridge is killed": bridge_is_killed,
    "the database is away": DatabaseAway(6),
}


@pytest.fixture(scope="module")
def parts(needs: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridged]:
    with RabbitServer(needs) as broker, PostgresServer(needs) as database:
        url = database.new_database()
        migrate(url)
        with bridged(tmp_path_factory.mktemp("system"), [broker.host], database={"url": url}) as system:
            made = FrameLoad(broker.connect, CAMERAS, PER_S)
            with made:
                time.sleep(AROUND_S)
            assert settled(system, made, within_s=60).lost == 0  # the cameras run
            yield Bridged(system, broker, database)


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost_and_nothing_doubled_when(name: str, parts: Bridged) -> None:
    with FrameLoad(parts.broker.connect, CAMERAS, PER_S) as load:
        time.sleep(AROUND_S)
        load.hurry(BACKLOG)
        FAULTS[name](parts)
        time.sleep(AROUND_S)
    tally = settled(parts.system, load)
    assert (tally.lost, tally.duplicated) == (0, 0), tally
    assert tally.sent > BACKLOG + PER_S


def test_a_deleted_queue_is_made_again_and_no_more_is_lost_than_was_in_it(parts: Bridged) -> None:
    with FrameLoad(parts.broker.connect, CAMERAS, PER_S) as load:
        time.sleep(AROUND_S)
        load.hurry(BACKLOG)
        gone = queue_is_deleted(parts.broker)
        time.sleep(AROUND_S)
    tally = settled(parts.system, load, gone)
    assert 0 < gone < tally.sent - PER_S
    assert tally.lost <= gone
    assert tally.duplicated == 0


def test_captured_messages_are_done_or_dead_and_the_dead_ones_can_be_had_back_byte_for_byte(
    parts: Bridged, queue_cases: Path
) -> None:
    cases = [case.message for case in map(read_case, sorted(queue_cases.glob("*.json")))]
    refused = [message for message in cases if isinstance(read_message(message), Refusal)]
    put(parts.broker, "detection", cases)
    until(lambda: parts.broker.depth("detection") == 0, 60, "an empty queue")
    until(lambda: parts.broker.depth(dead_queue("detection")) >= len(refused), 30, "the dead letters")
    time.sleep(1)
    dead = [revived(letter) for letter in take_all(parts.broker, dead_queue("detection"))]
    bodies = [(letter.body, letter.headers or None, letter.properties) for letter in dead]
    assert all((message.body, message.headers or None, message.properties) in bodies for message in refused)
