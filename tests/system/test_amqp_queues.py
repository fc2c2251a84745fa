"""Queues on a real broker: those that are missing are made, those of others are used as they are."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from gtvision.adapters.amqp import AmqpIntake, AmqpOutlet, queues_beside, queues_of
from gtvision.adapters.amqp.topology import ensure
from gtvision.domain.errors import BadConfiguration, BrokerUnavailable
from gtvision.domain.message import WireMessage
from gtvision.domain.queues import dead_queue, retry_queue, wait_queue
from tests.rabbitmq import RabbitServer
from tests.system.amqp_parts import Running, bridge_of, login_of, new_name

MESSAGE = WireMessage(b"body", {"n": 1.5}, {"delivery_mode": 2, "priority": 7})
MONTH_MS = 30 * 86_400_000
OTHERS: list[dict[str, Any]] = [
    {"durable": True},
    {"durable": True, "arguments": {"x-max-priority": 3}},
    {"durable": True, "arguments": {"x-queue-type": "quorum"}},
    {"durable": False, "auto_delete": True, "arguments": {"x-message-ttl": 60_000}},
]


def arguments_of(server: RabbitServer) -> dict[str, tuple[bool, dict[str, Any]]]:
    """Each queue of the first user: whether it is durable, and its arguments."""
    listed = server.ctl("list_queues", "-p", "city", "name", "durable", "arguments", "--formatter", "json")
    return {
        row["name"]: (row["durable"], {name: value for name, _, value in row["arguments"]})
        for row in json.loads(listed)
    }


def back_to(queue: str, ttl_ms: int, **other: Any) -> tuple[bool, dict[str, Any]]:
    routing = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": queue}
    return True, {"x-message-ttl": ttl_ms, **routing, **other}


def test_missing_queues_are_made_durable_with_priorities_where_they_matter(
    rabbit: RabbitServer, tmp_path: Path
) -> None:
    queue, bridge = new_name(), bridge_of((rabbit.host,), tmp_path)
    for _ in range(2):  # once they are there, they are found
        ensure(login_of((rabbit.host,), tmp_path), queues_beside(queue, bridge))
    made = {name: value for name, value in arguments_of(rabbit).items() if queue in name}
    assert made == {
        queue: (True, {"x-max-priority": 10}),
        f"gtv.{queue}.dead": (True, {"x-message-ttl": MONTH_MS}),
        f"gtv.{queue}.retry.5s": back_to(queue, 5000, **{"x-max-priority": 10}),
        f"gtv.{queue}.wait.1s": back_to(queue, 1000),
        f"gtv.{queue}.wait.60s": back_to(queue, 60_000),
        f"gtv.{queue}.wait.3600s": back_to(queue, 3_600_000),
    }


def test_quorum_queues_are_made_without_priorities_and_lose_nothing_on_the_way_back(
    rabbit: RabbitServer, tmp_path: Path
) -> None:
    queue, quorum = new_name(), {"x-queue-type": "quorum"}
    bridge = bridge_of((rabbit.host,), tmp_path, queue_type="quorum", dead_letter_days=None)
    ensure(login_of((rabbit.host,), tmp_path), queues_beside(queue, bridge))
    made = {name: value for name, value in arguments_of(rabbit).items() if queue in name}
    safe = {**quorum, "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"}
    assert made[queue] == (True, quorum)
    assert made[f"gtv.{queue}.dead"] == (True, {**quorum, "x-delivery-limit": 2**31 - 1})
    assert made[f"gtv.{queue}.retry.5s"] == back_to(queue, 5000, **safe)
    assert made[f"gtv.{queue}.wait.60s"] == back_to(queue, 60_000, **safe)


@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_dead_letters_may_stay_for_ten_years(rabbit: RabbitServer, tmp_path: Path, kind: str) -> None:
    queue, login = new_name(), login_of((rabbit.host,), tmp_path)
    bridge = bridge_of((rabbit.host,), tmp_path, queue_type=kind, dead_letter_days=3650)
    outlet = AmqpOutlet(login, queues_beside(queue, bridge))
    with Running(outlet):
        outlet.publish(MESSAGE, dead_queue(queue)).result(20)
    assert rabbit.depth(dead_queue(queue)) == 1


def test_a_partner_has_queues_beside_those_that_are_consumed_only(tmp_path: Path) -> None:
    bridge = bridge_of(("127.0.0.1",), tmp_path)
    sends = bridge.partners[0].model_copy(update={"sends_plates": True})
    reads = bridge.partners[0].model_copy(update={"reads_plates": True, "frames": None})
    detection, ocr = queues_beside("detection", bridge), queues_beside("ocr", bridge)
    assert queues_of(bridge.partners[0], bridge) == detection
    assert queues_of(sends, bridge) == {"ocr": ocr["ocr"], **detection}
    assert queues_of(reads, bridge) == ocr


@pytest.mark.parametrize("how", OTHERS)
def test_a_queue_that_others_made_is_used_as_it_is(rabbit: RabbitServer, tmp_path: Path, how: dict[str, Any]) -> None:
    queue, login = new_name(), login_of((rabbit.host,), tmp_path)
    queues = queues_beside(queue, bridge_of((rabbit.host,), tmp_path))
    with rabbit.channel() as channel:
        channel.queue_declare(queue, **how)
        intake, outlet = AmqpIntake(login, queue, 8, queues), AmqpOutlet(login, queues)
        with Running(intake) as consumer, Running(outlet):
            outlet.publish(MESSAGE, queue).result(10)
            came = consumer.next()
            assert (came.message.body, came.message.headers) == (MESSAGE.body, MESSAGE.headers)
            came.acknowledge()
        channel.queue_declare(queue, **how)  # the broker refuses that when anything is different


def test_a_queue_that_may_not_be_made_is_told_as_the_broker_tells_it(rabbit: RabbitServer, tmp_path: Path) -> None:
    rabbit.ctl("set_permissions", "-p", "road", "road", "^$", ".*", ".*")
    try:
        with pytest.raises(BadConfiguration, match="let road make it"):
            ensure(login_of((rabbit.host,), tmp_path, "road"), {new_name(): {}})
    finally:
        rabbit.ctl("set_permissions", "-p", "road", "road", ".*", ".*", ".*")


def test_a_queue_of_another_connection_alone_is_waited_for(rabbit: RabbitServer, tmp_path: Path) -> None:
    queue = new_name()
    with rabbit.channel() as channel:
        channel.queue_declare(queue, exclusive=True)
        with pytest.raises(BrokerUnavailable, match=queue):
            ensure(login_of((rabbit.host,), tmp_path), {queue: {}})


@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_retries_and_waits_come_back_by_themselves(rabbit: RabbitServer, tmp_path: Path, kind: str) -> None:
    queue, login = new_name(), login_of((rabbit.host,), tmp_path)
    queues = queues_beside(queue, bridge_of((rabbit.host,), tmp_path, queue_type=kind))
    intake, outlet = AmqpIntake(login, queue, 8, queues), AmqpOutlet(login, queues)
    with Running(intake) as consumer, Running(outlet):
        began_s = time.monotonic()
        for place in (retry_queue(queue), wait_queue(queue, 1.5), dead_queue(queue)):
            outlet.publish(WireMessage(place.encode(), None, {"delivery_mode": 2, "priority": 7}), place).result(10)
        first, second = consumer.next(), consumer.next()
        passed_s = time.monotonic() - began_s
        assert [first.message.body, second.message.body] == [
            wait_queue(queue, 1.5).encode(),
            retry_queue(queue).encode(),
        ]
        assert second.message.properties["priority"] == 7
        assert passed_s >= 5
    assert rabbit.depth(dead_queue(queue)) == 1
