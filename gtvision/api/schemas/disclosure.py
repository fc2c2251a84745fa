"""Disclosures as they are asked for, and as they go out."""

from datetime import datetime
from typing import Annotated

from annotated_types import MaxLen
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gtvision.api.schemas.common import Answer, utc
from gtvision.domain.disclosure import LONGEST_REASON, Disclosure
from gtvision.ports import DisclosureFilter

REASON = "Why you look this up, in your own words; it is recorded with who you are."
Reason = Annotated[str, MaxLen(2 * LONGEST_REASON)] | None


class ReasonedQuery(BaseModel):
    """Base of the query models of routes that disclose."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Reason = Field(None, description=REASON)


class DisclosureQuery(BaseModel):
    """Which disclosures, and how many at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: AwareDatetime | None = Field(None, description="At or after, RFC 3339.")
    until: AwareDatetime | None = Field(None, description="Before, RFC 3339.")
    limit: int = Field(100, ge=1, le=1000)
    cursor: str | None = Field(None, max_length=512, description="The 'next' of the page before.")

    def to_filter(self) -> DisclosureFilter:
        """The same for the store."""
        return DisclosureFilter(
            since_s=self.since.timestamp() if self.since else None,
            until_s=self.until.timestamp() if self.until else None,
        )


class DisclosureOut(Answer):
    """One answer with personal data."""

    id: str
    time: datetime
    who: str = Field(description="How the caller was known: local, key or session, and from which address.")
    what: str = Field(description="What was asked for: method, path and query.")
    why: str = Field(description="The caller's own words, empty without any.")
    results: int = Field(description="How many plates, events or pictures were shown.")

    @classmethod
    def of(cls, one: Disclosure) -> "DisclosureOut":
        """A disclosure, to be shown."""
        return cls(id=one.id, time=utc(one.time_s), who=one.who, what=one.what, why=one.why, results=one.results)


class DisclosurePage(Answer):
    """Some disclosures, the newest first."""

    items: tuple[DisclosureOut, ...]
    next: str | None = Field(description="Cursor of the next page, null after the last.")
