"""Where pictures and clips are stored."""

from collections.abc import Iterable
from typing import Protocol


class MediaStore(Protocol):
    """Snapshots and clips by key. Raises `StoreUnavailable`."""

    def put(self, key: str, content: bytes) -> None:
        """Stores the content whole or not at all; the same key again replaces it."""
        ...

    def get(self, key: str) -> bytes:
        """The content. Raises `NotFound`."""
        ...

    def remove(self, keys: Iterable[str]) -> None:
        """Removes the content under these keys; what is not there is no fault."""
        ...
