"""One partner at one bridge: its desks, its connections, and what they say of themselves."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event as Flag

from gtvision.domain.metrics import (
    BRIDGE_DEPTH,
    BRIDGE_IN_FLIGHT,
    BRIDGE_OLDEST_S,
    BROKER_BREAKER,
    BROKER_UP,
)
from gtvision.pipeline.breaker import Breaker, BreakerState
from gtvision.ports import (
    Codec,
    Intake,
    Metrics,
    Outlet,
    PartnerStatus,
    PlateOrders,
    PushedCameras,
    QueueStatus,
)
from gtvision.runtime.background import in_background
from gtvision.runtime.bridge.desk import Counter, Desk, DeskPorts
from gtvision.runtime.bridge.frames import FrameWork
from gtvision.runtime.bridge.keeping import Keeper, Link
from gtvision.runtime.bridge.patience import USUAL, Patience
from gtvision.runtime.bridge.plates_in import PlatePorts, PlateWork
from gtvision.runtime.bridge.plates_out import PlatePublisher, PublisherPorts
from gtvision.runtime.bridge.work import Work
from gtvision.settings import Bridge, Partner

_LOOK_S = 1.0
_WORST = (BreakerState.CLOSED, BreakerState.HALF_OPEN, BreakerState.OPEN)


@dataclass(frozen=True, slots=True)
class PartnerPorts:
    """What a partner's bridge needs from the world.

    Attributes:
        intake: Makes the intake of a queue.
        outlet: Where messages go.
        codec: What their bytes mean.
        cameras: Where frames go.
        orders: What waits to be sent.
        plates: What reads plates, and its pictures.
        metrics: Where measurements go.
        now: Unix seconds.
    """

    intake: Callable[[str], Intake]
    outlet: Outlet
    codec: Codec
    cameras: PushedCameras
    orders: PlateOrders
    plates: PlatePorts
    metrics: Metrics
    now: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class _Queue:
    desk: Desk
    intake: Intake


class PartnerBridge:
    """Bridges one partner's queues. Its threads are daemons; they begin with `start`."""

    def __init__(
        self, partner: Partner, bridge: Bridge, ports: PartnerPorts, origin: str, patience: Patience = USUAL
    ) -> None:
        """Args:
        partner: Who, and which queues.
        bridge: Slots, bounds and the breaker.
        ports: The world.
        origin: Who sends messages, such as `gtvision@node-1`.
        patience: How long cameras are waited for.
        """
        self._partner = partner
        self._bridge = bridge
        self._patience = patience
        self._ports = ports
        self._stopping = Flag()
        wanted: list[tuple[str, str, Work]] = []
        if partner.frames is not None:
            wanted.append(("frames", partner.frames, FrameWork(partner, ports.cameras, patience)))
        if partner.reads_plates:
            wanted.append(("plates", partner.plates, PlateWork(partner, ports.plates)))
        self._queues = [self._opened(kind, queue, work) for kind, queue, work in wanted]
        self._keepers = [
            *(self._keeper(each.desk.counter.kind, each.desk.consume, each.intake) for each in self._queues),
            self._keeper("out", ports.outlet.run, ports.outlet),
        ]
        publishing = PublisherPorts(ports.orders, ports.outlet, ports.codec, ports.plates.files, ports.metrics)
        self._publisher = PlatePublisher(partner, publishing, origin) if partner.sends_plates else None

    def start(self) -> None:
        """Begins to work."""
        name = self._partner.name
        for each in self._queues:
            in_background(f"{name}-{each.desk.counter.kind}-read", each.desk.read)
        for keeper in self._keepers:
            in_background(f"{name}-{keeper.name}", keeper.run, self._stopping)
        if self._publisher is not None:
            in_background(f"{name}-publish", self._publisher.run, self._stopping)
        in_background(f"{name}-look", self._look_always)

    def stop(self) -> None:
        """Begins nothing more. What is not acknowledged is delivered again, here or elsewhere."""
        self._stopping.set()
        for each in self._queues:
            each.desk.stop()

    def status(self) -> PartnerStatus:
        """What it does now."""
        details = [f"{keeper.name}: {keeper.detail}" for keeper in self._keepers if keeper.detail]
        breaker = max((keeper.breaker for keeper in self._keepers), key=_WORST.index)
        queues = tuple(_status(each.desk, each.intake) for each in self._queues)
        return PartnerStatus(self._partner.name, not details, breaker, "; ".join(details), queues)

    def look(self) -> None:
        """Notes which connections work, and measures what is to be measured."""
        name, metrics = self._partner.name, self._ports.metrics
        states = [keeper.look() for keeper in self._keepers]
        metrics.set(BROKER_UP, float(all(states)), partner=name)
        for keeper in self._keepers:
            metrics.set(BROKER_BREAKER, float(_WORST.index(keeper.breaker)), partner=name, link=keeper.name)
        for each in self._queues:
            kind, status = each.desk.counter.kind, _status(each.desk, each.intake)
            metrics.set(BRIDGE_IN_FLIGHT, status.in_flight, partner=name, queue=kind)
            metrics.set(BRIDGE_OLDEST_S, status.oldest_s, partner=name, queue=kind)
            if status.depth is not None:
                metrics.set(BRIDGE_DEPTH, status.depth, partner=name, queue=kind)

    def _opened(self, kind: str, queue: str, work: Work) -> _Queue:
        bridge, ports, intake = self._bridge, self._ports, self._ports.intake(queue)
        name, replies = self._partner.name, self._partner.replies
        counter = Counter(name, kind, queue, bridge.slots, bridge.max_body_bytes, replies, self._patience)
        desk_ports = DeskPorts(intake, ports.outlet, ports.codec, work, ports.metrics, ports.now)
        return _Queue(Desk(counter, desk_ports), intake)

    def _keeper(self, name: str, run: Callable[[Flag], None], connection: Intake | Outlet) -> Keeper:
        link = Link(self._partner.name, name, run, lambda: connection.is_connected)
        return Keeper(link, Breaker(self._bridge.failures, self._bridge.rest_s), self._ports.metrics)

    def _look_always(self) -> None:
        while not self._stopping.wait(_LOOK_S):
            self.look()


def _status(desk: Desk, intake: Intake) -> QueueStatus:
    return QueueStatus(desk.counter.queue, intake.depth, desk.in_flight, desk.oldest_s)


def problem_of(statuses: Sequence[PartnerStatus]) -> str | None:
    """What keeps partners from being bridged, in a sentence; None when nothing does."""
    faults = [f"{status.name}: {status.detail}" for status in statuses if not status.is_connected]
    return "; ".join(faults) or None
