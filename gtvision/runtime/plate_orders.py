"""Vehicles and pictures for bridges, from the stores: what a node's recorder does for them."""

import time
from collections.abc import Callable, Sequence

from gtvision.domain.errors import NotFound
from gtvision.domain.slug import called
from gtvision.ports import (
    CameraStore,
    EventFilter,
    EventStore,
    MediaStore,
    PlateOrder,
    PlateOrderStore,
    StoredEvent,
    StoredPicture,
)

_TAKEN_S = 60.0
_NEAR_S = 3.0
_LONGEST_EVENT_S = 120.0
_MOST_EVENTS = 200


class PictureShelf:
    """`StoredPictures` of an event store and a media store."""

    def __init__(self, events: EventStore, media: MediaStore) -> None:
        self._events = events
        self._media = media

    def of_event(self, event_id: str) -> StoredPicture | None:
        """That of an event, None when it is not kept."""
        try:
            return self.shown(self._events.event(event_id))
        except NotFound:
            return None

    def at(self, camera_id: str, time_s: float) -> StoredPicture | None:
        """That of the camera's event whose picture was taken nearest to that time, within 3 s; None when none was.

        Events that began more than two minutes before are not looked at.
        """
        wanted = EventFilter(camera_id=camera_id, since_s=time_s - _LONGEST_EVENT_S, until_s=time_s + _NEAR_S)
        page, _ = self._events.events(wanted, limit=_MOST_EVENTS)
        near = [each for each in page if each.snapshot_key and abs(each.event.best_s - time_s) <= _NEAR_S]
        nearest = min(near, key=lambda each: abs(each.event.best_s - time_s), default=None)
        return None if nearest is None else self.shown(nearest)

    def shown(self, stored: StoredEvent) -> StoredPicture | None:
        """The event with its picture, None when that is not kept."""
        if stored.snapshot_key is None:
            return None
        try:
            return StoredPicture(stored.event, self._media.get(stored.snapshot_key))
        except NotFound:
            return None


class OrderBook:
    """`PlateOrders` of the stores."""

    def __init__(
        self,
        orders: PlateOrderStore,
        cameras: CameraStore,
        shelf: PictureShelf,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._orders = orders
        self._cameras = cameras
        self._shelf = shelf
        self._now = now

    def take(self, partner: str, limit: int) -> list[PlateOrder]:
        """Some of the partner's orders, the oldest first, which no other bridge gets for a minute."""
        now_s = self._now()
        due = self._orders.take_plate_orders(partner, now_s, now_s + _TAKEN_S, limit)
        return [PlateOrder(each.event_id, *self._parts(each.stored)) for each in due]

    def finish(self, partner: str, event_ids: Sequence[str]) -> None:
        """They need not be sent any more."""
        self._orders.finish_plate_orders(partner, event_ids)

    def _parts(self, stored: StoredEvent | None) -> tuple[str, StoredPicture | None]:
        """What the partner calls the camera, and the picture."""
        if stored is None:
            return "", None
        return self._called(stored.event.camera_id), self._shelf.shown(stored)

    def _called(self, camera_id: str) -> str:
        """Its name where its id was made of that, as that of a camera that a partner pushes; else its id."""
        try:
            name = self._cameras.camera(camera_id).camera.name
        except NotFound:
            return camera_id
        return called(camera_id, name)
