"""Retention: what is kept for a bounded time, and what one sweep finds and removes."""

from dataclasses import dataclass
from enum import StrEnum

MOST_COUNTED = 1_000_000
"""So many of what is due are counted of each kind, so that asking takes seconds at most."""


class Keepable(StrEnum):
    """A kind of data with its own bound, in the order in which they are swept."""

    CLIPS = "clips"
    SNAPSHOTS = "snapshots"
    PLATES = "plates"
    """Plates of vehicles, their pictures, and the plate and the hit that an event shows."""
    EVENTS = "events"
    COUNTS = "counts"
    DISCLOSURES = "disclosures"
    RECEIPTS = "receipts"
    """Which messages from queues have been dealt with."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What is kept of one kind, and what of it has been kept long enough.

    Attributes:
        kind: Which.
        days: How long it is kept; None for ever.
        oldest_s: The beginning of the oldest that is kept, Unix seconds; None when there is none.
        due: How many a sweep would remove now; `MOST_COUNTED` when there are more.
    """

    kind: Keepable
    days: int | None
    oldest_s: float | None
    due: int


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep removed of one kind.

    Attributes:
        kind: Which.
        removed: How many.
        is_finished: Whether nothing is left that was due.
    """

    kind: Keepable
    removed: int
    is_finished: bool
