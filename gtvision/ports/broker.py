"""A message broker: queues that are consumed, and queues that messages are put to."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Event as Flag
from typing import Any, Protocol

from gtvision.domain.message import WireMessage
from gtvision.domain.refusal import Refusal
from gtvision.domain.task import ProcessPlate, Task


class Delivery(Protocol):
    """A message that the broker keeps for others until it is acknowledged."""

    @property
    def message(self) -> WireMessage:
        """As it came."""
        ...

    def acknowledge(self) -> None:
        """From any thread. Once its connection is lost this does nothing: the broker delivers it again."""
        ...

    def give_back(self) -> None:
        """Ends its connection, so that it is delivered again; from any thread. Nothing once it is acknowledged."""
        ...


class Intake(Protocol):
    """One queue that is consumed, over a connection of its own that never publishes."""

    def run(self, deliver: Callable[[Delivery], None], stopping: Flag) -> None:
        """Connects and consumes until `stopping` is set; blocks.

        Args:
            deliver: Called on the connection's thread, so it hands over and returns at once. No more deliveries come
                than there are slots until some are acknowledged.
            stopping: Ends it within a second.

        Raises:
            QueueGone: The queue is gone; what came may be nowhere else. Call it again.
            BrokerUnavailable: Nobody answered, or the connection was lost. Call it again.
        """
        ...

    @property
    def is_connected(self) -> bool:
        """Whether the queue is being consumed now."""
        ...

    @property
    def depth(self) -> int | None:
        """Messages that wait in the queue, some seconds old at most; None while that is not known."""
        ...


class Outlet(Protocol):
    """Puts messages to queues, over a connection of its own that never consumes."""

    def run(self, stopping: Flag) -> None:
        """Connects and publishes until `stopping` is set; blocks. Raises `BrokerUnavailable` as `Intake.run` does."""
        ...

    @property
    def is_connected(self) -> bool:
        """Whether messages go out now."""
        ...

    def publish(self, message: WireMessage, queue: str) -> "Future[None]":
        """Resolves once the broker has it for good; fails with `BrokerUnavailable` when that cannot be known.

        At most a bounded number wait; one more fails at once.
        """
        ...

    def post(self, message: WireMessage, queue: str) -> None:
        """Sends it and forgets about it: nobody may wait for it, and the queue may be gone."""
        ...


class Codec(Protocol):
    """What bytes mean; `gtvision.adapters.celery_wire` is one."""

    def read_message(self, message: WireMessage, max_bytes: int) -> Task | Refusal:
        """What the message asks for, or why it is refused. Raises nothing."""
        ...

    def retried(self, message: WireMessage, task: Task) -> WireMessage:
        """The message of the next attempt."""
        ...

    def parked(self, message: WireMessage) -> WireMessage:
        """The message for a queue where it waits for its time."""
        ...

    def buried(self, message: WireMessage, reason: str, sentence: str, now_s: float) -> WireMessage:
        """The message for the dead letters."""
        ...

    def plate_message(self, work: ProcessPlate, task_id: str, origin: str) -> WireMessage:
        """The task that reads a vehicle's plate."""
        ...

    def reply_message(self, task: Task, result: Any, now_s: float, error: str | None = None) -> WireMessage:
        """What became of a task."""
        ...
