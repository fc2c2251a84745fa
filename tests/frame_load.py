"""A partner that sends frames all the while, whatever happens to the broker, and what has to come of them.

Each frame shows one car and asks for a trigger of its own, so that each message makes exactly one event, by whose
trigger it is known again. A message that the broker has not confirmed is sent again with the same id, as any client
does that loses nothing.
"""

import threading
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import pika
from celery_messages import headers, protocol_2
from drawn_car import one_car
from pika.exceptions import AMQPError, NackError, UnroutableError

_AGAIN_S = 0.2
_FRAME = {"__type__": "base64", "__value__": b64encode(one_car()).decode()}

Connect = Callable[[], pika.BlockingConnection]


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of messages.

    Attributes:
        sent: Messages that the broker had confirmed.
        lost: Those of them without an event.
        duplicated: Events beyond the first of a message.
    """

    sent: int
    lost: int
    duplicated: int


class FrameLoad:
    """Sends frames from a thread of its own; `with FrameLoad(server.connect, cameras, per_s=8) as load`.

    Args:
        connect: Makes a connection to whichever broker answers.
        cameras: What the partner calls them; each gets every so-manieth frame.
        per_s: Frames a second.
        queue: Where they are put.
    """

    def __init__(self, connect: Connect, cameras: Sequence[str], per_s: float, queue: str = "detection") -> None:
        self.cameras = tuple(cameras)
        self._connect, self._queue = connect, queue
        self._period_s = 1 / per_s
        self._mark = uuid4().hex[:8]
        self._sent: list[str] = []
        self._hurried = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="frame load")
        self._connection: pika.BlockingConnection | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "the broker confirms nothing any more"

    @property
    def sent(self) -> int:
        """Messages that the broker has confirmed."""
        return len(self._sent)

    def hurry(self, count: int) -> None:
        """Sends so many at once, so that there is more than can be in work; returns when the broker has them."""
        wanted = self.sent + count
        self._hurried = count
        while self.sent < wanted:
            time.sleep(0.01)

    def tally(self, events: Iterable[dict[str, Any]]) -> Tally:
        """What came of the messages, from all events of the cameras as the API lists them."""
        seen = Counter(event["trigger"] for event in events if event["trigger"].startswith(self._mark))
        lost = [trigger for trigger in self._sent if trigger not in seen]
        return Tally(self.sent, len(lost), sum(seen.values()) - len(seen))

    def _run(self) -> None:
        while not self._stopping.wait(0 if self._hurried > 0 else self._period_s):
            number = self.sent
            self._hurried -= 1
            trigger = f"{self._mark}-{number}"
            self._send(self.cameras[number % len(self.cameras)], trigger)
            self._sent.append(trigger)
        self._drop()

    def _send(self, camera: str, trigger: str) -> None:
        """Returns once the broker has it."""
        arguments = [camera, _FRAME, None, [{"id": trigger, "type": "zone"}]]
        message = protocol_2(arguments, of=headers(id=str(uuid4())))
        properties = pika.BasicProperties(headers=dict(message.headers or {}), **message.properties)
        while True:
            try:
                self._channel().basic_publish("", self._queue, message.body, properties, mandatory=True)
                return
            except (NackError, UnroutableError):  # the queue is gone for a moment
                time.sleep(_AGAIN_S)
            except (AMQPError, OSError):
                self._drop()
                time.sleep(_AGAIN_S)

    def _channel(self) -> Any:
        if self._connection is None:
            self._connection = self._connect()
            self._open = self._connection.channel()
            self._open.confirm_delivery()
        return self._open

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(AMQPError, OSError):
                self._connection.close()
            self._connection = None
