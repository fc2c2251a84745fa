"""Vehicles whose plates others read: each event that waits to be sent becomes a task, until the broker has it."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from threading import Event as Flag

from gtvision.domain.errors import BadInput, TryLater
from gtvision.domain.metrics import BRIDGE_PLATES
from gtvision.domain.task import ProcessPlate, plate_task_id
from gtvision.ports import Codec, Metrics, Outlet, PlateOrder, PlateOrders, StoredPicture
from gtvision.runtime.bridge.faults import note_fault
from gtvision.runtime.bridge.pictures import PictureFiles, with_room
from gtvision.runtime.moments import cut_out
from gtvision.settings import Partner

_AT_ONCE = 16
_IDLE_S = 1.0
_AFTER_FAULT_S = 5.0
_CONFIRMED_S = 30.0
_LOOK_S = 0.5
_QUALITY = 92
_ROOM = 0.1


@dataclass(frozen=True, slots=True)
class PublisherPorts:
    """What sending vehicles needs.

    Attributes:
        orders: What waits to be sent.
        outlet: Where it goes.
        codec: Makes messages of tasks.
        files: What makes pictures of files and files of pictures.
        metrics: Where outcomes are counted.
    """

    orders: PlateOrders
    outlet: Outlet
    codec: Codec
    files: PictureFiles
    metrics: Metrics


class PlatePublisher:
    """Sends one partner the vehicles of events that are over. An order is finished once the broker has the message;
    one whose connection was lost before is sent again after a minute, as the same task. While a broker short of memory
    takes nothing, those that it was given are waited for, and no more are taken."""

    def __init__(self, partner: Partner, ports: PublisherPorts, origin: str) -> None:
        """Args:
        partner: Who gets them, and of which cameras.
        ports: The world.
        origin: Who sends them, such as `gtvision@node-1`.
        """
        self._partner = partner
        self._ports = ports
        self._origin = origin
        self._undecided: dict[str, Future[None]] = {}  # by event id

    def run(self, stopping: Flag) -> None:
        """Sends what waits until told to stop. Blocks, and raises nothing."""
        while not stopping.is_set():
            try:
                sent = self._ports.outlet.is_connected and self.send(stopping)
            except TryLater:
                sent = 0
            except Exception as exc:
                note_fault(exc, self._ports.metrics, self._partner.name)
                stopping.wait(_AFTER_FAULT_S)
                continue
            if not sent:
                stopping.wait(_IDLE_S)

    def send(self, stopping: Flag) -> int:
        """Sends some of what waits: how many orders are finished. Raises `StoreUnavailable`."""
        finished = [] if self._undecided else self._begin()
        decided = _decided(self._undecided, stopping.is_set)
        self._undecided = {each: future for each, future in self._undecided.items() if each not in decided}
        confirmed = [each for each, future in decided.items() if not future.cancelled() and future.exception() is None]
        self._count(len(confirmed), "sent")
        finished += confirmed
        if finished:
            self._ports.orders.finish(self._partner.name, finished)
        return len(finished)

    def _begin(self) -> list[str]:
        """Puts some of what waits on the way: the orders of which nothing is sent."""
        orders = self._ports.orders.take(self._partner.name, _AT_ONCE)
        begun = {order.event_id: self._begun(order) for order in orders}
        self._undecided = {each: future for each, future in begun.items() if future is not None}
        return [each for each, future in begun.items() if future is None]

    def _begun(self, order: PlateOrder) -> "Future[None] | None":
        """Its message on the way, None when there is nothing to send."""
        if order.picture is not None and not self._partner.may_name(order.camera):
            self._count(1, "refused")
            return None
        try:
            work = None if order.picture is None else self._work(order.camera, order.picture)
        except BadInput:
            work = None
        if work is None:
            self._count(1, "gone")
            return None
        message = self._ports.codec.plate_message(work, plate_task_id(order.event_id), self._origin)
        return self._ports.outlet.publish(message, self._partner.plates)

    def _work(self, camera: str, picture: StoredPicture) -> ProcessPlate:
        """What is asked: the vehicle cut out of its picture, and its box in the picture's pixels."""
        event, whole = picture.event, self._ports.files.decode(picture.jpeg)
        height, width = whole.shape[:2]
        x1, y1, x2, y2 = event.best_box
        crop = cut_out(whole, with_room(event.best_box, _ROOM, _ROOM))
        return ProcessPlate(
            camera_id=camera,
            bbox=(round(x1 * width, 1), round(y1 * height, 1), round(x2 * width, 1), round(y2 * height, 1)),
            confidence=round(event.score, 4),
            label=event.kind.label,
            track_id=event.track,
            time_s=event.best_s,
            crop=self._ports.files.encode(crop, _QUALITY),
            event_id=event.id,
        )

    def _count(self, orders: int, outcome: str) -> None:
        self._ports.metrics.add(BRIDGE_PLATES, orders, partner=self._partner.name, outcome=outcome)


def _decided(waiting: "Mapping[str, Future[None]]", is_over: Callable[[], bool]) -> "dict[str, Future[None]]":
    """Those that the broker has confirmed, or never will, within half a minute for all of them."""
    left_s = _CONFIRMED_S
    while wait(waiting.values(), _LOOK_S).not_done and left_s > 0 and not is_over():
        left_s -= _LOOK_S
    return {event_id: future for event_id, future in waiting.items() if future.done()}
