"""Receipts: which messages have been dealt with, so that one that comes again causes nothing."""

from dataclasses import dataclass
from uuid import UUID, uuid5

_NAMESPACE = UUID("5a0e6f6b-9d0a-5c1e-8e43-2b7a1f4d9c08")


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that a message has caused is kept where this is kept, or has been there before it.

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

    @property
    def revision(self) -> int:
        """Always 0: it never changes."""
        return 0
