"""What is kept for how long, and who was shown it."""

from dataclasses import dataclass
from typing import Protocol

from gtvision.domain.disclosure import Disclosure
from gtvision.domain.retention import Holding, Keepable, Swept


@dataclass(frozen=True, slots=True)
class DisclosureFilter:
    """Which disclosures to list; None means any.

    Attributes:
        since_s: At or after, Unix seconds.
        until_s: Before, Unix seconds.
    """

    since_s: float | None = None
    until_s: float | None = None


class DisclosureLog(Protocol):
    """Who was shown personal data. Raises `StoreUnavailable` when the database does not answer."""

    def add_disclosure(self, disclosure: Disclosure) -> None:
        """Returns once it is committed; the same one again changes nothing. Raises `BadInput`."""
        ...

    def disclosures(
        self, wanted: DisclosureFilter, *, limit: int, cursor: str | None = None
    ) -> tuple[list[Disclosure], str | None]:
        """The newest first, and the cursor of the next page, None after the last. Raises `BadInput` on a bad cursor."""
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """Some of what has been kept long enough.

    Attributes:
        kind: Of which kind it is.
        table: Where the store has it.
        ids: Its ids there.
        media_keys: What the media store has of it.
    """

    kind: Keepable
    table: str
    ids: tuple[str, ...]
    media_keys: tuple[str, ...] = ()


class RetentionStore(Protocol):
    """The rows that are kept for a bounded time. What still goes on is never due.

    Raises `StoreUnavailable` when the database does not answer.
    """

    def oldest_s(self, kind: Keepable) -> float | None:
        """The beginning of the oldest that is kept, Unix seconds; None when there is none."""
        ...

    def count_due(self, kind: Keepable, before_s: float, *, most: int) -> int:
        """How many ended before that time; `most` when there are more, which would take long to count."""
        ...

    def due(self, kind: Keepable, before_s: float, *, limit: int) -> Due | None:
        """Some of those that ended before that time, the oldest first; None when there are no more."""
        ...

    def forget(self, due: Due) -> None:
        """Removes them, or from events that stay what is of that kind, in one transaction; again changes nothing."""
        ...


class Retainer(Protocol):
    """Removes what has been kept long enough. Raises `StoreUnavailable`."""

    def holdings(self) -> list[Holding]:
        """What is kept of each kind and what of it is due; nothing is changed."""
        ...

    def sweep(self, budget_s: float) -> list[Swept]:
        """What was removed of each kind that is not kept for ever, within that time."""
        ...
