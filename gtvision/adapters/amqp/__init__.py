"""RabbitMQ, through pika: queues that are consumed, messages that go out, and dead letters.

Each intake and outlet has a connection and runs in a thread of its own, which never works: it hands messages over.
"""

from gtvision.adapters.amqp.desk import Desk, QueueDepth, desk_of
from gtvision.adapters.amqp.intake import AmqpIntake
from gtvision.adapters.amqp.letters import DeadLetter, letter_of
from gtvision.adapters.amqp.login import Login
from gtvision.adapters.amqp.outlet import AmqpOutlet
from gtvision.adapters.amqp.topology import queues_beside, queues_of

__all__ = [
    "AmqpIntake",
    "AmqpOutlet",
    "DeadLetter",
    "Desk",
    "Login",
    "QueueDepth",
    "desk_of",
    "letter_of",
    "queues_beside",
    "queues_of",
]
