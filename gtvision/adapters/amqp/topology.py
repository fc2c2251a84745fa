"""Which queues there are: those of others are found and used as they are, those that are missing are made.

A queue that exists is never declared with arguments: any difference to its own would be refused, to us and to whoever
made it. So what we would like of it does not matter: dead letters, retries and waits have queues of our own.
Source: https://www.rabbitmq.com/docs/queues#property-equivalence
"""

from collections.abc import Mapping
from typing import Any

from pika import BlockingConnection
from pika.exceptions import ChannelClosedByBroker

from gtvision.adapters.amqp.connection import broker_errors, connected
from gtvision.adapters.amqp.login import Login
from gtvision.domain.errors import BadConfiguration, BrokerUnavailable
from gtvision.domain.queues import RETRY_S, dead_queue, retry_queue, wait_queues
from gtvision.settings import Bridge, Partner

_MOST_PRIORITY = 10
_DAY_MS = 86_400_000
_NO_LIMIT = 2**31 - 1
_NOT_FOUND, _LOCKED = 404, 405

Arguments = dict[str, Any]


def queues_beside(queue: str, bridge: Bridge) -> dict[str, Arguments]:
    """A partner's queue and ours beside it, by name, with the arguments that each is made with where it is missing.

    Quorum queues have no priorities before RabbitMQ 4.3. Those that messages leave by themselves pass them on at least
    once; a dead letter may be looked at as often as one likes, which RabbitMQ 4 would otherwise bound.
    """
    is_quorum = bridge.queue_type == "quorum"
    base: Arguments = {"x-queue-type": "quorum"} if is_quorum else {}
    priority: Arguments = {} if is_quorum else {"x-max-priority": _MOST_PRIORITY}
    limit: Arguments = {"x-delivery-limit": _NO_LIMIT} if is_quorum else {}
    days = bridge.dead_letter_days
    dead = {**base, **limit, **({} if days is None else {"x-message-ttl": days * _DAY_MS})}
    waits = {name: {**base, **_back_to(queue, wait_s, is_quorum)} for name, wait_s in wait_queues(queue).items()}
    return {
        queue: {**base, **priority},
        retry_queue(queue): {**base, **priority, **_back_to(queue, RETRY_S, is_quorum)},
        **waits,
        dead_queue(queue): dead,
    }


def queues_of(partner: Partner, bridge: Bridge) -> dict[str, Arguments]:
    """All queues that a partner needs, as `queues_beside` does; one that we only put messages to has none beside it."""
    found: dict[str, Arguments] = {}
    for queue in partner.consumed:
        found |= queues_beside(queue, bridge)
    if partner.sends_plates:
        found[partner.plates] = queues_beside(partner.plates, bridge)[partner.plates]
    return found


def ensure(login: Login, queues: Mapping[str, Arguments]) -> None:
    """Makes those of the queues that are missing, durable.

    Raises:
        BadConfiguration: The broker refuses to make one; the sentence says what it says.
        BrokerUnavailable: It does not answer.
    """
    with connected(login) as connection, broker_errors(login):
        for name, arguments in queues.items():
            if not _exists(connection, name):
                _make(connection, login, name, arguments)


def _back_to(queue: str, wait_s: float, is_quorum: bool) -> Arguments:
    safely = {"x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"} if is_quorum else {}
    back = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": queue}
    return {"x-message-ttl": round(wait_s * 1000), **back, **safely}


def _exists(connection: BlockingConnection, name: str) -> bool:
    channel = connection.channel()
    try:
        channel.queue_declare(name, passive=True)
    except ChannelClosedByBroker as exc:
        if exc.reply_code == _NOT_FOUND:
            return False
        raise _refused(name, exc) from exc
    channel.close()
    return True


def _make(connection: BlockingConnection, login: Login, name: str, arguments: Arguments) -> None:
    channel = connection.channel()
    try:
        channel.queue_declare(name, durable=True, arguments=arguments)
    except ChannelClosedByBroker as exc:
        if _exists(connection, name):
            return  # somebody else made it meanwhile, in another way
        raise _refused(name, exc, login.user) from exc
    channel.close()


def _refused(name: str, exc: ChannelClosedByBroker, user: str = "") -> BadConfiguration | BrokerUnavailable:
    if exc.reply_code == _LOCKED:
        return BrokerUnavailable(f"queue {name} belongs to another connection alone: {exc.reply_text}")
    remedy = f"; make it, or let {user} make it" if user else ""
    return BadConfiguration(f"queue {name}: {exc.reply_text}{remedy}", "bridge.partners")
