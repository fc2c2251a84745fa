"""Messages that go through a real broker and our connections leave as they came, whatever is in them."""

import struct
from pathlib import Path
from typing import Any

import pika
import pytest
from amqp_tables import tables
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from gtvision.adapters.amqp import AmqpIntake, AmqpOutlet, Login
from gtvision.adapters.amqp.connection import Connection, Properties
from gtvision.adapters.amqp.table import Opaque
from gtvision.domain.message import WireMessage
from tests.rabbitmq import PASSWORD, RabbitServer
from tests.system.amqp_parts import Running, login_of, new_name, until

HEADERS = 1 << 13


def raw_headers(table: bytes) -> Properties:
    return Properties(struct.pack(">HI", HEADERS, len(table)) + table)


def send(rabbit: RabbitServer, queue: str, *sent: tuple[Properties, bytes]) -> None:
    """Publishes with properties as bytes, as no honest client writes them."""
    credentials = pika.PlainCredentials("city", PASSWORD)
    parameters = pika.ConnectionParameters("127.0.0.1", rabbit.port, "city", credentials)
    connection = pika.BlockingConnection(parameters, Connection)  # type: ignore[arg-type]
    channel = connection.channel()
    channel.confirm_delivery()
    for properties, body in sent:
        channel.basic_publish("", queue, body, properties, mandatory=True)
    connection.close()


@pytest.fixture
def login(rabbit: RabbitServer, tmp_path: Path) -> Login:
    return login_of((rabbit.host,), tmp_path)


def test_hundreds_of_random_headers_leave_as_they_came(login: Login) -> None:
    queue = new_name()
    intake, outlet = AmqpIntake(login, queue, 8, {queue: {}}), AmqpOutlet(login, {queue: {}})
    with Running(intake) as consumer, Running(outlet) as publisher:

        @given(tables)
        @hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        def goes_through(headers: dict[str, Any]) -> None:
            outlet.publish(WireMessage(b"body", headers), queue).result(20)
            came = consumer.next()
            came.acknowledge()
            assert repr(came.message.headers) == repr(headers)

        goes_through()
        assert (consumer.error, publisher.error) == (None, None)


HOSTILE = {
    "a time after the year 9999": b"\x01tT" + b"\xff" * 8,
    "names that are no UTF-8": b"\x02\xff\xfeV",
    "text that is no UTF-8": b"\x01sS\x00\x00\x00\x02\xff\xfe",
    "the same name twice": b"\x01aV\x01aI\x00\x00\x00\x01",
    "a number with a fraction": b"\x01dd" + struct.pack(">d", 1.5),
    "a small number": b"\x01ss\xff\xfe",
    "copies to elsewhere": b"\x02CCA" + struct.pack(">I", 14) + b"S\x00\x00\x00\x09elsewhere",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_headers_that_end_other_consumers_are_one_more_message(rabbit: RabbitServer, login: Login, what: str) -> None:
    queue = new_name()
    with rabbit.channel() as channel:
        channel.queue_declare(queue, durable=True)
        channel.queue_declare("elsewhere", durable=True)
    send(rabbit, queue, (raw_headers(HOSTILE[what]), b"hostile"), (raw_headers(b""), b"honest"))
    there = rabbit.depth("elsewhere")
    onwards = f"{queue}-onwards"
    outlet = AmqpOutlet(login, {onwards: {}})
    with Running(AmqpIntake(login, queue, 1, {})) as consumer, Running(outlet):
        hostile = consumer.next()
        outlet.publish(hostile.message, onwards).result(20)
        hostile.acknowledge()
        assert consumer.next().message.body == b"honest"
    with Running(AmqpIntake(login, onwards, 1, {})) as consumer:
        again = consumer.next().message
    renamed = {"CC": "gtv-cc"}
    expected = {renamed.get(name, name): value for name, value in (hostile.message.headers or {}).items()}
    assert (again.body, again.headers) == (b"hostile", expected)
    assert rabbit.depth("elsewhere") == there


def test_a_table_nested_a_thousand_deep_leaves_as_it_came(rabbit: RabbitServer, login: Login) -> None:
    queue, table = new_name(), b""
    for _ in range(1000):
        table = b"\x01kF" + struct.pack(">I", len(table)) + table
    with rabbit.channel() as channel:
        channel.queue_declare(queue, durable=True)
    send(rabbit, queue, (raw_headers(table), b"deep"))
    with Running(AmqpIntake(login, queue, 1, {})) as consumer:
        headers: Any = consumer.next().message.headers
    while isinstance(headers, dict):
        headers = headers["k"]
    assert isinstance(headers, Opaque)


def test_a_message_signed_by_its_sender_can_be_passed_on(rabbit: RabbitServer, login: Login) -> None:
    queue = new_name()
    with rabbit.channel() as channel:
        channel.queue_declare(queue, durable=True)
        channel.basic_publish("", queue, b"signed", pika.BasicProperties(user_id="city"))
    with Running(AmqpIntake(login, queue, 1, {})) as consumer:
        message = consumer.next().message
        assert message.properties == {"user_id": "city"}
    outlet = AmqpOutlet(login, {queue: {}})
    with Running(outlet):
        outlet.publish(message, queue).result(20)
        other = WireMessage(b"", None, {"user_id": "somebody"})
        outlet.publish(other, queue).result(20)


@pytest.mark.parametrize("size", [0, 1, 131_064, 131_065, 5_000_000])
def test_bodies_of_any_size_leave_as_they_came(rabbit: RabbitServer, login: Login, size: int) -> None:
    queue = new_name()
    body = bytes(range(256)) * (size // 256 + 1)
    outlet = AmqpOutlet(login, {queue: {}})
    with Running(outlet), Running(AmqpIntake(login, queue, 1, {queue: {}})) as consumer:
        outlet.publish(WireMessage(body[:size]), queue).result(20)
        came = consumer.next()
        came.acknowledge()
    assert came.message.body == body[:size]
    until(lambda: rabbit.depth(queue) == 0)
