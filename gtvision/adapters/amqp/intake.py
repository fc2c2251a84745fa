"""A queue that is consumed over a connection of its own, which never publishes.

Deliveries are acknowledged from any thread; acknowledgements that come while the connection's thread is busy are sent
together, and those of the oldest deliveries in one. One that comes after its connection is gone is dropped: its number
means another message by then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event as Flag
from threading import Lock
from typing import Any

from pika import BaseConnection
from pika.channel import Channel
from pika.exceptions import ChannelClosedByBroker
from pika.frame import Method
from pika.spec import Basic, BasicProperties

from gtvision.adapters.amqp.connection import encoded_of
from gtvision.adapters.amqp.content import message_of
from gtvision.adapters.amqp.link import Link
from gtvision.adapters.amqp.login import Login
from gtvision.adapters.amqp.topology import ensure
from gtvision.domain.errors import BrokerUnavailable, QueueGone
from gtvision.domain.message import WireMessage
from gtvision.ports.broker import Delivery

_DEPTH_S = 5.0
_NOT_FOUND = 404


class AmqpIntake:
    """One queue, consumed.

    Args:
        login: Who consumes.
        queue: What is consumed.
        slots: Deliveries that may be unacknowledged at once.
        queues: Those that are made where they are missing, each time before it connects.
    """

    def __init__(self, login: Login, queue: str, slots: int, queues: Mapping[str, dict[str, Any]]) -> None:
        self._login, self._queue, self._slots, self._queues = login, queue, slots, queues
        self._consumer: _Consumer | None = None

    def run(self, deliver: Callable[[Delivery], None], stopping: Flag) -> None:
        """Connects and consumes until `stopping` is set. See `gtvision.ports.broker.Intake`."""
        ensure(self._login, self._queues)
        link = Link(self._login)
        self._consumer = _Consumer(link, self._queue, self._slots, deliver)
        try:
            link.run(self._consumer.begin, stopping, self._consumer.has_told_all)
        finally:
            self._consumer = None

    @property
    def is_connected(self) -> bool:
        """Whether the queue is being consumed now."""
        return self.depth is not None

    @property
    def depth(self) -> int | None:
        """Messages that wait in the queue, some seconds old at most; None while it is not consumed."""
        consumer = self._consumer
        return None if consumer is None else consumer.depth


class _Consumer:
    """What happens on one connection. All but `acknowledge` and `give_back` runs in its thread."""

    def __init__(self, link: Link, queue: str, slots: int, deliver: Callable[[Delivery], None]) -> None:
        self._link, self._queue, self._slots, self._deliver = link, queue, slots, deliver
        self._channel: Channel | None = None
        self._unacknowledged: dict[int, None] = {}  # by number, and so the oldest first
        self._done: list[int] = []
        self._lock = Lock()
        self.depth: int | None = None

    def begin(self, connection: BaseConnection) -> None:
        connection.channel(on_open_callback=self._opened)

    def has_told_all(self) -> bool:
        """Whether no acknowledgement waits to be sent."""
        with self._lock:
            return not self._done

    def acknowledge(self, tag: int) -> None:
        with self._lock:
            self._done.append(tag)
            is_first = len(self._done) == 1
        if is_first:
            self._link.call(self._tell)

    def give_back(self, tag: int) -> None:
        self._link.call(lambda: self._end_for(tag))

    def _opened(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._closed)
        channel.add_on_cancel_callback(lambda _frame: self._link.fail(self._gone()))
        channel.basic_qos(prefetch_count=self._slots)
        self._count()
        channel.basic_consume(self._queue, self._delivered)

    def _closed(self, _channel: Channel, cause: BaseException) -> None:
        if isinstance(cause, ChannelClosedByBroker) and cause.reply_code == _NOT_FOUND:
            self._link.fail(self._gone())
        else:
            self._link.lost(cause)

    def _gone(self) -> QueueGone:
        return QueueGone(f"queue {self._queue} is gone, or its node is down")

    def _count(self) -> None:
        if self._channel is not None and self._channel.is_open:
            self._channel.queue_declare(self._queue, passive=True, callback=self._counted)

    def _counted(self, answer: Method[Any]) -> None:
        self.depth = answer.method.message_count
        self._link.call_later(_DEPTH_S, self._count)

    def _delivered(self, _channel: Channel, method: Basic.Deliver, properties: BasicProperties, body: bytes) -> None:
        if self._channel is None or not self._channel.is_open:
            return
        tag, is_redelivered = method.delivery_tag, bool(method.redelivered)
        self._unacknowledged[tag] = None
        message = message_of(encoded_of(properties), body, is_redelivered=is_redelivered)
        self._deliver(_Delivered(message, tag, self))

    def _end_for(self, tag: int) -> None:
        if tag in self._unacknowledged:
            self._link.fail(BrokerUnavailable(f"a message of {self._queue} was given back"))

    def _tell(self) -> None:
        """Sends the acknowledgements that came since it was called for."""
        with self._lock:
            done, self._done = set(self._done), []
        if self._channel is None or not self._channel.is_open:
            return
        oldest = 0
        for tag in list(self._unacknowledged):
            if tag not in done:
                break
            oldest = tag
        if oldest:
            self._channel.basic_ack(oldest, multiple=True)
        for tag in done & self._unacknowledged.keys():
            del self._unacknowledged[tag]
            if tag > oldest:
                self._channel.basic_ack(tag)


@dataclass(frozen=True, slots=True, eq=False)
class _Delivered:
    """A message, and the connection that it has to be acknowledged on."""

    message: WireMessage
    _tag: int
    _consumer: _Consumer

    def acknowledge(self) -> None:
        self._consumer.acknowledge(self._tag)

    def give_back(self) -> None:
        self._consumer.give_back(self._tag)
