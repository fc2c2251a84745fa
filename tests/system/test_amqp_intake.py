"""A queue consumed from a real broker: slots, acknowledgements, and every way to lose the connection."""

import time
from pathlib import Path
from threading import Event as Flag

import pytest
from pika import BasicProperties

from gtvision.adapters.amqp import AmqpIntake, queues_beside
from gtvision.domain.errors import BrokerUnavailable, QueueGone
from tests.rabbitmq import RabbitServer
from tests.system.amqp_parts import Running, bridge_of, login_of, new_name, until

SLOTS = 4


@pytest.fixture
def queue(rabbit: RabbitServer, tmp_path: Path) -> str:
    """A queue with twenty messages, `0` to `19`."""
    name = new_name()
    fill(rabbit, name, 20)
    return name


def fill(rabbit: RabbitServer, queue: str, count: int) -> None:
    with rabbit.channel() as channel:
        channel.queue_declare(queue, durable=True, arguments={"x-max-priority": 10})
        for number in range(count):
            channel.basic_publish("", queue, str(number).encode())


def intake_of(rabbit: RabbitServer, folder: Path, queue: str, slots: int = SLOTS) -> AmqpIntake:
    queues = queues_beside(queue, bridge_of((rabbit.host,), folder))
    return AmqpIntake(login_of((rabbit.host,), folder), queue, slots, queues)


def test_no_more_come_than_there_are_slots_until_some_are_acknowledged(
    rabbit: RabbitServer, tmp_path: Path, queue: str
) -> None:
    with Running(intake_of(rabbit, tmp_path, queue)) as consumer:
        came = [consumer.next() for _ in range(SLOTS)]
        until(lambda: rabbit.depth(queue) == 20 - SLOTS)
        assert consumer.came.empty()
        came[2].acknowledge()  # in any order
        assert consumer.next().message.body == b"4"
        came[0].acknowledge()
        came[1].acknowledge()
        assert [consumer.next().message.body for _ in range(2)] == [b"5", b"6"]
        assert consumer.came.empty()


def test_what_is_acknowledged_is_gone_and_the_rest_comes_again(
    rabbit: RabbitServer, tmp_path: Path, queue: str
) -> None:
    with Running(intake_of(rabbit, tmp_path, queue, slots=20)) as consumer:
        came = [consumer.next() for _ in range(20)]
        for delivery in came[::2]:
            delivery.acknowledge()
            delivery.acknowledge()  # twice is once
    with Running(intake_of(rabbit, tmp_path, queue, slots=20)) as consumer:
        again = [consumer.next().message for _ in range(10)]
        assert [message.body for message in again] == [str(number).encode() for number in range(1, 20, 2)]
        assert all(message.is_redelivered for message in again)
        assert consumer.came.empty()


def test_the_highest_priority_comes_first(rabbit: RabbitServer, tmp_path: Path) -> None:
    name = new_name()
    fill(rabbit, name, 0)
    with rabbit.channel() as channel:
        for priority in (0, 9, 5):
            channel.basic_publish("", name, str(priority).encode(), BasicProperties(priority=priority))
    with Running(intake_of(rabbit, tmp_path, name, slots=1)) as consumer:
        came = []
        for _ in range(3):
            delivery = consumer.next()
            came.append(delivery.message.body)
            delivery.acknowledge()
    assert came == [b"9", b"5", b"0"]


def test_an_acknowledgement_after_its_connection_is_gone_takes_nothing_away(
    rabbit: RabbitServer, tmp_path: Path, queue: str
) -> None:
    intake = intake_of(rabbit, tmp_path, queue)
    with Running(intake) as consumer:
        stale = [consumer.next() for _ in range(SLOTS)]
        rabbit.cut_connections()
        assert isinstance(consumer.ended(), BrokerUnavailable)
    with Running(intake) as consumer:
        came = [consumer.next() for _ in range(SLOTS)]
        for delivery in stale:
            delivery.acknowledge()
        came[0].acknowledge()
        assert consumer.next().message.body == b"4"
        assert consumer.came.empty()
    until(lambda: rabbit.depth(queue) == 19)


def test_a_queue_that_is_deleted_ends_it_and_the_next_run_makes_it_again(
    rabbit: RabbitServer, tmp_path: Path, queue: str
) -> None:
    intake = intake_of(rabbit, tmp_path, queue)
    with Running(intake) as consumer:
        consumer.next()
        with rabbit.channel() as channel:
            channel.queue_delete(queue)
        error = consumer.ended()
        assert isinstance(error, QueueGone)
        assert queue in str(error)
    assert (intake.depth, intake.is_connected) == (None, False)
    with Running(intake) as consumer:
        fill(rabbit, queue, 1)
        assert consumer.next().message.body == b"0"


def test_a_delivery_that_is_given_back_ends_the_connection_unless_it_was_acknowledged(
    rabbit: RabbitServer, tmp_path: Path, queue: str
) -> None:
    intake = intake_of(rabbit, tmp_path, queue)
    with Running(intake) as consumer:
        first, second = (consumer.next() for _ in range(2))
        first.acknowledge()
        first.give_back()
        assert [consumer.next().message.body for _ in range(3)] == [b"2", b"3", b"4"]
        assert intake.is_connected
        second.give_back()
        assert isinstance(consumer.ended(), BrokerUnavailable)
    with Running(intake) as consumer:
        again = consumer.next().message
        assert (again.body, again.is_redelivered) == (b"1", True)


def test_a_broker_short_of_memory_still_takes_acknowledgements(
    rabbit: RabbitServer, tmp_path: Path, queue: str
) -> None:
    with Running(intake_of(rabbit, tmp_path, queue)) as consumer:
        consumer.next().acknowledge()
        with rabbit.memory_alarm():
            for _ in range(19):
                consumer.next().acknowledge()
        until(lambda: rabbit.depth(queue) == 0)


def test_the_depth_is_what_waits_and_is_counted_again(rabbit: RabbitServer, tmp_path: Path, queue: str) -> None:
    intake = intake_of(rabbit, tmp_path, queue)
    assert intake.depth is None
    with Running(intake) as consumer:
        assert intake.depth == 20
        for _ in range(20):
            consumer.next().acknowledge()
        until(lambda: intake.depth == 0)
    assert intake.depth is None


def test_it_ends_within_a_second_and_tells_what_was_acknowledged(
    rabbit: RabbitServer, tmp_path: Path, queue: str
) -> None:
    with Running(intake_of(rabbit, tmp_path, queue)) as consumer:
        consumer.next().acknowledge()
        began_s = time.monotonic()
        consumer.stopping.set()
        assert consumer.ended() is None
        assert time.monotonic() - began_s < 5  # a second where nothing else runs
    until(lambda: rabbit.depth(queue) == 19)


def test_an_error_of_the_receiver_ends_the_connection_and_is_told(
    rabbit: RabbitServer, tmp_path: Path, queue: str
) -> None:
    def refuse(_delivery: object) -> None:
        raise RuntimeError("no room")

    with pytest.raises(BrokerUnavailable, match="no room"):
        intake_of(rabbit, tmp_path, queue).run(refuse, Flag())
    until(lambda: rabbit.depth(queue) == 20)
