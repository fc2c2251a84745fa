"""Fakes of a broker, of the cameras behind it, and of what waits to be sent."""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from threading import Condition
from threading import Event as Flag

from gtvision.domain.camera import PUSHED, Camera, Source
from gtvision.domain.errors import BrokerUnavailable, QueueGone, StoreUnavailable
from gtvision.domain.message import WireMessage
from gtvision.domain.pushed import PushedFrame, PushedOutcome
from gtvision.ports import BridgeStatus, Delivery, PlateOrder, StoredPicture

_LOOK_S = 0.02


@dataclass(slots=True, eq=False)
class FakeDelivery:
    """A message that a `FakeIntake` has delivered.

    Attributes:
        message: As it came.
        acknowledgements: How often it was acknowledged while its connection was there.
        late: How often afterwards.
    """

    message: WireMessage
    intake: "FakeIntake"
    acknowledgements: int = 0
    late: int = 0

    def acknowledge(self) -> None:
        """Takes it off the queue; nothing once its connection is lost."""
        self.intake.settle(self)

    def give_back(self) -> None:
        """Ends its connection; nothing once it is acknowledged."""
        self.intake.end_for(self)


class FakeBroker:
    """Queues in memory: each keeps its messages until they are acknowledged. Messages that wait do so for ever."""

    def __init__(self) -> None:
        self.changed = Condition()
        self.queues: defaultdict[str, deque[WireMessage]] = defaultdict(deque)
        self.deliveries: list[FakeDelivery] = []
        self.posted: list[tuple[str, WireMessage]] = []
        self.is_away = False
        self.confirms = True
        self.refuses: Callable[[WireMessage], Exception | None] = lambda _: None
        self.cuts = 0
        self.deletions: defaultdict[str, int] = defaultdict(int)

    def put(self, queue: str, *messages: WireMessage) -> None:
        """Puts messages at the end of a queue."""
        with self.changed:
            self.queues[queue].extend(messages)
            self.changed.notify_all()

    def cut(self, *, stays_away: bool = False) -> None:
        """Cuts all connections; with `stays_away` nobody gets a new one until `come_back`."""
        with self.changed:
            self.cuts += 1
            self.is_away = stays_away
            self.changed.notify_all()

    def delete(self, queue: str) -> None:
        """Deletes a queue with all that is in it; whoever consumes it next makes it again."""
        with self.changed:
            self.queues.pop(queue, None)
            self.deletions[queue] += 1
            self.changed.notify_all()

    def come_back(self) -> None:
        """Takes connections again."""
        self.is_away = False

    def until(self, is_so: Callable[[], bool], timeout_s: float = 20.0) -> bool:
        """Whether it became so within that time."""
        deadline_s = time.monotonic() + timeout_s
        while not is_so():
            if time.monotonic() > deadline_s:
                return False
            time.sleep(_LOOK_S / 4)
        return True


class FakeIntake:
    """`Intake` of a `FakeBroker`'s queue; no more deliveries than slots are out at a time."""

    def __init__(self, broker: FakeBroker, queue: str, slots: int) -> None:
        self._broker = broker
        self._queue = queue
        self._slots = slots
        self._out: list[FakeDelivery] = []
        self._term: int | None = None  # the number of cuts when it connected

    @property
    def is_connected(self) -> bool:
        """Whether it consumes now."""
        return self._term == self._broker.cuts

    @property
    def depth(self) -> int | None:
        """Messages that wait, None without a connection."""
        return len(self._broker.queues[self._queue]) if self.is_connected else None

    def run(self, deliver: Callable[[Delivery], None], stopping: Flag) -> None:
        """Delivers until it is told to stop, or cut."""
        broker = self._broker
        if broker.is_away:
            raise BrokerUnavailable("nobody answers")
        self._term, deletions = broker.cuts, broker.deletions[self._queue]
        try:
            while not stopping.is_set() and self.is_connected:
                for delivery in self._due():
                    deliver(delivery)
                with broker.changed:
                    broker.changed.wait(_LOOK_S)
                    if broker.deletions[self._queue] > deletions:
                        self._out.clear()
                        raise QueueGone(f"queue {self._queue} is gone")
        finally:
            self._give_back()
        if not stopping.is_set():
            raise BrokerUnavailable("the connection was cut")

    def settle(self, delivery: FakeDelivery) -> None:
        """The delivery was acknowledged."""
        with self._broker.changed:
            if delivery in self._out and self.is_connected:
                self._out.remove(delivery)
                delivery.acknowledgements += 1
            elif delivery.acknowledgements:
                delivery.acknowledgements += 1
            else:
                delivery.late += 1
            self._broker.changed.notify_all()

    def end_for(self, delivery: FakeDelivery) -> None:
        """The connection of the delivery ends, unless it was acknowledged."""
        with self._broker.changed:
            if delivery in self._out:
                self._term = None
            self._broker.changed.notify_all()

    def _due(self) -> list[FakeDelivery]:
        with self._broker.changed:
            if not self.is_connected:
                return []
            queue = self._broker.queues[self._queue]
            due = [FakeDelivery(queue.popleft(), self) for _ in range(min(len(queue), self._slots - len(self._out)))]
            self._out += due
            self._broker.deliveries += due
        return due

    def _give_back(self) -> None:
        with self._broker.changed:
            self._term = None
            back = [replace(delivery.message, is_redelivered=True) for delivery in self._out]
            self._broker.queues[self._queue].extendleft(reversed(back))
            self._out.clear()


class FakeOutlet:
    """`Outlet` to a `FakeBroker`."""

    def __init__(self, broker: FakeBroker) -> None:
        self._broker = broker
        self._term: int | None = None
        self.unconfirmed: list[Future[None]] = []

    @property
    def is_connected(self) -> bool:
        """Whether messages go out now."""
        return self._term == self._broker.cuts

    def run(self, stopping: Flag) -> None:
        """Takes messages until it is told to stop, or cut."""
        broker = self._broker
        if broker.is_away:
            raise BrokerUnavailable("nobody answers")
        self._term = broker.cuts
        while not stopping.is_set() and self.is_connected:
            with broker.changed:
                broker.changed.wait(_LOOK_S)
        self._term = None
        for future in self.unconfirmed:
            future.set_exception(BrokerUnavailable("the connection was cut before it was confirmed"))
        self.unconfirmed.clear()
        if not stopping.is_set():
            raise BrokerUnavailable("the connection was cut")

    def publish(self, message: WireMessage, queue: str) -> "Future[None]":
        """Puts it there; confirms at once, or never while `confirms` is off."""
        future: Future[None] = Future()
        fault = self._broker.refuses(message)
        if fault is None and not self.is_connected:
            fault = BrokerUnavailable("it is not connected")
        if fault is not None:
            future.set_exception(fault)
            return future
        self._broker.put(queue, message)
        if self._broker.confirms:
            future.set_result(None)
        else:
            self.unconfirmed.append(future)
        return future

    def post(self, message: WireMessage, queue: str) -> None:
        """Keeps it in `posted`."""
        self._broker.posted.append((queue, message))


class FakePushedCameras:
    """`PushedCameras` that do as they are told; a frame that comes again causes nothing."""

    def __init__(
        self, truth: Callable[[PushedFrame], PushedOutcome] = lambda _: PushedOutcome(), *others: Camera
    ) -> None:
        """`truth` may raise what a camera may; `others` are stored besides those that are added."""
        self._truth = truth
        self._others = others
        self.frames: list[PushedFrame] = []
        self.added: dict[str, str] = {}
        self.refusals = 0
        self._done: dict[str, PushedOutcome] = {}

    def push(self, frame: PushedFrame) -> PushedOutcome:
        """The truth."""
        self.frames.append(frame)
        if frame.id in self._done:
            return replace(self._done[frame.id], is_repeated=True)
        self._done[frame.id] = self._truth(frame)
        return self._done[frame.id]

    def stored(self) -> list[Camera]:
        """The others, and those that were added."""
        return [*self._others, *(Camera(own_id, (Source(PUSHED),), name=name) for own_id, name in self.added.items())]

    def add(self, camera_id: str, name: str) -> None:
        """Keeps it in `added`; refuses the first `refusals`."""
        if self.refusals > 0:
            self.refusals -= 1
            raise StoreUnavailable("the database does not answer")
        self.added.setdefault(camera_id, name)


@dataclass(slots=True)
class FakeLiveBridges:
    """`LiveBridges` that say what they were given."""

    said: list[BridgeStatus] = field(default_factory=list)

    def statuses(self) -> list[BridgeStatus]:
        """What they were given."""
        return self.said


@dataclass(slots=True)
class FakePlateOrders:
    """`PlateOrders` by partner, each given once until it is finished or `release`d."""

    waiting: dict[str, list[PlateOrder]] = field(default_factory=dict)
    finished: list[tuple[str, str]] = field(default_factory=list)
    _taken: set[tuple[str, str]] = field(default_factory=set)

    def take(self, partner: str, limit: int) -> list[PlateOrder]:
        """Those that nobody has taken."""
        due = [one for one in self.waiting.get(partner, []) if (partner, one.event_id) not in self._taken][:limit]
        self._taken |= {(partner, one.event_id) for one in due}
        return due

    def finish(self, partner: str, event_ids: Sequence[str]) -> None:
        """Removes them."""
        self.finished += [(partner, event_id) for event_id in event_ids]
        self.waiting[partner] = [one for one in self.waiting.get(partner, []) if one.event_id not in event_ids]

    def release(self) -> None:
        """All that were taken may be taken again."""
        self._taken.clear()


@dataclass(slots=True)
class FakePictures:
    """`StoredPictures` of some events."""

    pictures: list[StoredPicture] = field(default_factory=list)

    def of_event(self, event_id: str) -> StoredPicture | None:
        """That of the event."""
        return next((picture for picture in self.pictures if picture.event.id == event_id), None)

    def at(self, camera_id: str, time_s: float) -> StoredPicture | None:
        """The first of that camera within 3 s."""
        near = (each for each in self.pictures if each.event.camera_id == camera_id)
        return next((each for each in near if abs(each.event.best_s - time_s) <= 3), None)
