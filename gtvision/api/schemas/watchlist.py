"""Watchlists as they come in and go out."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from gtvision.api.schemas.common import Answer, Request, utc
from gtvision.api.schemas.disclosure import ReasonedQuery
from gtvision.domain.plate_query import PlateMatch, PlateQuery
from gtvision.domain.watchlist import Entry, WatchAction, Watchlist
from gtvision.ports import StoredWatchlist

ActionLabel = Literal["alert", "log"]
EntryMatchLabel = Literal["exact", "pattern", "near"]


class WatchlistSettings(Request):
    """All that can be set of a watchlist."""

    name: str = Field("", max_length=120, description="What people call it; empty: its id.")
    action: ActionLabel = Field("alert", description="alert: somebody should look now; log: to be looked up later.")
    cameras: tuple[Annotated[str, Field(max_length=63)], ...] = Field(
        (), max_length=1000, description="Which look out."
    )
    groups: tuple[Annotated[str, Field(max_length=64)], ...] = Field(
        (), max_length=100, description="Groups of cameras that look out. Without cameras and groups all do."
    )

    def to_domain(self, watchlist_id: str) -> Watchlist:
        """The list of that id. Raises `BadConfiguration`."""
        places = (frozenset(self.cameras), frozenset(self.groups))
        return Watchlist(watchlist_id, self.name, WatchAction(self.action), *places)


class NewWatchlist(WatchlistSettings):
    """A watchlist to be added."""

    id: str = Field(description="1 to 63 lower-case letters, digits, '-' and '_'; cannot be changed later.")


class WatchlistOut(Answer):
    """A watchlist as it is stored."""

    id: str
    name: str
    action: ActionLabel
    cameras: tuple[str, ...]
    groups: tuple[str, ...]
    entries: int = Field(description="How many plates and patterns are on it.")
    updated: datetime = Field(description="When it or its entries last changed.")

    @classmethod
    def of(cls, stored: StoredWatchlist) -> "WatchlistOut":
        """A list, to be shown."""
        watchlist = stored.watchlist
        return cls(
            id=watchlist.id,
            name=watchlist.name,
            action=watchlist.action.value,
            cameras=tuple(sorted(watchlist.cameras)),
            groups=tuple(sorted(watchlist.groups)),
            entries=stored.entries,
            updated=utc(stored.updated_s),
        )


class WatchlistList(Answer):
    """All watchlists, by id."""

    items: tuple[WatchlistOut, ...]


class NewEntry(Request):
    """A plate or a pattern to put on a list; one of the same text and match is replaced."""

    text: str = Field(max_length=40, description="ABC1D23, or a pattern such as ABC*23: * any characters, ? one.")
    match: EntryMatchLabel = Field("exact", description="near: but for one look-alike character.")
    valid_from: AwareDatetime | None = Field(None, description="Since when it holds, RFC 3339.")
    valid_to: AwareDatetime | None = Field(None, description="Until when, that moment not included.")
    reason: str = Field("", max_length=500, description="Why it is on the list; each hit carries it.")

    def to_domain(self, watchlist_id: str) -> Entry:
        """The entry on that list. Raises `BadConfiguration`."""
        match = PlateMatch(self.match)
        return Entry(
            watchlist_id,
            PlateQuery(self.text, match).text,
            match,
            self.valid_from.timestamp() if self.valid_from else None,
            self.valid_to.timestamp() if self.valid_to else None,
            self.reason,
        )


class EntryOut(Answer):
    """A plate or a pattern on a list."""

    id: str
    text: str
    match: EntryMatchLabel
    valid_from: datetime | None
    valid_to: datetime | None
    reason: str

    @classmethod
    def of(cls, entry: Entry) -> "EntryOut":
        """An entry, to be shown."""
        valid = {
            "valid_from": None if entry.valid_from_s is None else utc(entry.valid_from_s),
            "valid_to": None if entry.valid_to_s is None else utc(entry.valid_to_s),
        }
        return cls.model_validate(
            {"id": entry.id, "text": entry.text, "match": entry.match.value, "reason": entry.reason, **valid}
        )


class EntryQuery(ReasonedQuery):
    """How many entries at once."""

    limit: int = Field(200, ge=1, le=1000)
    cursor: str | None = Field(None, max_length=512, description="The 'next' of the page before.")


class EntryPage(Answer):
    """Some entries, by text and match."""

    items: tuple[EntryOut, ...]
    next: str | None = Field(description="Cursor of the next page, null after the last.")


class Imported(Answer):
    """What an import did."""

    added: int = Field(description="Entries that were not there; the others of the file were replaced.")
    entries: int = Field(description="How many are on the list now.")
