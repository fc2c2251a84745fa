"""A partner's bridge between a real broker and cameras that do as they are told."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridged import partner
from bridging import FILES, nothing_read
from rabbitmq import RabbitServer
from running import until

from gtvision.adapters import celery_wire
from gtvision.adapters.amqp import AmqpIntake, AmqpOutlet, Login, queues_beside
from gtvision.domain.message import WireMessage
from gtvision.domain.metrics import BRIDGE_MESSAGES
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.domain.refusal import Refusal
from gtvision.domain.task import ProcessPlate, Task
from gtvision.runtime.bridge import PartnerBridge, PartnerPorts, Patience
from gtvision.runtime.bridge.plates_in import PlatePorts
from gtvision.settings import Bridge
from gtvision.testing import (
    FakeMetrics,
    FakePictures,
    FakePlateDesk,
    FakePlateOrders,
    FakePushedCameras,
    FakeSink,
)


@dataclass
class Told:
    """The real codec, which tells which attempts failed.

    Attributes:
        failed: The `retries` of each attempt that did, by task id.
    """

    failed: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def read_message(self, message: WireMessage, max_bytes: int) -> Task | Refusal:
        return celery_wire.read_message(message, max_bytes)

    def retried(self, message: WireMessage, task: Task) -> WireMessage:
        self.failed[task.id].append(task.retries)
        return celery_wire.retried(message, task)

    def parked(self, message: WireMessage) -> WireMessage:
        return celery_wire.parked(message)

    def buried(self, message: WireMessage, reason: str, sentence: str, now_s: float) -> WireMessage:
        task = celery_wire.read_message(message)
        if isinstance(task, Task):
            self.failed[task.id].append(task.retries)
        return celery_wire.buried(message, reason, sentence, now_s)

    def plate_message(self, work: ProcessPlate, task_id: str, origin: str) -> WireMessage:
        return celery_wire.plate_message(work, task_id, origin)

    def reply_message(self, task: Task, result: Any, now_s: float, error: str | None = None) -> WireMessage:
        return celery_wire.reply_message(task, result, now_s, error)


class RealBridge:
    """The bridge of partner `city` at a broker, which waits for no camera; `truth` is what cameras do with a frame."""

    def __init__(
        self,
        broker: RabbitServer,
        folder: Path,
        truth: Callable[[PushedFrame], PushedOutcome] = lambda _: PushedOutcome(),
        now: Callable[[], float] = time.time,
    ) -> None:
        self.cameras, self.codec, self.metrics = FakePushedCameras(truth), Told(), FakeMetrics()
        settings = Bridge.model_validate({"hosts": [broker.host], "partners": [partner(folder)], "slots": 16})
        [city] = settings.partners
        login, queues = Login.of(settings, city), queues_beside("detection", settings)
        desk, pictures, sink = FakePlateDesk(nothing_read), FakePictures(), FakeSink()
        ports = PartnerPorts(
            intake=lambda queue: AmqpIntake(login, queue, settings.slots, queues),
            outlet=AmqpOutlet(login, queues),
            codec=self.codec,
            cameras=self.cameras,
            orders=FakePlateOrders(),
            plates=PlatePorts(desk, pictures, sink, FILES, now),
            metrics=self.metrics,
            now=now,
        )
        self._bridge = PartnerBridge(city, settings, ports, "gtvision@test", Patience(outage_s=0))

    @contextmanager
    def running(self) -> Iterator[None]:
        """The bridge at work, connected."""
        self._bridge.start()
        try:
            until(lambda: self._bridge.status().is_connected, 20, "a connection")
            yield
        finally:
            self._bridge.stop()
            until(lambda: not self._bridge.status().is_connected, 20, "the end of the connection")

    def count(self, outcome: str, reason: str = "") -> int:
        """How many messages came to that."""
        labels = {"partner": "city", "queue": "frames", "outcome": outcome, "reason": reason}
        return int(self.metrics.value(BRIDGE_MESSAGES, **labels))
