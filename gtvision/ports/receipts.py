"""Where it is kept which messages have been dealt with."""

from collections.abc import Collection, Sequence
from typing import Protocol

from gtvision.domain.receipt import Receipt


class ReceiptStore(Protocol):
    """Receipts of messages. Raises `StoreUnavailable` when the database does not answer."""

    def save_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Stores them in one transaction; one that is there already stays as it is.

        Raises `BadInput` when the database refuses a value; then none of them is stored.
        """
        ...

    def receipts_of(self, ids: Collection[str]) -> list[Receipt]:
        """Those with these ids that are kept, in any order."""
        ...

    def receipts(self, camera_id: str, *, limit: int) -> list[Receipt]:
        """The newest of a camera, the oldest of them first."""
        ...
