"""Where counts are stored and added up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gtvision.domain.count import CountRecord
from gtvision.domain.kinds import Kind
from gtvision.domain.places import Direction


@dataclass(frozen=True, slots=True)
class CountFilter:
    """Which counts to list; None means any.

    Attributes:
        since_s: Of intervals that began at or after, Unix seconds.
        until_s: Of intervals that began before, Unix seconds.
    """

    camera_id: str | None = None
    trigger_id: str | None = None
    line_id: str | None = None
    kind: Kind | None = None
    direction: Direction | None = None
    since_s: float | None = None
    until_s: float | None = None


@dataclass(frozen=True, slots=True)
class IntervalCount:
    """How many vehicles of one kind went over a line one way in an interval, over all parts; at least one.

    Attributes:
        time_zone: IANA name of the zone of the camera's site; `start_s` is the start of an interval there.
        start_s: Unix seconds.
        interval_s: Length of the interval, in seconds of the site's clock.
    """

    camera_id: str
    trigger_id: str
    line_id: str
    time_zone: str
    start_s: float
    interval_s: float
    kind: Kind
    direction: Direction
    vehicles: int


class CountStore(Protocol):
    """What was counted. Raises `StoreUnavailable` when the database does not answer."""

    def save_counts(self, records: Sequence[CountRecord]) -> None:
        """Stores new revisions in one transaction; a revision that is not newer than the stored one changes nothing.

        Raises `BadInput` when the database refuses a value; then none of them is stored.
        """
        ...

    def counts(
        self, wanted: CountFilter, *, interval_s: float = 0.0, limit: int, cursor: str | None = None
    ) -> tuple[list[IntervalCount], str | None]:
        """The newest intervals first, and the cursor of the next page, None after the last.

        Stored intervals that are shorter than `interval_s` are added up to intervals of that length, each to the one
        in which it began. Raises `BadInput` on a bad cursor.
        """
        ...
