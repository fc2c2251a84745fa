"""Where events are stored and found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gtvision.domain.event import Event
from gtvision.domain.kinds import Kind
from gtvision.domain.trigger import TriggerType


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to list; None means any.

    Attributes:
        since_s: Started at or after, Unix seconds.
        until_s: Started before, Unix seconds.
        plate: Its plate, or the other plate of a converted vehicle, begins so; of A-Z and 0-9.
    """

    camera_id: str | None = None
    trigger_type: TriggerType | None = None
    kind: Kind | None = None
    since_s: float | None = None
    until_s: float | None = None
    is_open: bool | None = None
    plate: str | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the store holds it.

    Attributes:
        event: Its newest revision.
        seq: The number of its newest change; grows over all events, streams resume by it.
        snapshot_key: Where its picture lies in the media store, None when it has none yet.
        clip_key: Where its clip lies, None when it has none yet.
    """

    event: Event
    seq: int
    snapshot_key: str | None
    clip_key: str | None


@dataclass(frozen=True, slots=True)
class EventToSave:
    """A new revision and the keys under which its media were just stored; None keeps what the store has."""

    event: Event
    snapshot_key: str | None = None
    clip_key: str | None = None


class EventStore(Protocol):
    """Events that happened. Raises `StoreUnavailable` when the database does not answer."""

    def save_events(self, events: Sequence[EventToSave]) -> None:
        """Stores new revisions in one transaction; a revision that is not newer than the stored one changes nothing
        but missing media keys. Raises `BadInput` when the database refuses a value; then none of them is stored."""
        ...

    def event(self, event_id: str) -> StoredEvent:
        """One event. Raises `NotFound`."""
        ...

    def events(
        self, wanted: EventFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[StoredEvent], str | None]:
        """The newest first, and the cursor of the next page, None after the last. Raises `BadInput` on a bad cursor."""
        ...

    def changes(self, after_seq: int, *, limit: int) -> list[StoredEvent]:
        """The newest state of all events that changed after that number, by `seq`."""
        ...

    def last_seq(self) -> int:
        """The number of the newest change, 0 when there is none."""
        ...

    def open_events(self, camera_id: str) -> list[Event]:
        """The camera's events that have not ended."""
        ...
