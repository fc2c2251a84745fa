"""Plates that others read, and pictures of which others ask for the plate."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gtvision.domain.event import Event
from gtvision.ports.events import StoredEvent


@dataclass(frozen=True, slots=True)
class DueOrder:
    """A vehicle that waits to be sent to a partner, as the store has it.

    Attributes:
        event_id: Of its event.
        stored: The event, None when it is not kept any more.
    """

    event_id: str
    stored: StoredEvent | None


class PlateOrderStore(Protocol):
    """What waits to be sent. Raises `StoreUnavailable` when the database does not answer."""

    def take_plate_orders(self, partner: str, now_s: float, until_s: float, limit: int) -> list[DueOrder]:
        """Some of the partner's orders, the oldest first, which nobody else gets until that time, Unix seconds."""
        ...

    def finish_plate_orders(self, partner: str, event_ids: Sequence[str]) -> None:
        """Removes orders of the partner; again changes nothing."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class StoredPicture:
    """The picture that shows an event's vehicle best.

    Attributes:
        event: Which one; `best_box` is the vehicle in the picture.
        jpeg: The whole picture.
    """

    event: Event
    jpeg: bytes


@dataclass(frozen=True, slots=True, eq=False)
class PlateOrder:
    """A vehicle that waits to be sent to a partner.

    Attributes:
        event_id: Of its event.
        camera: What the partner calls the camera.
        picture: Its event and picture, None when one of them is not kept any more.
    """

    event_id: str
    camera: str
    picture: StoredPicture | None


class PlateOrders(Protocol):
    """What a bridge sends to partners. Raises `StoreUnavailable`."""

    def take(self, partner: str, limit: int) -> list[PlateOrder]:
        """Some of the partner's orders, the oldest first, which no other bridge gets for a minute."""
        ...

    def finish(self, partner: str, event_ids: Sequence[str]) -> None:
        """They need not be sent any more."""
        ...


class StoredPictures(Protocol):
    """The best pictures of events. Raises `StoreUnavailable`."""

    def of_event(self, event_id: str) -> StoredPicture | None:
        """That of an event, None when it is not kept."""
        ...

    def at(self, camera_id: str, time_s: float) -> StoredPicture | None:
        """That of the camera's event whose picture was taken nearest to that time, within 3 s; None when none was."""
        ...
