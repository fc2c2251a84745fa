"""What operators do with queues: count them, look through dead letters, put them back, throw them away.

A letter is taken from the broker without acknowledging it, and returns to its place when the desk is left, however that
happens. At most as many are taken as lay there at first, so one that dies again meanwhile is not met twice.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pika import BlockingConnection
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker, NackError, UnroutableError

from gtvision.adapters.amqp.connection import Properties, broker_errors, connected, encoded_of
from gtvision.adapters.amqp.content import content_of, message_of
from gtvision.adapters.amqp.letters import DeadLetter, letter_of, sent_again
from gtvision.adapters.amqp.login import Login
from gtvision.domain.errors import BrokerUnavailable
from gtvision.domain.message import WireMessage
from gtvision.domain.queues import dead_queue

_NOT_FOUND = 404

Wanted = Callable[[DeadLetter], bool]


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """A queue as the broker counts it.

    Attributes:
        name: As the broker knows it.
        messages: Those that wait; None when there is no such queue.
        consumers: Who takes them, all systems together; None likewise.
    """

    name: str
    messages: int | None
    consumers: int | None


class Desk:
    """An operator's connection to the queues of one partner; from `desk_of`."""

    def __init__(self, connection: BlockingConnection, user: str, max_bytes: int) -> None:
        self._connection, self._user, self._max_bytes = connection, user, max_bytes

    def depth(self, queue: str) -> QueueDepth:
        """How many messages wait in a queue, and how many consumers it has."""
        channel = self._connection.channel()
        try:
            counted = channel.queue_declare(queue, passive=True).method
        except ChannelClosedByBroker as exc:
            if exc.reply_code != _NOT_FOUND:
                raise
            return QueueDepth(queue, None, None)
        channel.close()
        return QueueDepth(queue, counted.message_count, counted.consumer_count)

    def letters(self, queue: str, most: int) -> list[DeadLetter]:
        """The oldest dead letters of a queue, at most so many; each stays where it is."""
        with self._channel() as channel:
            return [letter_of(message, self._max_bytes) for _, message in self._taken(channel, queue, most)]

    def letter(self, queue: str, wanted: Wanted) -> WireMessage | None:
        """The oldest dead letter that is wanted, whole; None when there is none."""
        with self._channel() as channel:
            found = (
                message for _, message in self._taken(channel, queue) if wanted(letter_of(message, self._max_bytes))
            )
            return next(found, None)

    def put_back(self, queue: str, wanted: Wanted) -> int:
        """Puts the wanted dead letters back to their queue in the order that they died in; how many.

        Each is kept by its queue before it leaves the dead letters: whatever happens, it is in one of them.

        Raises:
            BrokerUnavailable: The queue is gone, or did not take one; those before it are back.
        """
        count = 0
        with self._channel() as channel:
            channel.confirm_delivery()
            for tag, message in self._taken(channel, queue):
                if wanted(letter_of(message, self._max_bytes)):
                    self._publish(channel, queue, sent_again(message, self._max_bytes))
                    channel.basic_ack(tag)
                    count += 1
        return count

    def throw_away(self, queue: str, wanted: Wanted) -> int:
        """Throws the wanted dead letters away for good; how many."""
        count = 0
        with self._channel() as channel:
            for tag, message in self._taken(channel, queue):
                if wanted(letter_of(message, self._max_bytes)):
                    channel.basic_ack(tag)
                    count += 1
        return count

    @contextmanager
    def _channel(self) -> Iterator[BlockingChannel]:
        """A channel; what it took and did not acknowledge goes back to its place when it is closed."""
        channel = self._connection.channel()
        try:
            yield channel
        finally:
            if channel.is_open:
                channel.close()

    def _taken(
        self, channel: BlockingChannel, queue: str, most: int | None = None
    ) -> Iterator[tuple[int, WireMessage]]:
        """Takes the dead letters of a queue, oldest first, each with what it is acknowledged by."""
        lying = self.depth(dead_queue(queue)).messages or 0
        for _ in range(lying if most is None else min(lying, most)):
            method, properties, body = channel.basic_get(dead_queue(queue))
            if method is None or properties is None or body is None:
                return
            redelivered = bool(method.redelivered)
            yield method.delivery_tag, message_of(encoded_of(properties), body, is_redelivered=redelivered)

    def _publish(self, channel: BlockingChannel, queue: str, message: WireMessage) -> None:
        properties = Properties(content_of(message, self._user))
        try:
            channel.basic_publish("", queue, message.body, properties, mandatory=True)
        except UnroutableError as exc:
            raise BrokerUnavailable(f"there is no queue {queue} to put dead letters back to") from exc
        except NackError as exc:
            raise BrokerUnavailable(f"queue {queue} is full") from exc


@contextmanager
def desk_of(login: Login, max_bytes: int) -> Iterator[Desk]:
    """A desk for a partner's queues, which reads no dead letter of more bytes, as it may have died of them.

    Raises `BrokerUnavailable` and `BadConfiguration` as `connected` does.
    """
    with connected(login) as connection, broker_errors(login):
        yield Desk(connection, login.user, max_bytes)
