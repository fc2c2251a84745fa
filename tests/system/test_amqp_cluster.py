"""A cluster of three real brokers whose leader is killed while messages go in and come out."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest

from gtvision.adapters.amqp import AmqpIntake, AmqpOutlet, queues_beside
from gtvision.domain.errors import BrokerUnavailable
from gtvision.domain.message import WireMessage
from gtvision.ports.broker import Delivery
from tests.rabbitmq import RabbitCluster
from tests.system.amqp_parts import bridge_of, login_of, new_name, until

COUNT = 3000


def going_on(run: Callable[[], None], stopping: Flag) -> Thread:
    """A thread that connects again whenever the connection is lost."""

    def again() -> None:
        while not stopping.is_set():
            try:
                run()
            except BrokerUnavailable:
                stopping.wait(0.2)

    thread = Thread(target=again)
    thread.start()
    return thread


@pytest.mark.timeout(240)
def test_a_killed_leader_costs_neither_what_was_confirmed_nor_what_was_not_acknowledged(
    needs: Callable[[str], str], tmp_path: Path
) -> None:
    queue, stopping = new_name(), Flag()
    came: set[bytes] = set()

    def take(delivery: Delivery) -> None:
        came.add(delivery.message.body)
        delivery.acknowledge()

    with RabbitCluster(needs) as cluster:
        login = login_of(cluster.hosts, tmp_path)
        queues = queues_beside(queue, bridge_of(cluster.hosts, tmp_path, queue_type="quorum"))
        intake, outlet = AmqpIntake(login, queue, 8, queues), AmqpOutlet(login, queues)
        threads = [going_on(lambda: intake.run(take, stopping), stopping)]
        threads.append(going_on(lambda: outlet.run(stopping), stopping))
        try:
            until(lambda: intake.is_connected and outlet.is_connected)
            leader = cluster.leader_of(queue)
            for number in range(COUNT):
                if number == COUNT // 2:
                    leader.kill()
                put_for_good(outlet, queue, str(number).encode())
            until(lambda: len(came) == COUNT, 60)
        finally:
            stopping.set()
            for thread in threads:
                thread.join(20)
    assert came == {str(number).encode() for number in range(COUNT)}


def put_for_good(outlet: AmqpOutlet, queue: str, body: bytes) -> None:
    """Publishes it until the broker has confirmed it."""
    message = WireMessage(body, None, {"delivery_mode": 2})
    deadline_s = time.monotonic() + 120
    while (error := outlet.publish(message, queue).exception(60)) is not None:
        assert time.monotonic() < deadline_s, error
        Flag().wait(0.1)
