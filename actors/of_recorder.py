"""What the recorder of a node is asked, from other processes. Imports nothing of Ray Serve."""

from collections.abc import Sequence
from typing import Any

from actors.calls import actor, answer
from actors.names import recorder_name
from gtvision.domain.errors import StoreUnavailable, TryLater
from gtvision.ports import PlateOrder, StoredPicture

_CALL_S = 10.0


class OfRecorder:
    """Asks the recorder of a node, which is the node's only writer."""

    def __init__(self, node_id: str) -> None:
        self._name = recorder_name(node_id)

    def _ask(self, method: str, *arguments: Any, timeout_s: float = _CALL_S) -> Any:
        try:
            return answer(getattr(actor(self._name), method).remote(*arguments), timeout_s)
        except StoreUnavailable:
            raise
        except TryLater as exc:
            raise StoreUnavailable(f"the recorder: {exc}") from exc


class RecorderOrders(OfRecorder):
    """The `PlateOrders` behind the recorder of a node."""

    def take(self, partner: str, limit: int) -> list[PlateOrder]:
        """Some of the partner's orders, the oldest first, which no other bridge gets for a minute."""
        orders: list[PlateOrder] = self._ask("take_plate_orders", partner, limit)
        return orders

    def finish(self, partner: str, event_ids: Sequence[str]) -> None:
        """They need not be sent any more."""
        self._ask("finish_plate_orders", partner, list(event_ids))


class RecorderPictures(OfRecorder):
    """The `StoredPictures` behind the recorder of a node."""

    def of_event(self, event_id: str) -> StoredPicture | None:
        """That of an event, None when it is not kept."""
        picture: StoredPicture | None = self._ask("picture_of_event", event_id)
        return picture

    def at(self, camera_id: str, time_s: float) -> StoredPicture | None:
        """That of the camera's event whose picture was taken nearest to that time; None when none was."""
        picture: StoredPicture | None = self._ask("picture_at", camera_id, time_s)
        return picture
