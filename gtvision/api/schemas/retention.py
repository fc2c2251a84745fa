"""Retention as it goes out."""

from datetime import datetime

from pydantic import Field

from gtvision.api.schemas.common import Answer, utc
from gtvision.domain.retention import Holding, Swept


class HoldingOut(Answer):
    """What is kept of one kind."""

    kind: str
    days: int | None = Field(description="How long it is kept after its end; null: for ever.")
    oldest: datetime | None = Field(description="The beginning of the oldest that is kept, null when there is none.")
    due: int = Field(description="How many a sweep would remove now; a million when there are more.")

    @classmethod
    def of(cls, one: Holding) -> "HoldingOut":
        """What is kept, to be shown."""
        oldest = None if one.oldest_s is None else utc(one.oldest_s)
        return cls(kind=one.kind.value, days=one.days, oldest=oldest, due=one.due)


class HoldingList(Answer):
    """All kinds."""

    items: tuple[HoldingOut, ...]


class SweptOut(Answer):
    """What a sweep removed of one kind."""

    kind: str
    removed: int
    finished: bool = Field(description="Whether nothing is left that was due; else sweep again.")

    @classmethod
    def of(cls, one: Swept) -> "SweptOut":
        """What was removed, to be shown."""
        return cls(kind=one.kind.value, removed=one.removed, finished=one.is_finished)


class SweptList(Answer):
    """All kinds that are not kept for ever."""

    items: tuple[SweptOut, ...]
