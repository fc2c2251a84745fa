"""Receipts: which messages have been dealt with, so that one that comes again causes nothing."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from gtvision.domain.event import EventRecord

_NAMESPACE = UUID("5a0e6f6b-9d0a-5c1e-8e43-2b7a1f4d9c08")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A message has been dealt with: what it caused is kept where this is kept.

    Attributes:
        message_id: The message's own id, the same however often it is delivered.
        camera_id: The slug of the camera whose frame it brought.
        done_s: When that was, Unix seconds.
    """

    message_id: str
    camera_id: str
    done_s: float

    @property
    def id(self) -> str:
        """Its own id: that of the same message for the same camera."""
        return str(uuid5(_NAMESPACE, f"{self.camera_id}|{self.message_id}"))


@dataclass(frozen=True, slots=True, eq=False)
class MessageRecord:
    """What a message caused, and its receipt: kept together or not at all.

    Attributes:
        receipt: That it has been dealt with.
        events: Those that it opened or changed, each once.
    """

    receipt: Receipt
    events: tuple[EventRecord, ...] = ()

    @property
    def id(self) -> str:
        """The receipt's id."""
        return self.receipt.id

    @property
    def revision(self) -> int:
        """Always 0: it never changes."""
        return 0

    @property
    def size_bytes(self) -> int:
        """Of all pictures."""
        return sum(record.size_bytes for record in self.events)
