"""Messages put to queues of a real broker: confirms, and everything that can come in between."""

from collections.abc import Callable
from pathlib import Path
from threading import Event as Flag

import pytest

from gtvision.adapters.amqp import AmqpOutlet, queues_beside
from gtvision.domain.errors import BrokerUnavailable, MessageRefused
from gtvision.domain.message import WireMessage
from tests.rabbitmq import RabbitServer
from tests.system.amqp_parts import Running, bridge_of, login_of, new_name, until

MESSAGE = WireMessage(b"body", {"task": "x"}, {"delivery_mode": 2})


@pytest.fixture
def queue() -> str:
    return new_name()


def outlet_of(rabbit: RabbitServer, folder: Path, queue: str) -> AmqpOutlet:
    queues = queues_beside(queue, bridge_of((rabbit.host,), folder))
    return AmqpOutlet(login_of((rabbit.host,), folder), queues)


def test_what_is_confirmed_is_kept_across_a_crash(needs: Callable[[str], str], tmp_path: Path, queue: str) -> None:
    with RabbitServer(needs) as server:
        outlet = outlet_of(server, tmp_path, queue)
        with Running(outlet) as running:
            for answer in [outlet.publish(MESSAGE, queue) for _ in range(100)]:
                answer.result(20)
            server.kill()
            assert isinstance(running.ended(), BrokerUnavailable)
        assert isinstance(outlet.publish(MESSAGE, queue).exception(20), BrokerUnavailable)
        server.start()
        assert server.depth(queue) == 100


def test_a_message_to_a_queue_that_is_gone_fails_and_the_next_run_makes_the_queue(
    rabbit: RabbitServer, tmp_path: Path, queue: str
) -> None:
    outlet = outlet_of(rabbit, tmp_path, queue)
    with Running(outlet) as running:
        with rabbit.channel() as channel:
            channel.queue_delete(queue)
        with pytest.raises(BrokerUnavailable, match=f"{queue} is gone"):
            outlet.publish(MESSAGE, queue).result(20)
        assert isinstance(running.ended(), BrokerUnavailable)
    with Running(outlet):
        outlet.publish(MESSAGE, queue).result(20)


def test_a_post_to_nobody_is_forgotten(rabbit: RabbitServer, tmp_path: Path, queue: str) -> None:
    outlet = outlet_of(rabbit, tmp_path, queue)
    outlet.post(MESSAGE, queue)  # nor is one without a connection
    with Running(outlet) as running:
        outlet.post(MESSAGE, "nobody")
        outlet.post(WireMessage(b"", {"n": 2**70}), queue)
        outlet.post(MESSAGE, queue)
        until(lambda: rabbit.depth(queue) == 1)
        assert running.error is None


def test_a_broker_short_of_memory_is_waited_for(rabbit: RabbitServer, tmp_path: Path, queue: str) -> None:
    outlet = outlet_of(rabbit, tmp_path, queue)
    with Running(outlet) as running:
        with rabbit.memory_alarm():
            answers = [outlet.publish(MESSAGE, queue) for _ in range(10)]
            assert rabbit.depth(queue) == 0
            assert not any(answer.done() for answer in answers)
        for answer in answers:
            answer.result(20)
        assert running.error is None
    assert rabbit.depth(queue) == 10


def test_a_lost_connection_fails_what_was_not_confirmed(rabbit: RabbitServer, tmp_path: Path, queue: str) -> None:
    outlet = outlet_of(rabbit, tmp_path, queue)
    with Running(outlet) as running, rabbit.memory_alarm():  # so that nothing is confirmed
        answers = [outlet.publish(MESSAGE, queue) for _ in range(10)]
        rabbit.cut_connections()
        errors = [answer.exception(20) for answer in answers]
        assert isinstance(running.ended(), BrokerUnavailable)
    assert {type(error) for error in errors} == {BrokerUnavailable}


def test_a_queue_that_refuses_everything_is_tried_over_a_new_connection(
    rabbit: RabbitServer, tmp_path: Path, queue: str
) -> None:
    outlet = AmqpOutlet(
        login_of((rabbit.host,), tmp_path), {queue: {"x-max-length": 1, "x-overflow": "reject-publish"}}
    )
    with Running(outlet) as running:
        outlet.publish(MESSAGE, queue).result(20)
        until(lambda: outlet.publish(MESSAGE, queue).exception(20) is not None and not outlet.is_connected)
        assert isinstance(running.ended(), BrokerUnavailable)
        assert str(running.error) == f"queue {queue} refuses all messages"
    with rabbit.channel() as channel:
        channel.queue_purge(queue)
    with Running(outlet):
        outlet.publish(MESSAGE, queue).result(20)


def test_one_more_than_may_wait_fails_at_once(rabbit: RabbitServer, tmp_path: Path, queue: str) -> None:
    outlet = outlet_of(rabbit, tmp_path, queue)
    with Running(outlet):
        with rabbit.memory_alarm():
            answers = [outlet.publish(MESSAGE, queue) for _ in range(1001)]
            assert [number for number, answer in enumerate(answers) if answer.done()] == [1000]
        for answer in answers[:1000]:
            answer.result(20)
        outlet.publish(MESSAGE, queue).result(20)  # and then there is room again


def test_without_a_connection_a_message_fails_at_once(rabbit: RabbitServer, tmp_path: Path, queue: str) -> None:
    with pytest.raises(BrokerUnavailable):
        outlet_of(rabbit, tmp_path, queue).publish(MESSAGE, queue).result(0)


def test_what_amqp_has_no_like_of_fails_alone(rabbit: RabbitServer, tmp_path: Path, queue: str) -> None:
    outlet = outlet_of(rabbit, tmp_path, queue)
    with Running(outlet):
        with pytest.raises(MessageRefused):
            outlet.publish(WireMessage(b"", {"n": 2**70}), queue).result(20)
        outlet.publish(MESSAGE, queue).result(20)


def test_what_waits_when_it_ends_is_confirmed_first(rabbit: RabbitServer, tmp_path: Path, queue: str) -> None:
    outlet = outlet_of(rabbit, tmp_path, queue)
    with Running(outlet) as running:
        answers = [outlet.publish(MESSAGE, queue) for _ in range(50)]
        running.stopping.set()
        for answer in answers:
            answer.result(20)
    assert rabbit.depth(queue) == 50


def test_nobody_answers_where_there_is_no_broker(tmp_path: Path, free_port: int, queue: str) -> None:
    outlet = AmqpOutlet(login_of((f"127.0.0.1:{free_port}",), tmp_path), {queue: {}})
    with pytest.raises(BrokerUnavailable, match="refused"):
        outlet.run(Flag())
