"""What waits on disk until the store has it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from gtvision.domain.count import CountRecord
from gtvision.domain.event import EventRecord
from gtvision.domain.plate import PlateRecord
from gtvision.domain.receipt import MessageRecord

SpoolRecord = EventRecord | CountRecord | PlateRecord | MessageRecord
"""What waits on disk until the store has confirmed it."""


class EventSink(Protocol):
    """Where events, counts, plates and what messages caused go first."""

    def put(self, record: SpoolRecord) -> None:
        """Returns once the record would survive a power cut. Raises `SpoolFull`."""
        ...


class EventSpool(EventSink, Protocol):
    """The records on this node's disk that the store has not confirmed."""

    @property
    def size_bytes(self) -> int:
        """Disk space they take, a few seconds old at most."""
        ...

    def waiting(self) -> list[Path]:
        """The records, the oldest first. Raises `StoreUnavailable` when the disk does not answer."""
        ...

    def read(self, path: Path) -> SpoolRecord:
        """One of them. Raises `BadInput` when it is damaged or gone, `StoreUnavailable` when the disk is away."""
        ...

    def done(self, paths: Iterable[Path]) -> None:
        """Removes records that the store has confirmed. Raises `StoreUnavailable` when the disk does not answer."""
        ...

    def set_aside(self, path: Path) -> bool:
        """Moves a record that will never be stored out of the way, where people can look at it; whether it was there.

        A newer state of the same count may have taken its place meanwhile. Raises `StoreUnavailable` when the disk does
        not answer.
        """
        ...
