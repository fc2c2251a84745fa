"""Messages that go out, over a connection of its own, which never consumes: a broker short of memory stops reading from
whoever publishes, and acknowledgements have to get through.

What waits is published in one go, and the broker confirms many at once: several times as many a second as when each
confirm is waited for.
"""

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Event as Flag
from threading import Lock
from time import monotonic
from typing import Any

from pika import BaseConnection
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic, BasicProperties

from gtvision.adapters.amqp.connection import Properties
from gtvision.adapters.amqp.content import content_of
from gtvision.adapters.amqp.link import Link
from gtvision.adapters.amqp.login import Login
from gtvision.adapters.amqp.topology import ensure
from gtvision.domain.errors import BrokerUnavailable, MessageRefused
from gtvision.domain.message import WireMessage

_MOST_WAITING = 1000
_MOST_BYTES = 256 * 1024 * 1024
_REFUSING_S = 5.0
"""A queue that takes nothing for so long is tried over a new connection: RabbitMQ 3.10 was seen to refuse all that a
channel published for two minutes after a quorum queue's leader was killed. Mostly another leads within a second."""


@dataclass(frozen=True, slots=True, eq=False)
class _Letter:
    """A message on its way; `answer` is None when nobody waits for one."""

    queue: str
    encoded: bytes
    body: bytes
    answer: "Future[None] | None"


class AmqpOutlet:
    """Publishes for one user.

    Args:
        login: Who publishes.
        queues: Those that are made where they are missing, each time before it connects.
    """

    def __init__(self, login: Login, queues: Mapping[str, dict[str, Any]]) -> None:
        self._login, self._queues = login, queues
        self._publisher: _Publisher | None = None

    def run(self, stopping: Flag) -> None:
        """Connects and publishes until `stopping` is set. See `gtvision.ports.broker.Outlet`."""
        ensure(self._login, self._queues)
        link = Link(self._login)
        publisher = _Publisher(link)
        self._publisher = publisher
        try:
            link.run(publisher.begin, stopping, publisher.is_idle)
        finally:
            self._publisher = None
            publisher.end()

    @property
    def is_connected(self) -> bool:
        """Whether messages go out now."""
        publisher = self._publisher
        return publisher is not None and publisher.is_open

    def publish(self, message: WireMessage, queue: str) -> "Future[None]":
        """Resolves once the broker has it for good; its callbacks run on the connection's thread.

        It fails with `BrokerUnavailable` when that is not known, or no such queue exists, and with `MessageRefused`
        when AMQP has no like of a header. A full or unconnected outlet fails it at once.
        """
        answer: Future[None] = Future()
        try:
            letter = _Letter(queue, content_of(message, self._login.user), message.body, answer)
        except MessageRefused as exc:
            answer.set_exception(exc)
            return answer
        publisher = self._publisher
        if publisher is None or not publisher.take(letter):
            answer.set_exception(BrokerUnavailable("not connected, or too much waits to be published"))
        return answer

    def post(self, message: WireMessage, queue: str) -> None:
        """Sends it and forgets about it; without a connection, or when AMQP has no like of it, nothing is sent."""
        publisher = self._publisher
        if publisher is None:
            return
        try:
            encoded = content_of(message, self._login.user)
        except MessageRefused:
            return
        publisher.take(_Letter(queue, encoded, message.body, None))


class _Publisher:
    """What happens on one connection. All but `take` runs in its thread."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._channel: Channel | None = None
        self._lock = Lock()
        self._waiting: deque[_Letter] = deque()
        self._sent: dict[int, _Letter] = {}
        self._refusing_since_s: dict[str, float] = {}
        self._published = 0
        self._count = 0
        self._bytes = 0
        self._is_called = False
        self._is_blocked = False
        self.is_open = False

    def begin(self, connection: BaseConnection) -> None:
        connection.add_on_connection_blocked_callback(lambda *_: self._block(True))
        connection.add_on_connection_unblocked_callback(lambda *_: self._block(False))
        connection.channel(on_open_callback=self._opened)

    def take(self, letter: _Letter) -> bool:
        """Whether it is published soon, or there is no room for it."""
        with self._lock:
            is_full = self._count >= _MOST_WAITING or self._bytes + len(letter.body) > max(
                _MOST_BYTES, len(letter.body)
            )
            if not self.is_open or is_full:
                return False
            self._count += 1
            self._bytes += len(letter.body)
            self._waiting.append(letter)
            is_first, self._is_called = not self._is_called, True
        if is_first:
            self._link.call(self._publish)
        return True

    def is_idle(self) -> bool:
        """Whether everything is confirmed."""
        with self._lock:
            return self._count == 0

    def end(self) -> None:
        """Fails whatever is not confirmed."""
        with self._lock:
            self.is_open = False
            left = [*self._sent.values(), *self._waiting]
        for letter in left:
            _answer(letter, BrokerUnavailable("the connection was lost before the broker confirmed the message"))

    def _opened(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(lambda _channel, cause: self._link.lost(cause))
        channel.add_on_return_callback(self._returned)
        channel.confirm_delivery(self._told, callback=self._ready)

    def _ready(self, _answer_of_broker: Method[Any]) -> None:
        with self._lock:
            self.is_open = True

    def _block(self, is_blocked: bool) -> None:
        self._is_blocked = is_blocked
        self._publish()

    def _publish(self) -> None:
        """Publishes what waits, unless the broker has asked us not to. Without a channel `end` fails it."""
        with self._lock:
            self._is_called = False
        while self._channel is not None and self._channel.is_open and not self._is_blocked:
            with self._lock:
                if not self._waiting:
                    return
                letter = self._waiting.popleft()
                self._published += 1
                self._sent[self._published] = letter
            self._channel.basic_publish(
                "", letter.queue, letter.body, Properties(letter.encoded), mandatory=letter.answer is not None
            )

    def _told(self, frame: Method[Any]) -> None:
        """The broker says what became of one message, or of all up to that one."""
        tag, is_kept = frame.method.delivery_tag, isinstance(frame.method, Basic.Ack)
        tags = [each for each in self._sent if each <= tag] if frame.method.multiple else [tag]
        error = None if is_kept else BrokerUnavailable("the broker could not keep the message")
        queues = {self._sent[each].queue for each in tags if each in self._sent}
        for each in tags:
            self._settle(each, error)
        for queue in queues:
            self._judge(queue, is_kept)

    def _judge(self, queue: str, is_kept: bool) -> None:
        """Gives up the connection when a queue refuses everything for too long."""
        if is_kept:
            self._refusing_since_s.pop(queue, None)
            return
        now_s = monotonic()
        if now_s - self._refusing_since_s.setdefault(queue, now_s) >= _REFUSING_S:
            self._link.fail(BrokerUnavailable(f"queue {queue} refuses all messages"))

    def _returned(self, _channel: Channel, method: Basic.Return, _properties: BasicProperties, body: bytes) -> None:
        """A queue is gone: the message fails, and the connection ends, so that the next one makes the queue again.

        The broker does not say which message it returns, but sends it back.
        """
        for tag, letter in list(self._sent.items()):
            if letter.queue == method.routing_key and letter.answer is not None and letter.body == body:
                self._settle(tag, BrokerUnavailable(f"queue {letter.queue} is gone"))
        self._link.fail(BrokerUnavailable(f"queue {method.routing_key} is gone"))

    def _settle(self, tag: int, error: BrokerUnavailable | None) -> None:
        letter = self._sent.pop(tag, None)
        if letter is None:
            return
        with self._lock:
            self._count -= 1
            self._bytes -= len(letter.body)
        _answer(letter, error)


def _answer(letter: _Letter, error: BrokerUnavailable | None) -> None:
    if letter.answer is None or not letter.answer.set_running_or_notify_cancel():
        return
    if error is None:
        letter.answer.set_result(None)
    else:
        letter.answer.set_exception(error)
