"""Messages to a real broker and out of it, as they are."""

from collections.abc import Iterable

import pika
from pika.adapters.blocking_connection import BlockingChannel
from rabbitmq import RabbitServer

from gtvision.domain.message import WireMessage

_NAMES = (
    "content_type",
    "content_encoding",
    "delivery_mode",
    "priority",
    "correlation_id",
    "reply_to",
    "expiration",
    "message_id",
    "timestamp",
    "type",
    "app_id",
)


def put(broker: RabbitServer, queue: str, messages: Iterable[WireMessage]) -> None:
    """Publishes them, each confirmed."""
    with broker.channel() as channel:
        for message in messages:
            headers = None if message.headers is None else dict(message.headers)
            properties = pika.BasicProperties(headers=headers, **message.properties)
            channel.basic_publish("", queue, message.body, properties, mandatory=True)


def take_all(broker: RabbitServer, queue: str) -> list[WireMessage]:
    """All that are in a queue; they are taken out."""
    with broker.channel() as channel:
        return list(iter(lambda: _next(channel, queue), None))


def _next(channel: BlockingChannel, queue: str) -> WireMessage | None:
    method, properties, body = channel.basic_get(queue, auto_ack=True)
    if method is None or properties is None or body is None:
        return None
    named = {name: value for name in _NAMES if (value := getattr(properties, name)) is not None}
    return WireMessage(body, properties.headers, named)
