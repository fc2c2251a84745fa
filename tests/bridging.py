"""A partner's bridge between a broker in memory and cameras that do as they are told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import celery_messages as made

from gtvision.adapters import celery_wire
from gtvision.adapters.jpeg import encode_jpeg
from gtvision.adapters.picture_file import read_picture
from gtvision.domain.message import WireMessage
from gtvision.domain.plate import Reading
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.domain.stream import PlatePicture
from gtvision.runtime.bridge import PartnerBridge, PartnerPorts, Patience
from gtvision.runtime.bridge.pictures import PictureFiles
from gtvision.runtime.bridge.plates_in import PlatePorts
from gtvision.settings import Bridge, Partner
from gtvision.testing import (
    FakeBroker,
    FakeIntake,
    FakeMetrics,
    FakeOutlet,
    FakePictures,
    FakePlateDesk,
    FakePlateOrders,
    FakePushedCameras,
    FakeSink,
)

NOW_S = 1_795_442_400.0  # 2026-11-23T14:00Z
FRAMES, PLATES = "detection", "ocr"
DEAD, RETRY = "gtv.detection.dead", "gtv.detection.retry.5s"
IMPATIENT = Patience(outage_s=0)
FILES = PictureFiles(read_picture, encode_jpeg)


def nothing_read(_: PlatePicture) -> tuple[Reading, ...]:
    return ()


def a_partner(**other: Any) -> Partner:
    """Partner `city`, who may name any camera."""
    return Partner(**{"name": "city", "user": "city", "password_file": Path("none"), "cameras": ("*",), **other})


def a_frame(number: int = 0, camera: str = "north-gate", of: dict[str, Any] | None = None) -> WireMessage:
    """The message of frame `number`; its id is that number."""
    return made.protocol_2(made.args(camera_id=camera), of=made.headers(id=f"frame-{number}", **(of or {})))


@dataclass
class World:
    """What is on both sides of a bridge."""

    truth: Callable[[PushedFrame], PushedOutcome] = lambda _: PushedOutcome(("event-1",), 2)
    readings: Callable[[PlatePicture], tuple[Reading, ...]] = nothing_read
    broker: FakeBroker = field(default_factory=FakeBroker)
    pictures: FakePictures = field(default_factory=FakePictures)
    orders: FakePlateOrders = field(default_factory=FakePlateOrders)
    metrics: FakeMetrics = field(default_factory=FakeMetrics)
    sink: FakeSink = field(default_factory=FakeSink)
    slots: int = 4
    patience: Patience = IMPATIENT
    now_s: float = NOW_S

    def __post_init__(self) -> None:
        self.cameras = FakePushedCameras(self.truth)
        self.outlet = FakeOutlet(self.broker)

    def bridge(self, partner: Partner | None = None, **settings: Any) -> PartnerBridge:
        """The bridge, not started."""
        partner = partner or a_partner()
        bridge = Bridge(hosts=("broker",), partners=(partner,), slots=self.slots, **settings)
        plates = PlatePorts(FakePlateDesk(self.readings), self.pictures, self.sink, FILES, lambda: self.now_s)
        ports = PartnerPorts(
            intake=lambda queue: FakeIntake(self.broker, queue, self.slots),
            outlet=self.outlet,
            codec=celery_wire,
            cameras=self.cameras,
            orders=self.orders,
            plates=plates,
            metrics=self.metrics,
            now=lambda: self.now_s,
        )
        return PartnerBridge(partner, bridge, ports, "gtvision@test", self.patience)

    @contextmanager
    def running(self, partner: Partner | None = None, **settings: Any) -> Iterator[PartnerBridge]:
        """The bridge at work."""
        bridge = self.bridge(partner, **settings)
        bridge.start()
        try:
            assert self.broker.until(lambda: self.outlet.is_connected or self.broker.is_away)
            yield bridge
            assert self.broker.until(lambda: not any(queue.in_flight for queue in bridge.status().queues))
        finally:
            bridge.stop()

    def settled(self, messages: int) -> bool:
        """Whether so many messages have been acknowledged and nothing is left in work, before long."""
        return self.broker.until(lambda: self.acknowledged >= messages and not self.broker.queues[FRAMES])

    @property
    def acknowledged(self) -> int:
        """Deliveries that were acknowledged."""
        return sum(delivery.acknowledgements for delivery in self.broker.deliveries)

    @property
    def pushed(self) -> list[str]:
        """Ids of the frames that cameras were given, in order."""
        return [frame.id for frame in self.cameras.frames]
