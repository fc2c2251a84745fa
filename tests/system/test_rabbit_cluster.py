"""Three RabbitMQ nodes with quorum queues: the one that leads the queue is killed while frames come in."""

import time
from collections.abc import Callable, Iterator

import pika
import pytest
from bridged import CAMERAS, bridged, settled
from frame_load import FrameLoad
from pika.exceptions import AMQPError
from rabbitmq import RabbitCluster
from running import System

pytestmark = pytest.mark.timeout(240)
PER_S, AROUND_S = 5.0, 2.0
BACKLOG = 40


@pytest.fixture(scope="module")
def cluster(needs: Callable[[str], str]) -> Iterator[RabbitCluster]:
    with RabbitCluster(needs) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def system(cluster: RabbitCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with bridged(tmp_path_factory.mktemp("system"), cluster.hosts, bridge={"queue_type": "quorum"}) as system:
        yield system


def test_nothing_is_lost_and_nothing_doubled_when_the_leader_of_the_queue_is_killed_under_load(
    cluster: RabbitCluster, system: System
) -> None:
    def connect() -> pika.BlockingConnection:
        for node in cluster.nodes:
            if node.is_running:
                try:
                    return node.connect()
                except (AMQPError, OSError):
                    continue
        raise OSError("no node answers")

    with FrameLoad(connect, CAMERAS, PER_S) as load:
        time.sleep(AROUND_S)
        leader = cluster.leader_of("detection")
        load.hurry(BACKLOG)
        leader.kill()
        time.sleep(AROUND_S)
        before = load.sent
        leader.start()
        time.sleep(AROUND_S)
    assert cluster.leader_of("detection").name != leader.name
    assert load.sent > before >= PER_S * AROUND_S  # two of three nodes took them all the while
    tally = settled(system, load, within_s=90)
    assert (tally.lost, tally.duplicated) == (0, 0), tally
